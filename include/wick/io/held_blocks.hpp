// SPDX-License-Identifier: MIT
#pragma once

// Which blocks of rows a window holds, and in which of its places.

#include <wick/core/concepts.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace wick::inline v0::detail {

/// A place for one block.
struct HeldBlock {
    enum class State : std::uint8_t { free, loading, ready, failed };

    Index block = -1;
    std::uint32_t users = 0;  ///< rows that somebody is about to copy
    State state = State::free;
    std::size_t skip = 0;  ///< bytes before the block's first row; belongs to who loads it
};

/// Places for blocks, given out in turn: the block that came first is the first to go, if nobody uses it.
///
/// Threads: one at a time.
class HeldBlocks {
public:
    using Place = std::uint32_t;
    static constexpr Place none = UINT32_MAX;

    HeldBlocks(std::size_t blocks, std::size_t places) : place_of_(blocks, none), held_(places) {}

    HeldBlock& operator[](Place place) noexcept { return held_[place]; }

    /// Keeps in mind that a block is wanted soon, unless it has a place or was noted before. Returns whether it was not.
    bool note(Index block);

    /// Whether a block was noted, and has no place yet.
    bool is_noted(Index block) const noexcept { return place_of_[static_cast<std::size_t>(block)] == noted; }

    /// The place of a block, which is taken for it if it has none, and appended to `taken`: whose block the caller is to
    /// load. None if all are in use.
    Place place_of(Index block, std::vector<Place>& taken);

    /// The blocks of these places have been loaded, or could not be.
    void settle(std::span<const Place> places, HeldBlock::State state) noexcept;

    /// Of each of these places, one row less is about to be copied.
    void let_go(std::span<const Place> places) noexcept;

private:
    static constexpr Place noted = none - 1;

    Place take(Index block) noexcept;

    std::vector<Place> place_of_;  // of each block
    std::vector<HeldBlock> held_;
    Place oldest_ = 0;
};

// Implementation.

inline bool HeldBlocks::note(Index block) {
    Place& place = place_of_[static_cast<std::size_t>(block)];
    if (place != none) return false;
    place = noted;
    return true;
}

inline HeldBlocks::Place HeldBlocks::place_of(Index block, std::vector<Place>& taken) {
    Place& place = place_of_[static_cast<std::size_t>(block)];
    if (place == none || place == noted) {
        place = take(block);
        if (place != none) taken.push_back(place);
    }
    return place;
}

inline HeldBlocks::Place HeldBlocks::take(Index block) noexcept {
    for (std::size_t tried = 0; tried < held_.size(); ++tried) {
        const Place place = oldest_;
        oldest_ = (oldest_ + 1) % static_cast<Place>(held_.size());
        HeldBlock& held = held_[place];
        if (held.users > 0 || held.state == HeldBlock::State::loading) continue;
        if (held.state == HeldBlock::State::ready) place_of_[static_cast<std::size_t>(held.block)] = none;
        held = {.block = block, .state = HeldBlock::State::loading};
        return place;
    }
    return none;
}

inline void HeldBlocks::settle(std::span<const Place> places, HeldBlock::State state) noexcept {
    for (const Place place : places) {
        held_[place].state = state;
        if (state == HeldBlock::State::failed) place_of_[static_cast<std::size_t>(held_[place].block)] = none;
    }
}

inline void HeldBlocks::let_go(std::span<const Place> places) noexcept {
    for (const Place place : places)
        if (place != none) --held_[place].users;
}

}  // namespace wick::inline v0::detail
