// SPDX-License-Identifier: MIT
#pragma once

// The element types that files and tensors share.

#include <wick/version.hpp>

#include <complex>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace wick::inline v0 {

/// What one element of a row is.
enum class Dtype : std::uint8_t {
    boolean,
    u8,
    i8,
    u16,
    i16,
    u32,
    i32,
    u64,
    i64,
    f16,
    bf16,
    f32,
    f64,
    c64,
    c128,
};

/// How many bytes one element takes.
constexpr std::size_t size_of(Dtype dtype) noexcept;

/// How many bytes a change of byte order turns round together; the two halves of a complex number turn apart.
constexpr std::size_t swap_unit(Dtype dtype) noexcept;

/// The dtype's name as it is written in this library: "f32".
constexpr std::string_view name_of(Dtype dtype) noexcept;

/// The dtype of a C++ type, for the types that C++20 has.
template <class T>
    requires std::is_arithmetic_v<T> || std::is_same_v<T, std::complex<float>> ||
        std::is_same_v<T, std::complex<double>>
consteval Dtype dtype_of() noexcept;

// Implementation.

constexpr std::size_t size_of(Dtype dtype) noexcept {
    switch (dtype) {
        case Dtype::boolean:
        case Dtype::u8:
        case Dtype::i8: return 1;
        case Dtype::u16:
        case Dtype::i16:
        case Dtype::f16:
        case Dtype::bf16: return 2;
        case Dtype::u32:
        case Dtype::i32:
        case Dtype::f32: return 4;
        case Dtype::u64:
        case Dtype::i64:
        case Dtype::f64:
        case Dtype::c64: return 8;
        case Dtype::c128: return 16;
    }
    return 0;
}

constexpr std::size_t swap_unit(Dtype dtype) noexcept {
    const bool complex = dtype == Dtype::c64 || dtype == Dtype::c128;
    return complex ? size_of(dtype) / 2 : size_of(dtype);
}

constexpr std::string_view name_of(Dtype dtype) noexcept {
    constexpr std::string_view names[] = {"bool", "u8",  "i8",   "u16", "i16", "u32", "i32", "u64",
                                          "i64",  "f16", "bf16", "f32", "f64", "c64", "c128"};
    return names[static_cast<std::size_t>(dtype)];
}

template <class T>
    requires std::is_arithmetic_v<T> || std::is_same_v<T, std::complex<float>> ||
        std::is_same_v<T, std::complex<double>>
consteval Dtype dtype_of() noexcept {
    if constexpr (std::is_same_v<T, bool>)
        return Dtype::boolean;
    else if constexpr (std::is_same_v<T, float>)
        return Dtype::f32;
    else if constexpr (std::is_same_v<T, double>)
        return Dtype::f64;
    else if constexpr (std::is_same_v<T, std::complex<float>>)
        return Dtype::c64;
    else if constexpr (std::is_same_v<T, std::complex<double>>)
        return Dtype::c128;
    else {
        static_assert(std::is_integral_v<T> && sizeof(T) <= 8, "wick has no dtype for long double");
        constexpr Dtype table[2][4] = {{Dtype::u8, Dtype::u16, Dtype::u32, Dtype::u64},
                                       {Dtype::i8, Dtype::i16, Dtype::i32, Dtype::i64}};
        return table[std::is_signed_v<T>][sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3];
    }
}

}  // namespace wick::inline v0
