// SPDX-License-Identifier: MIT
#pragma once

// Undoes bitshuffle, which stores the lowest bits of all first bytes of a block, then all second-lowest ones,
// and so on, and may compress each block with LZ4 or Zstandard.

#include <wick/core/concepts.hpp>
#include <wick/hdf5/bit_planes.hpp>
#include <wick/hdf5/block_reader.hpp>
#include <wick/hdf5/decode_error.hpp>
#include <wick/hdf5/filter_scratch.hpp>
#include <wick/hdf5/lz4_block.hpp>
#include <wick/hdf5/zstd.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace wick::inline v0::detail {

/// How a dataset's chunks are bitshuffled.
struct Bitshuffle {
    enum Compression : unsigned { none = 0, lz4 = 2, zstd = 3 };

    std::size_t element_bytes = 1;
    std::size_t block_elements = 0;
    Compression compression = none;

    /// From a filter's parameters, or nothing if they make no sense or need a library that is not there.
    static std::optional<Bitshuffle> from(const std::vector<unsigned>& parameters);
};

/// Decodes `stored` into the beginning of `out` and returns how many bytes that made.
///
/// Source: bshuf_h5filter.c and bitshuffle_core.c of github.com/kiyo-masui/bitshuffle.
/// Throws: DecodeError if the bytes are not what the filter writes, or make more than `out` holds.
std::size_t decode_bitshuffle(const Bitshuffle& how, std::span<const std::byte> stored, Bytes out,
                              FilterScratch& scratch);

// Implementation.

/// Elements in a block where neither the filter nor the chunk says it.
inline std::size_t default_bitshuffle_block(std::size_t element_bytes) noexcept {
    return std::max<std::size_t>(8192 / element_bytes / 8 * 8, 128);
}

inline std::optional<Bitshuffle> Bitshuffle::from(const std::vector<unsigned>& parameters) {
    const auto parameter = [&](std::size_t i) { return i < parameters.size() ? parameters[i] : 0; };
    const unsigned element_bytes = parameter(2), block = parameter(3), compression = parameter(4);
    if (element_bytes == 0 || block % 8 != 0) return std::nullopt;
    if (compression != none && compression != lz4 && compression != zstd) return std::nullopt;
    if (compression == zstd && !has_zstd) return std::nullopt;
    return Bitshuffle{element_bytes, block == 0 ? default_bitshuffle_block(element_bytes) : block,
                      static_cast<Compression>(compression)};
}

/// Decodes as many whole blocks of elements as `out` holds, and the last few elements that fill no 8, which
/// stand as they are. `block(bytes)` gives the next block's bits, `rest(bytes)` the last bytes.
template <class Block, class Rest>
void unshuffle_bit_blocks(std::size_t element_bytes, std::size_t block_elements, Bytes out,
                          FilterScratch& scratch, Block block, Rest rest) {
    std::size_t elements = out.size() / element_bytes;
    while (elements >= 8) {
        const std::size_t count = std::min(block_elements, elements) / 8 * 8;
        const std::size_t bytes = count * element_bytes;
        unshuffle_bits(block(bytes), element_bytes, out.first(bytes), scratch.planes);
        out = out.subspan(bytes);
        elements -= count;
    }
    const std::span<const std::byte> last = rest(out.size());
    if (!out.empty()) std::memcpy(out.data(), last.data(), out.size());
}

inline std::size_t decode_plain_bitshuffle(const Bitshuffle& how, std::span<const std::byte> stored,
                                           Bytes out, FilterScratch& scratch) {
    if (stored.size() > out.size())
        throw DecodeError("bitshuffle", bytes_text(out.size()), std::to_string(stored.size()));
    const auto next = [&](std::size_t bytes) {
        const auto taken = stored.first(bytes);
        stored = stored.subspan(bytes);
        return taken;
    };
    const std::size_t made = stored.size();
    unshuffle_bit_blocks(how.element_bytes, how.block_elements, out.first(made), scratch, next, next);
    return made;
}

inline std::size_t decode_bitshuffle(const Bitshuffle& how, std::span<const std::byte> stored, Bytes out,
                                     FilterScratch& scratch) {
    if (how.compression == Bitshuffle::none) return decode_plain_bitshuffle(how, stored, out, scratch);
    BlockReader reader(stored, "bitshuffle");
    if (reader.total_bytes() > out.size())
        throw DecodeError("bitshuffle", bytes_text(out.size()), std::to_string(reader.total_bytes()));
    const auto made = static_cast<std::size_t>(reader.total_bytes());
    if (made % how.element_bytes != 0)
        throw DecodeError("bitshuffle", "whole elements of " + bytes_text(how.element_bytes),
                          bytes_text(made));
    std::size_t block_elements = reader.block_bytes() / how.element_bytes;
    if (block_elements % 8 != 0)
        throw DecodeError("bitshuffle", "blocks of 8, 16, ... elements of " + bytes_text(how.element_bytes),
                          bytes_text(reader.block_bytes()));
    if (block_elements == 0) block_elements = default_bitshuffle_block(how.element_bytes);
    const auto block = [&](std::size_t bytes) -> std::span<const std::byte> {
        const auto compressed = reader.next_block();
        const Bytes bits = scratch.block.take(bytes);
        if (how.compression == Bitshuffle::lz4)
            decode_lz4_block(compressed, bits, "bitshuffle");
        else if (const std::size_t got = scratch.zstd.decode(compressed, bits, "bitshuffle"); got != bytes)
            throw DecodeError("bitshuffle", bytes_text(bytes), std::to_string(got));
        return bits;
    };
    unshuffle_bit_blocks(how.element_bytes, block_elements, out.first(made), scratch, block,
                         [&](std::size_t bytes) { return reader.next(bytes); });
    return made;
}

}  // namespace wick::inline v0::detail
