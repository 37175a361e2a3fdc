// SPDX-License-Identifier: MIT
#include <wick/io/known_blocks.hpp>

#include "support/catch.hpp"

using wick::detail::KnownBlocks;
using State = KnownBlocks::State;

TEST_CASE("known blocks: each is counted once while it lies in memory, however often that is noted") {
    KnownBlocks known;
    CHECK(known.size() == 0);
    CHECK(known.first_in_memory() == 0);
    known.resize(10);
    CHECK((known.size() == 10 && known.in_memory() == 0 && known[9] == State::nothing));
    known.note(0, 4, State::in_memory);
    known.note(2, 4, State::mapped);
    known.note(2, 1, State::in_memory);
    CHECK((known[1] == State::in_memory && known[2] == State::mapped && known[5] == State::mapped));
    CHECK((known.in_memory() == 6 && known.first_in_memory() == 6));
    known.note(1, 2, State::nothing);
    known.note(1, 1, State::nothing);
    CHECK((known[2] == State::nothing && known.in_memory() == 4 && known.first_in_memory() == 1));
    known.resize(3);
    CHECK((known.size() == 3 && known.in_memory() == 0 && known[0] == State::nothing));
}
