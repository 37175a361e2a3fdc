// SPDX-License-Identifier: MIT
#pragma once

// When a sleeping consumer is worth waking: to wake it for each of many tiny items would cost more than filling them.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace wick::inline v0 {

/// Lets the consumer sleep until so many items are there as usually come within its patience, or that is at an end.
///
/// Threads: `worth_it` is safe from any number of threads; the rest belongs to the consumer.
class WakeRule {
public:
    /// Whether the consumer should be woken, if it sleeps, when `waiting` items are there for it.
    bool worth_it(std::uint64_t waiting) const noexcept;

    /// The consumer begins to wait.
    void begin() noexcept { since_.store(now(), std::memory_order_relaxed); }

    /// The consumer has waited, and `waiting` items are there now. Never waits for more than `most`, at least one.
    void end(std::uint64_t waiting, std::uint64_t most) noexcept;

private:
    static constexpr std::int64_t patience = 200'000;  // nanoseconds

    static std::int64_t now() noexcept {
        const auto time = std::chrono::steady_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
    }

    std::atomic<std::uint64_t> enough_{1};
    std::atomic<std::int64_t> since_{0};
};

// Implementation.

inline bool WakeRule::worth_it(std::uint64_t waiting) const noexcept {
    return waiting >= enough_.load(std::memory_order_relaxed) ||
           now() - since_.load(std::memory_order_relaxed) > patience;
}

inline void WakeRule::end(std::uint64_t waiting, std::uint64_t most) noexcept {
    const auto waited = static_cast<std::uint64_t>(now() - since_.load(std::memory_order_relaxed) + 1);
    const std::uint64_t in_time = waiting * static_cast<std::uint64_t>(patience) / waited;
    enough_.store(std::clamp<std::uint64_t>(in_time, 1, std::max<std::uint64_t>(1, most)),
                  std::memory_order_relaxed);
}

}  // namespace wick::inline v0
