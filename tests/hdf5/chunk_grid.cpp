// SPDX-License-Identifier: MIT
#include <wick/hdf5/chunk_grid.hpp>

#include "support/catch.hpp"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

using wick::Index;
using wick::detail::ChunkGrid;
using Numbers = std::vector<std::uint64_t>;

namespace {

/// Goes through a dataset element by element, which needs no strides and no joining.
void check_pieces(const Numbers& extent, const Numbers& chunk) {
    const ChunkGrid grid(extent, chunk);
    std::uint64_t row_elements = 1;
    for (std::size_t i = 1; i < extent.size(); ++i) row_elements *= extent[i];
    for (Index row = 0; row < static_cast<Index>(extent[0]); ++row) {
        // Where each element of the row is said to stand: chunk and place in it.
        std::vector<std::pair<std::uint64_t, std::uint64_t>> said(row_elements, {~0ull, ~0ull});
        const std::uint64_t band = static_cast<std::uint64_t>(row) / grid.band_rows() * grid.columns();
        for (std::uint64_t column = 0; column < grid.columns(); ++column)
            grid.for_each_piece(row, column, [&](std::uint64_t from, std::uint64_t to, std::uint64_t count) {
                for (std::uint64_t i = 0; i < count; ++i) {
                    REQUIRE(to + i < row_elements);
                    CHECK(said[to + i].first == ~0ull);
                    said[to + i] = {band + column, from + i};
                }
            });
        for (std::uint64_t element = 0; element < row_elements; ++element) {
            Numbers at(extent.size());
            std::uint64_t rest = element;
            for (std::size_t i = extent.size(); --i > 0; rest /= extent[i]) at[i] = rest % extent[i];
            at[0] = static_cast<std::uint64_t>(row);
            std::uint64_t inside = 0;
            for (std::size_t i = 0; i < extent.size(); ++i) inside = inside * chunk[i] + at[i] % chunk[i];
            CHECK(said[element].first == grid.chunk_of(at));
            CHECK(said[element].second == inside);
            CHECK(grid.contains(at));
        }
    }
}

}  // namespace

TEST_CASE("hdf5/chunk_grid: every element of a row stands in one piece, where its coordinates say",
          "[hdf5]") {
    check_pieces({7}, {3});
    check_pieces({7}, {7});
    check_pieces({7}, {9});
    check_pieces({6, 5}, {2, 5});
    check_pieces({6, 5}, {4, 2});
    check_pieces({6, 5}, {8, 8});
    check_pieces({3, 4, 5}, {2, 4, 5});
    check_pieces({3, 4, 5}, {2, 3, 5});
    check_pieces({3, 4, 5}, {2, 4, 2});
    check_pieces({3, 4, 5}, {2, 3, 2});
    check_pieces({3, 4, 5}, {1, 1, 1});
    check_pieces({2, 3, 4, 2, 3}, {2, 2, 3, 1, 3});
    check_pieces({2, 3, 4, 2, 3}, {3, 4, 5, 3, 4});
}

TEST_CASE("hdf5/chunk_grid: chunks are numbered in C order, and named by their place", "[hdf5]") {
    const ChunkGrid grid({7, 5}, {3, 2});
    CHECK(grid.chunks() == 9);
    CHECK(grid.columns() == 3);
    CHECK(grid.band_rows() == 3);
    CHECK(grid.chunk_elements() == 6);
    CHECK(grid.rows() == 7);
    CHECK(grid.name_of(5) == "[1, 2]");
    std::array<std::uint64_t, 2> first{};
    grid.first_element(5, first);
    CHECK(first == std::array<std::uint64_t, 2>{3, 4});
    for (std::uint64_t chunk = 0; chunk < grid.chunks(); ++chunk) {
        grid.first_element(chunk, first);
        CHECK(grid.chunk_of(first) == chunk);
        CHECK(grid.is_partial(chunk) == (chunk / 3 == 2 || chunk % 3 == 2));
    }
    CHECK_FALSE(grid.contains(std::array<std::uint64_t, 2>{7, 0}));
    CHECK_FALSE(grid.contains(std::array<std::uint64_t, 2>{0, 5}));
}

TEST_CASE("hdf5/chunk_grid: rows lie end to end if a chunk is exactly as wide as they are", "[hdf5]") {
    CHECK(ChunkGrid({7}, {3}).has_whole_rows());
    CHECK(ChunkGrid({7, 5, 4}, {3, 5, 4}).has_whole_rows());
    CHECK_FALSE(ChunkGrid({7, 5, 4}, {3, 5, 5}).has_whole_rows());
    CHECK_FALSE(ChunkGrid({7, 5, 4}, {3, 2, 4}).has_whole_rows());
    CHECK_FALSE(ChunkGrid({7, 5}, {3, 6}).has_whole_rows());
}

TEST_CASE("hdf5/chunk_grid: a dataset without rows or elements has no chunks", "[hdf5]") {
    CHECK(ChunkGrid({0, 5}, {3, 2}).chunks() == 0);
    CHECK(ChunkGrid({4, 0}, {3, 2}).chunks() == 0);
}
