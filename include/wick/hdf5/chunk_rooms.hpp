// SPDX-License-Identifier: MIT
#pragma once

// The orders of reading that share a cache of chunks: how many each may keep, and which of them has to give one.

#include <cstddef>
#include <cstdint>
#include <list>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// What one order may keep, and does.
struct ChunkRoom {
    std::size_t most = 0;
    std::size_t kept = 0;

    /// Last uses and chunks, the one used first at the end; some were used since the list was made.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> to_drop{};
};

/// All of them, and a room of nobody's.
///
/// Threads: one at a time.
class ChunkRooms {
public:
    /// What is kept in no order, or in one that has ended, and may go.
    ChunkRoom& nobody() noexcept { return rooms_.front(); }

    ChunkRoom& open(std::size_t most) {
        rooms_.push_back({.most = most});
        return rooms_.back();
    }

    /// What it has kept is nobody's then.
    void close(const ChunkRoom& room) noexcept {
        nobody().kept += room.kept;
        nobody().to_drop.clear();  // some may have been used before those on it
        rooms_.remove_if([&](const ChunkRoom& one) { return &one == &room; });
    }

    /// Of those that keep some, the one that keeps the most beyond what it may, once one more has come to `comer`.
    ///
    /// Requires: some room keeps a chunk.
    ChunkRoom& fullest(const ChunkRoom& comer) noexcept {
        const auto beyond = [&](const ChunkRoom& room) {
            return static_cast<std::int64_t>(room.kept + (&room == &comer)) -
                   static_cast<std::int64_t>(room.most);
        };
        ChunkRoom* fullest = nullptr;
        for (ChunkRoom& room : rooms_)
            if (room.kept > 0 && (fullest == nullptr || beyond(room) > beyond(*fullest))) fullest = &room;
        return *fullest;
    }

private:
    std::list<ChunkRoom> rooms_{1};  // nobody's first
};

}  // namespace wick::inline v0::detail
