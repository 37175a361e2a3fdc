// SPDX-License-Identifier: MIT
#pragma once

// How the rows of a dataset are cut into chunks, in whole numbers alone.

#include <wick/core/concepts.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// HDF5 knows no more dimensions.
inline constexpr std::size_t most_rank = 32;

/// A dataset cut into chunks of equal extent, numbered in C order; those at the far ends stick out.
///
/// A band is all chunks that share their rows: `columns()` of them, band b having chunks from b * columns()
/// on.
class ChunkGrid {
public:
    /// Requires: as many dimensions in both, 1 to 32, none of a chunk's 0; both products fit 64 bits.
    ChunkGrid(std::vector<std::uint64_t> extent, std::vector<std::uint64_t> chunk);

    Index rows() const noexcept { return static_cast<Index>(extent_.front()); }
    std::uint64_t band_rows() const noexcept { return chunk_.front(); }
    std::uint64_t columns() const noexcept { return columns_; }
    std::uint64_t chunks() const noexcept { return counts_.front() * columns_; }
    std::uint64_t chunk_elements() const noexcept { return chunk_.front() * slab_; }
    std::size_t rank() const noexcept { return extent_.size(); }

    /// Whether each row lies in one chunk and fills its width: then rows lie end to end.
    bool has_whole_rows() const noexcept;

    /// The number of each dimension's first element in a chunk.
    void first_element(std::uint64_t chunk, std::span<std::uint64_t> out) const noexcept;

    /// Whether there is such an element.
    bool contains(std::span<const std::uint64_t> element) const noexcept;

    /// The number of the chunk that holds an element.
    std::uint64_t chunk_of(std::span<const std::uint64_t> element) const noexcept;

    /// Whether a chunk sticks out of the dataset.
    bool is_partial(std::uint64_t chunk) const noexcept;

    /// "[3, 0]": a chunk by its place in the grid.
    std::string name_of(std::uint64_t chunk) const;

    /// Goes through the pieces that a row has in a chunk of its band: `use(from, to, count)` is called for
    /// `count` elements that stand together at element `from` of the chunk and `to` of the row.
    template <class Use>
    void for_each_piece(Index row, std::uint64_t column, const Use& use) const;

private:
    std::vector<std::uint64_t> extent_;
    std::vector<std::uint64_t> chunk_;
    std::vector<std::uint64_t> counts_;        // chunks along each dimension
    std::vector<std::uint64_t> row_strides_;   // elements of a row from one value of a dimension to the next
    std::vector<std::uint64_t> slab_strides_;  // the same in a chunk
    std::uint64_t columns_ = 1;
    std::uint64_t slab_ = 1;  // elements of a chunk that share one row
    std::size_t joined_ = 1;  // dimensions from this one on are as wide as a chunk: they need no cutting
};

// Implementation.

inline ChunkGrid::ChunkGrid(std::vector<std::uint64_t> extent, std::vector<std::uint64_t> chunk)
    : extent_(std::move(extent)),
      chunk_(std::move(chunk)),
      counts_(rank()),
      row_strides_(rank()),
      slab_strides_(rank()) {
    std::uint64_t row = 1;
    for (std::size_t i = rank(); i-- > 0;) {
        counts_[i] = extent_[i] / chunk_[i] + (extent_[i] % chunk_[i] != 0 ? 1 : 0);
        row_strides_[i] = row;
        slab_strides_[i] = slab_;
        if (i == 0) break;
        row *= extent_[i];
        slab_ *= chunk_[i];
        columns_ *= counts_[i];
    }
    joined_ = rank();
    while (joined_ > 1 && extent_[joined_ - 1] == chunk_[joined_ - 1]) --joined_;
}

inline bool ChunkGrid::has_whole_rows() const noexcept { return joined_ == 1; }

inline void ChunkGrid::first_element(std::uint64_t chunk, std::span<std::uint64_t> out) const noexcept {
    for (std::size_t i = rank(); i-- > 0;) {
        out[i] = chunk % counts_[i] * chunk_[i];
        chunk /= counts_[i];
    }
}

inline bool ChunkGrid::contains(std::span<const std::uint64_t> element) const noexcept {
    for (std::size_t i = 0; i < rank(); ++i)
        if (element[i] >= extent_[i]) return false;
    return true;
}

inline std::uint64_t ChunkGrid::chunk_of(std::span<const std::uint64_t> element) const noexcept {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < rank(); ++i) number = number * counts_[i] + element[i] / chunk_[i];
    return number;
}

inline bool ChunkGrid::is_partial(std::uint64_t chunk) const noexcept {
    for (std::size_t i = rank(); i-- > 0;) {
        if ((chunk % counts_[i] + 1) * chunk_[i] > extent_[i]) return true;
        chunk /= counts_[i];
    }
    return false;
}

inline std::string ChunkGrid::name_of(std::uint64_t chunk) const {
    std::string text;
    for (std::size_t i = rank(); i-- > 0;) {
        text = std::to_string(chunk % counts_[i]) + (text.empty() ? "" : ", ") + text;
        chunk /= counts_[i];
    }
    return "[" + text + "]";
}

template <class Use>
void ChunkGrid::for_each_piece(Index row, std::uint64_t column, const Use& use) const {
    const std::uint64_t start = static_cast<std::uint64_t>(row) % chunk_.front() * slab_;
    if (joined_ == 1) return use(start, std::uint64_t{0}, slab_);
    // The dimensions that are cut, but for the last of them, are gone through like the digits of a number.
    const std::size_t last = joined_ - 1;
    std::array<std::uint64_t, most_rank> width, at{};
    std::uint64_t from = start, to = 0, rest = column;
    for (std::size_t i = last; i > 0; --i) {
        const std::uint64_t first = rest % counts_[i] * chunk_[i];
        rest /= counts_[i];
        width[i] = std::min(chunk_[i], extent_[i] - first);
        to += first * row_strides_[i];
    }
    for (;;) {
        use(from, to, width[last] * row_strides_[last]);
        std::size_t i = last;
        while (--i > 0) {
            from += slab_strides_[i];
            to += row_strides_[i];
            if (++at[i] < width[i]) break;
            from -= width[i] * slab_strides_[i];
            to -= width[i] * row_strides_[i];
            at[i] = 0;
        }
        if (i == 0) return;
    }
}

}  // namespace wick::inline v0::detail
