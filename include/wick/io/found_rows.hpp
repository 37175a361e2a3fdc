// SPDX-License-Identifier: MIT
#pragma once

// Rows of which it is known where in memory they lie, or that they lie nowhere, into the batch.

#include <wick/core/concepts.hpp>
#include <wick/io/file_reader.hpp>
#include <wick/io/piece.hpp>
#include <wick/io/row_copy.hpp>
#include <wick/io/row_plan.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace wick::inline v0::detail {

/// Copies rows one after another to `out`: row `rows[i]` from `where[i]`, or, if that is null, from its file.
///
/// Requires: a dense plan, and as many places as rows.
/// Throws:   Error if a row cannot be read.
void copy_found(const RowPlan& plan, FileReader& files, Rows rows, std::span<const std::byte* const> where,
                std::byte* out);

// Implementation.

/// Hands out where the rows lie, in order.
struct FoundInTurn {
    mutable const std::byte* const* next;
    const std::byte* find(Index) const noexcept { return *next++; }
    static Index together(Index) noexcept { return 1; }
};

inline void copy_found(const RowPlan& plan, FileReader& files, Rows rows,
                       std::span<const std::byte* const> where, std::byte* out) {
    const std::size_t row_bytes = plan.layout.bytes();
    const std::size_t swap_unit = plan.parts.front().swap_unit;
    std::vector<Piece> missing;
    for (std::size_t i = 0; i < rows.size();) {
        std::size_t end = i;
        while (end < rows.size() && where[end] != nullptr) ++end;
        files.copy([&] {
            copy_rows(FoundInTurn{where.data() + i}, rows.subspan(i, end - i), row_bytes, swap_unit,
                      out + i * row_bytes);
        });
        for (; end < rows.size() && where[end] == nullptr; ++end) {
            const OpenPart& part = plan.part_of(rows[end]);
            missing.push_back(
                {part.file, part.offset_of(rows[end], row_bytes), row_bytes, out + end * row_bytes});
        }
        i = end;
    }
    files.read(missing);
    if (swap_unit != 1)
        for (const Piece& piece : missing) copy_swapped(piece.out, piece.bytes, swap_unit, piece.out);
}

}  // namespace wick::inline v0::detail
