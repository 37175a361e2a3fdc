// SPDX-License-Identifier: MIT
#pragma once

// Which rows are worth reading together or ahead of time, as a sampler's order and the length of the rows have it.

#include <wick/core/access.hpp>
#include <wick/io/direct_file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace wick::inline v0::detail {

/// Which rows are read together, how many such blocks are read before they are asked for, and how many are held.
struct WindowShape {
    Index first_row;
    Index block_rows;
    std::size_t blocks_ahead;
    std::size_t blocks_held;

    /// How many blocks `rows` rows are.
    std::size_t blocks(Index rows) const noexcept {
        return static_cast<std::size_t>((rows - first_row) / block_rows + 1);
    }

    /// Bytes that a window of that shape takes over `rows` rows: the blocks it holds, and the place of each there is.
    std::size_t bytes(std::size_t row_bytes, Index rows) const noexcept {
        return blocks_held * slot_bytes(row_bytes) + blocks(rows) * sizeof(std::uint32_t);
    }

    /// Bytes for one block, with room for the whole pages around it.
    std::size_t slot_bytes(std::size_t row_bytes) const noexcept {
        constexpr std::size_t page = DirectFile::most_alignment;
        return (static_cast<std::size_t>(block_rows) * row_bytes / page + 3) * page;
    }

    /// How many rows are read before they are asked for.
    Index rows_ahead() const noexcept { return static_cast<Index>(blocks_ahead) * block_rows; }
};

/// Which of `rows` rows to read together, ahead of time, if any: blocks of neighbours, or single rows that are so long that
/// few of them fit into what a worker reads at a time. The shape takes no more than `access.memory_bytes`.
///
/// Requires: rows of at least one byte.
std::optional<WindowShape> window_shape(const Access& access, std::size_t row_bytes, Index rows);

// Implementation.

inline std::optional<WindowShape> window_shape(const Access& access, std::size_t row_bytes, Index rows) {
    constexpr std::size_t mib = std::size_t{1} << 20, long_row = mib / 32, block_enough = mib / 4,
                          longest = 4 * mib;
    // What lies between the rows of a shard is read in vain, which longer rows are not worth.
    const bool most_of_it = access.density >= (row_bytes < long_row / 2 ? 0.15 : 0.5);
    const bool blocks = access.block_rows > 1 && row_bytes < block_enough && most_of_it;
    if (!blocks && row_bytes < long_row) return std::nullopt;
    const bool in_order = blocks && access.in_order;
    WindowShape shape{.first_row = access.first_row,
                      .block_rows = blocks ? access.block_rows : 1,
                      .blocks_ahead = 0,
                      .blocks_held = 0};
    if (in_order)
        shape.block_rows =
            std::min(shape.block_rows, static_cast<Index>(std::max<std::size_t>(1, mib / row_bytes)));
    // That may be behind all rows there are, and blocks that nobody asks for cost nothing.
    shape.first_row %= shape.block_rows;
    if (static_cast<std::size_t>(shape.block_rows) > longest / row_bytes) return std::nullopt;
    const std::size_t block_bytes = static_cast<std::size_t>(shape.block_rows) * row_bytes;
    const auto blocks_of = [&](std::size_t bytes) {
        return std::min<std::size_t>(bytes / block_bytes + 1, 256);
    };
    const std::size_t window =
        blocks && !in_order ? static_cast<std::size_t>(access.window_blocks) : std::size_t{0};
    // With one sampler's window the next one's blocks are wanted all at once, so that one is read while the rows of
    // this one are given out. Where memory lacks, less is read ahead.
    for (const std::size_t ahead : {std::max(window, blocks_of(32 * mib)), blocks_of(12 * mib)}) {
        // In file order that is what is on its way at a time: more would only push it out of the processor's caches.
        shape.blocks_ahead = in_order ? std::min(ahead, blocks_of(8 * mib)) : ahead;
        // Beside them: what workers copy from, and what nobody asks for the last row of.
        shape.blocks_held =
            window + ahead + std::min<std::size_t>(64, std::max(ahead / 4, blocks_of(12 * mib))) + 8;
        shape.blocks_held = std::min(shape.blocks_held, shape.blocks(rows));
        if (shape.bytes(row_bytes, rows) <= access.memory_bytes) return shape;
    }
    return std::nullopt;
}

}  // namespace wick::inline v0::detail
