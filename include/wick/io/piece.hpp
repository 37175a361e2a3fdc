// SPDX-License-Identifier: MIT
#pragma once

// What all ways of reading are asked for.

#include <wick/io/open_file.hpp>

#include <cstddef>
#include <cstdint>

namespace wick::inline v0::detail {

/// Bytes of a file that are wanted at `out`.
struct Piece {
    const OpenFile* file;
    std::uint64_t offset;
    std::size_t bytes;
    std::byte* out;

    std::uint64_t end() const noexcept { return offset + bytes; }
};

}  // namespace wick::inline v0::detail
