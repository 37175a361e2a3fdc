// SPDX-License-Identifier: MIT
#pragma once

// A batch on its way, in the hands of a function of the user's: it knows neither the dataset nor its number of fields.

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/Layout.h>

#include <cstddef>
#include <cstdint>
#include <sstream>
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

/// Throws: std::invalid_argument if `on_device` left another number of fields, one without a tensor, or one that is not
///         strided or lies on another device.
void check_fields(const DeviceBatch& batch, std::size_t fields, c10::Device device);

/// For messages: dtype and sizes.
std::string described(const at::Tensor& tensor);

}  // namespace detail

// Implementation.

inline void detail::check_fields(const DeviceBatch& batch, std::size_t fields, c10::Device device) {
    if (batch.fields.size() != fields)
        throw std::invalid_argument("on_device leaves " + std::to_string(batch.fields.size()) + " of " +
                                    std::to_string(fields) + " fields");
    for (std::size_t field = 0; field < fields; ++field) {
        const at::Tensor& tensor = batch.fields[field];
        const std::string where = " in field " + std::to_string(field);
        if (!tensor.defined()) throw std::invalid_argument("on_device leaves no tensor" + where);
        if (tensor.layout() != c10::Layout::Strided) {
            std::ostringstream layout;
            layout << tensor.layout();
            throw std::invalid_argument("on_device must leave strided tensors, but leaves one of layout " +
                                        layout.str() + where);
        }
        if (tensor.device() != device)
            throw std::invalid_argument("on_device must leave tensors on " + device.str() +
                                        ", but leaves one on " + tensor.device().str() + where);
    }
}

inline std::string detail::described(const at::Tensor& tensor) {
    std::string text = std::string(c10::toString(tensor.scalar_type())) + " [";
    for (std::int64_t i = 0; i < tensor.dim(); ++i)
        text += (i > 0 ? ", " : "") + std::to_string(tensor.size(i));
    return text + "]";
}

}  // namespace wick::inline v0
