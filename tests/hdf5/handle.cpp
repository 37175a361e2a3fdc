// SPDX-License-Identifier: MIT
#include <wick/hdf5/handle.hpp>

#include "support/catch.hpp"

#include <type_traits>
#include <utility>

using wick::detail::Hdf5Handle;
using wick::detail::Hdf5Lock;

static_assert(!std::is_copy_constructible_v<Hdf5Handle>);
static_assert(std::is_nothrow_move_constructible_v<Hdf5Handle>);

TEST_CASE("hdf5/handle: what it owns is closed once, by the last that holds it", "[hdf5]") {
    const Hdf5Lock lock;
    const hid_t id = H5Screate(H5S_SCALAR);
    {
        Hdf5Handle first(id, H5Sclose);
        CHECK(first);
        Hdf5Handle second(std::move(first));
        CHECK_FALSE(first);  // NOLINT: what was moved from is none
        Hdf5Handle third;
        CHECK_FALSE(third);
        third = std::move(second);
        CHECK(third.id() == id);
        CHECK(H5Iis_valid(id) > 0);
    }
    CHECK(H5Iis_valid(id) == 0);
}

TEST_CASE("hdf5/handle: a handle that is replaced closes what it had", "[hdf5]") {
    const Hdf5Lock lock;
    Hdf5Handle handle(H5Screate(H5S_SCALAR), H5Sclose);
    const hid_t first = handle.id();
    handle = Hdf5Handle(H5Screate(H5S_NULL), H5Sclose);
    CHECK(H5Iis_valid(first) == 0);
    CHECK(H5Sget_simple_extent_type(handle.id()) == H5S_NULL);
    CHECK_FALSE(Hdf5Handle(-1, H5Sclose));
}
