// SPDX-License-Identifier: MIT
#include <wick/hdf5/chunk_rooms.hpp>

#include "support/catch.hpp"

using wick::detail::ChunkRoom;
using wick::detail::ChunkRooms;

TEST_CASE("hdf5/chunk_rooms: who keeps the most beyond his room has to give, counting the one that comes",
          "[hdf5]") {
    ChunkRooms rooms;
    ChunkRoom& large = rooms.open(10);
    ChunkRoom& small = rooms.open(2);
    large.kept = 10;
    CHECK(&rooms.fullest(small) == &large);  // the only one that has any
    small.kept = 2;
    CHECK(&rooms.fullest(small) == &small);
    CHECK(&rooms.fullest(large) == &large);
    large.kept = 9;
    small.kept = 3;
    CHECK(&rooms.fullest(large) == &small);
    rooms.nobody().kept = 2;
    CHECK(&rooms.fullest(large) == &rooms.nobody());
}

TEST_CASE("hdf5/chunk_rooms: what a closed room keeps is nobody's, and goes before what others may keep",
          "[hdf5]") {
    ChunkRooms rooms;
    ChunkRoom& first = rooms.open(5);
    ChunkRoom& second = rooms.open(5);
    first.kept = 4;
    second.kept = 5;
    rooms.nobody().to_drop.emplace_back(1, 1);
    rooms.close(first);
    CHECK(rooms.nobody().kept == 4);
    CHECK(rooms.nobody().to_drop.empty());
    CHECK(&rooms.fullest(second) == &rooms.nobody());
}
