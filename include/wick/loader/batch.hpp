// SPDX-License-Identifier: MIT
#pragma once

// What the loop gets: one tensor per field, and what they are.

#include <wick/core/concepts.hpp>
#include <wick/memory/pool.hpp>

#include <ATen/core/Tensor.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

namespace wick::inline v0 {

/// One batch, to be taken apart by `auto& [images, labels]`.
///
/// Shape:    field f is [rows, row shape of field f...] of the field's dtype, contiguous, unless `on_device` made it
///           something else.
/// Lifetime: the batch and its tensors, each by itself, stay valid for as long as anyone keeps them; only with
///           `static_addresses` is what is kept overwritten when the loop goes on. On a device, what was not kept is
///           overwritten once the stream is through with it that was current when the batch was given, and the one that
///           is when the loop goes on: if another stream used it, have one of these wait for that. `record_stream` does
///           not, for the memory is not freed.
template <std::size_t N>
class Batch {
public:
    /// Made by the loader: `rows` lies in `slot`.
    Batch(std::array<at::Tensor, N> fields, std::int64_t epoch, Index number, Rows rows, Slot slot) noexcept
        : fields_(std::move(fields)), epoch_(epoch), number_(number), rows_(rows), slot_(std::move(slot)) {}

    /// One field's tensor.
    template <std::size_t F>
    at::Tensor& get() noexcept {
        return fields_[F];
    }
    template <std::size_t F>
    const at::Tensor& get() const noexcept {
        return fields_[F];
    }

    /// All fields' tensors.
    const std::array<at::Tensor, N>& fields() const noexcept { return fields_; }

    /// The epoch that the batch belongs to.
    std::int64_t epoch() const noexcept { return epoch_; }

    /// The batch's place in its epoch, from 0 on.
    Index number() const noexcept { return number_; }

    /// The dataset's row numbers, in the order of the batch.
    ///
    /// Lifetime: valid while this batch, or a copy of it, is.
    Rows rows() const noexcept { return rows_; }

private:
    std::array<at::Tensor, N> fields_;
    std::int64_t epoch_;
    Index number_;
    Rows rows_;
    Slot slot_;
};

}  // namespace wick::inline v0

template <std::size_t N>
struct std::tuple_size<wick::Batch<N>> : std::integral_constant<std::size_t, N> {};

template <std::size_t F, std::size_t N>
struct std::tuple_element<F, wick::Batch<N>> {
    using type = at::Tensor;
};
