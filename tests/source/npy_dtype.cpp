// SPDX-License-Identifier: MIT
#include <wick/source/npy_dtype.hpp>

#include "support/catch.hpp"

#include <string>

using wick::detail::parse_npy_dtype;

// That NumPy means the same by each name is asked of NumPy itself, by the table in npy_header.cpp.
TEST_CASE("npy dtype: a type has a dtype or a reason, never both and never none") {
    for (const char* const text : {"<f4",      ">c16",     "?",
                                   "|u1",      "int",      "longlong",
                                   "bfloat16", "f 8",      "V2",
                                   "|V2",      "O",        "O8",
                                   "U3",       "M8[ns]",   "datetime64",
                                   "g",        "f16",      "float128",
                                   "f4,i4",    "2f4",      "(2,)f4",
                                   "",         "<",        "x",
                                   "x9",       ">float32", "f99999999999999999999",
                                   "f",        "str"}) {
        const auto type = parse_npy_dtype(text);
        INFO(text);
        CHECK(type.dtype.has_value() == type.refusal.empty());
    }
}

TEST_CASE("npy dtype: byte order is what the mark says") {
    CHECK(parse_npy_dtype("<f4").byte_order == std::endian::little);
    CHECK(parse_npy_dtype(">f4").byte_order == std::endian::big);
    for (const char* const text : {"=f4", "|f4", "f4", "float32"})
        CHECK(parse_npy_dtype(text).byte_order == std::endian::native);
}

TEST_CASE("npy dtype: void knows its width, and bfloat16 its name") {
    CHECK(parse_npy_dtype("<V2").void_bytes == 2);
    CHECK(parse_npy_dtype("|V16").void_bytes == 16);
    CHECK(parse_npy_dtype("f4").void_bytes == 0);
    CHECK(parse_npy_dtype("bfloat16").dtype == wick::Dtype::bf16);
}
