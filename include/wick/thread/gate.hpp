// SPDX-License-Identifier: MIT
#pragma once

// Waiting that costs the other side nothing while nobody waits: what is dear is not the primitive but the number
// of wake-ups (5 us for the waker, 50 us until the sleeper runs).

#include <wick/version.hpp>

#include <atomic>
#include <cstdint>

namespace wick::inline v0 {

/// A place to sleep until a condition on other atomics holds.
///
/// Requires: the condition's atomics are written, and read by `ready`, in sequentially consistent order, and
///           `wake` is called after the write.
/// Threads:  safe from any number of threads.
class Gate {
public:
    /// Returns once `ready()` holds.
    template <class Ready>
    void wait(Ready ready);

    /// Lets every waiter look at its condition again; an atomic load when there is none.
    void wake() noexcept;

private:
    alignas(64) std::atomic<std::uint32_t> round_{0};
    std::atomic<bool> waited_for_{false};
};

// Implementation.

template <class Ready>
void Gate::wait(Ready ready) {
    while (!ready()) {
        // The flag goes up before the second look: whoever makes the condition true after that look sees it. The
        // round is read before the flag goes up: whoever takes the flag down, even for nothing, ends this sleep.
        const std::uint32_t round = round_.load();
        waited_for_.store(true);
        if (ready()) return;
        round_.wait(round);
    }
}

inline void Gate::wake() noexcept {
    // Who takes the flag down pays for the wake-up; those that come while the sleeper gets up pay nothing.
    if (!waited_for_.load() || !waited_for_.exchange(false)) return;
    round_.fetch_add(1);
    round_.notify_all();
}

}  // namespace wick::inline v0
