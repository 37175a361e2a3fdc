// SPDX-License-Identifier: MIT
#pragma once

// How an order of rows uses chunks that have to be decoded: how many at a time, and how often each.

#include <wick/core/access.hpp>
#include <wick/core/concepts.hpp>
#include <wick/hdf5/chunk_grid.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

namespace wick::inline v0::detail {

/// The chunks of a dataset, as one order asks for them.
///
/// Lifetime: the grid is the owner's.
class ChunkUse {
public:
    /// `written` of the grid's chunks are there; a row has `row_bytes` in a batch.
    ChunkUse(const Access& access, const ChunkGrid& grid, std::uint64_t written, std::size_t row_bytes)
        : access_(access),
          grid_(grid),
          written_(written),
          rows_on_their_way_(access.batch_memory_bytes / std::max<std::size_t>(1, row_bytes)) {}

    /// How many have rows that an epoch asks for, at most, if those that were written are evenly spread.
    std::uint64_t in_epoch() const noexcept;

    /// How many have rows in batches that are made at the same time, at most.
    std::uint64_t at_a_time() const noexcept;

    /// Whether it comes back to a chunk after all others: rows in turn do so an epoch later, and a shuffle of blocks that
    /// share chunks with another block of theirs.
    bool comes_back() const noexcept { return access_.in_order || has_cut_blocks(); }

    /// About how often an epoch decodes each where so many are kept.
    Index decodings(std::uint64_t kept) const noexcept;

    /// The order nearest to a random one that decodes each once where so many are kept, in a caller's words; empty if there
    /// is none.
    std::string block_shuffle(std::uint64_t kept) const;

private:
    bool has_blocks() const noexcept { return !access_.in_order && access_.block_rows > 1; }
    Index band_rows() const noexcept { return static_cast<Index>(grid_.band_rows()); }
    bool has_cut_blocks() const noexcept {
        return has_blocks() &&
               (access_.block_rows % band_rows() != 0 || access_.first_row % band_rows() != 0);
    }
    std::uint64_t blocks_beside(Index block_rows, std::uint64_t window_blocks) const noexcept;

    Access access_;
    const ChunkGrid& grid_;
    std::uint64_t written_;
    std::uint64_t rows_on_their_way_;
};

// Implementation.

inline std::uint64_t ChunkUse::in_epoch() const noexcept {
    const double part = access_.share / access_.density;
    if (!(part < 1)) return written_;
    const std::uint64_t cut = 2 * grid_.columns();  // at both ends of a range
    return std::min(written_, cut + static_cast<std::uint64_t>(part * static_cast<double>(written_)));
}

/// Blocks that have chunks in use beside those of a window. Of a block that is in the window some row is wanted before a few
/// others have come and gone, or before more where not all rows are wanted; and while a thread is late with its batch, the
/// others begin blocks in all that are on their way.
inline std::uint64_t ChunkUse::blocks_beside(Index block_rows, std::uint64_t window_blocks) const noexcept {
    constexpr double few = 8, many = 1 << 30;
    const auto block = static_cast<double>(block_rows), window = static_cast<double>(window_blocks);
    const double unwanted = std::max(0.0, 1 / access_.density - 1);  // a row may be wanted twice
    const double seldom = few * (1 + unwanted * std::max(1.0, window / block));
    const double late = static_cast<double>(rows_on_their_way_) / access_.density / block;
    return static_cast<std::uint64_t>(std::min(many, seldom + late));
}

inline std::uint64_t ChunkUse::at_a_time() const noexcept {
    auto rows = static_cast<std::uint64_t>(std::max<Index>(1, access_.block_rows));
    auto blocks = static_cast<std::uint64_t>(access_.window_blocks);
    if (access_.in_order) {
        // Of a block only the rows that are on their way to batches.
        if (access_.batch_memory_bytes > 0) rows = std::min(rows, rows_on_their_way_);
        blocks += 2;  // the one before and the one behind
    } else if (has_blocks()) {
        blocks += blocks_beside(access_.block_rows, blocks);
    } else {
        return in_epoch();
    }
    // The first and the last one may have rows of its neighbours, too.
    const std::uint64_t bands = rows / grid_.band_rows() + (comes_back() ? 2 : 0);
    std::uint64_t chunks = 0;
    if (__builtin_mul_overflow(bands, grid_.columns(), &chunks) ||
        __builtin_mul_overflow(chunks, blocks, &chunks))
        return in_epoch();
    return std::min(in_epoch(), chunks);
}

/// One that is not kept is decoded for nearly each row that is wanted of it, and at least for each block that has some.
inline Index ChunkUse::decodings(std::uint64_t kept) const noexcept {
    if (access_.in_order || kept >= in_epoch()) return 1;
    const auto rows = static_cast<double>(band_rows()), block = static_cast<double>(access_.block_rows);
    const double missing = 1 - static_cast<double>(kept) / static_cast<double>(at_a_time());
    const double times =
        std::max(access_.density * rows * missing, has_cut_blocks() ? (block + rows - 1) / block : 1);
    return std::max<Index>(1, std::llround(times));
}

inline std::string ChunkUse::block_shuffle(std::uint64_t kept) const {
    constexpr std::uint64_t most_window = 1024;  // of those that a loader chooses
    const std::uint64_t blocks = kept / grid_.columns(), beside = blocks_beside(band_rows(), blocks);
    if (blocks <= beside) return "";
    const std::string rows = std::to_string(band_rows());
    std::string options;
    if (has_blocks() && access_.block_rows != band_rows()) options = ".block_rows = " + rows;
    if (blocks - beside < most_window)
        options += (options.empty() ? "" : ", ") + (".window_blocks = " + std::to_string(blocks - beside));
    if (!options.empty()) options = ", {" + options + "}";
    return "BlockShuffleSampler(seed" + options + ")" +
           (access_.first_row % band_rows() == 0
                ? ""
                : " of a range that begins at a multiple of " + rows + " rows");
}

}  // namespace wick::inline v0::detail
