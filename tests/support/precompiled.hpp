// SPDX-License-Identifier: MIT
#pragma once

// What most tests begin with, compiled once for all of them. That each header of wick's names what it needs is
// seen by check/headers_alone, which compiles it without these.

#ifdef WICK_TEST_TORCH
#include <ATen/ATen.h>
#endif

#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>
