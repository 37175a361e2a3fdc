// SPDX-License-Identifier: MIT
#pragma once

// What all compressions of the family of Lempel and Ziv do, a few bytes at a time: take bytes as they are, or
// repeat some from before.

#include <cstddef>
#include <cstring>

namespace wick::inline v0::detail {

/// Writes `bytes` bytes to `to`, each a copy of what stands `distance` before it. A match that is longer than
/// it lies back repeats itself.
///
/// `room` is how much may be written in all: what lies behind the match within it may be overwritten, since
/// short copies are quickest in pieces of one size.
///
/// Requires: 0 < distance, bytes <= room.
void copy_match(std::byte* to, std::size_t distance, std::size_t bytes, std::size_t room) noexcept;

/// Writes `bytes` bytes from `from` to `to`. Up to `bytes_there` may be read, and `room` be written.
///
/// Requires: bytes <= bytes_there, bytes <= room; they do not overlap.
void copy_literals(std::byte* to, const std::byte* from, std::size_t bytes, std::size_t bytes_there,
                   std::size_t room) noexcept;

// Implementation.

inline void copy_match(std::byte* to, std::size_t distance, std::size_t bytes, std::size_t room) noexcept {
    constexpr std::size_t piece = 16;
    const std::byte* from = to - distance;
    if (distance >= piece && room - bytes >= piece)
        for (std::size_t i = 0; i < bytes; i += piece) std::memcpy(to + i, from + i, piece);
    else if (distance >= bytes)
        std::memcpy(to, from, bytes);
    else if (distance == 1)
        std::memset(to, std::to_integer<int>(*from), bytes);
    else
        for (std::size_t i = 0; i < bytes; ++i) to[i] = from[i];
}

inline void copy_literals(std::byte* to, const std::byte* from, std::size_t bytes, std::size_t bytes_there,
                          std::size_t room) noexcept {
    constexpr std::size_t piece = 32;
    if (bytes <= piece && bytes_there >= piece && room >= piece)
        std::memcpy(to, from, piece);
    else if (bytes > 0)
        std::memcpy(to, from, bytes);
}

}  // namespace wick::inline v0::detail
