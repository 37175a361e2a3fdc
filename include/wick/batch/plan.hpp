// SPDX-License-Identifier: MIT
#pragma once

// Which positions of an epoch make up which batch, and how a batch is cut into spans for the workers.

#include <wick/core/layout.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace wick::inline v0 {

/// The epoch as arithmetic: no list of anything, whatever its length.
class BatchPlan {
public:
    /// Throws: std::invalid_argument if batch_size < 1 or positions < 0.
    BatchPlan(Index positions, Index batch_size, bool drop_last);

    /// Batches in an epoch; the last one may be short unless it is dropped.
    Index batches() const noexcept { return batches_; }

    /// The epoch's position of the first row of a batch.
    Index position(Index batch) const noexcept { return batch * batch_size_; }

    /// Rows in a batch.
    Index rows(Index batch) const noexcept { return std::min(batch_size_, positions_ - position(batch)); }

    /// Rows in the largest batch: what a slot has to hold.
    Index most_rows() const noexcept { return std::min(batch_size_, positions_); }

private:
    Index positions_;
    Index batch_size_;
    Index batches_;
};

/// How a batch is cut into spans, the units of work: a small batch is one, a batch of many megabytes is several,
/// so that every worker helps with the first one and few slots are enough.
class SpanPlan {
public:
    /// Spans of about a megabyte each, all of the same number of rows but the last.
    SpanPlan(Index batch_rows, std::size_t row_bytes);

    /// Spans in a batch, at least one.
    Index spans() const noexcept { return spans_; }

    /// The batch's row at which a span begins; the span ends where the next one begins.
    Index first(Index span) const noexcept { return span * span_rows_; }

private:
    Index spans_ = 1;
    Index span_rows_;
};

// Implementation.

inline BatchPlan::BatchPlan(Index positions, Index batch_size, bool drop_last)
    : positions_(positions), batch_size_(batch_size), batches_(0) {
    if (batch_size < 1)
        throw std::invalid_argument("batch_size must be at least 1, but is " + std::to_string(batch_size));
    if (positions < 0)
        throw std::invalid_argument("an epoch must have at least 0 positions, but the sampler gives " +
                                    std::to_string(positions));
    batches_ = positions / batch_size + (!drop_last && positions % batch_size != 0);
}

inline SpanPlan::SpanPlan(Index batch_rows, std::size_t row_bytes)
    : span_rows_(std::max<Index>(1, batch_rows)) {
    constexpr std::size_t span_bytes = std::size_t{1} << 20;
    const Index wanted =
        static_cast<Index>(std::max<std::size_t>(1, span_bytes / std::max<std::size_t>(1, row_bytes)));
    if (batch_rows <= wanted) return;
    spans_ = (batch_rows + wanted - 1) / wanted;
    span_rows_ = (batch_rows + spans_ - 1) / spans_;
}

}  // namespace wick::inline v0
