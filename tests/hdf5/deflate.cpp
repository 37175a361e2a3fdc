// SPDX-License-Identifier: MIT
#include <wick/hdf5/deflate.hpp>

#include "support/catch.hpp"
#include "support/hdf5_filter_cases.hpp"

#include <cstddef>
#include <string>
#include <vector>

using wick::detail::DecodeError;
using wick::detail::Inflater;
using Plain = std::vector<std::byte>;

TEST_CASE("deflate: what HDF5 compressed is decoded, by one decoder after another", "[hdf5]") {
    Inflater inflater;
    for (const auto& one : wick_test::filter_cases(1)) {
        INFO(one.name);
        Plain out(one.plain.size());
        CHECK(inflater.decode(one.stored, out) == one.plain.size());
        CHECK(out == one.plain);
    }
}

TEST_CASE("deflate: room for more than there is stays as it was", "[hdf5]") {
    const auto one = wick_test::filter_cases(1).front();
    Plain out(one.plain.size() + 3, std::byte{0xcc});
    CHECK(Inflater().decode(one.stored, out) == one.plain.size());
    CHECK(out.back() == std::byte{0xcc});
}

TEST_CASE("deflate: a stream that makes more than there is room for is refused, not grown", "[hdf5]") {
    Inflater inflater;
    for (const auto& one : wick_test::filter_cases(1)) {
        Plain out(one.plain.size() - 1);
        CHECK_THROWS_WITH(inflater.decode(one.stored, out),
                          "deflate: expected " + std::to_string(out.size()) + " bytes, found more");
        CHECK_THROWS_AS(inflater.decode(one.stored, {}), DecodeError);
    }
}

TEST_CASE("deflate: a stream cut short or changed is refused, and the decoder goes on with the next",
          "[hdf5]") {
    Inflater inflater;
    const auto one = wick_test::filter_cases(1).front();
    CHECK(wick_test::accepted_when_cut(
              one, [&](const Plain& cut, Plain& out) { return inflater.decode(cut, out); }) == 0);
    auto changed = one.stored;
    changed[changed.size() / 2] ^= std::byte{1};
    Plain out(one.plain.size());
    CHECK_THROWS_AS(inflater.decode(changed, out), DecodeError);
    CHECK(inflater.decode(one.stored, out) == out.size());
    CHECK(out == one.plain);
}

TEST_CASE("deflate: bytes behind the end of the stream are not looked at, as in HDF5", "[hdf5]") {
    const auto one = wick_test::filter_cases(1).front();
    auto longer = one.stored;
    longer.insert(longer.end(), 100, std::byte{7});
    Plain out(one.plain.size());
    CHECK(Inflater().decode(longer, out) == out.size());
    CHECK(out == one.plain);
}
