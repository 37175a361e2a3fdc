// SPDX-License-Identifier: MIT

#include <wick/sampler/block_shuffle.hpp>
#include <wick/sampler/random.hpp>
#include <wick/sampler/random_with_replacement.hpp>
#include <wick/sampler/sequential.hpp>
#include <wick/sampler/shard.hpp>

#include "contract/sampler.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

using wick::Index;
using wick::RandomSampler;
using wick::Remainder;
using wick::ShardSampler;

static_assert(wick::StridedSampler<ShardSampler<RandomSampler>>);
static_assert(wick::StridedSampler<ShardSampler<ShardSampler<wick::BlockShuffleSampler>>>);

namespace {

/// A sampler without strides.
class PlainSampler {
public:
    Index size(Index rows) const { return inner_.size(rows); }
    void fill(Index rows, std::int64_t epoch, Index position, std::span<Index> out) const {
        inner_.fill(rows, epoch, position, out);
    }

private:
    RandomSampler inner_{7};
};

static_assert(wick::Sampler<PlainSampler> && !wick::StridedSampler<PlainSampler>);
static_assert(wick::StridedSampler<ShardSampler<PlainSampler>>);

template <class S>
std::vector<std::vector<Index>> shards_of(const S& sampler, int world, Remainder remainder, Index rows) {
    std::vector<std::vector<Index>> shards;
    for (int rank = 0; rank < world; ++rank)
        shards.push_back(wick_test::order_of(ShardSampler(sampler, rank, world, remainder), rows, 1));
    return shards;
}

}  // namespace

TEST_CASE("shard: keeps the laws of a sampler, around any sampler", "[sampler]") {
    for (const Index rows : {1, 2, 10, 101, 2000})
        for (const Remainder remainder : {Remainder::drop, Remainder::pad})
            for (const auto& [rank, world] :
                 {std::pair(0, 1), std::pair(0, 3), std::pair(2, 3), std::pair(6, 7)}) {
                wick_test::check_sampler(ShardSampler(RandomSampler(7), rank, world, remainder), rows, 1);
                wick_test::check_sampler(ShardSampler(PlainSampler(), rank, world, remainder), rows, 1);
                wick_test::check_sampler(ShardSampler(wick::BlockShuffleSampler(7), rank, world, remainder),
                                         rows, 1);
                wick_test::check_sampler(
                    ShardSampler(wick::RandomWithReplacementSampler(7), rank, world, remainder), rows, 1);
            }
}

TEST_CASE("shard: rank r has the positions r, r + world, r + 2 world, ... of the order", "[sampler]") {
    for (const Index rows : {0, 1, 2, 5, 12, 13, 1000})
        for (const int world : {1, 2, 5, 13, 700})
            for (const Remainder remainder : {Remainder::drop, Remainder::pad}) {
                INFO("rows " << rows << " world " << world);
                const std::vector<Index> order = wick_test::order_of(RandomSampler(7), rows, 1);
                const bool pad = remainder == Remainder::pad;
                const std::size_t steps = (order.size() + (pad ? static_cast<std::size_t>(world) - 1 : 0)) /
                                          static_cast<std::size_t>(world);
                const auto shards = shards_of(RandomSampler(7), world, remainder, rows);
                for (std::size_t rank = 0; rank < shards.size(); ++rank) {
                    REQUIRE(shards[rank].size() == steps);
                    for (std::size_t k = 0; k < steps; ++k)
                        REQUIRE(shards[rank][k] == order[(rank + k * shards.size()) % order.size()]);
                }
                REQUIRE(shards_of(PlainSampler(), world, remainder, rows) == shards);
            }
}

TEST_CASE("shard: ranks are disjoint and, but for the remainder, complete", "[sampler]") {
    std::vector<Index> all;
    for (const auto& shard : shards_of(RandomSampler(7), 4, Remainder::drop, 1000))
        all.insert(all.end(), shard.begin(), shard.end());
    CHECK(wick_test::is_each_row_once(all, 1000));

    std::vector<int> counts(1003);
    for (const auto& shard : shards_of(RandomSampler(7), 4, Remainder::drop, 1003))
        for (const Index row : shard) ++counts[static_cast<std::size_t>(row)];
    CHECK(std::count(counts.begin(), counts.end(), 0) == 3);
    CHECK(std::count(counts.begin(), counts.end(), 1) == 1000);

    counts.assign(1003, 0);
    for (const auto& shard : shards_of(RandomSampler(7), 4, Remainder::pad, 1003))
        for (const Index row : shard) ++counts[static_cast<std::size_t>(row)];
    CHECK(std::count(counts.begin(), counts.end(), 1) == 1002);
    CHECK(std::count(counts.begin(), counts.end(), 2) == 1);
}

TEST_CASE("shard: after equal steps the ranks have read a prefix, so another number of ranks can go on",
          "[sampler]") {
    constexpr Index rows = 120, steps = 10;
    const std::vector<Index> order = wick_test::order_of(RandomSampler(7), rows, 1);
    std::vector<Index> read;
    for (const auto& shard : shards_of(RandomSampler(7), 3, Remainder::drop, rows))
        read.insert(read.end(), shard.begin(), shard.begin() + steps);
    // 30 rows are read; four ranks go on at position 30 of the same order.
    for (int rank = 0; rank < 4; ++rank) {
        std::vector<Index> rest((rows - 30) / 4);
        RandomSampler(7).fill(rows, 1, 30 + rank, 4, rest);
        read.insert(read.end(), rest.begin(), rest.end());
    }
    read.push_back(order[118]);
    read.push_back(order[119]);
    CHECK(wick_test::is_each_row_once(read, rows));
}

TEST_CASE("shard: a shard of a shard is a shard of the whole", "[sampler]") {
    const auto node = ShardSampler(RandomSampler(7), 1, 2, Remainder::drop);
    CHECK(wick_test::order_of(ShardSampler(node, 2, 3, Remainder::drop), 600, 4) ==
          wick_test::order_of(ShardSampler(RandomSampler(7), 5, 6, Remainder::drop), 600, 4));
}

TEST_CASE("shard: the longest data set does not overflow", "[sampler]") {
    constexpr Index most = std::numeric_limits<Index>::max();
    constexpr int world = std::numeric_limits<int>::max();
    const ShardSampler shard(wick::SequentialSampler(), world - 1, world, Remainder::pad);
    const Index size = shard.size(most);
    std::vector<Index> rows(2);
    shard.fill(most, 0, 0, size - 1, rows);
    CHECK(rows[0] == world - 1);
    CHECK(rows[1] == (world - 1) - (most - (size - 1) * world));
}

TEST_CASE("shard: a rank outside the world is refused with both values", "[sampler]") {
    CHECK_THROWS_MATCHES(ShardSampler(RandomSampler(7), 4, 4, Remainder::drop), std::out_of_range,
                         MessageMatches(ContainsSubstring("rank 4 is outside [0, 4)")));
    CHECK_THROWS_MATCHES(ShardSampler(RandomSampler(7), -1, 4, Remainder::drop), std::out_of_range,
                         MessageMatches(ContainsSubstring("rank -1 is outside [0, 4)")));
    CHECK_THROWS_MATCHES(ShardSampler(RandomSampler(7), 2, 0, Remainder::pad), std::invalid_argument,
                         MessageMatches(ContainsSubstring("rank 2 of a world of 0")));
}

TEST_CASE("shard: it says what its sampler says, of one rank\'s share, and is fitted as its sampler is") {
    const ShardSampler shard(wick::BlockShuffleSampler(7), 1, 4, Remainder::drop);
    const wick::DataShape shape{.row_bytes = 1024, .batch_size = 64};
    const auto fitted = shard.fitted(shape);
    CHECK(shard.access(100'000).share == 0.25);
    CHECK(shard.access(100'000).density == 0.25);
    CHECK(fitted.access(100'000).block_rows == 256);
    CHECK(ShardSampler(RandomSampler(7), 0, 2, Remainder::pad).access(10).block_rows == 1);
    std::vector<Index> got(50), expected(50);
    fitted.fill(100'000, 2, 3, got);
    ShardSampler(wick::BlockShuffleSampler(7).fitted(shape), 1, 4, Remainder::drop)
        .fill(100'000, 2, 3, expected);
    CHECK(got == expected);
}
