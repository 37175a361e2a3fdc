// SPDX-License-Identifier: MIT
#include <wick/hdf5/lzf.hpp>

#include "support/catch.hpp"
#include "support/hdf5_filter_cases.hpp"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

using wick::detail::decode_lzf;
using wick::detail::DecodeError;
using Plain = std::vector<std::byte>;

namespace {

std::string decoded(std::initializer_list<int> stored, std::size_t room) {
    Plain bytes, out(room);
    for (const int value : stored) bytes.push_back(static_cast<std::byte>(value));
    std::string text;
    for (const std::byte byte : std::span(out).first(decode_lzf(bytes, out))) text += static_cast<char>(byte);
    return text;
}

}  // namespace

TEST_CASE("lzf: what h5py compressed is decoded", "[hdf5]") {
    for (const auto& one : wick_test::filter_cases(32000)) {
        INFO(one.name);
        Plain out(one.plain.size());
        CHECK(decode_lzf(one.stored, out) == one.plain.size());
        CHECK(out == one.plain);
    }
}

TEST_CASE("lzf: literals, short and long matches mean what liblzf's format says", "[hdf5]") {
    CHECK(decoded({}, 0).empty());
    CHECK(decoded({2, 'a', 'b', 'c'}, 3) == "abc");
    CHECK(decoded({2, 'a', 'b', 'c', 1 << 5, 2}, 6) == "abcabc");
    CHECK(decoded({1, 'a', 'b', 2 << 5, 0}, 6) == "abbbbb");
    CHECK(decoded({0, 'a', 7 << 5, 3, 0}, 13) == "aaaaaaaaaaaaa");
}

TEST_CASE("lzf: a match that begins before the chunk is refused", "[hdf5]") {
    CHECK_THROWS_AS(decoded({0, 'a', 1 << 5, 1}, 10), DecodeError);
    CHECK_THROWS_AS(decoded({1 << 5, 0}, 10), DecodeError);
    CHECK_THROWS_AS(decoded({0, 'a', 1 << 5 | 31, 255}, 10), DecodeError);
}

TEST_CASE("lzf: what makes more than there is room for is refused", "[hdf5]") {
    CHECK_THROWS_WITH(decoded({2, 'a', 'b', 'c'}, 2), "LZF: expected 2 bytes, found more");
    CHECK_THROWS_AS(decoded({0, 'a', 1 << 5, 0}, 3), DecodeError);
    CHECK_THROWS_AS(decoded({0, 'a', 7 << 5, 255, 0}, 100), DecodeError);
}

TEST_CASE("lzf: literals and matches cut short are refused", "[hdf5]") {
    CHECK_THROWS_AS(decoded({2, 'a', 'b'}, 9), DecodeError);
    CHECK_THROWS_AS(decoded({0, 'a', 1 << 5}, 9), DecodeError);
    CHECK_THROWS_AS(decoded({0, 'a', 7 << 5}, 99), DecodeError);
    CHECK_THROWS_AS(decoded({0, 'a', 7 << 5, 1}, 99), DecodeError);
    for (const auto& one : wick_test::filter_cases(32000))
        CHECK(wick_test::accepted_when_cut(
                  one, [](const Plain& cut, Plain& out) { return decode_lzf(cut, out); }) == 0);
}
