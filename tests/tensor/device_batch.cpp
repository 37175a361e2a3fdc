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
