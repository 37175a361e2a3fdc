// SPDX-License-Identifier: MIT
#pragma once

// What stands before the data of an IDX file. Pure: bytes in, description out; nothing is believed unchecked.

#include <wick/core/dtype.hpp>
#include <wick/core/error.hpp>
#include <wick/core/layout.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace wick::inline v0 {

/// What the header of an IDX file says. The shape is that of the whole array; it has at least one dimension.
struct IdxHeader {
    Dtype dtype = Dtype::u8;
    std::vector<Index> shape{};
    std::uint64_t data_offset = 0;
};

/// How many bytes an IDX header can have at most: 4, and 4 for each of up to 255 dimensions.
inline constexpr std::size_t idx_header_most_bytes = 4 + 4 * 255;

/// Reads the header from the first bytes of a file, at least `idx_header_most_bytes` unless it has fewer.
///
/// Source: the description on the MNIST page: two zero bytes, a type, the number of dimensions, the
///         dimensions as big-endian 32-bit integers; the data is big-endian, too.
/// Throws: Error naming file and byte if this is no IDX header, or is cut off.
IdxHeader parse_idx_header(std::span<const std::byte> start, const std::filesystem::path& path);

// Implementation.

inline IdxHeader parse_idx_header(std::span<const std::byte> start, const std::filesystem::path& path) {
    const auto byte = [&](std::size_t at) { return std::to_integer<unsigned>(start[at]); };
    const auto need = [&](std::size_t bytes) {
        if (start.size() < bytes)
            throw Error(path, start.size(), "an IDX header of " + std::to_string(bytes) + " bytes",
                        "the end of the file");
    };
    need(2);
    if (byte(0) == 0x1f && byte(1) == 0x8b)
        throw Error(path, 0, "an IDX file", "a gzip file: gunzip it first");
    if (byte(0) != 0 || byte(1) != 0)
        throw Error(path, 0, "the two zero bytes of an IDX file",
                    std::to_string(byte(0)) + " and " + std::to_string(byte(1)));
    need(4);
    IdxHeader header;
    switch (byte(2)) {
        case 0x08: header.dtype = Dtype::u8; break;
        case 0x09: header.dtype = Dtype::i8; break;
        case 0x0b: header.dtype = Dtype::i16; break;
        case 0x0c: header.dtype = Dtype::i32; break;
        case 0x0d: header.dtype = Dtype::f32; break;
        case 0x0e: header.dtype = Dtype::f64; break;
        default: throw Error(path, 2, "an IDX type (8, 9, 11 to 14)", std::to_string(byte(2)));
    }
    const std::size_t dimensions = byte(3);
    if (dimensions == 0) throw Error(path, 3, "at least one dimension", "none, so there are no rows");
    header.data_offset = 4 + 4 * dimensions;
    need(static_cast<std::size_t>(header.data_offset));
    for (std::size_t at = 4; at < header.data_offset; at += 4)
        header.shape.push_back(Index{byte(at)} << 24 | Index{byte(at + 1)} << 16 | Index{byte(at + 2)} << 8 |
                               Index{byte(at + 3)});
    return header;
}

}  // namespace wick::inline v0
