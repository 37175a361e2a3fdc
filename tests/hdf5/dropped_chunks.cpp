// SPDX-License-Identifier: MIT
#include <wick/hdf5/dropped_chunks.hpp>

#include "support/catch.hpp"

#include <cstdint>
#include <vector>

using wick::detail::DroppedChunks;

namespace {

void add(DroppedChunks& chunks, std::uint64_t used) {
    DroppedChunks::List one(1);
    one.front().used = used;
    chunks.add(one);
}

std::vector<std::uint64_t> unread(DroppedChunks& chunks) {
    std::vector<std::uint64_t> uses;
    for (const auto& one : chunks.take_unread()) uses.push_back(one.used);
    return uses;
}

}  // namespace

TEST_CASE("hdf5/dropped_chunks: a chunk stays until those have ended who had begun when it was used last",
          "[hdf5]") {
    DroppedChunks chunks;
    const std::uint64_t before = chunks.use();
    const std::uint64_t first = chunks.begin_reading();
    const std::uint64_t between = chunks.use();
    const std::uint64_t second = chunks.begin_reading();
    const std::uint64_t after = chunks.use();
    for (const std::uint64_t used : {after, before, between}) add(chunks, used);
    CHECK(unread(chunks) == std::vector{before});
    CHECK(unread(chunks).empty());
    CHECK(chunks.size() == 2);
    for (const std::uint64_t used : {before, after, before})
        add(chunks, used);  // while the first one still reads
    CHECK(unread(chunks) == std::vector{before, before});
    CHECK(chunks.size() == 3);
    chunks.end_reading(first);
    CHECK(chunks.readings() == 1);
    CHECK(unread(chunks) == std::vector{between});
    chunks.end_reading(second);
    CHECK(unread(chunks) == std::vector{after, after});
    CHECK(chunks.size() == 0);
}
