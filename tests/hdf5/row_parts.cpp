// SPDX-License-Identifier: MIT
#include <wick/hdf5/row_parts.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <bit>
#include <memory>
#include <string_view>

using namespace std::literals;
using wick::File;
using wick::detail::RowParts;

TEST_CASE("hdf5/row_parts: stretches that follow one another in one file become one", "[hdf5]") {
    const wick_test::TempDir dir;
    const auto a = std::make_shared<const File>(dir.write("a", "x"sv));
    const auto b = std::make_shared<const File>(dir.write("b", "x"sv));
    RowParts parts(10, {.stride = 2, .bytes = 2});
    parts.add(a, 100, 3);
    parts.add(a, 130, 2);
    parts.add(b, 150, 1);
    parts.add(b, 159, 1);
    parts.add(b, 169, 4);
    const auto all = parts.take();
    REQUIRE(all.size() == 3);
    CHECK(all[0].offset == 100);
    CHECK(all[0].rows == 5);
    CHECK(all[1].rows == 1);
    CHECK(all[2].rows == 5);
    CHECK(all[2].file == b);
    CHECK(all[0].byte_order == std::endian::native);
}

TEST_CASE("hdf5/row_parts: elements that are turned round stand in the other order", "[hdf5]") {
    const wick_test::TempDir dir;
    RowParts parts(10, {.stride = 2, .bytes = 2, .swap_unit = 2});
    parts.add(std::make_shared<const File>(dir.write("a", "x"sv)), 0, 1);
    CHECK(parts.take()[0].byte_order != std::endian::native);
}
