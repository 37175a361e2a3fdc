// SPDX-License-Identifier: MIT
#include <wick/hdf5/blosc.hpp>

#include "support/catch.hpp"
#include "support/hdf5_filter_cases.hpp"

#include <cstddef>
#include <vector>

using wick::detail::decode_blosc;
using wick::detail::DecodeError;
using wick::detail::has_blosc;
using Plain = std::vector<std::byte>;

TEST_CASE("blosc: what HDF5's plugin compressed is decoded, or refused without the library", "[hdf5]") {
    for (const auto& one : wick_test::filter_cases(32001)) {
        INFO(one.name);
        Plain out(one.plain.size() + 1, std::byte{0xcc});
        if (!has_blosc(one.filters[0].parameters[6])) {
            CHECK_THROWS_AS(decode_blosc(one.stored, out), DecodeError);
            continue;
        }
        CHECK(decode_blosc(one.stored, out) == one.plain.size());
        CHECK(out.back() == std::byte{0xcc});
        out.pop_back();
        CHECK(out == one.plain);
    }
}

TEST_CASE("blosc: what makes more than there is room for, or is cut short, is refused", "[hdf5]") {
    for (const auto& one : wick_test::filter_cases(32001)) {
        INFO(one.name);
        Plain small(one.plain.size() - 1);
        CHECK_THROWS_AS(decode_blosc(one.stored, small), DecodeError);
        CHECK(wick_test::accepted_when_cut(
                  one, [](const Plain& cut, Plain& out) { return decode_blosc(cut, out); }) == 0);
    }
}

TEST_CASE("blosc: a compressor that nobody knows is not there", "[hdf5]") {
    CHECK_FALSE(has_blosc(6));
    CHECK_FALSE(has_blosc(15));
    CHECK_FALSE(has_blosc(4'000'000'000));
}
