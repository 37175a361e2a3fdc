// SPDX-License-Identifier: MIT
#include <wick/core/access.hpp>

#include "support/catch.hpp"

#include <cstdint>
#include <span>

namespace {

struct Silent {
    wick::Index size(wick::Index rows) const { return rows; }
    void fill(wick::Index, std::int64_t, wick::Index, std::span<wick::Index>) const {}
};

struct Telling : Silent {
    wick::Access access(wick::Index rows) const { return {.share = 0.5, .block_rows = rows / 2}; }
};

}  // namespace

TEST_CASE("access: a sampler that says nothing asks for every row once, neighbours apart") {
    const wick::Access access = wick::access_of(Silent(), 100);
    CHECK((access.share == 1 && access.block_rows == 1 && access.window_blocks == 1));
}

TEST_CASE("access: a sampler that says how it goes is believed") {
    const wick::Access access = wick::access_of(Telling(), 100);
    CHECK((access.share == 0.5 && access.block_rows == 50));
}

TEST_CASE(
    "access: who are told together are told at the shorter distance, unless it is none or the next row") {
    using wick::common_distance;
    CHECK((common_distance(3, 8) == 3 && common_distance(8, 3) == 3));
    CHECK((common_distance(0, 8) == 8 && common_distance(8, 1) == 8));
    CHECK((common_distance(0, 1) == 1 && common_distance(0, 0) == 0));
}
