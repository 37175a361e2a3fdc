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
    CHECK_NOTHROW(wick::detail::check_fields(whole, 2, at::kCPU));
    CHECK_THROWS_MATCHES(wick::detail::check_fields(whole, 3, at::kCPU), std::invalid_argument,
                         MessageMatches(ContainsSubstring("2 of 3 fields")));
    CHECK_THROWS_MATCHES(wick::detail::check_fields(whole, 1, at::kCPU), std::invalid_argument,
                         MessageMatches(ContainsSubstring("2 of 1 fields")));
    CHECK_THROWS_MATCHES(wick::detail::check_fields({{at::zeros(3), at::Tensor()}}, 2, at::kCPU),
                         std::invalid_argument, MessageMatches(ContainsSubstring("no tensor in field 1")));
}

TEST_CASE("device batch: a tensor that is not strided, or on another device, is refused with what it is") {
    const wick::DeviceBatch sparse{{at::zeros(3), at::ones(3).to_sparse()}};
    CHECK_THROWS_MATCHES(wick::detail::check_fields(sparse, 2, at::kCPU), std::invalid_argument,
                         MessageMatches(ContainsSubstring("layout Sparse in field 1")));
    const wick::DeviceBatch elsewhere{{at::empty(3, at::kMeta)}};
    CHECK_THROWS_MATCHES(
        wick::detail::check_fields(elsewhere, 1, at::kCPU), std::invalid_argument,
        MessageMatches(ContainsSubstring("on cpu, but") && ContainsSubstring("one on meta in field 0")));
}
