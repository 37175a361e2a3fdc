// SPDX-License-Identifier: MIT
#include <wick/loader/batch.hpp>

#include "support/catch.hpp"

#include <ATen/ATen.h>

#include <tuple>
#include <type_traits>
#include <utility>

TEST_CASE("batch: it comes apart into its tensors, by reference, by value and const") {
    wick::Batch<2> batch({at::arange(3), at::ones({3, 2})}, /*epoch=*/4, /*number=*/5, {}, {});
    auto& [x, y] = batch;
    static_assert(std::is_same_v<decltype(x), at::Tensor>);
    CHECK(x.is_same(batch.fields()[0]));
    x = x.add(1);  // the names are the batch's own tensors
    CHECK(batch.get<0>()[0].item<int>() == 1);
    const auto& constant = batch;
    const auto& [a, b] = constant;
    CHECK(a.is_same(batch.get<0>()));
    CHECK(b.is_same(y));
    auto [c, d] = std::move(batch);
    CHECK(c.size(0) == 3);
    CHECK(d.size(1) == 2);
    static_assert(std::tuple_size_v<wick::Batch<3>> == 3);
}

TEST_CASE("batch: it says which epoch's and which one it is") {
    const wick::Index rows[] = {9, 8};
    const wick::Batch<1> batch({at::arange(2)}, 4, 5, rows, {});
    CHECK(batch.epoch() == 4);
    CHECK(batch.number() == 5);
    CHECK(batch.rows()[1] == 8);
}
