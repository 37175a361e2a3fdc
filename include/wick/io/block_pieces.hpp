// SPDX-License-Identifier: MIT
#pragma once

// What is to be read for a block of neighbouring rows, with the pages around it where that saves a copy.

#include <wick/core/concepts.hpp>
#include <wick/io/direct_file.hpp>
#include <wick/io/file.hpp>
#include <wick/io/file_reader.hpp>
#include <wick/io/piece.hpp>
#include <wick/io/row_plan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace wick::inline v0::detail {

/// Appends the pieces that bring rows [row, end) of a dense plan to `memory`, one after another. Returns how many bytes
/// there come before the first row.
///
/// Requires: `memory` begins a page, and has room for two pages more than the rows.
/// Throws:   Error if one of many files has changed.
inline std::size_t add_block(const RowPlan& plan, const FileReader& files, Index row, Index end,
                             std::byte* memory, std::vector<Piece>& pieces) {
    const std::size_t row_bytes = plan.layout.bytes();
    const std::int64_t now = File::tick();
    std::byte* to = memory;
    std::size_t skip = 0;
    while (row < end) {
        const OpenPart& part = plan.part_of(row);
        files.check(*part.file, now);
        const Index last = std::min(end, part.end());
        std::uint64_t offset = part.offset_of(row, row_bytes);
        std::uint64_t stop = part.offset_of(last, row_bytes);
        if (to == memory && last == end) {
            // Whole pages can be put here by the disk itself.
            constexpr std::uint64_t page = DirectFile::most_alignment;
            skip = offset % page;
            offset -= skip;
            const std::uint64_t whole = (stop + page - 1) / page * page;
            if (whole <= part.file->file().size()) stop = whole;
        }
        pieces.push_back({part.file, offset, static_cast<std::size_t>(stop - offset), to});
        to += stop - offset;
        row = last;
    }
    return skip;
}

}  // namespace wick::inline v0::detail
