// SPDX-License-Identifier: MIT
#include <wick/hdf5/direct.hpp>
#include <wick/hdf5/find_chunks.hpp>

#include "support/catch.hpp"
#include "support/hdf5_cases.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

using wick::detail::ChunkIndex;
using wick::detail::find_chunks;
using wick::detail::grid_of;
using wick::detail::Hdf5Handle;
using wick::detail::Hdf5Lock;
using wick::detail::open_dataset;
using wick_test::hdf5_data;

TEST_CASE("hdf5/find_chunks: it says what the library says of each chunk, for every kind of index",
          "[hdf5]") {
    const Hdf5Lock lock;
    for (const std::string file : {"layouts_old.h5", "layouts_new.h5"})
        for (const std::string kind : {"rows", "part_rows", "columns", "single", "implicit", "extensible",
                                       "tree", "larger", "four", "line", "missing_gzip", "many_gzip"})
            for (const std::string filters : {"", "_all"}) {
                if (kind.ends_with("gzip") && !filters.empty()) continue;
                const std::string path = hdf5_data + file;
                INFO(file << " " << kind << filters);
                const auto dataset = open_dataset({.file = path, .dataset = kind + filters});
                const auto grid = *grid_of(dataset);
                const auto found = find_chunks(dataset, grid, std::filesystem::file_size(path));
                REQUIRE(found.index);
                const ChunkIndex& index = *found.index;
                CHECK(index.size() == grid.chunks());
                hsize_t count = 0;
                REQUIRE(H5Dget_num_chunks(dataset.dataset.id(), dataset.space.id(), &count) >= 0);
                CHECK(index.written() == count);
                for (hsize_t i = 0; i < std::min<hsize_t>(count, 50); ++i) {
                    std::array<hsize_t, 32> first{};
                    unsigned mask = 0;
                    haddr_t offset = 0;
                    hsize_t bytes = 0;
                    REQUIRE(H5Dget_chunk_info(dataset.dataset.id(), dataset.space.id(), i, first.data(),
                                              &mask, &offset, &bytes) >= 0);
                    const std::vector<std::uint64_t> at(first.begin(),
                                                        first.begin() + static_cast<int>(grid.rank()));
                    REQUIRE(index.find(grid.chunk_of(at)));
                    const auto& chunk = *index.find(grid.chunk_of(at));
                    CHECK(chunk.offset == offset);
                    if (dataset.filters.empty()) continue;
                    CHECK(chunk.bytes == bytes);
                    CHECK(chunk.filter_mask == mask);
                }
            }
}

TEST_CASE("hdf5/find_chunks: masks are kept, and chunks at a raw edge have all bits", "[hdf5]") {
    const Hdf5Lock lock;
    const std::string path = hdf5_data + "layouts_new.h5";
    const auto masks = open_dataset({.file = path, .dataset = "masks"});
    const auto found = find_chunks(masks, *grid_of(masks), std::filesystem::file_size(path));
    REQUIRE(found.index);
    CHECK(found.index->find(0)->filter_mask == 0);
    CHECK(found.index->find(1)->filter_mask == 7);
    CHECK(found.index->find(2)->filter_mask == 6);
    const auto edges = open_dataset({.file = path, .dataset = "raw_edges"});
    const auto grid = *grid_of(edges);
    const auto raw = find_chunks(edges, grid, std::filesystem::file_size(path));
    REQUIRE(raw.index);
    for (std::uint64_t chunk = 0; chunk < grid.chunks(); ++chunk)
        CHECK(raw.index->find(chunk)->filter_mask == (grid.is_partial(chunk) ? ~0u : 0u));
}

TEST_CASE("hdf5/find_chunks: a chunk beyond the file's end is refused with its place and byte", "[hdf5]") {
    const Hdf5Lock lock;
    const std::string path = hdf5_data + "layouts_new.h5";
    for (const char* const name : {"rows", "rows_all"}) {
        const auto dataset = open_dataset({.file = path, .dataset = name});
        const auto grid = *grid_of(dataset);
        const auto found = find_chunks(dataset, grid, std::filesystem::file_size(path));
        REQUIRE(found.index);
        std::uint64_t end = 0, last = 0;
        for (std::uint64_t chunk = 0; chunk < grid.chunks(); ++chunk) {
            const auto& stored = *found.index->find(chunk);
            const std::uint64_t bytes = dataset.filters.empty() ? 72 : stored.bytes;
            if (stored.offset + bytes > end) end = stored.offset + bytes, last = chunk;
        }
        CHECK_NOTHROW(find_chunks(dataset, grid, end));
        CHECK_THROWS_MATCHES(
            find_chunks(dataset, grid, end - 1), wick::Error,
            MessageMatches(ContainsSubstring("chunk " + grid.name_of(last) + ": expected ") &&
                           ContainsSubstring("the file's end at byte " + std::to_string(end - 1))));
        CHECK_THROWS_AS(find_chunks(dataset, grid, 1), wick::Error);
    }
}

TEST_CASE("hdf5/find_chunks: where most chunks were never written, those that were are found", "[hdf5]") {
    const Hdf5Lock lock;
    for (const char* const file : {"layouts_old.h5", "layouts_new.h5"}) {
        const std::string path = hdf5_data + file;
        const auto dataset = open_dataset({.file = path, .dataset = "sparse"});
        const auto found = find_chunks(dataset, *grid_of(dataset), std::filesystem::file_size(path));
        REQUIRE(found.index);
        CHECK(found.index->size() == 1u << 24);
        CHECK(found.index->written() == 1);
        CHECK(found.index->find(5));
        CHECK_FALSE(found.index->find(4));
    }
}

TEST_CASE("hdf5/find_chunks: thousands of chunks scattered over a billion places are found, too", "[hdf5]") {
    constexpr hsize_t side = hsize_t{1} << 15, count = 5000;
    const wick_test::TempDir dir;
    const auto path = dir / "scattered.h5";
    const auto column_of = [](hsize_t row) { return row * 2654435761u % side; };
    const Hdf5Lock lock;
    {
        const Hdf5Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
        const std::array<hsize_t, 2> extent{side, side}, one{1, 1};
        const Hdf5Handle space(H5Screate_simple(2, extent.data(), nullptr), H5Sclose);
        const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
        H5Pset_chunk(creation.id(), 2, one.data());
        const Hdf5Handle dataset(
            H5Dcreate2(file.id(), "x", H5T_STD_U8LE, space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
            H5Dclose);
        REQUIRE(dataset);
        for (hsize_t row = 0; row < count; ++row) {
            const std::array<hsize_t, 2> first{row, column_of(row)};
            const auto value = static_cast<unsigned char>(row);
            if (H5Dwrite_chunk(dataset.id(), H5P_DEFAULT, 0, first.data(), 1, &value) < 0)
                FAIL("chunk " << row);
        }
    }
    const auto dataset = open_dataset({.file = path, .dataset = "x"});
    const auto found = find_chunks(dataset, *grid_of(dataset), std::filesystem::file_size(path));
    REQUIRE(found.index);
    CHECK(found.index->written() == count);
    for (hsize_t row = 0; row < count; row += 7) CHECK(found.index->find(row * side + column_of(row)));
    CHECK_FALSE(found.index->find(column_of(0) + 1));
}

#if !H5_VERSION_GE(1, 14, 0)

TEST_CASE("hdf5/find_chunks: it is not tried where it would not end", "[hdf5]") {
    using wick::detail::are_scattered;
    constexpr std::uint64_t million = 1000000;
    CHECK_FALSE(are_scattered(0, ~std::uint64_t{0}));
    CHECK_FALSE(are_scattered(5000, std::uint64_t{1} << 50));  // they are listed
    CHECK_FALSE(are_scattered(million, million));              // each is asked for
    CHECK_FALSE(are_scattered(50 * million, 1000 * million));
    CHECK(are_scattered(million, 1000 * million));
    CHECK(are_scattered(million, ~std::uint64_t{0}));
}

#endif
