// SPDX-License-Identifier: MIT
#pragma once

// The one map between this library's dtypes and LibTorch's.

#include <wick/core/dtype.hpp>

#if !__has_include(<ATen/core/Tensor.h>)
#error "wick needs LibTorch 1.13 or newer: its include folder is not on the compiler's search path"
#endif
#include <c10/core/ScalarType.h>

#include <optional>
#include <stdexcept>
#include <string>

namespace wick::inline v0 {

/// LibTorch's name for a dtype; none if this LibTorch has no such tensors (u16, u32 and u64 came with 2.3).
std::optional<c10::ScalarType> scalar_type(Dtype dtype) noexcept;

/// The dtype of a tensor's elements.
///
/// Throws: std::invalid_argument for quantised and other types that are no plain numbers.
Dtype dtype_of(c10::ScalarType type);

// Implementation.

namespace detail {

// Templates, since a name that this LibTorch lacks may only be looked up when the type is dependent.
template <class Type>
constexpr std::optional<Type> wide_unsigned(Dtype dtype) noexcept {
    if constexpr (requires { Type::UInt16; }) {
        if (dtype == Dtype::u16) return Type::UInt16;
        if (dtype == Dtype::u32) return Type::UInt32;
        if (dtype == Dtype::u64) return Type::UInt64;
    }
    return std::nullopt;
}

}  // namespace detail

inline std::optional<c10::ScalarType> scalar_type(Dtype dtype) noexcept {
    switch (dtype) {
        case Dtype::boolean: return c10::ScalarType::Bool;
        case Dtype::u8: return c10::ScalarType::Byte;
        case Dtype::i8: return c10::ScalarType::Char;
        case Dtype::i16: return c10::ScalarType::Short;
        case Dtype::i32: return c10::ScalarType::Int;
        case Dtype::i64: return c10::ScalarType::Long;
        case Dtype::f16: return c10::ScalarType::Half;
        case Dtype::bf16: return c10::ScalarType::BFloat16;
        case Dtype::f32: return c10::ScalarType::Float;
        case Dtype::f64: return c10::ScalarType::Double;
        case Dtype::c64: return c10::ScalarType::ComplexFloat;
        case Dtype::c128: return c10::ScalarType::ComplexDouble;
        case Dtype::u16:
        case Dtype::u32:
        case Dtype::u64: return detail::wide_unsigned<c10::ScalarType>(dtype);
    }
    return std::nullopt;
}

inline Dtype dtype_of(c10::ScalarType type) {
    for (int i = 0; i <= static_cast<int>(Dtype::c128); ++i)
        if (scalar_type(static_cast<Dtype>(i)) == type) return static_cast<Dtype>(i);
    throw std::invalid_argument(std::string("a tensor of ") + c10::toString(type) + " has no dtype in wick");
}

}  // namespace wick::inline v0
