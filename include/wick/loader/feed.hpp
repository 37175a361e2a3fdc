// SPDX-License-Identifier: MIT
#pragma once

// What a loader and its epochs share: the data, the order, the memory and the threads.

#include <wick/core/concepts.hpp>
#include <wick/loader/batch.hpp>
#include <wick/loader/batch_filler.hpp>
#include <wick/loader/device_delivery.hpp>
#include <wick/loader/memory_plan.hpp>
#include <wick/loader/options.hpp>
#include <wick/loader/slot_tensors.hpp>
#include <wick/memory/pool.hpp>
#include <wick/memory/slab.hpp>
#include <wick/tensor/device.hpp>
#include <wick/tensor/pinned.hpp>
#include <wick/tensor/plain_mode.hpp>
#include <wick/thread/pipeline.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Batches one after another, filled ahead of time and, where that is wanted, copied to a device ahead of time.
///
/// Threads: one at a time, the consumer's.
template <Dataset D, Sampler S>
class Feed {
public:
    static constexpr std::size_t N = D::field_count;

    Feed(D dataset, S sampler, const LoaderOptions& options);
    ~Feed();

    /// Makes the epoch's first batch the next one; where the workers are there already, what they have filled is kept.
    ///
    /// Throws: std::invalid_argument while the loader is paused; Error if there is no memory for the batches.
    void seek(std::int64_t epoch);

    /// Batches still to come before the epoch ends that the last `seek` went to.
    Index left() const noexcept { return end_ - static_cast<Index>(pipeline_.taken()); }

    /// The next batch; the one before is let go.
    ///
    /// Throws: std::invalid_argument while the loader is paused, and what filling or finishing the batch has thrown.
    Batch<N> next();

    /// The batch that was given last is let go.
    void release() {
        if (delivery_) delivery_->release();
    }

    std::size_t peak_bytes() const { return pool_->peak_bytes() + numbers_->peak_bytes(); }
    bool pinned() const noexcept { return pinned_; }

    const LoaderOptions options;  // the device by its number
    BatchFiller<D, S> filler;
    bool read_by_an_epoch = false;  // the consumer's thread only, as is the next
    bool paused = false;
    std::mutex device_calls;  // held by who calls the device, but for the consumer when he asks for a batch

private:
    /// A slot that is filled, and its way to the device if it has one.
    struct Item {
        Slot slot;
        DeviceDelivery::Handle transfer;
    };

    static LoaderOptions checked(LoaderOptions options);
    bool on_device() const noexcept { return !options.device.is_cpu(); }
    std::size_t slot_bytes() const noexcept;
    BatchCost cost() const;
    Pool::Allocate memory_for_slots() const;
    std::unique_ptr<DeviceDelivery> delivery() const;
    void check_not_paused() const;
    void finish(std::uint64_t item, Item& filled);
    DeviceBatch fields_of(Index item, Item& filled);

    const bool pinned_;
    const SlotTensors<N> tensors_;
    const MemoryPlan memory_;
    const std::shared_ptr<Pool> pool_;     // what is filled
    const std::shared_ptr<Pool> numbers_;  // row numbers of batches whose slot goes on without them
    Index end_ = 0;  // the item that ends the epoch being read; the consumer's thread only
    const std::unique_ptr<DeviceDelivery> delivery_;  // null if batches stay on the host
    Pipeline<Item> pipeline_;                         // last: its threads use all of the above
};

// Implementation.

template <Dataset D, Sampler S>
Feed<D, S>::Feed(D data, S order, const LoaderOptions& opts)
    : options(checked(opts)),
      filler(std::move(data), std::move(order), opts.batch_size, opts.drop_last, opts.workers),
      pinned_((on_device() || opts.pin_memory) && pinned_usable(options.device)),
      tensors_(filler.dataset, filler.layout, pinned_),
      memory_(opts, cost()),
      // Pinned batches in the user's hands may be read by copies of his: LibTorch knows when they are free again.
      pool_(Pool::make(slot_bytes(), pinned_ && !on_device() ? 0 : static_cast<std::size_t>(memory_.slots),
                       memory_for_slots())),
      numbers_(Pool::make(cost().row_bytes, static_cast<std::size_t>(memory_.device_batches))),
      delivery_(delivery()),
      pipeline_(
          opts.workers, memory_.depth, filler.spans.spans(),
          [this] {
              if (!delivery_) return Item{pool_->lease(), {}};
              DeviceDelivery::Handle transfer = delivery_->lease();
              return Item{transfer->slot, std::move(transfer)};
          },
          [this](std::uint64_t item, Index span, const Item& filled) {
              filler.fill(static_cast<Index>(item), span, filled.slot.data());
          },
          delivery_ ? [this](std::uint64_t item, Item& filled) { finish(item, filled); }
                    : typename Pipeline<Item>::Finish(),
          std::max<Index>(1, memory_.device_batches)) {
    const BatchCost one = cost();
    const std::size_t batch_bytes =
        static_cast<std::size_t>(memory_.slots) * (one.slot_bytes + one.row_bytes);
    filler.prepare(batch_bytes, opts.memory_budget - std::min(opts.memory_budget, batch_bytes));
}

template <Dataset D, Sampler S>
Feed<D, S>::~Feed() {
    pool_->close();
    numbers_->close();
}

template <Dataset D, Sampler S>
LoaderOptions Feed<D, S>::checked(LoaderOptions options) {
    options.device = concrete_device(options.device);
    return options;
}

template <Dataset D, Sampler S>
std::size_t Feed<D, S>::slot_bytes() const noexcept {
    const std::size_t bytes = filler.layout.bytes();
    return pinned_ && bytes > 0 ? pinned_size(bytes) : Slab::size(bytes);
}

template <Dataset D, Sampler S>
BatchCost Feed<D, S>::cost() const {
    BatchCost cost{.slot_bytes = slot_bytes(), .spans = filler.spans.spans()};
    if (!on_device()) return cost;
    cost.row_bytes = static_cast<std::size_t>(filler.plan.most_rows()) * sizeof(Index);
    constexpr std::size_t unit = 512;  // of LibTorch's allocators
    for (const std::size_t bytes : filler.row_bytes(filler.dataset))
        cost.device_bytes +=
            (static_cast<std::size_t>(filler.plan.most_rows()) * bytes + unit - 1) / unit * unit;
    cost.device_bytes = std::max(cost.device_bytes, unit);
    return cost;
}

template <Dataset D, Sampler S>
Pool::Allocate Feed<D, S>::memory_for_slots() const {
    if (pinned_) return [device = options.device](std::size_t bytes) { return pinned_bytes(bytes, device); };
    const auto slab = std::make_shared<Slab>(slot_bytes(), static_cast<std::size_t>(memory_.slots));
    return [slab](std::size_t) { return slab->take(); };
}

template <Dataset D, Sampler S>
std::unique_ptr<DeviceDelivery> Feed<D, S>::delivery() const {
    if (!on_device()) return nullptr;
    return std::make_unique<DeviceDelivery>(
        pool_, static_cast<std::size_t>(memory_.slots),
        std::make_unique<DeviceRing>(options.device, static_cast<std::size_t>(memory_.device_batches),
                                     options.static_addresses, tensors_.sizes(filler.plan.most_rows()),
                                     tensors_.types(), options.on_device));
}

template <Dataset D, Sampler S>
void Feed<D, S>::check_not_paused() const {
    if (paused)
        throw std::invalid_argument("a batch is asked for while the loader is paused: drop the Pause first");
}

template <Dataset D, Sampler S>
void Feed<D, S>::seek(std::int64_t epoch) {
    check_not_paused();
    release();
    if (filler.plan.batches() == 0) return;
    const auto taken = static_cast<Index>(pipeline_.taken());
    if (filler.origin < 0 || taken % filler.plan.batches() != 0 || filler.epoch_of(taken) != epoch) {
        pipeline_.stop();  // first: the workers read the origin
        filler.origin = epoch;
        try {
            pipeline_.start();
        } catch (...) {
            filler.origin = -1;
            throw;
        }
    }
    end_ = static_cast<Index>(pipeline_.taken()) + filler.plan.batches();
}

/// Sends a batch to the device.
template <Dataset D, Sampler S>
void Feed<D, S>::finish(std::uint64_t item, Item& filled) {
    const auto number = static_cast<Index>(item) % filler.plan.batches();
    const Index rows = filler.plan.rows(number);
    DeviceDelivery::Transfer& transfer = *filled.transfer;
    transfer.row_numbers = numbers_->lease();
    if (rows > 0)
        std::memcpy(transfer.row_numbers.data(), filler.layout.row_numbers(filled.slot.data()),
                    static_cast<std::size_t>(rows) * sizeof(Index));
    transfer.copy.item = item;
    transfer.copy.batch = {{}, filler.epoch_of(static_cast<Index>(item)), number};
    std::vector<at::Tensor> host;
    for (std::size_t field = 0; field < N; ++field) host.push_back(tensors_(filled.slot, field, rows));
    const std::lock_guard lock(device_calls);
    delivery_->submit(host, transfer);
}

/// What the device, or `on_device` without one, has made of a batch.
template <Dataset D, Sampler S>
DeviceBatch Feed<D, S>::fields_of(Index item, Item& filled) {
    if (filled.transfer) return delivery_->receive(*filled.transfer);
    const PlainMode plain;
    DeviceBatch batch{{}, filler.epoch_of(item), item % filler.plan.batches()};
    for (std::size_t field = 0; field < N; ++field)
        batch.fields.push_back(tensors_(filled.slot, field, filler.plan.rows(batch.number)));
    options.on_device(batch);
    check_fields(batch, N, options.device);
    return batch;
}

template <Dataset D, Sampler S>
Batch<Feed<D, S>::N> Feed<D, S>::next() {
    check_not_paused();
    release();
    const auto item = static_cast<Index>(pipeline_.taken());
    const Index number = item % filler.plan.batches();
    Item filled = pipeline_.take();
    std::array<at::Tensor, N> fields;
    if (filled.transfer || options.on_device) {
        std::ranges::move(fields_of(item, filled).fields, fields.begin());
    } else {
        for (std::size_t field = 0; field < N; ++field)
            fields[field] = tensors_(filled.slot, field, filler.plan.rows(number));
    }
    Slot slot = filled.transfer ? std::move(filled.transfer->row_numbers) : std::move(filled.slot);
    const Rows rows(filler.layout.row_numbers(slot.data()),
                    static_cast<std::size_t>(filler.plan.rows(number)));
    return {std::move(fields), filler.epoch_of(item), number, rows, std::move(slot)};
}

}  // namespace wick::inline v0::detail
