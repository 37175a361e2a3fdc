// SPDX-License-Identifier: MIT
#include <wick/hdf5/zstd.hpp>

#include "support/catch.hpp"
#include "support/hdf5_filter_cases.hpp"

#include <cstddef>
#include <string>
#include <vector>

using wick::detail::DecodeError;
using wick::detail::ZstdDecoder;
using Plain = std::vector<std::byte>;

TEST_CASE("zstd: what HDF5's plugin compressed is decoded, or refused without the library", "[hdf5]") {
    ZstdDecoder decoder;
    for (const auto& one : wick_test::filter_cases(32015)) {
        INFO(one.name);
        Plain out(one.plain.size());
        if (!wick::detail::has_zstd) {
            CHECK_THROWS_WITH(decoder.decode(one.stored, out, "zstd"), ContainsSubstring("without"));
            continue;
        }
        CHECK(decoder.decode(one.stored, out, "zstd") == one.plain.size());
        CHECK(out == one.plain);
    }
}

TEST_CASE("zstd: what makes more than there is room for, is cut short or changed is refused", "[hdf5]") {
    ZstdDecoder decoder;
    for (const auto& one : wick_test::filter_cases(32015)) {
        INFO(one.name);
        Plain small(one.plain.size() - 1);
        CHECK_THROWS_AS(decoder.decode(one.stored, small, "zstd"), DecodeError);
        CHECK(wick_test::accepted_when_cut(
                  one, [&](const Plain& cut, Plain& out) { return decoder.decode(cut, out, "zstd"); }) == 0);
        auto changed = one.stored;
        changed[0] ^= std::byte{1};
        Plain out(one.plain.size());
        CHECK_THROWS_AS(decoder.decode(changed, out, "zstd"), DecodeError);
    }
}
