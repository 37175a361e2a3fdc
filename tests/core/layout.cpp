// SPDX-License-Identifier: MIT
#include <wick/core/layout.hpp>

#include "support/catch.hpp"

#include <limits>
#include <stdexcept>

using wick::Dtype;
using wick::Index;
using wick::RowLayout;

TEST_CASE("layout: a row's bytes are its elements times their size") {
    CHECK(RowLayout(Dtype::f32, {3, 224, 224}).bytes() == 602'112);
    CHECK(RowLayout(Dtype::f32, {3, 224, 224}).elements() == 150'528);
    CHECK(RowLayout(Dtype::c128, {}).bytes() == 16);
    CHECK(RowLayout(Dtype::c128, {}).elements() == 1);
    CHECK(RowLayout(Dtype::u8, {7, 0, 3}).bytes() == 0);
    CHECK(RowLayout(Dtype::u8, {7, 0, 3}).elements() == 0);
}

TEST_CASE("layout: layouts are equal when dtype and shape are") {
    CHECK(RowLayout(Dtype::f32, {2, 3}) == RowLayout(Dtype::f32, {2, 3}));
    CHECK(RowLayout(Dtype::f32, {2, 3}) != RowLayout(Dtype::f32, {3, 2}));
    CHECK(RowLayout(Dtype::f32, {2, 3}) != RowLayout(Dtype::i32, {2, 3}));
}

TEST_CASE("layout: it prints as errors name it") {
    CHECK(wick::to_string(RowLayout(Dtype::f32, {3, 224, 224})) == "f32 [3, 224, 224]");
    CHECK(wick::to_string(RowLayout(Dtype::boolean, {})) == "bool []");
}

TEST_CASE("layout: a negative dimension, or more bytes than can be addressed, is refused with the shape") {
    CHECK_THROWS_MATCHES(RowLayout(Dtype::u8, {3, -1}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("[3, -1]")));
    const Index large = Index{1} << 31;
    CHECK_THROWS_MATCHES(RowLayout(Dtype::f32, {large, large}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("[2147483648, 2147483648]")));
    CHECK_THROWS_AS(RowLayout(Dtype::u16, {std::numeric_limits<Index>::max()}), std::invalid_argument);
    CHECK(RowLayout(Dtype::u8, {std::numeric_limits<Index>::max()}).bytes() == 9'223'372'036'854'775'807u);
    // With no elements at all there are no bytes, whatever the other dimensions would come to.
    CHECK(RowLayout(Dtype::f64, {large, large, large, 0}).bytes() == 0);
    CHECK_THROWS_AS(RowLayout(Dtype::f64, {0, -1}), std::invalid_argument);
}
