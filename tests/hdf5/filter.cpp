// SPDX-License-Identifier: MIT
#include <wick/hdf5/filter.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <iterator>

using wick::detail::describe;

TEST_CASE("filter: one of the library's own is told by number and name", "[hdf5]") {
    CHECK(describe({4, {1, 2}}) == "filter 4 (szip)");
    CHECK(describe({1, {6}}) == "filter 1 (deflate)");
    CHECK(wick::detail::filter_name(32000) == "filter 32000 (LZF)");
    CHECK(wick::detail::filter_name(40000) == "filter 40000");
}

TEST_CASE("filter: a registered one is told with the plugin to install", "[hdf5]") {
    CHECK_THAT(describe({32013, {}}),
               ContainsSubstring("filter 32013 (zfp)") && ContainsSubstring("H5Z-ZFP"));
    CHECK_THAT(describe({32026, {}}), ContainsSubstring("Blosc2") && ContainsSubstring("hdf5plugin"));
}

TEST_CASE("filter: one that nobody registered is told by its number", "[hdf5]") {
    CHECK_THAT(describe({40000, {}}), ContainsSubstring("filter 40000") && ContainsSubstring("no registry"));
}

TEST_CASE("filter: no number has two names", "[hdf5]") {
    const auto& names = wick::detail::filter_names;
    CHECK(std::adjacent_find(std::begin(names), std::end(names),
                             [](const auto& a, const auto& b) { return a.id >= b.id; }) == std::end(names));
}
