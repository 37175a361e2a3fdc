// SPDX-License-Identifier: MIT
#pragma once

// Rows of a Fortran-ordered array: the elements of one row lie far apart, each in a column of its own.

#include <wick/core/concepts.hpp>
#include <wick/core/layout.hpp>
#include <wick/io/row_copy.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace wick::inline v0::detail {

/// Which element of a row, counted in C order, stands in column `column` of the file.
///
/// In the file the first dimension of a row runs fastest: column = j + A * (k + B * l). In the row the last
/// does: element = (j * B + k) * C + l.
inline std::size_t element_of_column(std::size_t column, const std::vector<Index>& shape) noexcept {
    std::size_t element = 0;
    for (const Index extent : shape) {
        const auto size = static_cast<std::size_t>(extent);
        element = element * size + column % size;
        column /= size;
    }
    return element;
}

/// Copies one element of each row of `rows` out of a column.
///
/// Shape: row r lies at `column + (r - first) * item`; it goes to `out`, then `out + row_bytes`, and so on.
inline void scatter_column(const std::byte* column, Index first, Rows rows, std::size_t item,
                           std::size_t swap_unit, std::size_t row_bytes, std::byte* out) noexcept {
    for (const Index row : rows) {
        copy_swapped(column + static_cast<std::size_t>(row - first) * item, item, swap_unit, out);
        out += row_bytes;
    }
}

/// Goes through rows in Fortran order: `each(column, block, out)` is to put that column's element of each row
/// of the block to `out`, `out + layout.bytes()`, and so on.
///
/// Cost: blocks have 64 rows, so that the lines written stay in the first cache from column to column.
template <class EachColumn>
void for_each_column(Rows rows, const RowLayout& layout, std::byte* out, const EachColumn& each) {
    constexpr std::size_t block_rows = 64;
    const std::size_t item = size_of(layout.dtype());
    for (std::size_t i = 0; i < rows.size(); i += block_rows) {
        const Rows block = rows.subspan(i, std::min(block_rows, rows.size() - i));
        std::byte* const block_out = out + i * layout.bytes();
        for (std::size_t column = 0; column < layout.elements(); ++column)
            each(column, block, block_out + element_of_column(column, layout.shape()) * item);
    }
}

}  // namespace wick::inline v0::detail
