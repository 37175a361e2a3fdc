// SPDX-License-Identifier: MIT
#pragma once

// What a loader and its epochs share: the data, the order, the memory and the threads.

#include <wick/batch/gather.hpp>
#include <wick/batch/plan.hpp>
#include <wick/batch/slot_layout.hpp>
#include <wick/core/access.hpp>
#include <wick/core/concepts.hpp>
#include <wick/loader/batch.hpp>
#include <wick/loader/options.hpp>
#include <wick/memory/pool.hpp>
#include <wick/tensor/scalar_type.hpp>
#include <wick/tensor/slot_tensor.hpp>
#include <wick/thread/pipeline.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Epochs as one endless sequence of batches: item i is batch i % batches of epoch origin + i / batches, so that the
/// workers walk over the end of an epoch without noticing it.
template <Dataset D, Sampler S>
class Feed {
public:
    static constexpr std::size_t N = D::field_count;

    Feed(D dataset, S sampler, const LoaderOptions& options);

    /// Makes the epoch's first batch the next one; where the workers are there already, what they have filled is kept.
    void seek(std::int64_t epoch);

    /// Batches still to come before the epoch ends that the last `seek` went to.
    Index left() const noexcept { return end_ - static_cast<Index>(pipeline_.taken()); }

    /// The next batch.
    Batch<N> next();

    D dataset;  // not changed any more once it is prepared
    const S sampler;
    const LoaderOptions options;
    const BatchPlan plan;
    bool read_by_an_epoch = false;  // the consumer's thread only

    std::size_t peak_bytes() const { return pool_->peak_bytes(); }

private:
    static std::vector<std::size_t> row_bytes(const D& dataset);
    static SpanPlan span_plan(const D& dataset, Index rows);
    static S fitted(S sampler, const D& dataset, Index batch_size);
    Index depth() const;
    void prepare();
    void look_ahead(Index item, Index span) const;
    void fill(std::uint64_t item, Index span, const Slot& slot) const;

    /// In unsigned numbers: behind the last epoch that can be counted the workers may go on, and nobody will ask.
    std::int64_t epoch_of(Index item) const noexcept {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(origin_) +
                                         static_cast<std::uint64_t>(item / plan.batches()));
    }

    const SlotLayout layout_;
    const SpanPlan spans_;
    std::array<at::ScalarType, N> types_;
    std::array<std::vector<std::int64_t>, N> sizes_;  // of a batch; the first number is set for each
    std::shared_ptr<Pool> pool_;
    std::int64_t origin_ = -1;  // the epoch of item 0; written only while the workers rest
    Index end_ = 0;             // the item that ends the epoch being read; the consumer's thread only
    Pipeline<Slot> pipeline_;   // last: its threads use all of the above
};

// Implementation.

template <Dataset D, Sampler S>
std::vector<std::size_t> Feed<D, S>::row_bytes(const D& dataset) {
    std::vector<std::size_t> bytes;
    for (std::size_t field = 0; field < N; ++field) bytes.push_back(dataset.layout(field).bytes());
    return bytes;
}

template <Dataset D, Sampler S>
SpanPlan Feed<D, S>::span_plan(const D& dataset, Index rows) {
    std::size_t bytes = sizeof(Index);
    for (const std::size_t field : row_bytes(dataset)) bytes += field;
    return SpanPlan(rows, bytes);
}

template <Dataset D, Sampler S>
Feed<D, S>::Feed(D data, S order, const LoaderOptions& opts)
    : dataset(std::move(data)),
      sampler(fitted(std::move(order), dataset, opts.batch_size)),
      options(opts),
      plan(sampler.size(dataset.size()), opts.batch_size, opts.drop_last),
      layout_(plan.most_rows(), row_bytes(dataset)),
      spans_(span_plan(dataset, plan.most_rows())),
      pool_(Pool::make(layout_.bytes(), static_cast<std::size_t>(depth()) + 1)),
      pipeline_(
          opts.workers, depth(), spans_.spans(), [this] { return pool_->lease(); },
          [this](std::uint64_t item, Index span, const Slot& slot) { fill(item, span, slot); }) {
    for (std::size_t field = 0; field < N; ++field) {
        const RowLayout& row = dataset.layout(field);
        const auto type = scalar_type(row.dtype());
        if (!type)
            throw std::invalid_argument("field " + std::to_string(field) + " is " +
                                        std::string(name_of(row.dtype())) +
                                        ", of which this version of LibTorch has no tensors");
        types_[field] = *type;
        sizes_[field].assign(1, 0);
        sizes_[field].insert(sizes_[field].end(), row.shape().begin(), row.shape().end());
    }
    prepare();
}

template <Dataset D, Sampler S>
S Feed<D, S>::fitted(S sampler, const D& dataset, Index batch_size) {
    if constexpr (FittingSampler<S>) {
        DataShape shape{.batch_size = batch_size};
        for (const std::size_t bytes : row_bytes(dataset)) shape.row_bytes += bytes;
        if constexpr (Blocked<D>) shape.block_rows = dataset.block_rows();
        return sampler.fitted(shape);
    } else {
        return sampler;
    }
}

/// Tells the dataset how it will be read, and how much of the budget the batches leave.
template <Dataset D, Sampler S>
void Feed<D, S>::prepare() {
    if constexpr (Preparable<D>) {
        Access access = access_of(sampler, dataset.size());
        access.batch_memory_bytes = static_cast<std::size_t>(depth() + 1) * layout_.bytes();
        access.memory_bytes =
            options.memory_budget - std::min(options.memory_budget, access.batch_memory_bytes);
        dataset.prepare(access);
    }
}

/// How many batches are filled ahead: some megabytes of them, since handing over is what costs with small ones; two of
/// large ones; enough for every worker to have two spans; and never more than the budget has room for.
template <Dataset D, Sampler S>
Index Feed<D, S>::depth() const {
    constexpr Index most_workers = 1024;
    if (options.workers < 0 || options.workers > most_workers)
        throw std::invalid_argument("workers must be 0 to " + std::to_string(most_workers) + ", but is " +
                                    std::to_string(options.workers));
    if (layout_.bytes() == 0) return 0;
    const std::size_t room = options.memory_budget / layout_.bytes();
    if (room == 0)
        throw std::invalid_argument("memory_budget is " + std::to_string(options.memory_budget) +
                                    " bytes, but one batch needs " + std::to_string(layout_.bytes()));
    constexpr std::size_t window_bytes = std::size_t{16} << 20;
    const std::size_t wanted = std::clamp<std::size_t>(window_bytes / layout_.bytes(), 2, 32);
    const Index for_workers = (2 * options.workers + spans_.spans() - 1) / spans_.spans();
    // One slot of the budget is for the batch in the user's hands.
    return static_cast<Index>(std::min(room - 1, std::max(wanted, static_cast<std::size_t>(for_workers))));
}

template <Dataset D, Sampler S>
void Feed<D, S>::seek(std::int64_t epoch) {
    if (plan.batches() == 0) return;
    const auto taken = static_cast<Index>(pipeline_.taken());
    if (origin_ < 0 || taken % plan.batches() != 0 || epoch_of(taken) != epoch) {
        pipeline_.stop();  // first: the workers read origin_
        origin_ = epoch;
        try {
            pipeline_.start();
        } catch (...) {
            origin_ = -1;
            throw;
        }
    }
    end_ = static_cast<Index>(pipeline_.taken()) + plan.batches();
}

template <Dataset D, Sampler S>
void Feed<D, S>::fill(std::uint64_t item, Index span, const Slot& slot) const {
    const auto batch = static_cast<Index>(item) % plan.batches();
    const Index first = spans_.first(span);
    const Index count = std::min(spans_.first(span + 1), plan.rows(batch)) - first;
    if (count <= 0) return;  // the last batch of an epoch may be short
    look_ahead(static_cast<Index>(item), span);
    gather(dataset, sampler, epoch_of(static_cast<Index>(item)), plan.position(batch) + first, layout_,
           slot.data(), first, count);
}

/// Tells the dataset of the rows that some thread will read a little later: at least one batch for each thread later.
/// What goes wrong with them will be said at their own place in the order.
template <Dataset D, Sampler S>
void Feed<D, S>::look_ahead(Index item, Index span) const {
    if constexpr (Prefetchable<D>) try {
            const Index distance = dataset.prefetch_distance();
            if (distance == 0) return;
            const Index for_workers = options.workers / spans_.spans() + 1;
            item += std::max(for_workers, (distance + plan.most_rows() - 1) / plan.most_rows());
            const Index batch = item % plan.batches();
            const Index last = std::min(spans_.first(span + 1), plan.rows(batch));
            std::array<Index, 256> rows;
            for (Index first = spans_.first(span); first < last; first += static_cast<Index>(rows.size())) {
                const auto some = std::span(rows).first(
                    static_cast<std::size_t>(std::min(last - first, static_cast<Index>(rows.size()))));
                sampler.fill(dataset.size(), epoch_of(item), plan.position(batch) + first, some);
                dataset.prefetch(some);
            }
        } catch (...) {
        }
}

template <Dataset D, Sampler S>
Batch<Feed<D, S>::N> Feed<D, S>::next() {
    const auto item = static_cast<Index>(pipeline_.taken());
    const Slot slot = pipeline_.take();
    const Index number = item % plan.batches();
    const Index rows = plan.rows(number);
    std::array<at::Tensor, N> fields;
    for (std::size_t field = 0; field < N; ++field) {
        sizes_[field][0] = rows;
        fields[field] = slot_tensor(slot, layout_.field(slot.data(), field, 0), sizes_[field], types_[field]);
    }
    const Index* row_numbers = layout_.row_numbers(slot.data());
    return {std::move(fields), epoch_of(item), number, Rows(row_numbers, static_cast<std::size_t>(rows)),
            slot};
}

}  // namespace wick::inline v0::detail
