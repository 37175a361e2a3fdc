// SPDX-License-Identifier: MIT

#include <wick/sampler/random_with_replacement.hpp>

#include "contract/sampler.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

using wick::Index;
using wick::RandomWithReplacementSampler;

TEST_CASE("with replacement: keeps the laws of a sampler", "[sampler]") {
    for (const Index rows : {0, 1, 2, 100})
        wick_test::check_sampler(RandomWithReplacementSampler(7), rows, 2);
    for (const Index positions : {0, 1, 300})
        wick_test::check_sampler(RandomWithReplacementSampler(7, positions), 50, 2);
}

TEST_CASE("with replacement: an epoch is as long as the data set, or as long as asked", "[sampler]") {
    CHECK(RandomWithReplacementSampler(7).size(12) == 12);
    CHECK(RandomWithReplacementSampler(7, 1000).size(12) == 1000);
    CHECK(RandomWithReplacementSampler(7, 0).size(0) == 0);
}

TEST_CASE("with replacement: its draws never change, for saved positions depend on them", "[sampler]") {
    // Computed by a separate implementation in Python.
    std::vector<Index> rows(8);
    RandomWithReplacementSampler(7).fill(1000, 0, 0, rows);
    CHECK(rows == std::vector<Index>{414, 364, 707, 785, 183, 154, 836, 92});
    RandomWithReplacementSampler(7).fill(1000, 1, 0, rows);
    CHECK(rows == std::vector<Index>{141, 959, 647, 620, 994, 915, 619, 706});
}

TEST_CASE("with replacement: every row is drawn equally often, and the gaps are a Poisson's", "[sampler]") {
    constexpr Index rows = 100, draws = 40000;
    std::vector<int> counts(rows);
    for (const Index row : wick_test::order_of(RandomWithReplacementSampler(3, draws), rows, 0))
        ++counts[static_cast<std::size_t>(row)];
    double chi2 = 0;
    for (const int count : counts) chi2 += std::pow(count - 400, 2) / 400;
    CHECK(chi2 / 99 == Catch::Detail::Approx(1).margin(5 * std::sqrt(2.0 / 99)));

    int missed = 0;
    std::vector<int> seen(10000);
    for (const Index row : wick_test::order_of(RandomWithReplacementSampler(3), 10000, 0))
        seen[static_cast<std::size_t>(row)] = 1;
    for (const int once : seen) missed += once == 0;
    // 10000 / e rows are missed, with a deviation of about 31.
    CHECK(missed == Catch::Detail::Approx(3679).margin(5 * 31));
}

TEST_CASE("with replacement: a draw shares no bits with what a transform draws there", "[sampler]") {
    // Rows of the upper half and a transform's coin, both from seed 7, agree half of the time.
    int agree = 0;
    const std::vector<Index> order = wick_test::order_of(RandomWithReplacementSampler(7), 1000, 0);
    for (Index position = 0; position < 1000; ++position)
        agree += (order[static_cast<std::size_t>(position)] >= 500) ==
                 (wick::random_bits(7, 0, position) >> 63 == 1);
    CHECK(agree == Catch::Detail::Approx(500).margin(5 * 16));
}

TEST_CASE("with replacement: what cannot be drawn is refused with both values", "[sampler]") {
    CHECK_THROWS_MATCHES(RandomWithReplacementSampler(7, -5), std::invalid_argument,
                         MessageMatches(ContainsSubstring("-5")));
    CHECK_THROWS_MATCHES(RandomWithReplacementSampler(7, 5).size(0), std::invalid_argument,
                         MessageMatches(ContainsSubstring("5 rows cannot be drawn from 0 rows")));
}

TEST_CASE("random with replacement: it says how many of the rows it draws, at most") {
    CHECK(wick::RandomWithReplacementSampler(7, 10).access(40).share == 0.25);
    CHECK(wick::RandomWithReplacementSampler(7, 100).access(40).share == 1);
    CHECK(wick::RandomWithReplacementSampler(7, 0).access(0).share == 0);
}
