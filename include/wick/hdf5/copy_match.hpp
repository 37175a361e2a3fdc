// SPDX-License-Identifier: MIT
#pragma once

// What all compressions of the family of Lempel and Ziv do: repeat bytes that were written before.

#include <cstddef>
#include <cstring>

namespace wick::inline v0::detail {

/// Writes `bytes` bytes to `to`, each a copy of what stands `distance` before it. A match that is longer than
/// it lies back repeats itself.
inline void copy_match(std::byte* to, std::size_t distance, std::size_t bytes) noexcept {
    const std::byte* from = to - distance;
    if (distance >= bytes)
        std::memcpy(to, from, bytes);
    else if (distance == 1)
        std::memset(to, std::to_integer<int>(*from), bytes);
    else
        for (std::size_t i = 0; i < bytes; ++i) to[i] = from[i];
}

}  // namespace wick::inline v0::detail
