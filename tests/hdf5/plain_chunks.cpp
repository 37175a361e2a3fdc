// SPDX-License-Identifier: MIT
#include <wick/hdf5/plain_chunks.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace std::literals;
using wick::File;
using wick::Index;
using wick::detail::ChunkedRows;
using wick::detail::ChunkGrid;
using wick::detail::ChunkIndex;
using wick::detail::PlainChunkReader;
using wick::detail::StoredBytes;

namespace {

std::string read(const PlainChunkReader& reader, const std::vector<Index>& rows, std::size_t row_bytes) {
    std::string out(rows.size() * row_bytes, '?');
    reader.read(rows, std::as_writable_bytes(std::span(out)));
    return out;
}

}  // namespace

TEST_CASE(
    "hdf5/plain_chunks: rows are put together of their pieces; what was never written is the fill value",
    "[hdf5]") {
    const wick_test::TempDir dir;
    // Rows of 3 elements of 2 bytes; chunks of 2 rows by 2 elements: [0, 0] at 12, [0, 1] never, [1, 0] at 0, [1, 1] at 24.
    const auto file = std::make_shared<const File>(dir.write("a", "e0e1f0f1....a0a1b0b1....e2--f2--"sv));
    ChunkIndex index(4, 4);
    index.set(0, {.offset = 12});
    index.set(2, {.offset = 0});
    index.set(3, {.offset = 24});
    const PlainChunkReader reader(ChunkedRows{.stored = StoredBytes(file, {}),
                                              .place = {"a", "/x"},
                                              .grid = ChunkGrid({4, 3}, {2, 2}),
                                              .index = index,
                                              .element = {.stride = 2, .bytes = 2},
                                              .fill = {std::byte{'_'}, std::byte{'!'}},
                                              .row_bytes = 6});
    CHECK(read(reader, {0, 1, 2, 3}, 6) == "a0a1_!b0b1_!e0e1e2f0f1f2");
    CHECK(read(reader, {3, 0, 3}, 6) == "f0f1f2a0a1_!f0f1f2");
}

TEST_CASE("hdf5/plain_chunks: a member is taken out of each element, and turned", "[hdf5]") {
    const wick_test::TempDir dir;
    const auto file = std::make_shared<const File>(dir.write("a", "..1a.2b.3c.4d..."sv));
    ChunkIndex index(1, 1);
    index.set(0, {.offset = 1});
    const PlainChunkReader reader(
        ChunkedRows{.stored = StoredBytes(file, {}),
                    .place = {"a", "/x"},
                    .grid = ChunkGrid({2, 2}, {2, 2}),
                    .index = index,
                    .element = {.stride = 3, .offset = 1, .bytes = 2, .swap_unit = 2},
                    .row_bytes = 4});
    CHECK(read(reader, {1, 0}, 4) == "c3d4a1b2");
}

TEST_CASE("hdf5/plain_chunks: more pieces than are read in one go, and longer elements", "[hdf5]") {
    const wick_test::TempDir dir;
    std::string text;
    for (int i = 0; i < 6000; ++i) text += static_cast<char>('a' + i % 23);
    const auto file = std::make_shared<const File>(dir.write("a", text));
    ChunkIndex index(3000, 3000);  // columns of one element: a row lies in 3 chunks, and none beside its neighbour
    for (std::uint64_t chunk = 0; chunk < 3000; ++chunk) index.set(chunk, {.offset = 2 * (2999 - chunk)});
    const PlainChunkReader reader(ChunkedRows{.stored = StoredBytes(file, {}),
                                              .place = {"a", "/x"},
                                              .grid = ChunkGrid({1000, 3}, {1, 1}),
                                              .index = index,
                                              .element = {.stride = 2, .bytes = 2},
                                              .row_bytes = 6});
    std::vector<Index> rows;
    std::string expected;
    for (Index row = 999; row >= 0; --row) {
        rows.push_back(row);
        for (std::size_t i = 0; i < 3; ++i)
            expected += text.substr(2 * (2999 - (3 * static_cast<std::size_t>(row) + i)), 2);
    }
    CHECK(read(reader, rows, 6) == expected);
}
