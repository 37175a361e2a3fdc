// SPDX-License-Identifier: MIT
#pragma once

// Tensors that lie in a slot: nothing is copied, and the slot is recycled when the last of them is gone.

#include <wick/memory/pool.hpp>

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <cstddef>
#include <utility>

namespace wick::inline v0 {

/// A CPU tensor over `data`, which lies in `slot`.
///
/// Lifetime: holds a share of the slot until the last tensor or view over it is dropped, on whatever thread.
at::Tensor slot_tensor(Slot slot, std::byte* data, at::IntArrayRef sizes, at::ScalarType type);

// Implementation.

inline at::Tensor slot_tensor(Slot slot, std::byte* data, at::IntArrayRef sizes, at::ScalarType type) {
    // Over no bytes LibTorch 1.13 would forget the deleter, and with it the slot.
    for (const auto size : sizes)
        if (size == 0) return at::empty(sizes, at::TensorOptions(type));
    return at::for_blob(data, sizes)
        .context(std::move(slot).release(), Slot::drop)
        .options(at::TensorOptions(type))
        .make_tensor();
}

}  // namespace wick::inline v0
