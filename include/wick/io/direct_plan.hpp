// SPDX-License-Identifier: MIT
#pragma once

// Which reads a list of pieces becomes: neighbours are joined, long ones cut, and what is wanted twice is read once.

#include <wick/io/piece.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <tuple>
#include <vector>

namespace wick::inline v0::detail {

/// One read, and the pieces that have bytes in it.
struct DirectRead {
    const OpenFile* file;
    std::uint64_t from, to;     // bytes of the file
    std::size_t first, pieces;  // of the sorted list

    std::size_t bytes() const noexcept { return static_cast<std::size_t>(to - from); }
};

/// Sorts pieces by where they lie.
void sort_pieces(std::span<Piece> pieces);

/// Appends the reads that cover sorted pieces, none of them longer than `longest_read(most_bytes)`, and none with more
/// bytes between two pieces than a page.
void plan_reads(std::span<const Piece> sorted, std::size_t most_bytes, std::vector<DirectRead>& reads);

/// What is a little longer than `most_bytes` is not worth a second read.
constexpr std::size_t longest_read(std::size_t most_bytes) { return most_bytes + most_bytes / 4; }

// Implementation.

inline void sort_pieces(std::span<Piece> pieces) {
    std::ranges::sort(pieces, [](const Piece& a, const Piece& b) {
        return a.file != b.file ? std::less<>()(a.file, b.file) : a.offset < b.offset;
    });
}

inline void plan_reads(std::span<const Piece> sorted, std::size_t most_bytes,
                       std::vector<DirectRead>& reads) {
    // To read a page in vain costs less than to read once more.
    constexpr std::uint64_t gap = DirectFile::most_alignment;
    for (std::size_t i = 0; i < sorted.size();) {
        const OpenFile* const file = sorted[i].file;
        const std::uint64_t from = sorted[i].offset;
        std::uint64_t to = sorted[i].end();
        std::size_t next = i + 1;
        for (; next < sorted.size() && sorted[next].file == file && sorted[next].offset <= to + gap; ++next) {
            const std::uint64_t further = std::max(to, sorted[next].end());
            if (further - from > most_bytes && further != to) break;
            to = further;
        }
        // Evenly and in whole pages, if they suit: no short read is left over for the end, and all can land in place.
        const std::uint64_t bytes = to - from, longest = longest_read(most_bytes);
        const std::uint64_t count = std::max<std::uint64_t>(1, (bytes + longest - 1) / longest);
        const std::uint64_t even = (bytes + count * gap - 1) / (count * gap) * gap;
        const std::uint64_t steps = bytes <= longest ? bytes : even <= longest ? even : most_bytes;
        for (std::uint64_t at = from; at < to; at += steps)
            reads.push_back({file, at, std::min(at + steps, to), i, next - i});
        i = next;
    }
}

}  // namespace wick::inline v0::detail
