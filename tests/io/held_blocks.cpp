// SPDX-License-Identifier: MIT
#include <wick/io/held_blocks.hpp>

#include "support/catch.hpp"

#include <vector>

using wick::detail::HeldBlock;
using wick::detail::HeldBlocks;
using State = wick::detail::HeldBlock::State;

TEST_CASE("held blocks: a block keeps its place until the places behind it have all been given out") {
    HeldBlocks held(10, 3);
    std::vector<HeldBlocks::Place> taken;
    for (const wick::Index block : {7, 2, 5}) held.place_of(block, taken);
    REQUIRE(taken.size() == 3);
    held.settle(taken, State::ready);
    CHECK(held.place_of(7, taken) == taken[0]);
    CHECK(taken.size() == 3);                    // it was there
    CHECK(held.place_of(9, taken) == taken[0]);  // the oldest has gone
    CHECK(held[taken[0]].block == 9);
    CHECK(held.place_of(2, taken) == taken[1]);
}

TEST_CASE("held blocks: what is used, or being loaded, stays; where all do, there is no place") {
    HeldBlocks held(10, 2);
    std::vector<HeldBlocks::Place> taken;
    const auto first = held.place_of(0, taken), second = held.place_of(1, taken);
    CHECK(held.place_of(2, taken) == HeldBlocks::none);
    held.settle(taken, State::ready);
    held[first].users = 1;
    CHECK(held.place_of(2, taken) == second);
    held.settle(std::vector{second}, State::ready);
    held[second].users = 1;
    CHECK(held.place_of(3, taken) == HeldBlocks::none);
    held.let_go(std::vector{first, HeldBlocks::none});
    CHECK(held.place_of(3, taken) == first);
}

TEST_CASE("held blocks: one that could not be loaded can be asked for again") {
    HeldBlocks held(4, 4);
    std::vector<HeldBlocks::Place> taken;
    held.place_of(3, taken);
    held.settle(taken, State::failed);
    held.place_of(3, taken);
    CHECK(taken.size() == 2);
}

TEST_CASE("held blocks: a block is noted once, and no longer when it has a place") {
    HeldBlocks held(4, 4);
    std::vector<HeldBlocks::Place> taken;
    CHECK((held.note(1) && !held.note(1) && held.is_noted(1)));
    held.place_of(1, taken);
    CHECK((taken.size() == 1 && !held.is_noted(1) && !held.note(1)));
}
