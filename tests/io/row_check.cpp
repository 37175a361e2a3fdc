// SPDX-License-Identifier: MIT
#include <wick/io/row_check.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <vector>

TEST_CASE("row check: a wrong size and a row outside are refused with both values") {
    using wick::Index;
    const wick::RowLayout layout(wick::Dtype::f32, {2});
    std::vector<std::byte> out(24);
    const auto check = [&](std::vector<Index> rows, std::size_t bytes, Index size = 10) {
        wick::detail::check_read(rows, size, layout, wick::Bytes(out).first(bytes));
    };
    CHECK_NOTHROW(check({0, 9, 9}, 24));
    CHECK_NOTHROW(check({}, 0));
    CHECK_THROWS_MATCHES(check({0, 9}, 24), std::invalid_argument,
                         MessageMatches(ContainsSubstring("2 rows of 8 bytes do not fill 24 bytes")));
    CHECK_THROWS_AS(check({0, 9}, 15), std::invalid_argument);
    CHECK_THROWS_AS(check({0}, 0), std::invalid_argument);
    CHECK_THROWS_AS(check({}, 8), std::invalid_argument);
    CHECK_THROWS_MATCHES(check({0, 10, 1}, 24), std::out_of_range,
                         MessageMatches(ContainsSubstring("row 10 is outside [0, 10)")));
    CHECK_THROWS_MATCHES(check({0, 1, -1}, 24), std::out_of_range,
                         MessageMatches(ContainsSubstring("row -1")));
    CHECK_THROWS_AS(check({0}, 8, 0), std::out_of_range);
    CHECK_THROWS_AS(check({std::numeric_limits<Index>::min()}, 8), std::out_of_range);
}

TEST_CASE("row check: rows of no bytes fill no bytes, and must exist nevertheless") {
    using wick::Index;
    const wick::RowLayout layout(wick::Dtype::f32, {0});
    std::vector<std::byte> out(4);
    const std::vector<Index> rows{0, 2};
    CHECK_NOTHROW(wick::detail::check_read(rows, 3, layout, {}));
    CHECK_THROWS_AS(wick::detail::check_read(rows, 2, layout, {}), std::out_of_range);
    CHECK_THROWS_AS(wick::detail::check_read(rows, 3, layout, out), std::invalid_argument);
}
