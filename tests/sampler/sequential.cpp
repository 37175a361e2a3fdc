// SPDX-License-Identifier: MIT

#include <wick/sampler/sequential.hpp>

#include "contract/sampler.hpp"
#include "support/catch.hpp"

#include <limits>
#include <vector>

using wick::Index;

TEST_CASE("sequential: keeps the laws of a sampler", "[sampler]") {
    for (const Index rows : {0, 1, 2, 100}) wick_test::check_sampler(wick::SequentialSampler(), rows, 3);
}

TEST_CASE("sequential: position i is row i, in every epoch", "[sampler]") {
    const std::vector<Index> rows = {0, 1, 2, 3};
    CHECK(wick_test::order_of(wick::SequentialSampler(), 4, 0) == rows);
    CHECK(wick_test::order_of(wick::SequentialSampler(), 4, 9) == rows);
}

TEST_CASE("sequential: the last row of the longest data set is reached by the longest stride", "[sampler]") {
    constexpr Index most = std::numeric_limits<Index>::max();
    std::vector<Index> rows(2);
    wick::SequentialSampler().fill(most, 0, 0, most - 1, rows);
    CHECK(rows == std::vector<Index>{0, most - 1});
}

TEST_CASE("sequential: it says that it is one long block") {
    const wick::Access access = wick::SequentialSampler().access(77);
    CHECK((access.share == 1 && access.block_rows == 77 && access.in_order));
    CHECK(wick::SequentialSampler().access(0).block_rows == 1);
}
