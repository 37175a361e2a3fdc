// SPDX-License-Identifier: MIT
#include <wick/tensor/device_batch.hpp>

#include "support/catch.hpp"

#include <ATen/ATen.h>

#include <stdexcept>

TEST_CASE("device batch: its fields are there by number, to be changed or replaced, and others are refused") {
    wick::DeviceBatch batch{{at::zeros(3), at::ones(2)}, 4, 5};
    batch[0].add_(1);
    batch[1] = at::full({7}, 3);
    CHECK(batch.fields[0].sum().item<float>() == 3);
    CHECK(batch.fields[1].size(0) == 7);
    CHECK_THROWS_AS(batch[2], std::out_of_range);
}

TEST_CASE("device batch: one that lacks a field, has one too many or one without a tensor is refused") {
    const wick::DeviceBatch whole{{at::zeros(3), at::ones(2)}};
    CHECK_NOTHROW(wick::detail::check_fields(whole, 2));
    CHECK_THROWS_MATCHES(wick::detail::check_fields(whole, 3), std::invalid_argument,
                         MessageMatches(ContainsSubstring("2 of 3 fields")));
    CHECK_THROWS_MATCHES(wick::detail::check_fields(whole, 1), std::invalid_argument,
                         MessageMatches(ContainsSubstring("2 of 1 fields")));
    CHECK_THROWS_MATCHES(wick::detail::check_fields({{at::zeros(3), at::Tensor()}}, 2), std::invalid_argument,
                         MessageMatches(ContainsSubstring("no tensor in field 1")));
}
