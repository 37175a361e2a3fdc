// SPDX-License-Identifier: MIT
#pragma once

// Which blocks of rows a window holds, and in which of its places.

#include <wick/core/concepts.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// A place for one block.
struct HeldBlock {
    enum class State : std::uint8_t { free, loading, ready, failed };

    Index block = -1;
    Index left = 0;           ///< rows that nobody has asked for yet
    std::uint32_t users = 0;  ///< rows that somebody is about to copy
    State state = State::free;
    std::size_t skip = 0;  ///< bytes before the block's first row; belongs to who loads it
    std::uint64_t asked =
        0;  ///< how many rows had been asked for when a row of it last was, or when it got its place
};

/// Places for blocks. A block of which every row has been had goes at once, and its place, still hot in the cache, is the
/// next to be given out; where there is none of those, a worn block goes: one that nobody has asked for so long that the rest
/// of its rows, if they come at all, come at the end of the epoch.
///
/// Threads: one at a time.
class HeldBlocks {
public:
    using Place = std::uint32_t;
    static constexpr Place none = UINT32_MAX;

    HeldBlocks(std::size_t blocks, Index block_rows, std::size_t places);

    HeldBlock& operator[](Place place) noexcept { return held_[place]; }

    /// Keeps in mind that a block is wanted soon, unless it has a place or was noted before. Returns whether it was not.
    bool note(Index block);

    /// Whether a block was noted, and has no place.
    bool is_noted(Index block) const noexcept { return place_of_[static_cast<std::size_t>(block)] == noted; }

    /// The place of a block, for the sake of one of its rows. If it has none, one is taken for it and appended to `taken`:
    /// whose block the caller is to load. None if all are in use.
    ///
    /// Whoever gets one uses it until `let_go`.
    Place use(Index block, std::vector<Place>& taken);

    /// The same for a block that was noted, before anyone asks for its rows; no other goes for it but a worn one. Where there
    /// is no place it stays noted, and its first reader will take one.
    void place(Index block, std::vector<Place>& taken);

    /// The blocks of these places have been loaded, or could not be.
    void settle(std::span<const Place> places, HeldBlock::State state) noexcept;

    /// Of each of these places, one row less is about to be copied; `none` is left out.
    void let_go(std::span<const Place> places) noexcept;

private:
    static constexpr Place noted = none - 1;

    Place take(Index block, bool worn_only) noexcept;
    Place clear(bool worn_only) noexcept;
    bool is_worn(const HeldBlock& held) const noexcept;
    void free_if_done(Place place) noexcept;

    const Index block_rows_;
    std::vector<Place> place_of_;  // of each block
    std::vector<HeldBlock> held_;
    std::vector<Place> free_;  // the last one goes first
    std::uint64_t asked_ = 0;  // rows, and places given out
};

// Implementation.

inline HeldBlocks::HeldBlocks(std::size_t blocks, Index block_rows, std::size_t places)
    : block_rows_(block_rows), place_of_(blocks, none), held_(places) {
    free_.reserve(places);
    for (std::size_t place = places; place > 0; --place) free_.push_back(static_cast<Place>(place - 1));
}

inline bool HeldBlocks::note(Index block) {
    Place& place = place_of_[static_cast<std::size_t>(block)];
    if (place != none) return false;
    place = noted;
    return true;
}

inline HeldBlocks::Place HeldBlocks::use(Index block, std::vector<Place>& taken) {
    Place& place = place_of_[static_cast<std::size_t>(block)];
    if (place == none || place == noted) {
        place = take(block, false);
        if (place == none) return none;
        taken.push_back(place);
    }
    HeldBlock& held = held_[place];
    ++held.users;
    --held.left;
    held.asked = ++asked_;
    return place;
}

inline void HeldBlocks::place(Index block, std::vector<Place>& taken) {
    Place& place = place_of_[static_cast<std::size_t>(block)];
    const Place free = take(block, true);
    if (free == none) return;
    place = free;
    taken.push_back(free);
}

/// A place for a block: a free one, or that of another block.
inline HeldBlocks::Place HeldBlocks::take(Index block, bool worn_only) noexcept {
    Place place = none;
    if (free_.empty()) {
        place = clear(worn_only);
    } else {
        place = free_.back();
        free_.pop_back();
    }
    if (place != none)
        held_[place] = {
            .block = block, .left = block_rows_, .state = HeldBlock::State::loading, .asked = ++asked_};
    return place;
}

/// The place of the block that can best be done without: a worn one, else the last to be asked for of those that were
/// read ahead of time, else the one asked for longest ago.
inline HeldBlocks::Place HeldBlocks::clear(bool worn_only) noexcept {
    const auto rank = [this](const HeldBlock& one) {
        if (is_worn(one)) return std::pair(0, one.asked);
        return one.left == block_rows_ ? std::pair(1, ~one.asked) : std::pair(2, one.asked);
    };
    Place first = none;
    for (Place place = 0; place < held_.size(); ++place) {
        const HeldBlock& held = held_[place];
        if (held.users > 0 || held.state == HeldBlock::State::loading || (worn_only && !is_worn(held)))
            continue;
        if (first == none || rank(held) < rank(held_[first])) first = place;
    }
    if (first != none) place_of_[static_cast<std::size_t>(held_[first].block)] = none;
    return first;
}

/// A block in use is asked for once in as many rows as there are blocks in mixture, or in a turn of its own rows; one that
/// was read ahead of time waits for its first row until those before it are done.
inline bool HeldBlocks::is_worn(const HeldBlock& held) const noexcept {
    const auto places = static_cast<std::uint64_t>(held_.size());
    const auto rows = static_cast<std::uint64_t>(block_rows_);
    return asked_ - held.asked >= 2 * (held.left == block_rows_ ? places * rows : places + rows);
}

inline void HeldBlocks::settle(std::span<const Place> places, HeldBlock::State state) noexcept {
    for (const Place place : places) {
        held_[place].state = state;
        if (state == HeldBlock::State::failed) place_of_[static_cast<std::size_t>(held_[place].block)] = none;
        free_if_done(place);
    }
}

inline void HeldBlocks::let_go(std::span<const Place> places) noexcept {
    for (const Place place : places) {
        if (place == none) continue;
        --held_[place].users;
        free_if_done(place);
    }
}

inline void HeldBlocks::free_if_done(Place place) noexcept {
    HeldBlock& held = held_[place];
    const bool failed = held.state == HeldBlock::State::failed;
    const bool had = held.state == HeldBlock::State::ready && held.left <= 0;
    if (held.users > 0 || !(failed || had)) return;
    if (had) place_of_[static_cast<std::size_t>(held.block)] = none;
    held.state = HeldBlock::State::free;
    free_.push_back(place);
}

}  // namespace wick::inline v0::detail
