// SPDX-License-Identifier: MIT
#pragma once

// The checks that stand before every read, so that all sources refuse a wrong call in the same words.

#include <wick/core/check.hpp>
#include <wick/core/concepts.hpp>
#include <wick/core/layout.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>

namespace wick::inline v0::detail {

/// Throws: std::invalid_argument if `out` does not hold exactly `rows`; std::out_of_range if one of them is
///         outside [0, size).
void check_read(Rows rows, Index size, const RowLayout& layout, Bytes out);

// Implementation.

inline void check_read(Rows rows, Index size, const RowLayout& layout, Bytes out) {
    const std::size_t row_bytes = layout.bytes();
    const bool fits =
        row_bytes == 0 ? out.empty() : out.size() % row_bytes == 0 && out.size() / row_bytes == rows.size();
    if (!fits)
        throw std::invalid_argument(std::to_string(rows.size()) + " rows of " + std::to_string(row_bytes) +
                                    " bytes do not fill " + std::to_string(out.size()) + " bytes");
    check_rows(rows, size);
}

}  // namespace wick::inline v0::detail
