// SPDX-License-Identifier: MIT
#pragma once

// What the bytes in a slot are, as tensors.

#include <wick/batch/slot_layout.hpp>
#include <wick/core/concepts.hpp>
#include <wick/memory/pool.hpp>
#include <wick/tensor/pinned.hpp>
#include <wick/tensor/scalar_type.hpp>
#include <wick/tensor/slot_tensor.hpp>

#include <ATen/core/DimVector.h>
#include <ATen/core/Tensor.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace wick::inline v0::detail {

/// The dtypes and shapes of N fields, and where they lie.
///
/// Threads: safe from any number of threads.
template <std::size_t N>
class SlotTensors {
public:
    /// Throws: std::invalid_argument if this LibTorch has no tensors of a field's dtype.
    template <Dataset D>
    SlotTensors(const D& dataset, const SlotLayout& layout, bool pinned);

    /// A field of the slot's first `rows` rows.
    at::Tensor operator()(const Slot& slot, std::size_t field, Index rows) const;

    /// The sizes of all fields of a batch of `rows` rows.
    std::vector<std::vector<std::int64_t>> sizes(Index rows) const;

    std::vector<at::ScalarType> types() const { return {types_.begin(), types_.end()}; }

private:
    const SlotLayout& layout_;
    const bool pinned_;
    std::array<at::ScalarType, N> types_{};
    std::array<at::DimVector, N> row_sizes_;
};

// Implementation.

template <std::size_t N>
template <Dataset D>
SlotTensors<N>::SlotTensors(const D& dataset, const SlotLayout& layout, bool pinned)
    : layout_(layout), pinned_(pinned) {
    for (std::size_t field = 0; field < N; ++field) {
        const RowLayout& row = dataset.layout(field);
        const auto type = scalar_type(row.dtype());
        if (!type)
            throw std::invalid_argument("field " + std::to_string(field) + " is " +
                                        std::string(name_of(row.dtype())) +
                                        ", of which LibTorch has tensors from 2.3 on, and this one is older");
        types_[field] = *type;
        row_sizes_[field].assign(row.shape().begin(), row.shape().end());
    }
}

template <std::size_t N>
at::Tensor SlotTensors<N>::operator()(const Slot& slot, std::size_t field, Index rows) const {
    at::DimVector sizes{rows};
    sizes.append(row_sizes_[field].begin(), row_sizes_[field].end());
    std::byte* const data = layout_.field(slot.data(), field, 0);
    return pinned_ ? pinned_tensor(slot, data, sizes, types_[field])
                   : slot_tensor(slot, data, sizes, types_[field]);
}

template <std::size_t N>
std::vector<std::vector<std::int64_t>> SlotTensors<N>::sizes(Index rows) const {
    std::vector<std::vector<std::int64_t>> all;
    for (const at::DimVector& row : row_sizes_) {
        all.push_back({rows});
        all.back().insert(all.back().end(), row.begin(), row.end());
    }
    return all;
}

}  // namespace wick::inline v0::detail
