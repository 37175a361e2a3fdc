// SPDX-License-Identifier: MIT

#include <wick/core/check.hpp>

#include "support/catch.hpp"

#include <limits>
#include <stdexcept>
#include <vector>

using wick::Index;
namespace detail = wick::detail;

TEST_CASE("check: a row outside the data set is named with the data set's size", "[core]") {
    const std::vector<Index> inside = {0, 9, 4, 9}, above = {0, 10, 3}, below = {2, -1};
    CHECK_NOTHROW(detail::check_rows(inside, 10));
    CHECK_NOTHROW(detail::check_rows({}, 0));
    CHECK_THROWS_MATCHES(detail::check_rows(above, 10), std::out_of_range,
                         MessageMatches(ContainsSubstring("row 10 is outside [0, 10)")));
    CHECK_THROWS_MATCHES(detail::check_rows(below, 10), std::out_of_range,
                         MessageMatches(ContainsSubstring("row -1 is outside [0, 10)")));
}

TEST_CASE("check: positions are inside an epoch, or refused without overflowing", "[core]") {
    constexpr Index most = std::numeric_limits<Index>::max();
    CHECK_NOTHROW(detail::check_positions(0, 1, 10, 10));
    CHECK_NOTHROW(detail::check_positions(9, most, 1, 10));
    CHECK_NOTHROW(detail::check_positions(0, most - 1, 2, most));
    CHECK_NOTHROW(detail::check_positions(10, 1, 0, 10));
    CHECK_THROWS_AS(detail::check_positions(10, 1, 1, 10), std::out_of_range);
    CHECK_THROWS_AS(detail::check_positions(11, 1, 0, 10), std::out_of_range);
    CHECK_THROWS_AS(detail::check_positions(-1, 1, 0, 10), std::out_of_range);
    CHECK_THROWS_AS(detail::check_positions(0, most, 2, most), std::out_of_range);
    CHECK_THROWS_AS(detail::check_positions(0, 1, ~std::size_t{0}, most), std::out_of_range);
    CHECK_THROWS_AS(detail::check_positions(0, 0, 1, 10), std::invalid_argument);
    CHECK_THROWS_MATCHES(detail::check_positions(7, 2, 3, 10), std::out_of_range,
                         MessageMatches(ContainsSubstring("3 positions from 7 by 2 leave [0, 10)")));
}

TEST_CASE("check: negative counts and epochs are refused with their value", "[core]") {
    CHECK_NOTHROW(detail::check_row_count(0));
    CHECK_NOTHROW(detail::check_epoch(0));
    CHECK_THROWS_MATCHES(detail::check_row_count(-3), std::invalid_argument,
                         MessageMatches(ContainsSubstring("-3")));
    CHECK_THROWS_MATCHES(detail::check_epoch(-3), std::out_of_range, MessageMatches(ContainsSubstring("-3")));
}
