// SPDX-License-Identifier: MIT
#include <wick/io/row_columns.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <vector>

using wick::Index;
using wick::detail::element_of_column;

TEST_CASE("row columns: in the file the first dimension of a row runs fastest, in the row the last") {
    const auto elements = [](const std::vector<Index>& shape, std::size_t columns) {
        std::vector<std::size_t> all;
        for (std::size_t column = 0; column < columns; ++column)
            all.push_back(element_of_column(column, shape));
        return all;
    };
    // numpy.arange(n).reshape(shape).flatten(order="F")
    CHECK(elements({}, 1) == std::vector<std::size_t>{0});
    CHECK(elements({4}, 4) == std::vector<std::size_t>{0, 1, 2, 3});
    CHECK(elements({2, 3}, 6) == std::vector<std::size_t>{0, 3, 1, 4, 2, 5});
    CHECK(elements({2, 3, 2}, 12) == std::vector<std::size_t>{0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11});
    CHECK(elements({3, 1, 2}, 6) == std::vector<std::size_t>{0, 2, 4, 1, 3, 5});
}

TEST_CASE("row columns: one element of each row is copied, its bytes turned round if asked for") {
    const std::vector<std::byte> column{std::byte{1}, std::byte{2}, std::byte{3},
                                        std::byte{4}, std::byte{5}, std::byte{6}};
    const std::vector<Index> rows{12, 10, 12};
    const auto scattered = [&](std::size_t swap_unit) {
        std::vector<int> out;
        std::vector<std::byte> bytes(11, std::byte{0});
        wick::detail::scatter_column(column.data(), 10, rows, 2, swap_unit, 4, bytes.data() + 1);
        for (const std::byte byte : bytes) out.push_back(std::to_integer<int>(byte));
        return out;
    };
    CHECK(scattered(1) == std::vector<int>{0, 5, 6, 0, 0, 1, 2, 0, 0, 5, 6});
    CHECK(scattered(2) == std::vector<int>{0, 6, 5, 0, 0, 2, 1, 0, 0, 6, 5});
}

TEST_CASE("row columns: every element of every row is asked for once, in blocks that fit the cache") {
    const wick::RowLayout layout(wick::Dtype::u16, {2, 3});
    std::vector<Index> rows(150);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<Index>(1000 + i);
    std::vector<std::byte> out(rows.size() * layout.bytes());
    std::vector<int> visits(rows.size() * layout.elements());
    wick::detail::for_each_column(rows, layout, out.data(),
                                  [&](std::size_t column, wick::Rows block, std::byte* to) {
                                      REQUIRE(block.size() <= 64);
                                      for (const Index row : block) {
                                          const auto at = static_cast<std::size_t>(to - out.data());
                                          CHECK(at == static_cast<std::size_t>(row - 1000) * layout.bytes() +
                                                          2 * element_of_column(column, layout.shape()));
                                          ++visits.at(at / 2);
                                          to += layout.bytes();
                                      }
                                  });
    CHECK(visits == std::vector<int>(visits.size(), 1));
}
