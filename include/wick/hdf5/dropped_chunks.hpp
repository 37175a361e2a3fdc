// SPDX-License-Identifier: MIT
#pragma once

// Chunks that a cache has dropped, but that somebody may still read.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <memory>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Memory with a decoded chunk.
struct DecodedChunk {
    std::shared_ptr<const std::byte> memory{};
    bool is_shuffled = false;  ///< a last unshuffling is left to who reads from it
};

/// Holds what was dropped until all readings have ended that had begun when it was used last. Each beginning and each use has
/// a time of its own.
///
/// Threads: one at a time.
class DroppedChunks {
public:
    struct Dropped {
        std::uint64_t used = 0;
        DecodedChunk chunk{};
    };
    using List = std::list<Dropped>;

    /// The time of a use.
    std::uint64_t use() noexcept { return ++time_; }

    /// Returns when it began.
    std::uint64_t begin_reading() {
        reading_.push_back(time_ + 1);
        return ++time_;
    }
    void end_reading(std::uint64_t began) noexcept {
        std::swap(*std::ranges::find(reading_, began), reading_.back());
        reading_.pop_back();
    }
    std::size_t readings() const noexcept { return reading_.size(); }

    /// Adds one element, of which the caller has made a list, since that may throw.
    void add(List& one) noexcept {
        dropped_.splice(dropped_.end(), one);
        ++added_;
    }
    std::size_t size() const noexcept { return dropped_.size(); }

    /// Takes out those that nobody reads any more.
    List take_unread() noexcept {
        std::uint64_t first = time_ + 1;
        for (const std::uint64_t began : reading_) first = std::min(first, began);
        // While the first reading goes on, only what was added since may be unread.
        const bool is_known = first == looked_through_for_;
        auto next =
            is_known ? std::prev(dropped_.end(), static_cast<std::ptrdiff_t>(added_)) : dropped_.begin();
        looked_through_for_ = first;
        added_ = 0;
        List unread;
        while (next != dropped_.end())
            if (const auto one = next++; one->used < first) unread.splice(unread.end(), dropped_, one);
        return unread;
    }

private:
    std::uint64_t time_ = 0;
    std::vector<std::uint64_t> reading_;  // when each began
    List dropped_;
    std::size_t added_ = 0;                 // the last ones, that were not looked at yet
    std::uint64_t looked_through_for_ = 0;  // when the first reading began, at the last look
};

}  // namespace wick::inline v0::detail
