// SPDX-License-Identifier: MIT
#pragma once

// Which rows are in which batch, and how they come into its slot.

#include <wick/batch/gather.hpp>
#include <wick/batch/plan.hpp>
#include <wick/batch/slot_layout.hpp>
#include <wick/core/access.hpp>
#include <wick/core/concepts.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Epochs as one endless sequence of batches: item i is batch i % batches of epoch origin + i / batches, so that the
/// workers walk over the end of an epoch without noticing it.
///
/// Threads: `fill` is safe from any number of threads while nobody writes to `origin`.
template <Dataset D, Sampler S>
class BatchFiller {
public:
    BatchFiller(D dataset, S sampler, Index batch_size, bool drop_last, Index workers);

    /// Fills one span of an item's slot, and tells the dataset of rows that come later.
    void fill(Index item, Index span, std::byte* slot) const;

    /// Tells the dataset how it will be read, and how much memory batches take and leave.
    void prepare(std::size_t batch_bytes, std::size_t memory_bytes);

    /// In unsigned numbers: behind the last epoch that can be counted the workers may go on, and nobody will ask.
    std::int64_t epoch_of(Index item) const noexcept {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(origin) +
                                         static_cast<std::uint64_t>(item / plan.batches()));
    }

    /// Bytes of one row of each field.
    static std::vector<std::size_t> row_bytes(const D& dataset);

    D dataset;  // not changed any more once it is prepared
    const S sampler;
    const BatchPlan plan;
    const SlotLayout layout;
    const SpanPlan spans;
    std::int64_t origin = -1;

private:
    static SpanPlan span_plan(const D& dataset, Index rows);
    static S fitted(S sampler, const D& dataset, Index batch_size);
    void look_ahead(Index item, Index span) const;

    const Index workers_;
};

// Implementation.

template <Dataset D, Sampler S>
BatchFiller<D, S>::BatchFiller(D data, S order, Index batch_size, bool drop_last, Index workers)
    : dataset(std::move(data)),
      sampler(fitted(std::move(order), dataset, batch_size)),
      plan(sampler.size(dataset.size()), batch_size, drop_last),
      layout(plan.most_rows(), row_bytes(dataset)),
      spans(span_plan(dataset, plan.most_rows())),
      workers_(workers) {}

template <Dataset D, Sampler S>
std::vector<std::size_t> BatchFiller<D, S>::row_bytes(const D& dataset) {
    std::vector<std::size_t> bytes;
    for (std::size_t field = 0; field < D::field_count; ++field)
        bytes.push_back(dataset.layout(field).bytes());
    return bytes;
}

template <Dataset D, Sampler S>
SpanPlan BatchFiller<D, S>::span_plan(const D& dataset, Index rows) {
    std::size_t bytes = sizeof(Index);
    for (const std::size_t field : row_bytes(dataset)) bytes += field;
    return SpanPlan(rows, bytes);
}

template <Dataset D, Sampler S>
S BatchFiller<D, S>::fitted(S sampler, const D& dataset, Index batch_size) {
    if constexpr (FittingSampler<S>) {
        DataShape shape{.batch_size = batch_size};
        for (const std::size_t bytes : row_bytes(dataset)) shape.row_bytes += bytes;
        if constexpr (Blocked<D>) shape.block_rows = dataset.block_rows();
        return sampler.fitted(shape);
    } else {
        return sampler;
    }
}

template <Dataset D, Sampler S>
void BatchFiller<D, S>::prepare(std::size_t batch_bytes, std::size_t memory_bytes) {
    if constexpr (Preparable<D>) {
        Access access = access_of(sampler, dataset.size());
        access.batch_memory_bytes = batch_bytes;
        access.memory_bytes = memory_bytes;
        dataset.prepare(access);
    }
}

template <Dataset D, Sampler S>
void BatchFiller<D, S>::fill(Index item, Index span, std::byte* slot) const {
    const Index batch = item % plan.batches();
    const Index first = spans.first(span);
    const Index count = std::min(spans.first(span + 1), plan.rows(batch)) - first;
    if (count <= 0) return;  // the last batch of an epoch may be short
    look_ahead(item, span);
    gather(dataset, sampler, epoch_of(item), plan.position(batch) + first, layout, slot, first, count);
}

/// Tells the dataset of the rows that some thread will read a little later: at least one span for each thread later.
/// What goes wrong with them will be said at their own place in the order.
template <Dataset D, Sampler S>
void BatchFiller<D, S>::look_ahead(Index item, Index span) const {
    if constexpr (Prefetchable<D>) try {
            const Index distance = dataset.prefetch_distance();
            if (distance == 0) return;
            const Index span_rows = std::min(spans.first(1), plan.most_rows());
            const Index unit =
                item * spans.spans() + span + std::max(workers_ + 1, (distance + span_rows - 1) / span_rows);
            item = unit / spans.spans();
            span = unit % spans.spans();
            const Index batch = item % plan.batches();
            const Index last = std::min(spans.first(span + 1), plan.rows(batch));
            std::array<Index, 256> rows;
            for (Index first = spans.first(span); first < last; first += static_cast<Index>(rows.size())) {
                const auto some = std::span(rows).first(
                    static_cast<std::size_t>(std::min(last - first, static_cast<Index>(rows.size()))));
                sampler.fill(dataset.size(), epoch_of(item), plan.position(batch) + first, some);
                dataset.prefetch(some);
            }
        } catch (...) {
        }
}

}  // namespace wick::inline v0::detail
