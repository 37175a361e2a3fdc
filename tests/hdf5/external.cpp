// SPDX-License-Identifier: MIT
#include <wick/hdf5/external.hpp>

#include "support/catch.hpp"
#include "support/hdf5_cases.hpp"

#include <cstdint>
#include <vector>

using wick::detail::external_parts;
using wick::detail::external_stretches;
using wick::detail::Hdf5Lock;
using wick::detail::open_dataset;
using wick::detail::RowParts;
using wick_test::hdf5_data;

TEST_CASE("hdf5/external: each file holds its stretch of the dataset", "[hdf5]") {
    const Hdf5Lock lock;
    const auto dataset = open_dataset({.file = hdf5_data + "external.h5", .dataset = "two"});
    const auto stretches = external_stretches(dataset.creation.id(), dataset.place(), 96, false);
    REQUIRE(stretches.size() == 2);
    CHECK(stretches[0].file->path() == hdf5_data + "below/first.raw");
    CHECK(stretches[0].start == 0);
    CHECK(stretches[1].file->path() == hdf5_data + "second.raw");
    CHECK(stretches[1].start == 36);
    const auto parts = external_parts(stretches, 96, RowParts(12, {.stride = 4, .bytes = 4}), 12);
    REQUIRE(parts);
    REQUIRE(parts->size() == 2);
    CHECK((*parts)[0].rows == 3);
    CHECK((*parts)[1].rows == 5);
    CHECK_FALSE(external_parts(stretches, 96, RowParts(24, {.stride = 4, .bytes = 4}), 24));
}

TEST_CASE("hdf5/external: files with less room than the dataset wants are refused", "[hdf5]") {
    const Hdf5Lock lock;
    const auto dataset = open_dataset({.file = hdf5_data + "external.h5", .dataset = "two"});
    CHECK_THROWS_MATCHES(
        external_stretches(dataset.creation.id(), dataset.place(), 97, false), wick::Error,
        MessageMatches(ContainsSubstring("expected 97 bytes in its external files, found room for 96")));
    CHECK(external_stretches(dataset.creation.id(), dataset.place(), 36, false).size() == 1);
}
