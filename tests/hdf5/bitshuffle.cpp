// SPDX-License-Identifier: MIT
#include <wick/hdf5/bitshuffle.hpp>

#include "support/catch.hpp"
#include "support/hdf5_filter_cases.hpp"

#include <cstddef>
#include <initializer_list>
#include <vector>

using wick::detail::Bitshuffle;
using wick::detail::decode_bitshuffle;
using wick::detail::DecodeError;
using wick::detail::FilterScratch;
using Plain = std::vector<std::byte>;

namespace {

std::size_t decoded(Bitshuffle how, std::initializer_list<int> stored, std::size_t room) {
    Plain bytes, out(room);
    for (const int value : stored) bytes.push_back(static_cast<std::byte>(value));
    FilterScratch scratch;
    return decode_bitshuffle(how, bytes, out, scratch);
}

}  // namespace

TEST_CASE("bitshuffle: what HDF5's plugin wrote is decoded", "[hdf5]") {
    FilterScratch scratch;
    std::size_t cases = 0;
    for (const auto& one : wick_test::filter_cases(32008)) {
        INFO(one.name);
        const auto how = Bitshuffle::from(one.filters[0].parameters);
        if (!how) continue;
        Plain out(one.plain.size() + 1, std::byte{0xcc});
        CHECK(decode_bitshuffle(*how, one.stored, out, scratch) == one.plain.size());
        CHECK(out.back() == std::byte{0xcc});
        out.pop_back();
        CHECK(out == one.plain);
        ++cases;
    }
    CHECK(cases >= 18);
}

TEST_CASE("bitshuffle: what makes more than there is room for, or is cut short, is refused", "[hdf5]") {
    FilterScratch scratch;
    for (const auto& one : wick_test::filter_cases(32008)) {
        INFO(one.name);
        const auto how = Bitshuffle::from(one.filters[0].parameters);
        if (!how) continue;
        Plain small(one.plain.size() - 1);
        CHECK_THROWS_AS(decode_bitshuffle(*how, one.stored, small, scratch), DecodeError);
        CHECK(wick_test::accepted_when_cut(one, [&](const Plain& cut, Plain& out) {
                  return decode_bitshuffle(*how, cut, out, scratch);
              }) == 0);
    }
}

TEST_CASE("bitshuffle: parameters that make no sense are refused", "[hdf5]") {
    CHECK_FALSE(Bitshuffle::from({}));
    CHECK_FALSE(Bitshuffle::from({0, 4, 0}));
    CHECK_FALSE(Bitshuffle::from({0, 4, 4, 12}));
    CHECK_FALSE(Bitshuffle::from({0, 4, 4, 0, 7}));
    CHECK(Bitshuffle::from({0, 4, 4, 0, 3}).has_value() == wick::detail::has_zstd);
    const auto how = Bitshuffle::from({0, 4, 4});
    REQUIRE(how);
    CHECK(how->block_elements == 2048);
    CHECK(how->compression == Bitshuffle::none);
    CHECK(Bitshuffle::from({0, 4, 3})->block_elements == 2728);
    CHECK(Bitshuffle::from({0, 4, 4'000'000'000})->block_elements == 128);
}

TEST_CASE("bitshuffle: a header that disagrees with the filter is refused", "[hdf5]") {
    const Bitshuffle how{.element_bytes = 4, .block_elements = 2048, .compression = Bitshuffle::lz4};
    // 2 elements alone stand as they are.
    CHECK(decoded(how, {0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 32, 0, 1, 2, 3, 4, 5, 6, 7, 8}, 8) == 8);
    CHECK_THROWS_WITH(decoded(how, {0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 32, 0, 1, 2, 3, 4, 5, 6, 7, 8}, 7),
                      "bitshuffle: expected 7 bytes, found 8");
    CHECK_THROWS_WITH(decoded(how, {0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 32, 0, 1, 2, 3, 4, 5, 6, 7}, 8),
                      ContainsSubstring("whole elements of 4 bytes, found 7"));
    CHECK_THROWS_WITH(decoded(how, {0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 36, 1, 2, 3, 4, 5, 6, 7, 8}, 8),
                      ContainsSubstring("blocks of 8, 16, ... elements"));
}
