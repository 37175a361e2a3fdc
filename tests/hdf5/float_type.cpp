// SPDX-License-Identifier: MIT
#include <wick/hdf5/float_type.hpp>
#include <wick/hdf5/handle.hpp>

#include "support/catch.hpp"

using wick::Dtype;
using wick::detail::float_format;
using wick::detail::FloatFormat;
using wick::detail::ieee_format;

TEST_CASE("hdf5/float_type: the library's own formats are known in both orders", "[hdf5]") {
    const wick::detail::Hdf5Lock lock;
    for (const hid_t type : {H5T_IEEE_F32LE, H5T_IEEE_F32BE, H5T_NATIVE_FLOAT})
        CHECK(float_format(type)->same() == Dtype::f32);
    for (const hid_t type : {H5T_IEEE_F64LE, H5T_IEEE_F64BE, H5T_NATIVE_DOUBLE})
        CHECK(float_format(type)->same() == Dtype::f64);
    CHECK_FALSE(float_format(H5T_NATIVE_INT));
}

TEST_CASE("hdf5/float_type: halves are told from bf16 by their exponent", "[hdf5]") {
    CHECK(ieee_format(2, 5).same() == Dtype::f16);
    CHECK(ieee_format(2, 8).same() == Dtype::bf16);
    CHECK_FALSE(ieee_format(2, 6).same());
    FloatFormat other = ieee_format(4, 8);
    other.bias = 126;
    CHECK_FALSE(other.same());
    other = ieee_format(4, 8);
    other.implied = false;
    CHECK_FALSE(other.same());
    other = ieee_format(4, 8);
    other.vax = true;
    CHECK_FALSE(other.same());
}

TEST_CASE("hdf5/float_type: the VAX's order is not the machine's", "[hdf5]") {
    const wick::detail::Hdf5Lock lock;
    const auto vax = float_format(H5T_VAX_F32);
    REQUIRE(vax);
    CHECK(vax->vax);
    CHECK_FALSE(vax->same());
}

TEST_CASE("hdf5/float_type: a format goes into the smallest one that holds all its values", "[hdf5]") {
    CHECK(ieee_format(1, 4).wider() == Dtype::f32);
    CHECK(ieee_format(2, 5).wider() == Dtype::f32);
    CHECK(ieee_format(2, 8).wider() == Dtype::f32);
    CHECK(ieee_format(3, 8).wider() == Dtype::f32);
    CHECK(ieee_format(4, 8).wider() == Dtype::f32);
    CHECK(ieee_format(4, 7).wider() == Dtype::f64);  // one bit more in the mantissa
    CHECK(ieee_format(4, 9).wider() == Dtype::f64);
    CHECK(ieee_format(8, 11).wider() == Dtype::f64);
    CHECK_FALSE(ieee_format(8, 10).wider());
    CHECK_FALSE(ieee_format(16, 15).wider());
    // An exponent of 8 bits that begins lower than f32's.
    FloatFormat low = ieee_format(4, 8);
    low.bias = 200;
    CHECK(low.wider() == Dtype::f64);
    FloatFormat high = ieee_format(4, 8);
    high.bias = 60;
    CHECK(high.wider() == Dtype::f64);
}
