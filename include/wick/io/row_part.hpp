// SPDX-License-Identifier: MIT
#pragma once

// Where some of the rows of a source lie, and how they are fetched from there.

#include <wick/core/concepts.hpp>
#include <wick/core/error.hpp>
#include <wick/core/layout.hpp>
#include <wick/io/file.hpp>
#include <wick/io/open_file.hpp>
#include <wick/io/row_columns.hpp>
#include <wick/io/row_copy.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace wick::inline v0 {

/// Rows lying in one file, end to end; or, in Fortran order, element by element.
struct RowPart {
    std::shared_ptr<const File> file;
    std::uint64_t offset = 0;  ///< byte of the file where the first row begins
    Index rows = 0;
    std::endian byte_order = std::endian::native;
    bool fortran_order = false;  ///< the row number runs fastest, then the first dimension of a row
};

namespace detail {

/// A part that is ready to be read.
///
/// Lifetime: its file is somebody else's.
struct OpenPart {
    const OpenFile* file;
    std::uint64_t offset;
    Index first;  // number of its first row
    Index rows;
    std::uint8_t swap_unit;  // 1: nothing to turn round
    bool fortran_order;

    Index end() const noexcept { return first + rows; }
    std::uint64_t offset_of(Index row, std::size_t row_bytes) const noexcept {
        return offset + static_cast<std::uint64_t>(row - first) * row_bytes;
    }

    /// Copies rows of this part out of the mapping; all of them are known to be in it.
    void copy(Rows wanted, const RowLayout& layout, std::byte* out, bool streaming) const;

    /// Reads rows in Fortran order without a mapping.
    void read_columns(Rows wanted, const RowLayout& layout, std::byte* out) const;
};

/// Throws: std::invalid_argument for a negative number of rows; Error if the file is too short for them.
void check_extent(const RowPart& part, const RowLayout& layout);

}  // namespace detail

// Implementation.

namespace detail {

inline void check_extent(const RowPart& part, const RowLayout& layout) {
    if (part.rows < 0) throw std::invalid_argument("a part of " + std::to_string(part.rows) + " rows");
    const std::uint64_t size = part.file->size();
    const std::string rows = std::to_string(part.rows) + " rows of " + to_string(layout);
    std::uint64_t bytes = 0;
    std::uint64_t end = 0;
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(part.rows), std::uint64_t{layout.bytes()},
                               &bytes) ||
        __builtin_add_overflow(part.offset, bytes, &end))
        throw Error(part.file->path(), part.offset, rows, "a file of " + std::to_string(size) + " bytes");
    if (end > size)
        throw Error(part.file->path(), size,
                    "the file to end at byte " + std::to_string(end) + " (" + rows + " from byte " +
                        std::to_string(part.offset) + " on)",
                    "its end");
}

inline void OpenPart::copy(Rows wanted, const RowLayout& layout, std::byte* out, bool streaming) const {
    const std::byte* const data = file->data() + offset;
    if (!fortran_order)
        return copy_rows(StridedRows{data, layout.bytes(), first, true}, wanted, layout.bytes(), swap_unit,
                         out, streaming);
    const std::size_t item = size_of(layout.dtype());
    const std::size_t column_bytes = static_cast<std::size_t>(rows) * item;
    for_each_column(wanted, layout, out, [&](std::size_t column, Rows block, std::byte* to) {
        scatter_column(data + column * column_bytes, first, block, item, swap_unit, layout.bytes(), to);
    });
}

// Of each column the stretch that holds the block is read in one go if it is short, else every element alone.
inline void OpenPart::read_columns(Rows wanted, const RowLayout& layout, std::byte* out) const {
    std::array<std::byte, 16384> buffer;
    const std::size_t item = size_of(layout.dtype());
    const std::uint64_t column_bytes = static_cast<std::uint64_t>(rows) * item;
    for_each_column(wanted, layout, out, [&](std::size_t column, Rows block, std::byte* to) {
        const auto [low, high] = std::ranges::minmax(block);
        const std::uint64_t start = offset + column * column_bytes;
        const auto read = [&](Index from, Index to_row, Rows some, std::byte* to_bytes) {
            const Bytes piece(buffer.data(), static_cast<std::size_t>(to_row - from + 1) * item);
            file->file().read_at(start + static_cast<std::uint64_t>(from - first) * item, piece);
            scatter_column(piece.data(), from, some, item, swap_unit, layout.bytes(), to_bytes);
        };
        if (static_cast<std::uint64_t>(high - low) < buffer.size() / item) return read(low, high, block, to);
        for (std::size_t i = 0; i < block.size(); ++i)
            read(block[i], block[i], block.subspan(i, 1), to + i * layout.bytes());
    });
}

}  // namespace detail

}  // namespace wick::inline v0
