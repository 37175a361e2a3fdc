// SPDX-License-Identifier: MIT
#pragma once

// The order of the file, for evaluation and for data that is shuffled already.

#include <wick/core/access.hpp>
#include <wick/core/check.hpp>
#include <wick/core/concepts.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wick::inline v0 {

/// Row i at position i, in every epoch.
class SequentialSampler {
public:
    /// Positions per epoch: each row once.
    ///
    /// Throws: std::invalid_argument if `rows` is negative.
    Index size(Index rows) const;

    /// Throws: std::out_of_range for a negative epoch or positions outside [0, size(rows)).
    void fill(Index rows, std::int64_t epoch, Index position, std::span<Index> out) const;

    /// Throws: as above; std::invalid_argument for a stride below 1.
    void fill(Index rows, std::int64_t epoch, Index position, Index stride, std::span<Index> out) const;

    /// One long block.
    Access access(Index rows) const noexcept {
        return {.block_rows = std::max<Index>(1, rows), .in_order = true};
    }
};

// Implementation.

inline Index SequentialSampler::size(Index rows) const {
    detail::check_row_count(rows);
    return rows;
}

inline void SequentialSampler::fill(Index rows, std::int64_t epoch, Index position,
                                    std::span<Index> out) const {
    fill(rows, epoch, position, 1, out);
}

inline void SequentialSampler::fill(Index rows, std::int64_t epoch, Index position, Index stride,
                                    std::span<Index> out) const {
    detail::check_epoch(epoch);
    detail::check_positions(position, stride, out.size(), size(rows));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = position + static_cast<Index>(i) * stride;
}

static_assert(StridedSampler<SequentialSampler> && AccessSampler<SequentialSampler>);

}  // namespace wick::inline v0
