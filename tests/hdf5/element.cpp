// SPDX-License-Identifier: MIT
#include <wick/hdf5/element.hpp>

#include "support/catch.hpp"

#include <array>
#include <vector>

using wick::Dtype;
using wick::Index;
using wick::detail::hdf5_element;
using wick::detail::Hdf5Handle;
using wick::detail::Hdf5Lock;
using wick::detail::Hdf5Place;

namespace {

const Hdf5Place place{"a.h5", "/x"};

/// {a: i16, in: {gap, b: array [2, 3] of big-endian f32}}
Hdf5Handle compound() {
    const std::array<hsize_t, 2> dimensions{2, 3};
    const Hdf5Handle array(H5Tarray_create2(H5T_IEEE_F32BE, 2, dimensions.data()), H5Tclose);
    const Hdf5Handle inner(H5Tcreate(H5T_COMPOUND, 29), H5Tclose);
    H5Tinsert(inner.id(), "b", 5, array.id());
    Hdf5Handle outer(H5Tcreate(H5T_COMPOUND, 40), H5Tclose);
    H5Tinsert(outer.id(), "a", 0, H5T_STD_I16LE);
    H5Tinsert(outer.id(), "in", 4, inner.id());
    return outer;
}

}  // namespace

TEST_CASE("hdf5/element: a member is found within a member, with its place and its dimensions", "[hdf5]") {
    const Hdf5Lock lock;
    const auto element = hdf5_element(compound().id(), {.member = "in.b"}, place);
    CHECK(element.dtype == Dtype::f32);
    CHECK(element.shape == std::vector<Index>{2, 3});
    CHECK(element.stride == 40);
    CHECK(element.offset == 9);
    CHECK(element.bytes() == 24);
    CHECK(element.swap_unit == (std::endian::native == std::endian::little ? 4 : 1));
    CHECK(H5Tget_size(element.memory.id()) == 24);
}

TEST_CASE("hdf5/element: arrays of arrays become as many dimensions", "[hdf5]") {
    const Hdf5Lock lock;
    const hsize_t three = 3, five = 5;
    const Hdf5Handle inner(H5Tarray_create2(H5T_STD_U8LE, 1, &five), H5Tclose);
    const Hdf5Handle outer(H5Tarray_create2(inner.id(), 1, &three), H5Tclose);
    const auto element = hdf5_element(outer.id(), {}, place);
    CHECK(element.shape == std::vector<Index>{3, 5});
    CHECK(element.stride == 15);
    CHECK(element.bytes() == 15);
    CHECK(H5Tequal(element.memory.id(), outer.id()) > 0);
}

TEST_CASE("hdf5/element: a compound without a member's name, and a member of none, are refused", "[hdf5]") {
    const Hdf5Lock lock;
    CHECK_THROWS_MATCHES(
        hdf5_element(compound().id(), {}, place), wick::Error,
        MessageMatches(ContainsSubstring("compounds of a, in (choose one by the option .member)")));
    for (const char* const name : {"b", "in", "in.a", "a.b", "a.", ".", "in.", ".in"})
        CHECK_THROWS_AS(hdf5_element(compound().id(), {.member = name}, place), wick::Error);
    CHECK(hdf5_element(compound().id(), {.member = "a"}, place).dtype == Dtype::i16);
}

TEST_CASE("hdf5/element: a member whose own name has dots is found by it", "[hdf5]") {
    const Hdf5Lock lock;
    const Hdf5Handle inner(H5Tcreate(H5T_COMPOUND, 4), H5Tclose);
    H5Tinsert(inner.id(), "x.y", 1, H5T_STD_I16BE);
    const Hdf5Handle outer(H5Tcreate(H5T_COMPOUND, 8), H5Tclose);
    H5Tinsert(outer.id(), "in", 4, inner.id());
    H5Tinsert(outer.id(), "in.x", 0, H5T_STD_U8LE);
    CHECK(hdf5_element(outer.id(), {.member = "in.x"}, place).dtype == Dtype::u8);
    CHECK(hdf5_element(outer.id(), {.member = "in.x.y"}, place).offset == 5);
    CHECK_THROWS_AS(hdf5_element(outer.id(), {.member = "in.x.z"}, place), wick::Error);
}
