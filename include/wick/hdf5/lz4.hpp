// SPDX-License-Identifier: MIT
#pragma once

// Decodes HDF5's LZ4 filter: blocks of one size, each compressed, or as it is where that was not longer.

#include <wick/core/concepts.hpp>
#include <wick/hdf5/block_reader.hpp>
#include <wick/hdf5/decode_error.hpp>
#include <wick/hdf5/lz4_block.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>

namespace wick::inline v0::detail {

/// Decodes `stored` into the beginning of `out` and returns how many bytes that made.
///
/// Source: H5Zlz4.c of HDF5's external filters (github.com/nexusformat/HDF5-External-Filter-Plugins).
/// Throws: DecodeError if the bytes are not what the filter writes, or make more than `out` holds.
std::size_t decode_lz4(std::span<const std::byte> stored, Bytes out);

// Implementation.

inline std::size_t decode_lz4(std::span<const std::byte> stored, Bytes out) {
    BlockReader reader(stored, "LZ4");
    if (reader.total_bytes() > out.size())
        throw DecodeError("LZ4", bytes_text(out.size()), std::to_string(reader.total_bytes()));
    out = out.first(static_cast<std::size_t>(reader.total_bytes()));
    // Blocks of no bytes make no chunk, but each of them takes 4 to say so: the loop ends.
    for (std::size_t written = 0; written < out.size();) {
        const std::size_t bytes = std::min(reader.block_bytes(), out.size() - written);
        const auto block = reader.next_block();
        const Bytes to = out.subspan(written, bytes);
        if (block.size() == bytes)
            std::memcpy(to.data(), block.data(), bytes);
        else
            decode_lz4_block(block, to, "LZ4");
        written += bytes;
    }
    return out.size();
}

}  // namespace wick::inline v0::detail
