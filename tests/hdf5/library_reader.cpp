// SPDX-License-Identifier: MIT
#include <wick/hdf5/library_reader.hpp>

#include "contract/source.hpp"
#include "support/catch.hpp"
#include "support/hdf5_cases.hpp"

#include <cstddef>
#include <string>
#include <vector>

using wick::Index;
using wick::detail::LibraryReader;
using wick::detail::open_dataset;
using wick_test::hdf5_data;

TEST_CASE("hdf5/library_reader: rows are read in any order, each where it is wanted", "[hdf5]") {
    for (const char* const name : {"rows_all", "part_rows", "compact_big", "missing_big", "nbit"}) {
        INFO(name);
        auto dataset = open_dataset({.file = hdf5_data + "layouts_new.h5", .dataset = name});
        const std::size_t row_bytes = dataset.row.bytes();
        const Index size = dataset.rows();
        const LibraryReader reader(std::move(dataset));
        const auto whole = wick_test::bytes_of(hdf5_data + "layouts_new." + name + ".bytes");
        for (const auto& rows : wick_test::orders(size)) {
            std::vector<std::byte> out(rows.size() * row_bytes);
            reader.read(rows, out);
            CHECK((out == wick_test::cut_rows(whole, row_bytes, rows)));
        }
    }
}

TEST_CASE(
    "hdf5/library_reader: two readers of one dataset, one with external files, do not disturb each other",
    "[hdf5]") {
    const std::vector<Index> rows{7, 0};
    for (const char* const name : {"one", "two", "cut"}) {
        const LibraryReader first(open_dataset({.file = hdf5_data + "external.h5", .dataset = name}));
        const LibraryReader second(open_dataset({.file = hdf5_data + "external.h5", .dataset = name}));
        const auto whole = wick_test::bytes_of(hdf5_data + "external." + name + ".bytes");
        for (const LibraryReader& reader : {first, second}) {
            std::vector<std::byte> out(24);
            reader.read(rows, out);
            CHECK((out == wick_test::cut_rows(whole, 12, rows)));
        }
    }
}

TEST_CASE("hdf5/library_reader: a plugin that the library lacks is named where it fails for that", "[hdf5]") {
    auto dataset = open_dataset({.file = hdf5_data + "filters.h5", .dataset = "lzf"});
    std::vector<std::byte> out(dataset.row.bytes());
    if (H5Zfilter_avail(32000) > 0) return;  // installed here
    const LibraryReader reader(std::move(dataset));
    const std::vector<Index> rows{0};
    CHECK_THROWS_MATCHES(
        reader.read(rows, out), wick::Error,
        MessageMatches(ContainsSubstring("dataset /lzf: rows 0 to 0 cannot be read: ") &&
                       ContainsSubstring("found no filter 32000 (LZF), whose plugin comes from ")));
}
