// SPDX-License-Identifier: MIT
#include <wick/hdf5/chunk_rooms.hpp>

#include "support/catch.hpp"

#include <cstdint>

using wick::detail::ChunkRoom;
using wick::detail::ChunkRooms;

namespace {

/// Adds chunks until there are so many.
void fill(ChunkRoom& room, std::uint64_t size) {
    while (room.size() < size) room.add({.used = room.size(), .chunk = room.size()});
}

}  // namespace

TEST_CASE("hdf5/chunk_rooms: a room gives the chunks back by their uses, whenever they were added",
          "[hdf5]") {
    ChunkRoom room(3);
    for (const std::uint64_t used : {5u, 1u, 9u, 3u}) room.add({.used = used, .chunk = 100 + used});
    room.remove_first();
    room.add({.used = 4, .chunk = 104});
    for (const std::uint64_t used : {3u, 4u, 5u, 9u}) {
        CHECK((room.first().used == used && room.first().chunk == 100 + used));
        room.remove_first();
    }
    CHECK(room.size() == 0);
}

TEST_CASE("hdf5/chunk_rooms: who keeps the most beyond his room has to give, counting the one that comes",
          "[hdf5]") {
    ChunkRooms rooms;
    ChunkRoom& large = rooms.open(10);
    ChunkRoom& small = rooms.open(2);
    fill(large, 10);
    CHECK(&rooms.fullest(small) == &large);  // the only one that has any
    fill(small, 2);
    CHECK(&rooms.fullest(small) == &small);
    CHECK(&rooms.fullest(large) == &large);
    large.remove_first();
    fill(small, 3);
    CHECK(&rooms.fullest(large) == &small);
    fill(rooms.nobody(), 2);
    CHECK(&rooms.fullest(large) == &rooms.nobody());
}

TEST_CASE("hdf5/chunk_rooms: what a closed room keeps is nobody's, and goes before what others may keep",
          "[hdf5]") {
    ChunkRooms rooms;
    ChunkRoom& first = rooms.open(5);
    ChunkRoom& second = rooms.open(5);
    fill(first, 4);
    fill(second, 5);
    rooms.nobody().add({.used = 2, .chunk = 7});
    rooms.close(first);
    CHECK(rooms.nobody().size() == 5);
    CHECK(rooms.nobody().first().used == 0);
    CHECK(&rooms.fullest(second) == &rooms.nobody());
}
