// SPDX-License-Identifier: MIT
#pragma once

// What a caller must not ask for, refused in the same words everywhere.

#include <wick/core/concepts.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace wick::inline v0::detail {

/// Throws: std::out_of_range if one of the rows is outside [0, size).
void check_rows(Rows rows, Index size);

/// Throws: std::invalid_argument if a data set has fewer than 0 rows.
void check_row_count(Index rows);

/// Throws: std::out_of_range if an epoch's number is negative.
void check_epoch(std::int64_t epoch);

/// Throws: std::invalid_argument if stride < 1; std::out_of_range if one of the `count` positions from
///         `position` by `stride` is outside [0, size).
void check_positions(Index position, Index stride, std::size_t count, Index size);

// Implementation.

[[noreturn]] inline void throw_outside(const char* what, Index value, Index size) {
    throw std::out_of_range(std::string(what) + " " + std::to_string(value) + " is outside [0, " +
                            std::to_string(size) + ")");
}

inline void check_rows(Rows rows, Index size) {
    // One branch-free pass that becomes vector code; which row it was is asked only if one is bad.
    bool bad = false;
    for (const Index row : rows) bad |= static_cast<std::uint64_t>(row) >= static_cast<std::uint64_t>(size);
    if (!bad) return;
    for (const Index row : rows)
        if (row < 0 || row >= size) throw_outside("row", row, size);
}

inline void check_row_count(Index rows) {
    if (rows < 0) throw std::invalid_argument("a data set has at least 0 rows, not " + std::to_string(rows));
}

inline void check_epoch(std::int64_t epoch) {
    if (epoch < 0)
        throw std::out_of_range("epochs count from 0, so there is no epoch " + std::to_string(epoch));
}

inline void check_positions(Index position, Index stride, std::size_t count, Index size) {
    if (stride < 1) throw std::invalid_argument("a stride is at least 1, not " + std::to_string(stride));
    if (position < 0 || position > size || (position == size && count > 0))
        throw_outside("position", position, size);
    if (count == 0) return;
    // How many there are, rather than where the last one stands: that could overflow.
    const auto there = static_cast<std::size_t>((size - 1 - position) / stride) + 1;
    if (count > there)
        throw std::out_of_range(std::to_string(count) + " positions from " + std::to_string(position) +
                                " by " + std::to_string(stride) + " leave [0, " + std::to_string(size) + ")");
}

}  // namespace wick::inline v0::detail
