// SPDX-License-Identifier: MIT
#pragma once

// How much of some files lies in memory, and how much is to.

#include <wick/version.hpp>

#include <cstdint>

namespace wick::inline v0::detail {

/// Bytes of some files that are read together.
struct CacheState {
    std::uint64_t bytes = 0;      ///< of all files
    std::uint64_t in_memory = 0;  ///< of these, known to lie in memory
    std::uint64_t wanted = 0;     ///< from the first on, to be kept there
};

}  // namespace wick::inline v0::detail
