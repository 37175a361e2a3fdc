// SPDX-License-Identifier: MIT
#pragma once

// What is known of the blocks of a file: which of them lie in memory.

#include <wick/version.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace wick::inline v0::detail {

/// A state for each block, `nothing` at first.
///
/// Threads: everything but `resize` is safe from any thread.
class KnownBlocks {
public:
    enum class State : unsigned char { nothing, in_memory, mapped };  ///< mapped: pages and page tables, too

    /// Forgets what was known.
    void resize(std::uint64_t blocks) {
        states_ = std::vector<std::atomic<State>>(static_cast<std::size_t>(blocks));
        in_memory_ = 0;
    }

    std::uint64_t size() const noexcept { return states_.size(); }

    State operator[](std::uint64_t block) const noexcept {
        return states_[static_cast<std::size_t>(block)].load(std::memory_order_relaxed);
    }

    /// How many of them lie in memory.
    std::uint64_t in_memory() const noexcept { return in_memory_.load(std::memory_order_relaxed); }

    /// How many of those there are from the first one on without a gap.
    std::uint64_t first_in_memory() const noexcept {
        std::uint64_t block = 0;
        while (block < size() && (*this)[block] != State::nothing) ++block;
        return block;
    }

    /// Blocks [first, first + count) lie in memory, or nowhere; one that is mapped and in memory stays mapped.
    void note(std::uint64_t first, std::uint64_t count, State state) noexcept;

private:
    std::vector<std::atomic<State>> states_;
    std::atomic<std::uint64_t> in_memory_{0};
};

// Implementation.

inline void KnownBlocks::note(std::uint64_t first, std::uint64_t count, State state) noexcept {
    for (std::uint64_t block = first; block < first + count; ++block) {
        std::atomic<State>& one = states_[static_cast<std::size_t>(block)];
        const State now =
            state == State::nothing ? state : std::max(state, one.load(std::memory_order_relaxed));
        const State before = one.exchange(now, std::memory_order_relaxed);
        if (before == State::nothing && state != State::nothing)
            in_memory_.fetch_add(1, std::memory_order_relaxed);
        if (before != State::nothing && state == State::nothing)
            in_memory_.fetch_sub(1, std::memory_order_relaxed);
    }
}

}  // namespace wick::inline v0::detail
