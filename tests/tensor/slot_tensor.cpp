// SPDX-License-Identifier: MIT
#include <wick/tensor/slot_tensor.hpp>

#include "support/catch.hpp"

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

TEST_CASE("slot tensor: it lies in the slot, and the slot comes back when the last view of it is gone") {
    const auto pool = wick::Pool::make(4096, 2);
    wick::Slot slot = pool->lease();
    std::byte* memory = slot.data();
    at::Tensor tensor = wick::slot_tensor(std::move(slot), memory + 64, {4, 3}, at::kFloat);
    CHECK(tensor.data_ptr() == memory + 64);
    CHECK(tensor.sizes() == at::IntArrayRef({4, 3}));
    CHECK(tensor.scalar_type() == at::kFloat);
    CHECK(tensor.is_contiguous());
    at::Tensor view = tensor.select(0, 1);
    tensor.reset();
    CHECK(pool->lease().data() != memory);
    view.reset();
    CHECK(pool->lease().data() == memory);
}

TEST_CASE("slot tensor: over no elements it holds no slot") {
    const auto pool = wick::Pool::make(4096, 1);
    wick::Slot slot = pool->lease();
    std::byte* memory = slot.data();
    const at::Tensor tensor = wick::slot_tensor(std::move(slot), memory, {3, 0}, at::kByte);
    CHECK(tensor.sizes() == at::IntArrayRef({3, 0}));
    CHECK(pool->lease().data() == memory);
}
