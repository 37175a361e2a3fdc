// SPDX-License-Identifier: MIT
#pragma once

// Host slots that are lent to copies: filled, copied to the device, and filled again when the copy is done.

#include <wick/memory/pool.hpp>
#include <wick/tensor/device.hpp>
#include <wick/tensor/device_ring.hpp>

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Threads: `submit` may be called by several threads, one at a time; all else belongs to the consumer's.
class DeviceDelivery {
public:
    /// One slot of host memory, and the copy of what is in it.
    struct Transfer {
        Slot slot;
        Slot row_numbers;  // once they are submitted
        DeviceCopy copy;
    };
    struct GiveBack {
        DeviceDelivery* to = nullptr;
        void operator()(Transfer* transfer) const noexcept { to->give_back(transfer); }
    };
    using Handle = std::unique_ptr<Transfer, GiveBack>;

    /// Takes no more than `most` slots from the pool, as long as copies are done some time.
    DeviceDelivery(std::shared_ptr<Pool> slots, std::size_t most, std::unique_ptr<DeviceRing> ring)
        : slots_(std::move(slots)), most_(most), ring_(std::move(ring)) {}
    DeviceDelivery(const DeviceDelivery&) = delete;
    DeviceDelivery& operator=(const DeviceDelivery&) = delete;

    /// Waits for the copies that are on their way: they read from the slots.
    ///
    /// Requires: all handles are gone.
    ~DeviceDelivery();

    /// A slot that nobody reads from any more; waits for a copy if there is no other.
    ///
    /// Throws: Error when there is no memory.
    Handle lease();

    /// Copies a batch, whose tensors lie in the transfer's slot, to the device.
    void submit(const std::vector<at::Tensor>& host, Transfer& transfer) {
        ring_->submit(host, transfer.copy);
    }

    DeviceBatch receive(Transfer& transfer) { return ring_->receive(transfer.copy); }
    void release() { ring_->release(); }
    c10::Device device() const noexcept { return ring_->device(); }

private:
    void give_back(Transfer* transfer) noexcept;
    void collect();

    const std::shared_ptr<Pool> slots_;
    const std::size_t most_;
    const std::unique_ptr<DeviceRing> ring_;
    std::vector<std::unique_ptr<Transfer>> transfers_;  // all
    std::vector<Transfer*> free_;
    std::vector<Transfer*> copying_;  // read by copies, oldest first
};

// Implementation.

inline DeviceDelivery::~DeviceDelivery() {
    for (const Transfer* transfer : copying_) try {
            wait_on_host(transfer->copy.done);
        } catch (const std::exception&) {  // a device that has failed reads no more
        }
}

inline DeviceDelivery::Handle DeviceDelivery::lease() {
    collect();
    while (free_.empty() && transfers_.size() >= most_ && !copying_.empty()) {
        wait_on_host(copying_.front()->copy.done);
        collect();
    }
    if (free_.empty()) {
        free_.reserve(transfers_.size() + 1);  // so that giving back never allocates
        copying_.reserve(transfers_.size() + 1);
        transfers_.push_back(
            std::unique_ptr<Transfer>(new Transfer{slots_->lease(), Slot(), DeviceCopy(device())}));
        free_.push_back(transfers_.back().get());
    }
    Transfer* const transfer = free_.back();
    free_.pop_back();
    return Handle(transfer, GiveBack{this});
}

inline void DeviceDelivery::give_back(Transfer* transfer) noexcept {
    transfer->row_numbers = Slot();
    transfer->copy.batch.fields.clear();
    (transfer->copy.submitted ? copying_ : free_).push_back(transfer);
}

inline void DeviceDelivery::collect() {
    // One by one, for to ask may throw: each is in one of the lists, and once, at any time.
    for (auto at = copying_.begin(); at != copying_.end();) {
        if ((*at)->copy.done.query()) {
            (*at)->copy.submitted = false;
            free_.push_back(*at);
            at = copying_.erase(at);
        } else {
            ++at;
        }
    }
}

}  // namespace wick::inline v0::detail
