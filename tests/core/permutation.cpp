// SPDX-License-Identifier: MIT

#include <wick/core/permutation.hpp>

#include "support/catch.hpp"
#include "support/permutation_measures.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <set>
#include <span>
#include <stdexcept>
#include <vector>

using wick::Index;
using wick::Permutation;

namespace {

std::vector<Index> whole_order(const Permutation& permutation, std::uint64_t tweak = 0) {
    std::vector<Index> rows(static_cast<std::size_t>(permutation.size()));
    permutation.fill(0, 1, rows, tweak);
    return rows;
}

bool is_bijection(std::vector<Index> rows) {
    std::sort(rows.begin(), rows.end());
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i] != static_cast<Index>(i)) return false;
    return true;
}

}  // namespace

TEST_CASE("permutation: every size gives each row exactly once, with and without a tweak", "[core]") {
    for (Index size = 0; size <= 600; ++size)
        for (const std::uint64_t tweak : {0u, 1u, 77u}) {
            INFO("size " << size << " tweak " << tweak);
            REQUIRE(is_bijection(whole_order(Permutation(size, 3), tweak)));
        }
    for (const Index size : {4095, 4096, 4097, 65535, 65536, 65537, 99 * 100, 100 * 101, 131071})
        REQUIRE(is_bijection(whole_order(Permutation(size, 8))));
}

TEST_CASE("permutation: the order never changes, for saved positions depend on it", "[core]") {
    // Computed by a separate implementation in Python, with whole numbers of any length.
    struct Golden {
        Index size;
        std::vector<Index> first;
        Index last;
        std::vector<Index> tweaked;
    };
    const std::vector<Golden> golden = {
        {2, {1, 0}, 0, {0, 1}},
        {3, {2, 0, 1}, 1, {2, 0, 1}},
        {5, {2, 0, 1, 3, 4}, 4, {3, 2, 0, 1}},
        {10, {5, 8, 3, 4, 6, 7, 2, 9}, 1, {2, 9, 3, 5}},
        {31, {21, 2, 20, 18, 8, 29, 12, 22}, 3, {11, 12, 15, 20}},
        {32, {12, 29, 24, 13, 22, 30, 14, 25}, 15, {20, 27, 8, 29}},
        {64, {54, 39, 15, 29, 49, 14, 35, 47}, 13, {37, 35, 47, 33}},
        {100, {30, 58, 40, 23, 80, 54, 59, 77}, 90, {52, 93, 99, 54}},
        {1000, {28, 489, 401, 828, 6, 56, 4, 560}, 765, {1, 584, 700, 70}},
        {1000000,
         {511299, 7187, 750842, 268817, 958005, 39482, 677330, 88881},
         470084,
         {372056, 268120, 440943, 859}},
        {1048577,
         {382615, 422189, 820104, 767496, 596707, 129835, 702010, 892473},
         925454,
         {608160, 617094, 712165, 841389}},
        {1000000000,
         {21307863, 406688926, 544694300, 191588653, 666870548, 615045475, 654772740, 449947010},
         666095676,
         {594941444, 549343956, 739624647, 293134074}},
        {1000000000000,
         {773812347107, 863083488638, 120411527329, 551474202284, 132495959835, 956030481645, 531853597138,
          604998036562},
         965532668634,
         {134465720607, 132685343792, 574228412192, 432157956139}},
        {Index{1} << 62,
         {2071409252131938801, 3636039911209962009, 1814184609421695960, 2393181384732277036,
          497741964419829989, 972709142302221629, 1738729339686967992, 3853068966680632743},
         2655822801674528988,
         {4294711831229704558, 4299922873536198161, 4405419862882048541, 2837753041535140008}},
    };
    for (const Golden& order : golden) {
        INFO("size " << order.size);
        const Permutation permutation(order.size, 42);
        for (std::size_t i = 0; i < order.first.size(); ++i)
            CHECK(permutation(static_cast<Index>(i)) == order.first[i]);
        CHECK(permutation(order.size - 1) == order.last);
        for (std::size_t i = 0; i < order.tweaked.size(); ++i)
            CHECK(permutation(static_cast<Index>(i), 9) == order.tweaked[i]);
    }
}

TEST_CASE("permutation: fill gives what the single positions give, by any stride", "[core]") {
    for (const Index size : {1, 2, 7, 64, 100, 1000, 12345})
        for (const Index stride : {1, 2, 3, 7, 32, 99, 5000})
            for (const Index position : {Index{0}, Index{1}, size / 2, size - 1}) {
                if (position >= size) continue;
                const Permutation permutation(size, 11);
                std::vector<Index> rows(static_cast<std::size_t>((size - 1 - position) / stride + 1));
                permutation.fill(position, stride, rows, 5);
                for (std::size_t i = 0; i < rows.size(); ++i)
                    REQUIRE(rows[i] == permutation(position + static_cast<Index>(i) * stride, 5));
            }
}

TEST_CASE("permutation: fill reaches the far end of the largest size", "[core]") {
    constexpr Index most = Index{1} << 62;
    const Permutation permutation(most, 1);
    std::vector<Index> rows(5);
    const Index stride = most / 5;
    permutation.fill(3, stride, rows);
    for (std::size_t i = 0; i < rows.size(); ++i)
        CHECK(rows[i] == permutation(3 + static_cast<Index>(i) * stride));
    std::vector<Index> one(1);
    permutation.fill(most - 1, std::numeric_limits<Index>::max(), one);
    CHECK(one[0] == permutation(most - 1));
}

TEST_CASE("permutation: apply maps positions in any order, each under its own tweak", "[core]") {
    for (const Index size : {1, 3, 64, 1001}) {
        const Permutation permutation(size, 4);
        std::vector<Index> positions, tweaks;
        for (Index i = 0; i < 50; ++i) {
            positions.push_back(i * 37 % size);
            tweaks.push_back(i * i);
        }
        std::vector<Index> plain = positions, tweaked = positions;
        permutation.apply(plain);
        permutation.apply(tweaked, tweaks);
        for (std::size_t i = 0; i < positions.size(); ++i) {
            REQUIRE(plain[i] == permutation(positions[i]));
            REQUIRE(tweaked[i] == permutation(positions[i], static_cast<std::uint64_t>(tweaks[i])));
        }
    }
}

TEST_CASE("permutation: a call outside its range is refused with both values", "[core]") {
    CHECK_THROWS_MATCHES(Permutation(-1, 0), std::invalid_argument, MessageMatches(ContainsSubstring("-1")));
    CHECK_THROWS_MATCHES(
        Permutation((Index{1} << 62) + 1, 0), std::invalid_argument,
        MessageMatches(ContainsSubstring("4611686018427387905") && ContainsSubstring("4611686018427387904")));
    const Permutation permutation(10, 0);
    CHECK_THROWS_MATCHES(permutation(10), std::out_of_range,
                         MessageMatches(ContainsSubstring("position 10 is outside [0, 10)")));
    CHECK_THROWS_AS(permutation(-1), std::out_of_range);
    CHECK_THROWS_AS(Permutation(0, 0)(0), std::out_of_range);

    std::vector<Index> rows(4);
    CHECK_THROWS_MATCHES(permutation.fill(7, 1, rows), std::out_of_range,
                         MessageMatches(ContainsSubstring("4 positions from 7 by 1 leave [0, 10)")));
    CHECK_THROWS_AS(permutation.fill(1, 3, rows), std::out_of_range);
    CHECK_NOTHROW(permutation.fill(0, 3, rows));
    CHECK_THROWS_AS(permutation.fill(0, std::numeric_limits<Index>::max(), rows), std::out_of_range);
    CHECK_THROWS_MATCHES(permutation.fill(0, 0, rows), std::invalid_argument,
                         MessageMatches(ContainsSubstring("at least 1, not 0")));
    CHECK_NOTHROW(permutation.fill(10, 1, std::span<Index>()));
    CHECK_THROWS_AS(permutation.fill(11, 1, std::span<Index>()), std::out_of_range);

    std::vector<Index> positions = {1, 10, 2};
    CHECK_THROWS_AS(permutation.apply(positions), std::out_of_range);
    CHECK(positions == std::vector<Index>{1, 10, 2});
    positions = {1, 2, 3};
    const std::vector<Index> tweaks = {1, 2};
    CHECK_THROWS_MATCHES(permutation.apply(positions, tweaks), std::invalid_argument,
                         MessageMatches(ContainsSubstring("2 tweaks for 3 positions")));
}

TEST_CASE("permutation: every order of a few rows comes equally often", "[core]") {
    for (const Index size : {2, 3, 4, 5}) {
        std::vector<double> counts(size == 2 ? 2 : size == 3 ? 6 : size == 4 ? 24 : 120);
        std::vector<std::vector<Index>> orders;
        std::vector<Index> order(static_cast<std::size_t>(size));
        std::iota(order.begin(), order.end(), 0);
        do orders.push_back(order);
        while (std::next_permutation(order.begin(), order.end()));
        constexpr int keys = 20000;
        for (std::uint64_t key = 0; key < keys; ++key) {
            const auto place =
                std::lower_bound(orders.begin(), orders.end(), whole_order(Permutation(size, key)));
            ++counts[static_cast<std::size_t>(place - orders.begin())];
        }
        INFO("size " << size);
        CHECK(wick_test::chi2_deviation(counts, std::vector<double>(counts.size(), 1)) < 5);
    }
}

TEST_CASE("permutation: its orders look like shuffled ones by every measure", "[core]") {
    const std::size_t size = GENERATE(1000u, 1089u, 20011u);
    const int seeds = size < 2000 ? 2000 : 100;
    INFO("size " << size);
    const auto keyed = [](std::uint64_t seed, std::span<Index> rows) {
        Permutation(static_cast<Index>(rows.size()), wick::random_key(seed, 0)).fill(0, 1, rows);
    };
    const auto tweaked = [](std::uint64_t seed, std::span<Index> rows) {
        Permutation(static_cast<Index>(rows.size()), 5).fill(0, 1, rows, seed);
    };
    CHECK(wick_test::measure_orders(size, seeds, keyed).largest() < 4);
    CHECK(wick_test::measure_orders(size, seeds, tweaked).largest() < 4);
}

TEST_CASE("permutation: the measures accept a shuffle, and tell a weaker map from it", "[core]") {
    constexpr std::size_t size = 1000;
    constexpr int seeds = 2000;
    const auto shuffled = [](std::uint64_t seed, std::span<Index> rows) {
        std::iota(rows.begin(), rows.end(), 0);
        std::mt19937_64 random(seed);
        std::shuffle(rows.begin(), rows.end(), random);
    };
    const auto network = [](std::size_t rounds) {
        return [rounds](std::uint64_t seed, std::span<Index> rows) {
            wick::detail::Feistel feistel(static_cast<Index>(rows.size()), wick::random_key(seed, 0));
            feistel.rounds = rounds;
            feistel.fill(0, 1, rows, 0);
        };
    };
    const auto affine = [](std::uint64_t seed, std::span<Index> rows) {
        const std::uint64_t factor = wick::mix_bits(seed) | 1, shift = wick::mix_bits(seed + 1);
        std::uint64_t at = 0;
        for (Index& row : rows) {
            do row = static_cast<Index>((at++ * factor + shift) & 1023);
            while (row >= static_cast<Index>(rows.size()));
        }
    };
    CHECK(wick_test::measure_orders(size, seeds, shuffled).largest() < 4);
    CHECK(wick_test::measure_orders(size, seeds, network(6)).largest() < 4);
    CHECK(wick_test::measure_orders(size, seeds, network(2)).largest() > 10);
    CHECK(wick_test::measure_orders(size, seeds, affine).largest() > 10);
}
