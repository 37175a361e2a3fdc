// SPDX-License-Identifier: MIT

#include <wick/dataset/split.hpp>

#include "contract/dataset.hpp"
#include "support/catch.hpp"
#include "support/fake_source.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <vector>

using wick::Index;
using wick_test::FakeSource;

namespace {

/// The rows of the whole that a part stands for, in the part's order.
template <class D>
std::vector<Index> rows_of(const D& part) {
    std::vector<Index> rows(static_cast<std::size_t>(part.size()));
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<Index>(i);
    const auto bytes = wick_test::read_fields(part, rows)[0];
    std::vector<Index> found;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::int64_t value = 0;
        std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
        found.push_back(value / 1000003);
    }
    return found;
}

std::vector<Index> joined(std::vector<Index> a, const std::vector<Index>& b) {
    a.insert(a.end(), b.begin(), b.end());
    std::sort(a.begin(), a.end());
    return a;
}

std::vector<Index> counting(Index first, Index last) {
    std::vector<Index> rows;
    for (; first < last; ++first) rows.push_back(first);
    return rows;
}

}  // namespace

TEST_CASE("split: parts are disjoint, complete, of the fractions' sizes, and the same for a seed",
          "[dataset]") {
    const auto [train, test] = wick::split(FakeSource(1000, 1), {0.9, 0.1}, 7);
    CHECK(train.size() == 900);
    CHECK(test.size() == 100);
    CHECK(joined(rows_of(train), rows_of(test)) == counting(0, 1000));
    CHECK(!std::is_sorted(rows_of(train).begin(), rows_of(train).end()));

    const auto [again, rest] = wick::split(FakeSource(1000, 1), {0.9, 0.1}, 7);
    CHECK(rows_of(again) == rows_of(train));
    const auto [other, remaining] = wick::split(FakeSource(1000, 1), {0.9, 0.1}, 8);
    CHECK(rows_of(other) != rows_of(train));
}

TEST_CASE("split: without a seed the parts are ranges, one after another", "[dataset]") {
    const auto [a, b, c] =
        wick::split(wick::ZipDataset(FakeSource(10, 1), FakeSource(10, 2)), {0.5, 0.3, 0.2});
    CHECK(rows_of(a) == counting(0, 5));
    CHECK(rows_of(b) == counting(5, 8));
    CHECK(rows_of(c) == counting(8, 10));
}

TEST_CASE("split: parts share one dataset", "[dataset]") {
    const FakeSource source(100, 1);
    const auto parts = wick::split(source, {0.5, 0.5}, 1);
    for (const auto& part : parts) rows_of(part);
    CHECK(source.state()->reads == 2);
}

TEST_CASE("split: fractions that add up to 1 leave no row out, whatever binary makes of them", "[dataset]") {
    for (const Index size : {0, 1, 2, 7, 1000, 999983}) {
        const auto tenths =
            wick::split(FakeSource(size, 1), {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1});
        const auto thirds = wick::split(FakeSource(size, 1), {1 / 3., 1 / 3., 1 / 3.}, 3);
        Index all = 0;
        for (const auto& part : tenths) {
            all += part.size();
            CHECK(std::abs(static_cast<double>(part.size()) - static_cast<double>(size) / 10) <= 1);
        }
        CHECK(all == size);
        CHECK(thirds[0].size() + thirds[1].size() + thirds[2].size() == size);
    }
    constexpr Index most = std::numeric_limits<Index>::max();
    const auto [half, rest] = wick::split(FakeSource(most, 1), {0.7, 0.3});
    CHECK(half.size() + rest.size() == most);
}

TEST_CASE("split: fractions below 1 leave the rest out, and one part may be all", "[dataset]") {
    const auto [some] = wick::split(FakeSource(1000, 1), {0.25}, 1);
    CHECK(some.size() == 250);
    const auto [all] = wick::split(FakeSource(1000, 1), {1}, 1);
    CHECK(joined(rows_of(all), {}) == counting(0, 1000));
}

TEST_CASE("split: fractions that are no fractions are refused with their value", "[dataset]") {
    const FakeSource source(10, 1);
    CHECK_THROWS_MATCHES(wick::split(source, {0.9, 0.2}, 7), std::invalid_argument,
                         MessageMatches(ContainsSubstring("1.1") && ContainsSubstring("above 1")));
    CHECK_THROWS_MATCHES(wick::split(source, {0.9, 0.0}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("fraction 1") && ContainsSubstring("0.0")));
    CHECK_THROWS_AS(wick::split(source, {-0.1, 0.5}), std::invalid_argument);
    CHECK_THROWS_AS(wick::split(source, {std::numeric_limits<double>::quiet_NaN()}), std::invalid_argument);
    CHECK_THROWS_AS(wick::split(source, {std::numeric_limits<double>::infinity()}), std::invalid_argument);
}
