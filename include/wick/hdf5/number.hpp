// SPDX-License-Identifier: MIT
#pragma once

// Which of the many numbers that HDF5 can describe are numbers of a tensor.

#include <wick/core/dtype.hpp>
#include <wick/hdf5/float_type.hpp>
#include <wick/hdf5/handle.hpp>
#include <wick/hdf5/library.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <hdf5.h>
#include <optional>
#include <string>
#include <vector>

namespace wick::inline v0::detail {

/// A number: what it is, whether its bytes are in foreign order, and why only the HDF5 library can convert
/// it, if so.
struct Hdf5Number {
    Dtype dtype = Dtype::u8;
    bool swapped = false;
    std::string conversion{};
};

/// The number that a type of a file is.
///
/// Requires: an Hdf5Lock is held.
/// Throws:   Error naming the type if it is no number, or not the one that is wanted; Error if it is damaged.
Hdf5Number hdf5_number(hid_t type, std::optional<Dtype> wanted, const Hdf5Place& place);

/// The type of the same number in memory, in this machine's order.
Hdf5Handle hdf5_memory_number(hid_t type, Dtype dtype);

/// The members of a compound or the values of an enumeration, by their names.
std::vector<std::string> hdf5_member_names(hid_t type);

/// "a, b, c".
std::string joined(const std::vector<std::string>& words);

// Implementation.

inline std::vector<std::string> hdf5_member_names(hid_t type) {
    std::vector<std::string> names;
    const int count = H5Tget_nmembers(type);
    for (int i = 0; i < count; ++i) {
        char* const name = H5Tget_member_name(type, static_cast<unsigned>(i));
        if (!name) continue;
        names.emplace_back(name);
        H5free_memory(name);
    }
    return names;
}

inline std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

/// "a string of variable length", for what cannot be read.
inline std::string hdf5_class_text(hid_t type) {
    switch (H5Tget_class(type)) {
        case H5T_STRING: return H5Tis_variable_str(type) > 0 ? "strings of variable length" : "strings";
        case H5T_VLEN: return "sequences of variable length";
        case H5T_REFERENCE: return "references";
        case H5T_OPAQUE: return "opaque bytes (" + std::to_string(H5Tget_size(type)) + " each)";
        case H5T_TIME: return "times";
        case H5T_COMPOUND:
            return "compounds of " + joined(hdf5_member_names(type)) + " (choose one by the option .member)";
        case H5T_ARRAY: return "arrays";
        case H5T_INTEGER: return "integers of " + std::to_string(H5Tget_size(type)) + " bytes";
        case H5T_FLOAT: return "floats of " + std::to_string(H5Tget_size(type)) + " bytes";
        default: return "a type of an unknown kind";
    }
}

/// A type of this machine for a dtype that C has, or -1.
inline hid_t hdf5_native(Dtype dtype) noexcept {
    switch (dtype) {
        case Dtype::u8: return H5T_NATIVE_UINT8;
        case Dtype::i8: return H5T_NATIVE_INT8;
        case Dtype::u16: return H5T_NATIVE_UINT16;
        case Dtype::i16: return H5T_NATIVE_INT16;
        case Dtype::u32: return H5T_NATIVE_UINT32;
        case Dtype::i32: return H5T_NATIVE_INT32;
        case Dtype::u64: return H5T_NATIVE_UINT64;
        case Dtype::i64: return H5T_NATIVE_INT64;
        case Dtype::f32: return H5T_NATIVE_FLOAT;
        case Dtype::f64: return H5T_NATIVE_DOUBLE;
        default: return -1;
    }
}

inline bool is_foreign(hid_t type) noexcept {
    const H5T_order_t native = std::endian::native == std::endian::little ? H5T_ORDER_LE : H5T_ORDER_BE;
    const H5T_order_t order = H5Tget_order(type);
    return H5Tget_size(type) > 1 && order != native && (order == H5T_ORDER_LE || order == H5T_ORDER_BE);
}

/// Throws: Error if a number has bits beyond its bytes: the library would take them from what lies behind it.
inline void check_bits(hid_t type, const Hdf5Place& place) {
    const H5T_class_t kind = H5Tget_class(type);
    if (kind == H5T_ENUM) return check_bits(Hdf5Handle(H5Tget_super(type), H5Tclose).id(), place);
    if (kind != H5T_INTEGER && kind != H5T_BITFIELD && kind != H5T_FLOAT) return;
    const std::size_t bytes = H5Tget_size(type);
    const auto offset = static_cast<std::size_t>(std::max(0, H5Tget_offset(type)));
    std::size_t end = offset + H5Tget_precision(type);
    if (const std::optional<FloatFormat> format = kind == H5T_FLOAT ? float_format(type) : std::nullopt)
        end = std::max({end, format->sign + 1, format->exponent + format->exponent_bits,
                        format->mantissa + format->mantissa_bits});
    if (end > 8 * bytes)
        throw place.error("expected numbers within their " + std::to_string(8 * bytes) +
                          " bits, found some that end at bit " + std::to_string(end));
}

inline std::optional<Hdf5Number> hdf5_integer(hid_t type, bool is_signed) {
    constexpr std::array<std::array<Dtype, 4>, 2> table{
        {{Dtype::u8, Dtype::u16, Dtype::u32, Dtype::u64}, {Dtype::i8, Dtype::i16, Dtype::i32, Dtype::i64}}};
    const std::size_t size = H5Tget_size(type);
    if (size == 0 || size > 8) return std::nullopt;
    const auto log = static_cast<std::size_t>(std::bit_width(size - 1));
    Hdf5Number number{.dtype = table[is_signed][log], .swapped = is_foreign(type)};
    const std::size_t precision = H5Tget_precision(type);
    if (precision != 8 * size || H5Tget_offset(type) != 0 || !std::has_single_bit(size))
        number.conversion = "its integers have " + std::to_string(precision) + " bits in " +
                            std::to_string(size) + (size == 1 ? " byte" : " bytes");
    return number;
}

inline std::optional<Hdf5Number> hdf5_float(hid_t type) {
    const std::optional<FloatFormat> format = float_format(type);
    if (!format) return std::nullopt;
    if (const std::optional<Dtype> dtype = format->same()) return Hdf5Number{*dtype, is_foreign(type), {}};
    if (const std::optional<Dtype> dtype = format->wider())
        return Hdf5Number{*dtype, false, "its floats have a format of their own"};
    return std::nullopt;
}

/// h5py and others write a complex number as a compound of two equal floats.
inline std::optional<Hdf5Number> hdf5_complex(hid_t type) {
    const std::vector<std::string> names = hdf5_member_names(type);
    const bool named = names == std::vector<std::string>{"r", "i"} ||
                       names == std::vector<std::string>{"re", "im"} ||
                       names == std::vector<std::string>{"real", "imag"};
    if (!named) return std::nullopt;
    const Hdf5Handle real(H5Tget_member_type(type, 0), H5Tclose),
        imaginary(H5Tget_member_type(type, 1), H5Tclose);
    const std::size_t half = H5Tget_size(real.id());
    if (H5Tget_class(real.id()) != H5T_FLOAT || H5Tequal(real.id(), imaginary.id()) <= 0 ||
        H5Tget_member_offset(type, 0) != 0 || H5Tget_member_offset(type, 1) != half ||
        H5Tget_size(type) != 2 * half)
        return std::nullopt;
    std::optional<Hdf5Number> number = hdf5_float(real.id());
    if (!number || !number->conversion.empty()) return std::nullopt;
    if (number->dtype != Dtype::f32 && number->dtype != Dtype::f64) return std::nullopt;
    number->dtype = number->dtype == Dtype::f32 ? Dtype::c64 : Dtype::c128;
    return number;
}

inline bool is_boolean(hid_t type) {
    if (H5Tget_size(type) != 1 || hdf5_member_names(type) != std::vector<std::string>{"FALSE", "TRUE"})
        return false;
    std::array<unsigned char, 2> values{};
    return H5Tget_member_value(type, 0, &values[0]) >= 0 && H5Tget_member_value(type, 1, &values[1]) >= 0 &&
           values[0] == 0 && values[1] == 1;
}

inline std::optional<Hdf5Number> hdf5_number_of(hid_t type) {
    switch (H5Tget_class(type)) {
        case H5T_INTEGER: return hdf5_integer(type, H5Tget_sign(type) == H5T_SGN_2);
        case H5T_BITFIELD: return hdf5_integer(type, false);
        case H5T_FLOAT: return hdf5_float(type);
        case H5T_COMPOUND: return hdf5_complex(type);
        case H5T_ENUM: {
            if (is_boolean(type)) return Hdf5Number{Dtype::boolean, false, {}};
            const Hdf5Handle base(H5Tget_super(type), H5Tclose);
            return hdf5_integer(base.id(), H5Tget_sign(base.id()) == H5T_SGN_2);
        }
#if H5_VERSION_GE(2, 0, 0)
        case H5T_COMPLEX: {
            const Hdf5Handle base(H5Tget_super(type), H5Tclose);
            std::optional<Hdf5Number> number = hdf5_float(base.id());
            if (!number || !number->conversion.empty()) return std::nullopt;
            if (number->dtype != Dtype::f32 && number->dtype != Dtype::f64) return std::nullopt;
            number->dtype = number->dtype == Dtype::f32 ? Dtype::c64 : Dtype::c128;
            return number;
        }
#endif
        default: return std::nullopt;
    }
}

inline Hdf5Handle hdf5_memory_number(hid_t type, Dtype dtype) {
    const H5T_class_t kind = H5Tget_class(type);
    if ((kind == H5T_INTEGER || kind == H5T_FLOAT) && hdf5_native(dtype) >= 0)
        return {H5Tcopy(hdf5_native(dtype)), H5Tclose};
    if (kind != H5T_FLOAT && kind != H5T_INTEGER && kind != H5T_BITFIELD && kind != H5T_OPAQUE)
        return {H5Tget_native_type(type, H5T_DIR_ASCEND), H5Tclose};
    Hdf5Handle copy(H5Tcopy(type), H5Tclose);
    if (kind != H5T_OPAQUE)
        H5Tset_order(copy.id(), std::endian::native == std::endian::little ? H5T_ORDER_LE : H5T_ORDER_BE);
    return copy;
}

inline Hdf5Number hdf5_number(hid_t type, std::optional<Dtype> wanted, const Hdf5Place& place) {
    check_bits(type, place);
    std::optional<Hdf5Number> number = hdf5_number_of(type);
    if (!number && H5Tget_class(type) == H5T_OPAQUE && H5Tget_size(type) == 2 && wanted == Dtype::bf16)
        return {.dtype = Dtype::bf16};
    if (!number) throw place.error("expected numbers, found " + hdf5_class_text(type));
    if (!wanted || *wanted == number->dtype) return *number;
    // Formats older than a type store it under another one's name.
    const bool sixteen_bits = number->dtype == Dtype::u16 || number->dtype == Dtype::i16;
    const bool eight_bits = number->dtype == Dtype::u8 && H5Tget_class(type) == H5T_BITFIELD;
    if (number->conversion.empty() &&
        ((*wanted == Dtype::bf16 && sixteen_bits) || (*wanted == Dtype::boolean && eight_bits))) {
        number->dtype = *wanted;
        return *number;
    }
    throw place.error("expected " + std::string(name_of(*wanted)) + ", as the option .dtype says, found " +
                      std::string(name_of(number->dtype)));
}

}  // namespace wick::inline v0::detail
