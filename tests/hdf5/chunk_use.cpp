// SPDX-License-Identifier: MIT
#include <wick/hdf5/chunk_use.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using wick::Access;
using wick::Index;
using wick::detail::ChunkGrid;
using wick::detail::ChunkUse;

namespace {

constexpr std::uint64_t chunks = 1000, band_rows = 256;

/// 1000 chunks of 256 whole rows of 4 bytes, or half as wide and twice as many.
const ChunkGrid whole({chunks * band_rows, 4}, {band_rows, 4});
const ChunkGrid halves({chunks * band_rows, 4}, {band_rows, 2});

ChunkUse use(const Access& access) { return ChunkUse(access, whole, chunks, 4); }

/// The window that an advice names; the largest that a loader takes if it names none.
Index window_in(const std::string& advice) {
    const std::string name = ".window_blocks = ";
    const std::size_t at = advice.find(name);
    return at == std::string::npos ? 1024 : std::stoi(advice.substr(at + name.size()));
}

}  // namespace

TEST_CASE(
    "hdf5/chunk_use: an epoch wants the chunks of its range, and all where it takes rows here and there",
    "[hdf5]") {
    CHECK(use({}).in_epoch() == 1000);
    CHECK(use({.share = 0.1}).in_epoch() == 102);  // a range may begin and end within a chunk
    CHECK(use({.share = 0.1, .density = 0.1}).in_epoch() == 1000);
    CHECK(use({.share = 0.05, .density = 0.5}).in_epoch() == 102);  // every other row of a range
    CHECK(use({.share = 0, .density = 0}).in_epoch() == 1000);
    CHECK(ChunkUse({.share = 0.1}, halves, 2 * chunks, 4).in_epoch() == 204);
    CHECK(ChunkUse({}, whole, 7, 4).in_epoch() == 7);
}

TEST_CASE(
    "hdf5/chunk_use: a random order has all chunks in use, a window its blocks and some beside, rows in turn "
    "those of "
    "their batches",
    "[hdf5]") {
    CHECK(use({}).at_a_time() == 1000);
    CHECK(use({.share = 0.1}).at_a_time() == 102);
    CHECK(use({.block_rows = 256, .window_blocks = 10}).at_a_time() == 10 + 8);
    CHECK(use({.block_rows = 512, .window_blocks = 10}).at_a_time() == 2 * (10 + 8));
    CHECK(use({.block_rows = 256, .window_blocks = 10, .batch_memory_bytes = 4 * 600}).at_a_time() ==
          10 + 8 + 2);
    CHECK(use({.block_rows = 256, .first_row = 1, .window_blocks = 10}).at_a_time() == 3 * (10 + 8));
    CHECK(use({.density = 10, .block_rows = 256, .window_blocks = 10}).at_a_time() ==
          10 + 8);  // each ten times
    // Of a shard's rows fewer are of the same block, and as many begin more of them.
    CHECK(use({.density = 0.5, .block_rows = 256, .window_blocks = 10, .batch_memory_bytes = 4 * 600})
              .at_a_time() == 10 + 16 + 4);
    CHECK(use({.density = 0.5, .block_rows = 256, .window_blocks = 512}).at_a_time() == 512 + 8 + 16);
    CHECK(use({.block_rows = 256'000, .in_order = true, .batch_memory_bytes = 4 * 600}).at_a_time() ==
          3 * (2 + 2));
    CHECK(ChunkUse({.block_rows = 256, .window_blocks = 10}, halves, 2 * chunks, 4).at_a_time() ==
          2 * (10 + 8));
}

TEST_CASE(
    "hdf5/chunk_use: a chunk that is not kept is decoded for each of its rows, or for each block that has "
    "some",
    "[hdf5]") {
    CHECK(use({}).decodings(1000) == 1);
    CHECK(use({}).decodings(750) == 64);
    CHECK(use({.share = 0.25, .density = 0.25}).decodings(750) == 16);
    CHECK(use({.share = 0.1}).decodings(102) == 1);
    CHECK(use({.share = 0.1}).decodings(51) == 128);
    CHECK(use({.block_rows = 256, .window_blocks = 10}).decodings(18) == 1);
    CHECK(use({.block_rows = 256, .window_blocks = 10}).decodings(9) == 128);
    CHECK(use({.block_rows = 64, .window_blocks = 10}).decodings(999) == 5);
    CHECK(use({.block_rows = 256, .first_row = 1, .window_blocks = 10}).decodings(999) == 2);
    CHECK(use({.block_rows = 256, .first_row = 1, .window_blocks = 10}).decodings(1000) == 1);
    CHECK(use({.block_rows = 256'000, .in_order = true}).decodings(0) == 1);
}

TEST_CASE("hdf5/chunk_use: who follows the advice decodes each chunk once, and is not advised again",
          "[hdf5]") {
    for (const Access& order :
         {Access{}, Access{.share = 0.5}, Access{.first_row = 100}, Access{.batch_memory_bytes = 4 * 5000},
          Access{.block_rows = 256, .window_blocks = 900}, Access{.block_rows = 100, .window_blocks = 900},
          Access{.block_rows = 1024, .window_blocks = 900}, Access{.density = 0.25},
          Access{.block_rows = 256, .first_row = 10, .window_blocks = 500},
          Access{.density = 0.25, .block_rows = 256, .window_blocks = 500}})
        for (const std::uint64_t kept : {40u, 100u, 300u, 450u}) {
            INFO("blocks of " << order.block_rows << " from " << order.first_row << ", " << kept << " kept");
            CHECK(use(order).decodings(kept) > 1);
            const std::string advice = use(order).block_shuffle(kept);
            if (kept >= 100) CHECK_FALSE(advice.empty());
            if (advice.empty()) continue;
            Access followed = order;
            followed.block_rows = band_rows;
            followed.first_row = 0;
            followed.window_blocks = window_in(advice);
            CHECK(followed.window_blocks >= 1);
            CHECK(use(followed).at_a_time() <= kept);
            CHECK(use(followed).decodings(kept) == 1);
        }
}

TEST_CASE("hdf5/chunk_use: the advice says all that is to be changed", "[hdf5]") {
    CHECK(use({}).block_shuffle(8).empty());
    CHECK(use({}).block_shuffle(9) == "BlockShuffleSampler(seed, {.window_blocks = 1})");
    CHECK(use({.block_rows = 256, .window_blocks = 500}).block_shuffle(100) ==
          "BlockShuffleSampler(seed, {.window_blocks = 92})");
    CHECK(use({.block_rows = 64, .window_blocks = 500}).block_shuffle(100) ==
          "BlockShuffleSampler(seed, {.block_rows = 256, .window_blocks = 92})");
    CHECK(
        use({.first_row = 300}).block_shuffle(100) ==
        "BlockShuffleSampler(seed, {.window_blocks = 92}) of a range that begins at a multiple of 256 rows");
    CHECK(use({}).block_shuffle(5000) == "BlockShuffleSampler(seed)");
    CHECK(ChunkUse({}, halves, 2 * chunks, 4).block_shuffle(100) ==
          "BlockShuffleSampler(seed, {.window_blocks = 42})");
}
