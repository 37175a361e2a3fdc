// SPDX-License-Identifier: MIT
#include <wick/hdf5/chunk_index.hpp>

#include "support/catch.hpp"

#include <cstdint>
#include <map>

using wick::detail::ChunkIndex;
using wick::detail::StoredChunk;

TEST_CASE("hdf5/chunk_index: it keeps what was set, as a table and where little was written", "[hdf5]") {
    for (const std::uint64_t written : {std::uint64_t{3}, std::uint64_t{1} << 20}) {
        ChunkIndex index(1 << 20, written);
        CHECK(index.size() == 1 << 20);
        CHECK(index.written() == 0);
        index.set(7, {.offset = 100, .bytes = 3, .filter_mask = 1});
        index.set((1 << 20) - 1, {.offset = 0, .bytes = 5});
        index.set(7, {.offset = 200, .bytes = 4, .filter_mask = 2});
        CHECK(index.written() == 2);
        CHECK_FALSE(index.find(6));
        REQUIRE(index.find(7));
        CHECK(index.find(7)->offset == 200);
        CHECK(index.find(7)->bytes == 4);
        CHECK(index.find(7)->filter_mask == 2);
        CHECK(index.find((1 << 20) - 1)->offset == 0);
        index.shift(512);
        std::map<std::uint64_t, std::uint64_t> all;
        index.for_each([&](std::uint64_t chunk, const StoredChunk& stored) { all[chunk] = stored.offset; });
        CHECK(all == std::map<std::uint64_t, std::uint64_t>{{7, 712}, {(1 << 20) - 1, 512}});
        CHECK_FALSE(index.find(6));
    }
}

TEST_CASE("hdf5/chunk_index: an index of no chunks has none", "[hdf5]") {
    const ChunkIndex index(0, 0);
    CHECK(index.size() == 0);
    index.for_each([](std::uint64_t, const StoredChunk&) { FAIL("a chunk"); });
}
