// SPDX-License-Identifier: MIT
#include <wick/hdf5/lz4.hpp>

#include "support/catch.hpp"
#include "support/hdf5_filter_cases.hpp"

#include <cstddef>
#include <initializer_list>
#include <vector>

using wick::detail::decode_lz4;
using wick::detail::DecodeError;
using Plain = std::vector<std::byte>;

namespace {

std::size_t decoded(std::initializer_list<int> stored, std::size_t room) {
    Plain bytes, out(room);
    for (const int value : stored) bytes.push_back(static_cast<std::byte>(value));
    return decode_lz4(bytes, out);
}

}  // namespace

TEST_CASE("lz4: what HDF5's filter compressed is decoded, in one block or many", "[hdf5]") {
    for (const auto& one : wick_test::filter_cases(32004)) {
        INFO(one.name);
        Plain out(one.plain.size() + 2, std::byte{0xcc});
        CHECK(decode_lz4(one.stored, out) == one.plain.size());
        CHECK(out.back() == std::byte{0xcc});
        out.resize(one.plain.size());
        CHECK(out == one.plain);
    }
}

TEST_CASE("lz4: a chunk that says it makes more than there is room for is refused", "[hdf5]") {
    CHECK_THROWS_WITH(decoded({0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4, 1, 2, 3, 4}, 3),
                      "LZ4: expected 3 bytes, found 4");
    CHECK_THROWS_AS(decoded({255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 4}, 3), DecodeError);
    CHECK(decoded({0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4, 1, 2, 3, 4}, 4) == 4);
}

TEST_CASE("lz4: blocks of no bytes end with the chunk, and are refused", "[hdf5]") {
    CHECK_THROWS_AS(decoded({0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0}, 4), DecodeError);
    CHECK(decoded({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 4) == 0);
}

TEST_CASE("lz4: a chunk cut short is refused", "[hdf5]") {
    for (const auto& one : wick_test::filter_cases(32004))
        CHECK(wick_test::accepted_when_cut(
                  one, [](const Plain& cut, Plain& out) { return decode_lz4(cut, out); }) == 0);
}
