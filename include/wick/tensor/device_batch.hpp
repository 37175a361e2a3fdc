// SPDX-License-Identifier: MIT
#pragma once

// A batch on its way, in the hands of a function of the user's: it knows neither the dataset nor its number of fields.

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace wick::inline v0 {

/// A batch on its device, to be changed in place, or by putting other tensors in the place of its own.
struct DeviceBatch {
    std::vector<at::Tensor> fields;

    /// The batch's epoch, and its place there: what any randomness is to be drawn from.
    std::int64_t epoch = 0;
    std::int64_t number = 0;

    /// One field's tensor.
    ///
    /// Throws: std::out_of_range if there is no such field.
    at::Tensor& operator[](std::size_t field) { return fields.at(field); }
};

namespace detail {

/// Throws: std::invalid_argument if `on_device` left another number of fields, or one without a tensor.
void check_fields(const DeviceBatch& batch, std::size_t fields);

/// For messages: dtype, sizes and device.
std::string described(const at::Tensor& tensor);

}  // namespace detail

// Implementation.

inline void detail::check_fields(const DeviceBatch& batch, std::size_t fields) {
    if (batch.fields.size() != fields)
        throw std::invalid_argument("on_device leaves " + std::to_string(batch.fields.size()) + " of " +
                                    std::to_string(fields) + " fields");
    for (std::size_t field = 0; field < fields; ++field)
        if (!batch.fields[field].defined())
            throw std::invalid_argument("on_device leaves no tensor in field " + std::to_string(field));
}

inline std::string detail::described(const at::Tensor& tensor) {
    std::string text = std::string(c10::toString(tensor.scalar_type())) + " [";
    for (std::int64_t i = 0; i < tensor.dim(); ++i)
        text += (i > 0 ? ", " : "") + std::to_string(tensor.size(i));
    return text + "] on " + tensor.device().str();
}

}  // namespace wick::inline v0
