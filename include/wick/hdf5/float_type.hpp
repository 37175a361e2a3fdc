// SPDX-License-Identifier: MIT
#pragma once

// HDF5 lets a file describe any floating-point format bit by bit. Here is told which of them are the ones
// that tensors know, and which fit into one of those without loss.

#include <wick/core/dtype.hpp>

#include <cstddef>
#include <hdf5.h>
#include <optional>

namespace wick::inline v0::detail {

/// Where sign, exponent and mantissa stand, in bits.
struct FloatFormat {
    std::size_t bytes = 0;
    std::size_t precision = 0;
    std::size_t offset = 0;
    std::size_t sign = 0;
    std::size_t exponent = 0;
    std::size_t exponent_bits = 0;
    std::size_t mantissa = 0;
    std::size_t mantissa_bits = 0;
    std::size_t bias = 0;
    bool implied = false;  ///< the leading bit of the mantissa is not stored
    bool vax = false;      ///< bytes in the order of a VAX

    /// The dtype that has this very format.
    std::optional<Dtype> same() const noexcept;

    /// The smallest dtype that holds every value of this format, by the HDF5 library's conversion.
    std::optional<Dtype> wider() const noexcept;

    friend bool operator==(const FloatFormat&, const FloatFormat&) = default;
};

/// The format of a floating-point type; nothing if the library cannot say.
///
/// Requires: an Hdf5Lock is held.
std::optional<FloatFormat> float_format(hid_t type);

// Implementation.

inline std::optional<FloatFormat> float_format(hid_t type) {
    FloatFormat format{.bytes = H5Tget_size(type), .precision = H5Tget_precision(type)};
    if (H5Tget_fields(type, &format.sign, &format.exponent, &format.exponent_bits, &format.mantissa,
                      &format.mantissa_bits) < 0)
        return std::nullopt;
    format.offset = static_cast<std::size_t>(H5Tget_offset(type));
    format.bias = H5Tget_ebias(type);
    format.implied = H5Tget_norm(type) == H5T_NORM_IMPLIED;
    const H5T_order_t order = H5Tget_order(type);
    format.vax = order != H5T_ORDER_LE && order != H5T_ORDER_BE;
    return format;
}

/// An IEEE format of that many bytes: sign, exponent, mantissa from the highest bit down.
constexpr FloatFormat ieee_format(std::size_t bytes, std::size_t exponent_bits) noexcept {
    const std::size_t bits = 8 * bytes, mantissa_bits = bits - 1 - exponent_bits;
    return {.bytes = bytes,
            .precision = bits,
            .offset = 0,
            .sign = bits - 1,
            .exponent = mantissa_bits,
            .exponent_bits = exponent_bits,
            .mantissa = 0,
            .mantissa_bits = mantissa_bits,
            .bias = (std::size_t{1} << (exponent_bits - 1)) - 1,
            .implied = true,
            .vax = false};
}

inline std::optional<Dtype> FloatFormat::same() const noexcept {
    // HDF5 counts one byte as without order.
    if (*this == ieee_format(8, 11)) return Dtype::f64;
    if (*this == ieee_format(4, 8)) return Dtype::f32;
    if (*this == ieee_format(2, 5)) return Dtype::f16;
    if (*this == ieee_format(2, 8)) return Dtype::bf16;
    return std::nullopt;
}

inline std::optional<Dtype> FloatFormat::wider() const noexcept {
    const std::size_t digits = mantissa_bits + (implied ? 1 : 0);
    // A bias of its own may reach beyond what the wider exponent holds.
    const auto holds = [&](std::size_t wider_bits, std::size_t mantissa_digits) {
        const std::size_t middle = (std::size_t{1} << (wider_bits - 1)) - 1;
        return exponent_bits <= wider_bits && digits <= mantissa_digits && bias <= middle &&
               (std::size_t{1} << exponent_bits) - bias <= middle + 2;
    };
    if (exponent_bits == 0 || exponent_bits > 11) return std::nullopt;
    if (holds(8, 24)) return Dtype::f32;
    if (holds(11, 53)) return Dtype::f64;
    return std::nullopt;
}

}  // namespace wick::inline v0::detail
