// SPDX-License-Identifier: MIT
#include <wick/core/dtype.hpp>

#include "support/catch.hpp"

#include <complex>
#include <cstdint>
#include <set>
#include <string_view>

using wick::Dtype;

static_assert(wick::dtype_of<bool>() == Dtype::boolean);
static_assert(wick::dtype_of<unsigned char>() == Dtype::u8);
static_assert(wick::dtype_of<signed char>() == Dtype::i8);
static_assert(wick::dtype_of<std::uint16_t>() == Dtype::u16);
static_assert(wick::dtype_of<std::int16_t>() == Dtype::i16);
static_assert(wick::dtype_of<std::uint32_t>() == Dtype::u32);
static_assert(wick::dtype_of<std::int32_t>() == Dtype::i32);
static_assert(wick::dtype_of<std::uint64_t>() == Dtype::u64);
static_assert(wick::dtype_of<std::int64_t>() == Dtype::i64);
static_assert(wick::dtype_of<long long>() == Dtype::i64);
static_assert(wick::dtype_of<float>() == Dtype::f32);
static_assert(wick::dtype_of<double>() == Dtype::f64);
static_assert(wick::dtype_of<std::complex<float>>() == Dtype::c64);
static_assert(wick::dtype_of<std::complex<double>>() == Dtype::c128);

TEST_CASE("dtype: each has its size, its unit of byte order and a name of its own") {
    const struct {
        Dtype dtype;
        std::size_t size, unit;
        std::string_view name;
    } table[] = {
        {Dtype::boolean, 1, 1, "bool"}, {Dtype::u8, 1, 1, "u8"},     {Dtype::i8, 1, 1, "i8"},
        {Dtype::u16, 2, 2, "u16"},      {Dtype::i16, 2, 2, "i16"},   {Dtype::u32, 4, 4, "u32"},
        {Dtype::i32, 4, 4, "i32"},      {Dtype::u64, 8, 8, "u64"},   {Dtype::i64, 8, 8, "i64"},
        {Dtype::f16, 2, 2, "f16"},      {Dtype::bf16, 2, 2, "bf16"}, {Dtype::f32, 4, 4, "f32"},
        {Dtype::f64, 8, 8, "f64"},      {Dtype::c64, 8, 4, "c64"},   {Dtype::c128, 16, 8, "c128"},
    };
    std::set<std::string_view> names;
    for (const auto& row : table) {
        CHECK(wick::size_of(row.dtype) == row.size);
        CHECK(wick::swap_unit(row.dtype) == row.unit);
        CHECK(wick::name_of(row.dtype) == row.name);
        names.insert(row.name);
    }
    CHECK(names.size() == 15);
}
