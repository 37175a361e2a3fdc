// SPDX-License-Identifier: MIT
#include <wick/hdf5/chunk_collector.hpp>
#include <wick/hdf5/direct.hpp>

#include "support/catch.hpp"
#include "support/hdf5_cases.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

using namespace wick::detail;
using wick_test::hdf5_data;

TEST_CASE("hdf5/chunk_collector: a chunk counts once, and only at a place of the grid", "[hdf5]") {
    const Hdf5Lock lock;
    for (const bool filtered : {false, true}) {
        const auto dataset =
            open_dataset({.file = hdf5_data + "layouts_new.h5", .dataset = filtered ? "rows_all" : "rows"});
        const ChunkGrid grid = *grid_of(dataset);
        REQUIRE(dataset.chunk.front() > 1);
        ChunkCollector chunks(dataset, grid, grid.chunks());
        std::vector<hsize_t> first(grid.rank(), 0);
        chunks.add(first, 1000, 50, 3);
        CHECK(chunks.found() == 1);
        chunks.add(first, 2000, 60, 0);
        CHECK(chunks.found() == 1);  // twice
        first.front() = 1;
        chunks.add(first, 2000, 60, 0);
        CHECK(chunks.found() == 1);  // in between
        first.front() = dataset.extent.front() + dataset.chunk.front();
        chunks.add(first, 2000, 60, 0);
        CHECK(chunks.found() == 1);  // beyond it
        const FoundChunks found = chunks.finish();
        REQUIRE(found.index);
        CHECK(found.index->written() == 1);
        // Without filters neither size nor mask says anything.
        const StoredChunk& stored = *found.index->find(0);
        CHECK((stored.offset == 1000 && stored.bytes == (filtered ? 50 : 0)));
        CHECK(stored.filter_mask == (filtered ? 3 : 0));
    }
}

TEST_CASE("hdf5/chunk_collector: of chunks too long to be counted there is no index, and it is said why",
          "[hdf5]") {
    const Hdf5Lock lock;
    const auto dataset = open_dataset({.file = hdf5_data + "layouts_new.h5", .dataset = "rows_all"});
    const ChunkGrid grid = *grid_of(dataset);
    ChunkCollector chunks(dataset, grid, grid.chunks());
    const std::vector<hsize_t> first(grid.rank(), 0);
    chunks.add(first, 1000, std::uint64_t{1} << 32, 0);
    CHECK(chunks.found() == 1);
    const FoundChunks found = chunks.finish();
    CHECK(!found.index);
    CHECK_THAT(found.problem, ContainsSubstring("more than 4 GiB"));
}
