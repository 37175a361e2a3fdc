// SPDX-License-Identifier: MIT
#pragma once

// Sleeping until something has changed, in a way that orders nothing: were it a mutex, or an atomic's own
// wait, then ThreadSanitizer would take every waking for an order between the threads, and the missing event
// of a faulty copy would go unseen.

#include <atomic>
#include <cstdint>
#include <ctime>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace wick_test::fake {

/// Counts changes.
///
/// Threads: safe from any number of threads.
class Pulse {
public:
    std::uint32_t now() const noexcept { return beats_.load(std::memory_order_relaxed); }

    /// Something has changed: whoever waits looks again.
    void beat() noexcept {
        beats_.fetch_add(1, std::memory_order_relaxed);
        call(FUTEX_WAKE_PRIVATE, 1 << 30, nullptr);
    }

    /// Returns when there was a beat since `seen`, and now and then without one: on processors that let a
    /// relaxed write overtake another, a beat may be seen before what it tells of.
    void wait(std::uint32_t seen) noexcept {
        const timespec most{.tv_sec = 0, .tv_nsec = 1'000'000};
        call(FUTEX_WAIT_PRIVATE, seen, &most);
    }

private:
    void call(int operation, std::uint32_t value, const timespec* most) noexcept {
        static_assert(sizeof(beats_) == sizeof(std::uint32_t));
        ::syscall(SYS_futex, &beats_, operation, value, most, nullptr, 0);
    }

    std::atomic<std::uint32_t> beats_{0};
};

}  // namespace wick_test::fake
