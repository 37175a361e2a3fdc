// SPDX-License-Identifier: MIT
#pragma once

// The version, read by CMake from these three lines; and the compiler's one sentence.

#define WICK_VERSION_MAJOR 0
#define WICK_VERSION_MINOR 1
#define WICK_VERSION_PATCH 0

#if !(defined(_MSVC_LANG) ? _MSVC_LANG >= 202002L : __cplusplus >= 202002L)
#error "wick needs C++20: compile with -std=c++20 (g++ 12 or newer)"
#endif
