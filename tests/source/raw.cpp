// SPDX-License-Identifier: MIT
#include <wick/source/raw.hpp>

#include "contract/source.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <bit>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

using namespace std::literals;
using wick::Dtype;
using wick::Engine;
using wick::RawSource;

namespace {

// A golden array without its header of 128 bytes is a dump.
const std::vector<std::byte>& dump() {
    static const auto bytes = wick_test::bytes_of(WICK_TEST_DATA "/npy/f64_little.bytes");
    return bytes;
}

}  // namespace

TEST_CASE("raw: a dump is read with the layout given, from the offset given") {
    const wick_test::TempDir dir;
    const Engine engine = GENERATE(Engine::automatic, Engine::mapped, Engine::pread, Engine::direct);
    const wick::RowLayout layout(Dtype::f64, {3});
    wick_test::check_source(RawSource(dir.write("a.dat", dump()), layout, {.engine = engine}), layout,
                            dump());

    const auto npy = WICK_TEST_DATA "/npy/f64_little.npy";
    wick_test::check_source(RawSource(npy, layout, {.offset = 128, .engine = engine}), layout, dump());
    wick_test::check_source(RawSource(npy, layout, {.offset = 128, .rows = 2, .engine = engine}), layout,
                            std::span(dump()).first(48));
    wick_test::check_source(RawSource(WICK_TEST_DATA "/npy/f64_big.npy", layout,
                                      {.offset = 128, .byte_order = std::endian::big, .engine = engine}),
                            layout, dump());
}

TEST_CASE("raw: a length that is no whole number of rows is refused at the row that is cut off") {
    const wick_test::TempDir dir;
    const auto path = dir.write("a.dat", "0123456789"sv);
    try {
        RawSource(path, {Dtype::u32, {}});
        FAIL("accepted");
    } catch (const wick::Error& error) {
        CHECK(error.offset() == 8);
        CHECK_THAT(error.what(), ContainsSubstring("expected a row of 4 bytes, u32 [], found 2 bytes"));
    }
    CHECK(RawSource(path, {Dtype::u32, {}}, {.offset = 2}).size() == 2);
    CHECK(RawSource(path, {Dtype::u32, {}}, {.rows = 2}).size() == 2);
    CHECK(RawSource(path, {Dtype::u32, {}}, {.offset = 10}).size() == 0);
}

TEST_CASE("raw: rows beyond the file, or rows that cannot be counted, are refused") {
    const wick_test::TempDir dir;
    const auto path = dir.write("a.dat", "0123456789"sv);
    CHECK_THROWS_MATCHES(RawSource(path, {Dtype::u8, {}}, {.offset = 11}), wick::Error,
                         MessageMatches(ContainsSubstring("byte 10: expected the first row at byte 11")));
    CHECK_THROWS_MATCHES(RawSource(path, {Dtype::u8, {4}}, {.rows = 3}), wick::Error,
                         MessageMatches(ContainsSubstring("byte 10: expected the file to end at byte 12")));
    CHECK_THROWS_AS(RawSource(path, {Dtype::u8, {}}, {.rows = -1}), std::invalid_argument);
    CHECK_THROWS_AS(RawSource(path, {Dtype::u8, {0}}), std::invalid_argument);
    CHECK(RawSource(path, {Dtype::u8, {0}}, {.rows = 3}).size() == 3);
    CHECK_THROWS_AS(RawSource(dir / "none", {Dtype::u8, {}}), wick::Error);
}
