// SPDX-License-Identifier: MIT
#include <wick/core/access.hpp>

#include "support/catch.hpp"

#include <cstddef>
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

TEST_CASE("access: a part of any memory is never more than all of it, and all of it is all") {
    using wick::part_of_memory;
    for (const std::size_t all : {SIZE_MAX, SIZE_MAX / 2, (std::size_t{1} << 53) + 1, std::size_t{7}}) {
        CHECK(part_of_memory(all, 1) == all);
        CHECK(part_of_memory(all, 1 - 0x1p-53) <= all);
        CHECK(part_of_memory(all, 0) == 0);
    }
    CHECK((part_of_memory(1000, 0.75) == 750 && part_of_memory(800, 0.5) == 400));
}
