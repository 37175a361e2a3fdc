// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

/// Rows that the file has, as the other translation unit sees it.
long long rows_of(const std::filesystem::path& file);
