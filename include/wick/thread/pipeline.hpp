// SPDX-License-Identifier: MIT
#pragma once

// Numbered items, filled ahead of time by worker threads, span by span, and handed over in order.
//
// Nobody hands out work: unit number u comes from one atomic counter and names (item u / spans, span u % spans) by
// arithmetic. An item is admitted when it is less than `depth` items ahead of the consumer; that window is the only
// back-pressure. The slot of an item is leased by the consumer at the moment its place in the window falls free, so
// workers never wait for memory nor for one another. Who fills an item's last span publishes it.
//
// Where a filled item needs a last step, and only so many may have had it before they are taken, the step is done by
// whoever makes it possible: the worker that fills the item, or the consumer that makes room for it. So nobody waits.

#include <wick/core/layout.hpp>
#include <wick/thread/gate.hpp>
#include <wick/thread/wake_rule.hpp>
#include <wick/thread/workers.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace wick::inline v0 {

/// An endless sequence of slots, filled by any number of threads and taken in order by one.
///
/// Threads: `start`, `take` and the destructor belong to one thread at a time, the consumer's; `fill` is called by
///          any of the workers, at once for different spans.
template <class Slot>
class Pipeline {
public:
    using Lease = std::function<Slot()>;
    using Fill = std::function<void(std::uint64_t item, Index span, const Slot&)>;
    using Finish = std::function<void(std::uint64_t item, Slot&)>;

    /// With no workers or no depth, `take` fills the item itself. `finish` is called once for each item that was filled
    /// without an error, in any order, but for no item before it is among the next `finished_ahead` to be taken. It is
    /// among them from the call of `take` on that asks for the first of them.
    ///
    /// Requires: finished_ahead >= 1.
    Pipeline(Index workers, Index depth, Index spans, Lease lease, Fill fill, Finish finish = nullptr,
             Index finished_ahead = 1);
    ~Pipeline() { stop(); }

    /// Begins at item 0, from rest.
    ///
    /// Throws: what `lease` throws.
    void start();

    /// Comes to rest: nothing is filled any more, and what was not taken is dropped.
    void stop();

    /// The next item, as soon as it is filled.
    ///
    /// Throws: what `lease` throws, and then the item can be asked for again; or what `fill` threw for this item (for
    ///         its first bad span), or else `finish`, and then the next call gives the next item.
    Slot take();

    /// How many items have been taken since the start, those included whose filling failed.
    std::uint64_t taken() const noexcept { return taken_.load(std::memory_order_relaxed); }

private:
    struct alignas(64) Cell {
        Slot slot;
        std::atomic<Index> spans_left{0};
        std::atomic<std::uint64_t> filled{0};  // the item that waits for its last step, plus one
        std::atomic<std::uint64_t> ready{0};   // the item that can be taken, plus one
        std::exception_ptr error;              // guarded by errors_ until all spans are filled
        Index bad_span = 0;
    };

    void work();
    void fill(Cell& cell, std::uint64_t item, Index span);
    void admit(std::uint64_t first);
    void finish(Cell& cell, std::uint64_t item);
    void publish(Cell& cell, std::uint64_t item);
    void wait_for(const Cell& cell);
    Slot take_inline();

    const std::uint64_t depth_;
    const std::uint64_t spans_;
    const Lease lease_;
    const Fill fill_;
    const Finish finish_;
    const std::uint64_t ahead_;  // items that may be finished and not yet taken
    std::vector<Cell> window_;
    std::mutex errors_;
    Gate published_gate_;  // where the consumer sleeps
    Gate room_gate_;       // where workers sleep
    alignas(64) std::atomic<std::uint64_t> next_unit_{0};
    alignas(64) std::atomic<std::uint64_t> taken_{0};      // written by the consumer alone
    alignas(64) std::atomic<std::uint64_t> published_{0};  // how many items, whichever they are
    std::atomic<std::uint64_t> admitted_{0};               // items before this one may be finished
    WakeRule wake_rule_;
    std::atomic<bool> stopping_{false};
    Workers workers_;  // last: its threads use all of the above
};

// Implementation.

template <class Slot>
Pipeline<Slot>::Pipeline(Index workers, Index depth, Index spans, Lease lease, Fill fill, Finish finish,
                         Index finished_ahead)
    : depth_(workers > 0 ? static_cast<std::uint64_t>(depth) : 0),
      spans_(static_cast<std::uint64_t>(spans)),
      lease_(std::move(lease)),
      fill_(std::move(fill)),
      finish_(std::move(finish)),
      ahead_(finish_ ? std::min(depth_, static_cast<std::uint64_t>(finished_ahead)) : depth_),
      window_(depth_),
      workers_(depth_ > 0 ? workers : 0, [this] { work(); }) {}

template <class Slot>
void Pipeline<Slot>::start() {
    stop();
    for (Cell& cell : window_) {
        cell.slot = lease_();
        cell.spans_left = static_cast<Index>(spans_);
        cell.filled = 0;
        cell.ready = 0;
    }
    next_unit_ = 0;
    taken_ = 0;
    published_ = 0;
    admitted_ = ahead_;
    stopping_ = false;
    workers_.start();
}

template <class Slot>
void Pipeline<Slot>::stop() {
    stopping_ = true;
    room_gate_.wake();
    workers_.wait();
    for (Cell& cell : window_) {
        cell.slot = Slot();
        cell.error = nullptr;
    }
}

template <class Slot>
void Pipeline<Slot>::work() {
    while (!stopping_.load()) {
        const std::uint64_t unit = next_unit_.fetch_add(1, std::memory_order_relaxed);
        const std::uint64_t item = unit / spans_;
        room_gate_.wait([&] { return item < taken_.load() + depth_ || stopping_.load(); });
        if (stopping_.load()) return;
        fill(window_[item % depth_], item, static_cast<Index>(unit % spans_));
    }
}

template <class Slot>
void Pipeline<Slot>::fill(Cell& cell, std::uint64_t item, Index span) {
    try {
        fill_(item, span, cell.slot);
    } catch (...) {
        // The error of the first bad span, so that it is the same one for any number of workers.
        const std::lock_guard lock(errors_);
        if (!cell.error || span < cell.bad_span) {
            cell.error = std::current_exception();
            cell.bad_span = span;
        }
    }
    if (cell.spans_left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    if (!finish_) return publish(cell, item);
    // One says that it is filled and then looks whether there is room, the other does it the other way round: at least
    // one of them sees both.
    cell.filled.store(item + 1);
    if (item < admitted_.load()) finish(cell, item);
}

/// Makes room for the last step of the items from `first` on.
template <class Slot>
void Pipeline<Slot>::admit(std::uint64_t first) {
    const std::uint64_t last = first + ahead_ - 1;
    admitted_.store(last + 1);
    finish(window_[last % depth_], last);
}

template <class Slot>
void Pipeline<Slot>::finish(Cell& cell, std::uint64_t item) {
    std::uint64_t filled = item + 1;
    if (!cell.filled.compare_exchange_strong(filled, 0)) return;  // not yet, or the other one does it
    if (!cell.error) try {
            finish_(item, cell.slot);
        } catch (...) {
            cell.error = std::current_exception();
        }
    publish(cell, item);
}

template <class Slot>
void Pipeline<Slot>::publish(Cell& cell, std::uint64_t item) {
    cell.ready.store(item + 1);
    const std::uint64_t published = published_.fetch_add(1) + 1;
    const std::uint64_t taken = taken_.load();
    if (wake_rule_.worth_it(published > taken ? published - taken : 0)) published_gate_.wake();
}

template <class Slot>
void Pipeline<Slot>::wait_for(const Cell& cell) {
    const std::uint64_t wanted = taken_.load() + 1;
    const auto ready = [&] { return cell.ready.load() == wanted; };
    if (ready()) return;
    room_gate_.wake();
    wake_rule_.begin();
    published_gate_.wait(ready);
    wake_rule_.end(published_.load() - taken_.load(), ahead_ / 2);
}

template <class Slot>
Slot Pipeline<Slot>::take() {
    if (depth_ == 0) return take_inline();
    const std::uint64_t item = taken_.load();
    Cell& cell = window_[item % depth_];
    if (finish_) admit(item);
    wait_for(cell);
    Slot next = lease_();
    std::swap(cell.slot, next);
    const std::exception_ptr error = std::exchange(cell.error, nullptr);
    cell.spans_left.store(static_cast<Index>(spans_), std::memory_order_relaxed);
    taken_.store(item + 1);
    // Sleeping workers are woken when there is a good piece of work for them, not for every item.
    const std::uint64_t step = std::max<std::uint64_t>(1, depth_ / 2);
    if ((item + 1) % step == 0) room_gate_.wake();
    if (error) std::rethrow_exception(error);
    return next;
}

template <class Slot>
Slot Pipeline<Slot>::take_inline() {
    Slot slot = lease_();
    const std::uint64_t item = taken_.load();
    taken_.store(item + 1);
    for (std::uint64_t span = 0; span < spans_; ++span) fill_(item, static_cast<Index>(span), slot);
    if (finish_) finish_(item, slot);
    return slot;
}

}  // namespace wick::inline v0
