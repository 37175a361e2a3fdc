// SPDX-License-Identifier: MIT
#pragma once

// Which rows are worth reading together or ahead of time, as a sampler's order and the length of the rows have it.

#include <wick/core/access.hpp>
#include <wick/io/direct_file.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace wick::inline v0::detail {

/// Which rows are read together, and how many such blocks are held.
struct WindowShape {
    Index first_row;
    Index block_rows;
    std::size_t blocks_held;

    /// Bytes that a window of that shape takes.
    std::size_t bytes(std::size_t row_bytes) const noexcept { return blocks_held * slot_bytes(row_bytes); }

    /// Bytes for one block, with room for the whole pages around it.
    std::size_t slot_bytes(std::size_t row_bytes) const noexcept {
        constexpr std::size_t page = DirectFile::most_alignment;
        return (static_cast<std::size_t>(block_rows) * row_bytes / page + 3) * page;
    }

    /// How many blocks, and rows, are read before they are asked for.
    std::size_t blocks_ahead(std::size_t row_bytes) const noexcept {
        constexpr std::size_t ahead = std::size_t{12} << 20, most = 64;
        const std::size_t bytes = static_cast<std::size_t>(block_rows) * row_bytes;
        return std::min(ahead / std::max<std::size_t>(1, bytes) + 1, most);
    }
    Index rows_ahead(std::size_t row_bytes) const noexcept {
        return static_cast<Index>(blocks_ahead(row_bytes)) * block_rows;
    }
};

/// Which rows to read together, ahead of time, if any: blocks of neighbours, or single rows that are so long that few of
/// them fit into what a worker reads at a time.
///
/// Requires: rows of at least one byte.
std::optional<WindowShape> window_shape(const Access& access, std::size_t row_bytes);

// Implementation.

inline std::optional<WindowShape> window_shape(const Access& access, std::size_t row_bytes) {
    constexpr std::size_t long_row = std::size_t{32} << 10, block_enough = std::size_t{256} << 10,
                          longest = std::size_t{4} << 20;
    // What lies between the rows of a shard is read in vain, which longer rows are not worth.
    const bool all_of_it = row_bytes < long_row / 2 || access.share > 0.5;
    const bool blocks = access.block_rows > 1 && row_bytes < block_enough && all_of_it;
    if (!blocks && row_bytes < long_row) return std::nullopt;
    WindowShape shape{
        .first_row = access.first_row, .block_rows = blocks ? access.block_rows : 1, .blocks_held = 0};
    if (access.window_blocks == 1)  // any cut will do
        shape.block_rows = std::min(shape.block_rows,
                                    static_cast<Index>(std::max<std::size_t>(1, (longest / 4) / row_bytes)));
    const std::size_t block_bytes = static_cast<std::size_t>(shape.block_rows) * row_bytes;
    if (block_bytes > longest) return std::nullopt;
    shape.blocks_held =
        (blocks ? static_cast<std::size_t>(access.window_blocks) : 0) + 2 * shape.blocks_ahead(row_bytes) + 8;
    return shape;
}

}  // namespace wick::inline v0::detail
