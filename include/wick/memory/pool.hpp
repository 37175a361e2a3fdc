// SPDX-License-Identifier: MIT
#pragma once

// Slots of batch memory that come back when the last tensor over them is gone. A fresh buffer for every batch
// costs 2.4 to 3.8 times as much as a recycled one, nearly all of it page faults.

#include <wick/memory/owned_bytes.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace wick::inline v0 {

class Pool;

/// A share of one slot: the slot goes back to its pool when its last share is dropped, on whatever thread.
///
/// Lifetime: keeps the pool alive, so a slot may outlive the loader that leased it.
class Slot {
public:
    Slot() noexcept = default;
    Slot(const Slot& other) noexcept;
    Slot(Slot&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
    Slot& operator=(Slot other) noexcept;
    ~Slot() { drop(shared_); }

    /// The slot's memory; null when this is no share.
    std::byte* data() const noexcept;

    /// What owns the slot's memory, as the pool was given it; null when this is no share.
    void* owner() const noexcept;

    /// Gives the share away as a pointer, to be dropped by `drop`: what a tensor's deleter wants.
    void* release() && noexcept { return std::exchange(shared_, nullptr); }

    /// Drops a share that was released; null is ignored.
    static void drop(void* released) noexcept;

private:
    friend class Pool;
    struct Shared;
    explicit Slot(Shared* shared) noexcept : shared_(shared) {}
    Shared* shared_ = nullptr;
};

/// Slots of one size, last in first out, so that the memory that is hot in the cache is used again first.
///
/// Threads: safe from any number of threads.
class Pool : public std::enable_shared_from_this<Pool> {
public:
    using Allocate = std::function<OwnedBytes(std::size_t bytes)>;

    /// Keeps at most `most` slots for reuse; those beyond, which a user kept and dropped later, are freed, unless no
    /// other is free.
    ///
    /// Requires: `allocate` is safe from any number of threads.
    static std::shared_ptr<Pool> make(std::size_t slot_bytes, std::size_t most,
                                      Allocate allocate = ordinary_bytes);

    /// A slot for one owner. Its bytes are whatever they were.
    ///
    /// Throws: Error when there is no memory, or whatever else the allocation throws.
    Slot lease();

    /// Keeps no slot for reuse from now on: those that are leased are all that is left.
    void close() noexcept;

    /// Bytes of all slots that are leased or kept.
    std::size_t bytes() const;

    /// The largest value that `bytes()` has had.
    std::size_t peak_bytes() const;

private:
    friend class Slot;
    Pool(std::size_t slot_bytes, std::size_t most, Allocate allocate)
        : slot_bytes_(slot_bytes), allocate_(std::move(allocate)), most_(most) {}
    void give(std::unique_ptr<Slot::Shared>& slot) noexcept;

    const std::size_t slot_bytes_;
    const Allocate allocate_;
    mutable std::mutex mutex_;  // guards all below
    std::size_t most_;
    std::vector<std::unique_ptr<Slot::Shared>> free_;
    std::size_t alive_ = 0;  // leased and free
    std::size_t peak_ = 0;
};

// Implementation.

struct Slot::Shared {
    explicit Shared(OwnedBytes bytes) noexcept : memory(std::move(bytes)) {}

    OwnedBytes memory;
    std::atomic<int> shares{0};
    std::shared_ptr<Pool> home;  // set while leased: a pool with free slots must not keep itself alive
};

inline Slot::Slot(const Slot& other) noexcept : shared_(other.shared_) {
    if (shared_) shared_->shares.fetch_add(1, std::memory_order_relaxed);
}

inline Slot& Slot::operator=(Slot other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
}

inline std::byte* Slot::data() const noexcept { return shared_ ? shared_->memory.data : nullptr; }

inline void* Slot::owner() const noexcept { return shared_ ? shared_->memory.owner.get() : nullptr; }

inline void Slot::drop(void* released) noexcept {
    auto* shared = static_cast<Shared*>(released);
    if (shared == nullptr || shared->shares.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    const std::shared_ptr<Pool> home = std::move(shared->home);
    std::unique_ptr<Shared> slot(shared);
    home->give(slot);
}

inline std::shared_ptr<Pool> Pool::make(std::size_t slot_bytes, std::size_t most, Allocate allocate) {
    std::shared_ptr<Pool> pool(new Pool(slot_bytes, most, std::move(allocate)));
    pool->free_.reserve(most);  // so that giving back never allocates
    return pool;
}

inline Slot Pool::lease() {
    std::unique_ptr<Slot::Shared> slot;
    {
        const std::lock_guard lock(mutex_);
        if (!free_.empty()) {
            slot = std::move(free_.back());
            free_.pop_back();
        }
    }
    if (!slot) {
        slot = std::make_unique<Slot::Shared>(allocate_(slot_bytes_));
        const std::lock_guard lock(mutex_);
        peak_ = std::max(peak_, ++alive_);
    }
    slot->shares.store(1, std::memory_order_relaxed);
    slot->home = shared_from_this();
    return Slot(slot.release());
}

inline void Pool::give(std::unique_ptr<Slot::Shared>& slot) noexcept {
    const std::lock_guard lock(mutex_);
    // More alive than are kept means that a user held batches back: this one was on their account, not ours. But where no
    // other is free it is the next to be leased: who always holds some batches back has no fresh one made for each.
    const bool is_next = free_.empty() && most_ > 0;
    if (alive_ > most_ && !is_next)
        --alive_;  // it is freed by its owner, this function's caller, after the lock
    else
        free_.push_back(std::move(slot));
}

inline void Pool::close() noexcept {
    std::vector<std::unique_ptr<Slot::Shared>> freed;  // when the lock is
    const std::lock_guard lock(mutex_);
    most_ = 0;
    alive_ -= free_.size();
    freed.swap(free_);
}

inline std::size_t Pool::bytes() const {
    const std::lock_guard lock(mutex_);
    return alive_ * slot_bytes_;
}

inline std::size_t Pool::peak_bytes() const {
    const std::lock_guard lock(mutex_);
    return peak_ * slot_bytes_;
}

}  // namespace wick::inline v0
