// SPDX-License-Identifier: MIT
#pragma once

// A tensor that is in memory already, as a source beside those on disk: labels, weights, a small data set.

#include <wick/source/memory.hpp>
#include <wick/tensor/scalar_type.hpp>

#include <ATen/core/Tensor.h>

#include <memory>
#include <stdexcept>
#include <vector>

namespace wick::inline v0 {

/// The rows of a tensor: its first dimension counts them.
///
/// Requires: nobody writes to the tensor while it is read from here.
/// Lifetime: shares the tensor's memory and keeps it alive.
class TensorSource : public MemorySource {
public:
    /// Throws: std::invalid_argument if the tensor has no dimension, is not on the CPU, or has a dtype unknown here.
    /// Cost:   a copy if the tensor is not contiguous, or conjugate or negative by a mark alone; else none.
    explicit TensorSource(const at::Tensor& tensor);

private:
    static MemorySource over(const at::Tensor& tensor);
};

// Implementation.

inline MemorySource TensorSource::over(const at::Tensor& tensor) {
    if (!tensor.defined() || tensor.dim() == 0)
        throw std::invalid_argument("a tensor needs a first dimension to have rows, but has none");
    if (!tensor.device().is_cpu())
        throw std::invalid_argument("a tensor must be on the CPU to be a source, but is on " +
                                    tensor.device().str());
    const auto kept =
        std::make_shared<const at::Tensor>(tensor.detach().resolve_conj().resolve_neg().contiguous());
    const RowLayout row(dtype_of(kept->scalar_type()), {kept->sizes().begin() + 1, kept->sizes().end()});
    return MemorySource(static_cast<const std::byte*>(kept->data_ptr()), kept->size(0), row, kept);
}

inline TensorSource::TensorSource(const at::Tensor& tensor) : MemorySource(over(tensor)) {}

static_assert(Source<TensorSource>);

}  // namespace wick::inline v0
