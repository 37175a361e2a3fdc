// SPDX-License-Identifier: MIT

#include <wick/sampler/block_shuffle.hpp>
#include <wick/sampler/random.hpp>

#include "contract/sampler.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <set>
#include <vector>

using wick::BlockShuffleSampler;
using wick::Index;

namespace {

/// chi2 per degree of freedom of the labels in batches of 256, over rows sorted by 100 labels; 1 if random.
template <class S>
double mixing(const S& sampler, Index rows) {
    constexpr Index batch = 256, labels = 100;
    std::vector<Index> order(batch);
    double chi2 = 0;
    Index batches = 0;
    for (Index position = 0; position + batch <= rows; position += batch, ++batches) {
        sampler.fill(rows, 0, position, order);
        double counts[labels] = {};
        for (const Index row : order) ++counts[row * labels / rows];
        const double share = static_cast<double>(batch) / labels;
        for (const double count : counts) chi2 += (count - share) * (count - share) / share;
    }
    return chi2 / static_cast<double>(batches) / (labels - 1);
}

}  // namespace

TEST_CASE("block shuffle: each row comes once, for any number of rows, block and window", "[sampler]") {
    for (const Index block : {1, 2, 3, 16, 63, 64, 65, 300})
        for (const Index window : {1, 2, 5, 64, 100000})
            for (const Index rows : {0, 1, 2, 3, 62, 63, 64, 65, 127, 128, 129, 599, 600, 1000, 4099})
                for (const std::int64_t epoch : {0, 1}) {
                    INFO("rows " << rows << " block_rows " << block << " window_blocks " << window);
                    const BlockShuffleSampler sampler(5, {.block_rows = block, .window_blocks = window});
                    REQUIRE(wick_test::is_each_row_once(wick_test::order_of(sampler, rows, epoch), rows));
                }
}

TEST_CASE("block shuffle: keeps the laws of a sampler", "[sampler]") {
    for (const Index rows : {0, 1, 15, 16, 17, 31, 700, 1000})
        for (const Index window : {1, 4, 64})
            wick_test::check_sampler(BlockShuffleSampler(7, {.block_rows = 16, .window_blocks = window}),
                                     rows, 2);
    wick_test::check_sampler(BlockShuffleSampler(7), 40000, 0);
    wick_test::check_sampler(BlockShuffleSampler(7, {.block_rows = 1000}), 1999, 0);
}

TEST_CASE("block shuffle: every epoch and every seed has an order of its own, each row once", "[sampler]") {
    wick_test::check_shuffles([](std::uint64_t seed) { return BlockShuffleSampler(seed); }, 2000);
    wick_test::check_shuffles([](std::uint64_t seed) { return BlockShuffleSampler(seed); }, 50);
}

TEST_CASE("block shuffle: its order never changes, for saved positions depend on it", "[sampler]") {
    // Computed by a separate implementation in Python, which deals the rows of all blocks out to
    // lists of chunks.
    const auto order = [](Index rows, Index block, Index window) {
        return wick_test::order_of(BlockShuffleSampler(7, {.block_rows = block, .window_blocks = window}),
                                   rows, 1);
    };
    std::vector<Index> first = order(100, 8, 5);
    first.resize(26);
    CHECK(first == std::vector<Index>{2,  69, 46, 11, 88, 43, 91, 10, 40, 19, 9,  15, 67,
                                      22, 89, 65, 17, 66, 36, 90, 37, 21, 12, 95, 99, 39});
    CHECK(order(19, 16, 3) ==
          std::vector<Index>{14, 9, 3, 2, 6, 5, 17, 7, 8, 12, 11, 4, 10, 13, 1, 18, 15, 16, 0});
    CHECK(order(10, 16, 3) == std::vector<Index>{1, 7, 4, 8, 3, 5, 2, 6, 9, 0});
    const std::vector<Index> large = order(150000, 64, 256);
    const Index every[] = {111804, 53313, 89614, 30036,  130632, 78154, 116105, 58863,
                           112685, 80034, 64891, 132355, 70321,  9671,  21976};
    for (std::size_t i = 0; i < std::size(every); ++i) CHECK(large[i * 10007] == every[i]);
}

TEST_CASE("block shuffle: a wide window mixes as a random order does, a narrow one visibly less",
          "[sampler]") {
    constexpr Index rows = 400000;
    const auto window = [](Index blocks) { return BlockShuffleSampler(7, {.window_blocks = blocks}); };
    CHECK(mixing(wick::RandomSampler(7), rows) == Catch::Detail::Approx(1).margin(0.05));
    CHECK(mixing(window(256), rows) == Catch::Detail::Approx(1).margin(0.1));
    CHECK(mixing(window(16), rows) > 3);
}

TEST_CASE("block shuffle: a chunk takes at most one row of a block if the window is as wide as a block",
          "[sampler]") {
    for (const Index window : {64, 256}) {
        constexpr Index block = 64, rows = block * 1000;
        const std::vector<Index> order = wick_test::order_of(
            BlockShuffleSampler(7, {.block_rows = block, .window_blocks = window}), rows, 0);
        for (std::size_t chunk = 0; chunk < 1000; ++chunk) {
            std::set<Index> blocks;
            for (std::size_t i = 0; i < block; ++i) blocks.insert(order[chunk * block + i] / block);
            REQUIRE(blocks.size() == block);
        }
    }
}

TEST_CASE("block shuffle: a block's rows all come within a window of chunks, one new block a chunk",
          "[sampler]") {
    constexpr Index block = 32, window = 40, blocks = 500, rows = block * blocks + 17;
    const std::vector<Index> order =
        wick_test::order_of(BlockShuffleSampler(7, {.block_rows = block, .window_blocks = window}), rows, 0);
    std::vector<std::vector<Index>> chunks(blocks);
    for (std::size_t position = 0; position < order.size(); ++position)
        if (order[position] < block * blocks)
            chunks[static_cast<std::size_t>(order[position] / block)].push_back(
                ((static_cast<Index>(position) + 1) * blocks - 1) / rows);
    std::vector<int> begun(blocks);
    for (std::vector<Index>& of_block : chunks) {
        std::sort(of_block.begin(), of_block.end());
        REQUIRE(of_block.size() == block);
        // Chunks are cyclic: where the largest gap ends, the block begins.
        Index first = of_block.front(), gap = of_block.front() + blocks - of_block.back();
        for (std::size_t i = 1; i < of_block.size(); ++i)
            if (of_block[i] - of_block[i - 1] > gap) {
                gap = of_block[i] - of_block[i - 1];
                first = of_block[i];
            }
        REQUIRE(blocks - gap < window);
        ++begun[static_cast<std::size_t>(first)];
    }
    CHECK(std::all_of(begun.begin(), begun.end(), [](int count) { return count == 1; }));
}

TEST_CASE("block shuffle: rows that fill no block are spread evenly over the epoch", "[sampler]") {
    constexpr Index block = 64, blocks = 10, tail = 55, rows = block * blocks + tail;
    const std::vector<Index> order =
        wick_test::order_of(BlockShuffleSampler(7, {.block_rows = block, .window_blocks = 4}), rows, 0);
    for (Index chunk = 0; chunk < blocks; ++chunk) {
        const auto begin = order.begin() + chunk * rows / blocks,
                   end = order.begin() + (chunk + 1) * rows / blocks;
        const auto found = std::count_if(begin, end, [](Index row) { return row >= block * blocks; });
        CHECK((found == 5 || found == 6));
    }
}

TEST_CASE("block shuffle: a data set of fewer blocks than the window is one window", "[sampler]") {
    const auto order = [](Index window) {
        return wick_test::order_of(BlockShuffleSampler(7, {.block_rows = 8, .window_blocks = window}), 100,
                                   0);
    };
    CHECK(order(12) == order(1000000));
    CHECK(order(12) != order(11));
}

TEST_CASE("block shuffle: the largest data set does not overflow", "[sampler]") {
    constexpr Index rows = Index{1} << 62;
    for (const Index block : {Index{1}, Index{3}, Index{64}, rows / 3, rows - 1, rows}) {
        const BlockShuffleSampler sampler(
            7, {.block_rows = block, .window_blocks = std::numeric_limits<Index>::max()});
        std::vector<Index> out(7);
        for (const Index position : {Index{0}, rows / 2, rows - 7}) {
            sampler.fill(rows, 0, position, out);
            for (const Index row : out) CHECK((row >= 0 && row < rows));
        }
        sampler.fill(rows, 0, 0, rows / 7, out);
        for (const Index row : out) CHECK((row >= 0 && row < rows));
    }
}

TEST_CASE("block shuffle: options below 1 are refused with their value", "[sampler]") {
    CHECK_THROWS_MATCHES(BlockShuffleSampler(7, {.block_rows = 0}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("block_rows is at least 1, not 0")));
    CHECK_THROWS_MATCHES(BlockShuffleSampler(7, {.window_blocks = -2}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("window_blocks is at least 1, not -2")));
}

TEST_CASE("block shuffle: what is left out is fitted to the data, and what is given stays") {
    const auto fitted = [](wick::BlockShuffleOptions options, wick::DataShape shape) {
        return BlockShuffleSampler(7, options).fitted(shape).access(1'000'000'000);
    };
    const wick::Access plain = fitted({}, {.row_bytes = 4096, .batch_size = 64});
    CHECK((plain.block_rows == 64 && plain.window_blocks == 256));
    const wick::Access short_rows = fitted({}, {.row_bytes = 300, .batch_size = 64});
    CHECK((short_rows.block_rows == 873 && short_rows.window_blocks == 873));
    CHECK(fitted({}, {.row_bytes = 1, .batch_size = 5000}).window_blocks == 1024);
    CHECK(fitted({}, {.row_bytes = 1'000'000, .batch_size = 1}).block_rows == 1);
    CHECK(fitted({}, {.row_bytes = 0}).block_rows == 262'144);
    CHECK(fitted({}, {.row_bytes = 4096, .block_rows = 500}).block_rows == 500);
    const wick::Access given =
        fitted({.block_rows = 9, .window_blocks = 3}, {.row_bytes = 4096, .block_rows = 500});
    CHECK((given.block_rows == 9 && given.window_blocks == 3));
    CHECK(BlockShuffleSampler(7).access(640).window_blocks == 10);
    // A single block is mixed, too: it must not look like a pass in file order.
    for (const Index rows : {0, 40, 64, 100}) {
        const wick::Access single = BlockShuffleSampler(7, {.window_blocks = 1}).access(rows);
        CHECK((!single.in_order && single.window_blocks == 1 &&
               single.block_rows == std::clamp<Index>(rows, 1, 64)));
    }
}
