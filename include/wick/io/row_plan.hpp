// SPDX-License-Identifier: MIT
#pragma once

// Where every row of a reader lies, whatever number of files its rows are spread over.

#include <wick/core/concepts.hpp>
#include <wick/core/error.hpp>
#include <wick/core/layout.hpp>
#include <wick/io/open_file.hpp>
#include <wick/io/piece.hpp>
#include <wick/io/row_part.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Parts end to end, their rows numbered through.
///
/// Lifetime: the files are somebody else's.
struct RowPlan {
    RowLayout layout;
    std::vector<OpenPart> parts{};
    std::vector<Index> firsts{};  // number of each part's first row
    Index uniform = 0;            // rows of every part but the last, or 0 if they differ
    bool dense = false;           // row by row, in one byte order: one copy loop serves all parts

    Index size() const noexcept { return parts.empty() ? 0 : parts.back().end(); }

    /// Throws: Error if there are more rows together than can be numbered.
    void add(OpenPart part);

    /// To be called once, behind the last part.
    void finish();

    const OpenPart& part_of(Index row) const noexcept;

    /// How many of the rows from `rows[i]` on lie in the same part one after another.
    std::size_t run(Rows rows, std::size_t i, const OpenPart& part) const noexcept;
};

// Implementation.

inline void RowPlan::add(OpenPart part) {
    if (part.rows > std::numeric_limits<Index>::max() - size())
        throw Error(part.file->file().path(), "has more rows than can be numbered after those before it");
    part.first = size();
    parts.push_back(part);
}

inline void RowPlan::finish() {
    uniform = parts.front().rows;
    dense = true;
    firsts.reserve(parts.size());
    for (const OpenPart& part : parts) {
        firsts.push_back(part.first);
        if (part.rows != uniform && &part != &parts.back()) uniform = 0;
        dense = dense && !part.fortran_order && part.swap_unit == parts.front().swap_unit;
    }
}

inline const OpenPart& RowPlan::part_of(Index row) const noexcept {
    // A part without rows begins where the next one does, so the last one that begins at or before the row is
    // the one that has it.
    if (uniform == 0)
        return parts[static_cast<std::size_t>(std::ranges::upper_bound(firsts, row) - firsts.begin()) - 1];
    return parts[std::min(static_cast<std::size_t>(row / uniform), parts.size() - 1)];
}

inline std::size_t RowPlan::run(Rows rows, std::size_t i, const OpenPart& part) const noexcept {
    const auto most = std::min(rows.size() - i, static_cast<std::size_t>(part.end() - rows[i]));
    std::size_t length = 1;
    while (length < most && rows[i + length] == rows[i] + static_cast<Index>(length)) ++length;
    return length;
}

}  // namespace wick::inline v0::detail
