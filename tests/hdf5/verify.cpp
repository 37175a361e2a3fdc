// SPDX-License-Identifier: MIT
#include <wick/hdf5/direct.hpp>
#include <wick/hdf5/find_chunks.hpp>
#include <wick/hdf5/verify.hpp>

#include "support/catch.hpp"
#include "support/hdf5_cases.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

using wick::Bytes;
using wick::File;
using wick::Index;
using wick::detail::find_chunks;
using wick::detail::grid_of;
using wick::detail::Hdf5Lock;
using wick::detail::open_dataset;
using wick::detail::verify_chunks;
using wick::detail::verify_rows;
using wick_test::hdf5_data;

TEST_CASE(
    "hdf5/verify: an index is right if the library reads what lies there, and wrong if one chunk is not",
    "[hdf5]") {
    const Hdf5Lock lock;
    for (const char* const name : {"rows", "rows_all", "missing_gzip"}) {
        INFO(name);
        const File file(hdf5_data + "layouts_new.h5");
        const auto dataset = open_dataset({.file = file.path(), .dataset = name});
        const auto grid = *grid_of(dataset);
        const auto right = *find_chunks(dataset, grid, file.size()).index;
        auto index = right;
        CHECK(verify_chunks(dataset, grid, file, index).empty());
        for (const std::uint64_t chunk : {grid.chunks() - 1, grid.chunks() / 2}) {
            if (!index.find(chunk)) continue;
            auto moved = *right.find(chunk);
            moved.offset += 4;
            index = right;
            index.set(chunk, moved);
            CHECK_THAT(verify_chunks(dataset, grid, file, index),
                       ContainsSubstring("chunk " + grid.name_of(chunk)));
        }
    }
}

TEST_CASE("hdf5/verify: places that do not count the user block are moved by it", "[hdf5]") {
    const Hdf5Lock lock;
    for (const char* const name : {"user_block_512.h5", "user_block_2048.h5"}) {
        const File file(hdf5_data + name);
        const auto dataset = open_dataset({.file = file.path(), .dataset = "gzip"});
        const auto grid = *grid_of(dataset);
        const auto right = *find_chunks(dataset, grid, file.size()).index;
        auto index = right;
        index.shift(0 - dataset.object.file.user_block());
        CHECK(verify_chunks(dataset, grid, file, index).empty());
        for (std::uint64_t chunk = 0; chunk < grid.chunks(); ++chunk)
            CHECK(index.find(chunk)->offset == right.find(chunk)->offset);
    }
}

TEST_CASE("hdf5/verify: a reader that gives other bytes for one of three rows is found out", "[hdf5]") {
    const Hdf5Lock lock;
    const auto dataset = open_dataset({.file = hdf5_data + "layouts_new.h5", .dataset = "rows_all"});
    const auto whole = wick_test::bytes_of(hdf5_data + "layouts_new.rows_all.bytes");
    const auto reader = [&](Index wrong) {
        return [&whole, wrong](Index row, Bytes out) {
            std::ranges::copy(std::span(whole).subspan(static_cast<std::size_t>(row) * 24, 24), out.begin());
            if (row == wrong) out[23] ^= std::byte{1};
        };
    };
    CHECK(verify_rows(dataset, reader(-1)).empty());
    for (const Index wrong : {0, 10, 19})
        CHECK_THAT(verify_rows(dataset, reader(wrong)), ContainsSubstring("row " + std::to_string(wrong)));
    CHECK(verify_rows(dataset, [](Index, Bytes) { throw wick::Error("a", "is corrupt"); }).empty());
}
