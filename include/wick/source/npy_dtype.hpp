// SPDX-License-Identifier: MIT
#pragma once

// NumPy has several names for each of its types; this knows those that mean one of ours, and names the
// others.

#include <wick/core/dtype.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wick::inline v0::detail {

/// What a NumPy type string means: a dtype, or bytes without meaning (`V2`), or why it cannot be read.
struct NpyDtype {
    std::optional<Dtype> dtype{};
    std::size_t void_bytes = 0;
    std::endian byte_order = std::endian::native;
    std::string_view refusal{};
};

/// Understands what `numpy.dtype(text)` understands; the C types (`l`, `int`, `longlong`) as on 64-bit Linux.
/// Three forms that no writer makes are refused: `1f4` and `f4,`, hardly to be told from a sub-array and a
/// structure, and the number of a type as a character.
NpyDtype parse_npy_dtype(std::string_view text);

// Implementation.

struct NpyName {
    std::string_view name;
    Dtype dtype;
};

inline std::optional<Dtype> npy_dtype_of_letter(char letter) {
    constexpr NpyName table[] = {
        {"?", Dtype::boolean}, {"b", Dtype::i8},  {"B", Dtype::u8},    {"h", Dtype::i16},   {"H", Dtype::u16},
        {"i", Dtype::i32},     {"I", Dtype::u32}, {"lqp", Dtype::i64}, {"LQP", Dtype::u64}, {"e", Dtype::f16},
        {"f", Dtype::f32},     {"d", Dtype::f64}, {"F", Dtype::c64},   {"D", Dtype::c128}};
    for (const auto& [letters, dtype] : table)
        if (letters.find(letter) != letters.npos) return dtype;
    return std::nullopt;
}

inline std::optional<Dtype> npy_dtype_of_kind(char kind, std::size_t bytes) {
    constexpr Dtype all[] = {Dtype::boolean, Dtype::u8,  Dtype::i8,  Dtype::u16, Dtype::i16,
                             Dtype::u32,     Dtype::i32, Dtype::u64, Dtype::i64, Dtype::f16,
                             Dtype::f32,     Dtype::f64, Dtype::c64, Dtype::c128};
    constexpr std::string_view kinds = "buiuiuiuifffcc";
    for (std::size_t i = 0; i < kinds.size(); ++i)
        if (kinds[i] == kind && size_of(all[i]) == bytes) return all[i];
    return std::nullopt;
}

inline std::optional<Dtype> npy_dtype_of_name(std::string_view name) {
    constexpr NpyName table[] = {
        {"bool", Dtype::boolean},  {"bool8", Dtype::boolean}, {"bool_", Dtype::boolean},
        {"byte", Dtype::i8},       {"int8", Dtype::i8},       {"ubyte", Dtype::u8},
        {"uint8", Dtype::u8},      {"short", Dtype::i16},     {"int16", Dtype::i16},
        {"ushort", Dtype::u16},    {"uint16", Dtype::u16},    {"intc", Dtype::i32},
        {"int32", Dtype::i32},     {"uintc", Dtype::u32},     {"uint32", Dtype::u32},
        {"int", Dtype::i64},       {"int_", Dtype::i64},      {"int0", Dtype::i64},
        {"int64", Dtype::i64},     {"intp", Dtype::i64},      {"long", Dtype::i64},
        {"longlong", Dtype::i64},  {"uint", Dtype::u64},      {"uint0", Dtype::u64},
        {"uint64", Dtype::u64},    {"uintp", Dtype::u64},     {"ulong", Dtype::u64},
        {"ulonglong", Dtype::u64}, {"half", Dtype::f16},      {"float16", Dtype::f16},
        {"bfloat16", Dtype::bf16}, {"single", Dtype::f32},    {"float32", Dtype::f32},
        {"double", Dtype::f64},    {"float", Dtype::f64},     {"float_", Dtype::f64},
        {"float64", Dtype::f64},   {"csingle", Dtype::c64},   {"singlecomplex", Dtype::c64},
        {"complex64", Dtype::c64}, {"cdouble", Dtype::c128},  {"cfloat", Dtype::c128},
        {"complex", Dtype::c128},  {"complex_", Dtype::c128}, {"complex128", Dtype::c128},
    };
    for (const auto& [known, dtype] : table)
        if (known == name) return dtype;
    return std::nullopt;
}

/// Why a type that NumPy knows by this letter is not read.
inline std::string_view npy_refusal(char letter) {
    switch (letter) {
        case 'O': return "object arrays hold pickled Python objects, which are never loaded";
        case 'S':
        case 'U':
        case 'a':
        case 'c': return "string arrays are not read";
        case 'M':
        case 'm': return "dates and times are not read; save them as int64";
        case 'g':
        case 'G': return "long double differs from machine to machine and is not read; save it as float64";
        case 'V': return "void has no meaning of its own; say what it is by the option .dtype";
        default: return "is no type that NumPy knows";
    }
}

inline std::string_view npy_refusal_of_name(std::string_view name) {
    const auto begins = [&](std::string_view with) { return name.substr(0, with.size()) == with; };
    if (begins("object")) return npy_refusal('O');
    if (begins("str") || begins("bytes") || begins("unicode")) return npy_refusal('S');
    if (begins("datetime64") || begins("timedelta64")) return npy_refusal('M');
    if (begins("void")) return npy_refusal('V');
    if (begins("long") || begins("clong") || name == "float128" || name == "complex256")
        return npy_refusal('g');
    return npy_refusal(' ');
}

/// The number of bytes in `f4`, `f 4` or `f+04`, which are one to NumPy.
inline std::optional<std::size_t> npy_item_bytes(std::string_view text) {
    std::size_t at = 1;
    while (at < text.size() && (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))) ++at;
    if (at < text.size() && text[at] == '+') ++at;
    if (at >= text.size()) return std::nullopt;
    std::size_t bytes = 0;
    for (; at < text.size(); ++at) {
        if (text[at] < '0' || text[at] > '9' || bytes > 1'000'000'000) return std::nullopt;
        bytes = bytes * 10 + static_cast<std::size_t>(text[at] - '0');
    }
    return bytes;
}

inline NpyDtype parse_npy_dtype(std::string_view text) {
    NpyDtype result;
    std::string_view rest = text;
    if (!rest.empty() && std::string_view("<>=|").find(rest.front()) != rest.npos) {
        if (rest.front() == '<') result.byte_order = std::endian::little;
        if (rest.front() == '>') result.byte_order = std::endian::big;
        rest.remove_prefix(1);
    }
    if (rest.empty()) {
        result.refusal = npy_refusal(' ');
    } else if (const char first = rest.front();
               text.find(',') != text.npos || first == '(' || (first >= '0' && first <= '9')) {
        result.refusal = "structured arrays and sub-arrays are not read; save each field as an array";
    } else if (rest.size() == 1) {
        result.dtype = npy_dtype_of_letter(first);
        if (!result.dtype) result.refusal = npy_refusal(first);
    } else if (const auto bytes = npy_item_bytes(rest)) {
        result.dtype = npy_dtype_of_kind(first, *bytes);
        if (first == 'V') result.void_bytes = *bytes;
        const bool longer = (first == 'f' && *bytes == 16) || (first == 'c' && *bytes == 32);
        const bool known = std::string_view("OSUaMmV").find(first) != rest.npos;
        if (!result.dtype) result.refusal = npy_refusal(longer ? 'g' : known ? first : ' ');
    } else if (first == 'M' || first == 'm') {
        result.refusal = npy_refusal(first);
    } else {
        if (rest.size() == text.size()) result.dtype = npy_dtype_of_name(text);
        if (!result.dtype) result.refusal = npy_refusal_of_name(rest);
    }
    return result;
}

}  // namespace wick::inline v0::detail
