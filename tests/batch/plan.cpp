// SPDX-License-Identifier: MIT
#include <wick/batch/plan.hpp>

#include "support/catch.hpp"

#include <stdexcept>

using wick::BatchPlan;
using wick::Index;
using wick::SpanPlan;

TEST_CASE("plan: the batches cover every position once, in order") {
    for (const Index positions : {0, 1, 2, 7, 8, 9, 100})
        for (const Index batch_size : {1, 2, 3, 8, 200}) {
            const BatchPlan plan(positions, batch_size, false);
            Index next = 0;
            for (Index batch = 0; batch < plan.batches(); ++batch) {
                CHECK(plan.position(batch) == next);
                CHECK(plan.rows(batch) >= 1);
                CHECK(plan.rows(batch) <= plan.most_rows());
                next += plan.rows(batch);
            }
            CHECK(next == positions);
        }
}

TEST_CASE("plan: drop_last leaves out the short batch and nothing else") {
    CHECK(BatchPlan(10, 4, true).batches() == 2);
    CHECK(BatchPlan(10, 4, false).batches() == 3);
    CHECK(BatchPlan(10, 4, false).rows(2) == 2);
    CHECK(BatchPlan(8, 4, true).batches() == 2);
    CHECK(BatchPlan(3, 4, true).batches() == 0);
    CHECK(BatchPlan(0, 4, false).batches() == 0);
}

TEST_CASE("plan: a batch of no rows, or an epoch of negative length, is refused with its value") {
    CHECK_THROWS_MATCHES(BatchPlan(10, 0, false), std::invalid_argument,
                         MessageMatches(ContainsSubstring("is 0")));
    CHECK_THROWS_MATCHES(BatchPlan(10, -3, false), std::invalid_argument,
                         MessageMatches(ContainsSubstring("is -3")));
    CHECK_THROWS_MATCHES(BatchPlan(-1, 4, false), std::invalid_argument,
                         MessageMatches(ContainsSubstring("-1")));
}

TEST_CASE("plan: an epoch near the largest number of rows is still exact") {
    const Index most = Index{1} << 62;
    const BatchPlan plan(most, 1 << 20, false);
    CHECK(plan.batches() == Index{1} << 42);
    CHECK(plan.position(plan.batches() - 1) + plan.rows(plan.batches() - 1) == most);
}

TEST_CASE("plan: the spans cover a batch once, and are about a megabyte") {
    for (const Index rows : {0, 1, 2, 100, 257, 4096})
        for (const std::size_t row_bytes : {std::size_t{0}, std::size_t{8}, std::size_t{4096},
                                            std::size_t{600'000}, std::size_t{3} << 20}) {
            const SpanPlan plan(rows, row_bytes);
            REQUIRE(plan.spans() >= 1);
            CHECK(plan.first(0) == 0);
            CHECK(plan.first(plan.spans()) >= rows);
            if (plan.spans() > 1) {
                CHECK(plan.first(plan.spans() - 1) < rows);
                const auto span_rows = static_cast<std::size_t>(plan.first(1));
                CHECK((span_rows == 1 || span_rows * row_bytes <= std::size_t{1} << 20));
            }
        }
    CHECK(SpanPlan(256, 128).spans() == 1);
    CHECK(SpanPlan(256, 600'000).spans() == 256);
    CHECK(SpanPlan(1024, 150'000).spans() == 171);
}
