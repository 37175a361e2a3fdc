// SPDX-License-Identifier: MIT
#pragma once

// The orders of reading that share a cache of chunks: how many each may keep, and which of them has to give one.

#include <wick/version.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <vector>

namespace wick::inline v0::detail {

/// What one order may keep, and does: a heap of chunks, each with a use of it. Who was used since is put back with that use
/// when its turn comes, so that a use costs nothing here.
class ChunkRoom {
public:
    struct Kept {
        std::uint64_t used;
        std::uint64_t chunk;
        auto operator<=>(const Kept&) const = default;
    };

    explicit ChunkRoom(std::size_t most = 0) : most_(most) {}

    std::size_t most() const noexcept { return most_; }
    std::size_t size() const noexcept { return kept_.size(); }

    /// Makes it certain that adding up to so many in all does not throw.
    void reserve(std::size_t size) {
        if (kept_.capacity() < size) kept_.reserve(std::max(size, 2 * kept_.capacity()));
    }
    void add(Kept one) {
        kept_.push_back(one);
        std::ranges::push_heap(kept_, std::ranges::greater());
    }

    /// The one whose use that is known here is the longest ago.
    ///
    /// Requires: it keeps some.
    const Kept& first() const noexcept { return kept_.front(); }
    void remove_first() noexcept {
        std::ranges::pop_heap(kept_, std::ranges::greater());
        kept_.pop_back();
    }

    const std::vector<Kept>& kept() const noexcept { return kept_; }

private:
    std::size_t most_;
    std::vector<Kept> kept_;  // a heap, the first use on top
};

/// All of them, and a room of nobody's.
///
/// Threads: one at a time.
class ChunkRooms {
public:
    /// What is kept in no order, or in one that has ended, and may go.
    ChunkRoom& nobody() noexcept { return rooms_.front(); }

    ChunkRoom& open(std::size_t most) { return rooms_.emplace_back(most); }

    /// What it has kept is nobody's then.
    ///
    /// Requires: nobody's room has room for that reserved.
    void close(const ChunkRoom& room) noexcept {
        for (const ChunkRoom::Kept& one : room.kept()) nobody().add(one);
        rooms_.remove_if([&](const ChunkRoom& one) { return &one == &room; });
    }

    /// Of those that keep some, the one that keeps the most beyond what it may, once one more has come to `comer`.
    ///
    /// Requires: some room keeps a chunk.
    ChunkRoom& fullest(const ChunkRoom& comer) noexcept {
        const auto beyond = [&](const ChunkRoom& room) {
            return static_cast<std::int64_t>(room.size() + (&room == &comer)) -
                   static_cast<std::int64_t>(room.most());
        };
        ChunkRoom* fullest = nullptr;
        for (ChunkRoom& room : rooms_)
            if (room.size() > 0 && (fullest == nullptr || beyond(room) > beyond(*fullest))) fullest = &room;
        return *fullest;
    }

private:
    std::list<ChunkRoom> rooms_ = std::list<ChunkRoom>(1);  // nobody's first
};

}  // namespace wick::inline v0::detail
