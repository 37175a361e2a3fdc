// SPDX-License-Identifier: MIT
#include <wick/io/window_shape.hpp>

#include "support/catch.hpp"

#include <cstddef>

using wick::Access;
using wick::detail::window_shape;
using wick::detail::WindowShape;

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr wick::Index many = 1'000'000;

TEST_CASE("window shape: blocks are read whole, a pass in file order is cut, and long rows come one by one") {
    const auto blocks = window_shape(
        {.block_rows = 64, .first_row = 7, .window_blocks = 256, .memory_bytes = 1000 * mib}, 4096, many);
    REQUIRE(blocks);
    CHECK((blocks->block_rows == 64 && blocks->first_row == 7));
    // The next window is read while this one is used.
    CHECK((blocks->blocks_ahead == 256 && blocks->blocks_held >= 2 * 256));
    const auto pass =
        window_shape({.block_rows = 1'000'000, .in_order = true, .memory_bytes = 1000 * mib}, 4096, many);
    REQUIRE(pass);
    CHECK((pass->block_rows == 256 && pass->rows_ahead() == 9 * 256));
    const auto mixed = window_shape({.block_rows = 1000, .memory_bytes = 1000 * mib}, 4096, many);
    REQUIRE(mixed);
    CHECK(mixed->block_rows == 1000);  // its rows come in any order
    const auto later = window_shape(
        {.block_rows = 1'000'000, .first_row = 600'007, .in_order = true, .memory_bytes = 1000 * mib}, 4096,
        many);
    REQUIRE(later);
    CHECK(later->first_row == 600'007 % 256);
    const auto row = window_shape({.memory_bytes = 1000 * mib}, 600'000, many);
    REQUIRE(row);
    CHECK((row->block_rows == 1 && row->blocks_ahead == 56 && row->blocks_held > 56 + 20));
}

TEST_CASE("window shape: there is none for short rows in any order, nor for blocks too long to hold") {
    CHECK(!window_shape({.memory_bytes = 1000 * mib}, 4096, many));
    CHECK(!window_shape({.block_rows = 100'000, .window_blocks = 10, .memory_bytes = 10'000 * mib}, 4096,
                        many));
    CHECK(!window_shape({.memory_bytes = 1000 * mib}, 5 * mib, many));
    // So many that their bytes cannot be counted.
    CHECK(!window_shape({.block_rows = wick::Index{1} << 47, .window_blocks = 2, .memory_bytes = 1000 * mib},
                        mib / 8, many));
    wick::Access shard{.density = 0.25, .block_rows = 64, .window_blocks = 256, .memory_bytes = 1000 * mib};
    CHECK(!window_shape(shard, 20'000, many));
    REQUIRE(window_shape(shard, 4096, many));
    shard.density = 0.1;
    CHECK(!window_shape(shard, 4096, many));
    REQUIRE(window_shape(shard, mib / 8, many));  // one by one, so nothing lies between
}

TEST_CASE(
    "window shape: it takes no more memory than there is, and reads less far ahead where that is little") {
    wick::Access access{.block_rows = 64, .window_blocks = 256, .memory_bytes = 1000 * mib};
    const std::size_t far = window_shape(access, 4096, many)->bytes(4096, many);
    access.memory_bytes = far;
    CHECK(window_shape(access, 4096, many)->bytes(4096, many) == far);
    access.memory_bytes = far - 1;
    const auto near = window_shape(access, 4096, many);
    REQUIRE(near);
    CHECK((near->bytes(4096, many) < far && near->blocks_ahead == 49 && near->blocks_held > 256 + 49));
    access.memory_bytes = near->bytes(4096, many) - 1;
    CHECK(!window_shape(access, 4096, many));
}

TEST_CASE("window shape: a place has room for a block and the whole pages around it") {
    const WindowShape shape{0, 64, 5, 10};
    CHECK(shape.slot_bytes(4096) >= 64 * 4096 + 2 * 4096);
    CHECK(shape.bytes(4096, 64) == 10 * shape.slot_bytes(4096) + 2 * 4);
    CHECK(shape.rows_ahead() == 5 * 64);
}
