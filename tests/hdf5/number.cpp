// SPDX-License-Identifier: MIT
#include <wick/hdf5/number.hpp>

#include "support/catch.hpp"

#include <bit>
#include <string>
#include <vector>

using wick::Dtype;
using wick::detail::hdf5_number;
using wick::detail::Hdf5Handle;
using wick::detail::Hdf5Lock;
using wick::detail::Hdf5Place;

namespace {

const Hdf5Place place{"a.h5", "/x"};

}  // namespace

TEST_CASE("hdf5/number: every standard integer and float is known, and in which order it stands", "[hdf5]") {
    const Hdf5Lock lock;
    struct Known {
        hid_t little, big;
        Dtype dtype;
    };
    const Known all[] = {
        {H5T_STD_U8LE, H5T_STD_U8BE, Dtype::u8},      {H5T_STD_I8LE, H5T_STD_I8BE, Dtype::i8},
        {H5T_STD_U16LE, H5T_STD_U16BE, Dtype::u16},   {H5T_STD_I16LE, H5T_STD_I16BE, Dtype::i16},
        {H5T_STD_U32LE, H5T_STD_U32BE, Dtype::u32},   {H5T_STD_I32LE, H5T_STD_I32BE, Dtype::i32},
        {H5T_STD_U64LE, H5T_STD_U64BE, Dtype::u64},   {H5T_STD_I64LE, H5T_STD_I64BE, Dtype::i64},
        {H5T_IEEE_F32LE, H5T_IEEE_F32BE, Dtype::f32}, {H5T_IEEE_F64LE, H5T_IEEE_F64BE, Dtype::f64},
        {H5T_STD_B8LE, H5T_STD_B8BE, Dtype::u8},      {H5T_STD_B32LE, H5T_STD_B32BE, Dtype::u32},
    };
    const bool little = std::endian::native == std::endian::little;
    for (const Known& known : all) {
        const bool one_byte = size_of(known.dtype) == 1;
        for (const bool big : {false, true}) {
            const auto number = hdf5_number(big ? known.big : known.little, {}, place);
            CHECK(number.dtype == known.dtype);
            CHECK(number.swapped == (!one_byte && big == little));
            CHECK(number.conversion.empty());
        }
    }
}

TEST_CASE("hdf5/number: what has unused bits or bytes is converted to the next that holds it", "[hdf5]") {
    const Hdf5Lock lock;
    const Hdf5Handle type(H5Tcopy(H5T_STD_I32LE), H5Tclose);
    H5Tset_precision(type.id(), 17);
    CHECK(hdf5_number(type.id(), {}, place).dtype == Dtype::i32);
    CHECK_THAT(hdf5_number(type.id(), {}, place).conversion, ContainsSubstring("17 bits in 4 bytes"));
    H5Tset_size(type.id(), 5);
    CHECK(hdf5_number(type.id(), {}, place).dtype == Dtype::i64);
    H5Tset_size(type.id(), 3);
    CHECK(hdf5_number(type.id(), {}, place).dtype == Dtype::i32);
    H5Tset_size(type.id(), 9);
    CHECK_THROWS_MATCHES(hdf5_number(type.id(), {}, place), wick::Error,
                         MessageMatches(ContainsSubstring("integers of 9 bytes")));
}

TEST_CASE("hdf5/number: a compound is a complex number only if it is two equal floats in a row", "[hdf5]") {
    const Hdf5Lock lock;
    const auto compound = [](const std::string& first, const std::string& second, hid_t one, hid_t two,
                             std::size_t gap = 0) {
        Hdf5Handle type(H5Tcreate(H5T_COMPOUND, H5Tget_size(one) + gap + H5Tget_size(two)), H5Tclose);
        H5Tinsert(type.id(), first.c_str(), 0, one);
        H5Tinsert(type.id(), second.c_str(), H5Tget_size(one) + gap, two);
        return type;
    };
    CHECK(hdf5_number(compound("r", "i", H5T_IEEE_F32LE, H5T_IEEE_F32LE).id(), {}, place).dtype ==
          Dtype::c64);
    CHECK(hdf5_number(compound("re", "im", H5T_IEEE_F64BE, H5T_IEEE_F64BE).id(), {}, place).dtype ==
          Dtype::c128);
    for (const auto& wrong : {std::pair{"r", "j"}, {"i", "r"}, {"x", "y"}})
        CHECK_THROWS_AS(
            hdf5_number(compound(wrong.first, wrong.second, H5T_IEEE_F32LE, H5T_IEEE_F32LE).id(), {}, place),
            wick::Error);
    CHECK_THROWS_AS(hdf5_number(compound("r", "i", H5T_IEEE_F32LE, H5T_IEEE_F64LE).id(), {}, place),
                    wick::Error);
    CHECK_THROWS_AS(hdf5_number(compound("r", "i", H5T_IEEE_F32LE, H5T_IEEE_F32BE).id(), {}, place),
                    wick::Error);
    CHECK_THROWS_AS(hdf5_number(compound("r", "i", H5T_IEEE_F32LE, H5T_IEEE_F32LE, 4).id(), {}, place),
                    wick::Error);
    CHECK_THROWS_AS(hdf5_number(compound("r", "i", H5T_STD_I32LE, H5T_STD_I32LE).id(), {}, place),
                    wick::Error);
}

TEST_CASE("hdf5/number: an enumeration is a bool only if it has FALSE for 0 and TRUE for 1", "[hdf5]") {
    const Hdf5Lock lock;
    const auto enumeration = [](std::vector<std::pair<std::string, signed char>> values) {
        Hdf5Handle type(H5Tenum_create(H5T_NATIVE_INT8), H5Tclose);
        for (const auto& [name, value] : values) H5Tenum_insert(type.id(), name.c_str(), &value);
        return type;
    };
    CHECK(hdf5_number(enumeration({{"FALSE", 0}, {"TRUE", 1}}).id(), {}, place).dtype == Dtype::boolean);
    CHECK(hdf5_number(enumeration({{"FALSE", 1}, {"TRUE", 0}}).id(), {}, place).dtype == Dtype::i8);
    CHECK(hdf5_number(enumeration({{"FALSE", 0}, {"TRUE", 2}}).id(), {}, place).dtype == Dtype::i8);
    CHECK(hdf5_number(enumeration({{"FALSE", 0}, {"TRUE", 1}, {"MAYBE", 2}}).id(), {}, place).dtype ==
          Dtype::i8);
}

#if H5_VERSION_GE(2, 0, 0)
TEST_CASE("hdf5/number: HDF5 2's own complex numbers are told by their floats", "[hdf5]") {
    const Hdf5Lock lock;
    const bool is_little = std::endian::native == std::endian::little;
    const auto check = [&](hid_t type, Dtype dtype, bool swapped) {
        const auto number = hdf5_number(type, {}, place);
        CHECK(number.dtype == dtype);
        CHECK(number.swapped == swapped);
    };
    check(H5T_COMPLEX_IEEE_F32LE, Dtype::c64, !is_little);
    check(H5T_COMPLEX_IEEE_F32BE, Dtype::c64, is_little);
    check(H5T_COMPLEX_IEEE_F64LE, Dtype::c128, !is_little);
    check(H5T_COMPLEX_IEEE_F64BE, Dtype::c128, is_little);
    CHECK_THROWS_AS(hdf5_number(H5T_COMPLEX_IEEE_F16LE, {}, place), wick::Error);
}
#endif
