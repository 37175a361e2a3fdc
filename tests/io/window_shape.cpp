// SPDX-License-Identifier: MIT
#include <wick/io/window_shape.hpp>

#include "support/catch.hpp"

#include <cstddef>

using wick::Access;
using wick::detail::window_shape;
using wick::detail::WindowShape;

TEST_CASE("window shape: blocks are read whole, a pass in file order is cut, and long rows come one by one") {
    const auto blocks = window_shape({.block_rows = 64, .first_row = 7, .window_blocks = 256}, 4096);
    REQUIRE(blocks);
    CHECK((blocks->block_rows == 64 && blocks->first_row == 7 && blocks->blocks_held > 256));
    const auto pass = window_shape({.block_rows = 1'000'000}, 4096);
    REQUIRE(pass);
    CHECK(pass->block_rows == 256);
    const auto row = window_shape({}, 600'000);
    REQUIRE(row);
    CHECK((row->block_rows == 1 && row->blocks_held > 2 * row->blocks_ahead(600'000)));
}

TEST_CASE("window shape: there is none for short rows in any order, nor for blocks too long to hold") {
    CHECK(!window_shape({}, 4096));
    CHECK(!window_shape({.block_rows = 100'000, .window_blocks = 10}, 4096));
    CHECK(!window_shape({}, std::size_t{5} << 20));
    CHECK(!window_shape({.share = 0.25, .block_rows = 64, .window_blocks = 256}, 20'000));
    CHECK(window_shape({.share = 0.25, .block_rows = 64, .window_blocks = 256}, 4096));
}

TEST_CASE("window shape: it says how many bytes it takes, and how far ahead it reads") {
    const WindowShape shape{0, 64, 10};
    CHECK(shape.slot_bytes(4096) >= 64 * 4096 + 2 * 4096);
    CHECK(shape.bytes(4096) == 10 * shape.slot_bytes(4096));
    CHECK(shape.blocks_ahead(4096) == 49);
    CHECK(shape.rows_ahead(4096) == 49 * 64);
    CHECK(shape.blocks_ahead(8) == 64);
}
