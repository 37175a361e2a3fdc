// SPDX-License-Identifier: MIT
#include <wick/thread/wake_rule.hpp>

#include "support/catch.hpp"

TEST_CASE("wake rule: at first one item is enough") {
    wick::WakeRule rule;
    rule.begin();
    CHECK(rule.worth_it(1));
}

TEST_CASE("wake rule: it never asks for more items than it may, nor for less than one") {
    wick::WakeRule rule;
    rule.begin();
    rule.end(1'000'000'000, 4);  // so many so quickly
    CHECK(rule.worth_it(4));
    rule.begin();
    rule.end(0, 4);
    CHECK(rule.worth_it(1));
    rule.begin();
    rule.end(1'000'000'000, 0);
    CHECK(rule.worth_it(1));
}
