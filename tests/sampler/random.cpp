// SPDX-License-Identifier: MIT

#include <wick/sampler/random.hpp>

#include "contract/sampler.hpp"
#include "support/catch.hpp"

#include <vector>

using wick::Index;
using wick::RandomSampler;

TEST_CASE("random sampler: keeps the laws of a sampler", "[sampler]") {
    for (const Index rows : {0, 1, 2, 3, 100, 1000}) wick_test::check_sampler(RandomSampler(7), rows, 2);
}

TEST_CASE("random sampler: every epoch and every seed has an order of its own, each row once", "[sampler]") {
    wick_test::check_shuffles([](std::uint64_t seed) { return RandomSampler(seed); }, 1000);
}

TEST_CASE("random sampler: its order never changes, for saved positions depend on it", "[sampler]") {
    // Computed by a separate implementation in Python.
    std::vector<Index> rows(8);
    RandomSampler(7).fill(1000, 0, 0, rows);
    CHECK(rows == std::vector<Index>{479, 310, 237, 302, 228, 267, 473, 796});
    RandomSampler(7).fill(1000, 1, 0, rows);
    CHECK(rows == std::vector<Index>{290, 267, 202, 122, 475, 49, 705, 100});
}

TEST_CASE("random sampler: more rows than a permutation takes are refused", "[sampler]") {
    std::vector<Index> rows(1);
    CHECK_THROWS_AS(RandomSampler(7).fill((Index{1} << 62) + 1, 0, 0, rows), std::invalid_argument);
    CHECK_NOTHROW(RandomSampler(7).fill(Index{1} << 62, 0, 0, rows));
}
