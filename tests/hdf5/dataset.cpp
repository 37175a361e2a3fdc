// SPDX-License-Identifier: MIT
#include <wick/hdf5/dataset.hpp>

#include "support/catch.hpp"
#include "support/hdf5_cases.hpp"

#include <array>
#include <cstring>
#include <vector>

using wick::detail::open_dataset;
using wick_test::hdf5_data;

namespace {

template <class T>
std::vector<std::byte> bytes(T value) {
    std::vector<std::byte> out(sizeof value);
    std::memcpy(out.data(), &value, sizeof value);
    return out;
}

}  // namespace

TEST_CASE("hdf5/dataset: shape, chunks and filters are those that were given", "[hdf5]") {
    const auto dataset = open_dataset({.file = hdf5_data + "layouts_new.h5", .dataset = "four_all"});
    CHECK(dataset.place().dataset == "/four_all");
    CHECK(dataset.extent == std::vector<std::uint64_t>{5, 3, 4, 2});
    CHECK(dataset.chunk == std::vector<std::uint64_t>{2, 2, 3, 2});
    CHECK(dataset.rows() == 5);
    CHECK(dataset.row_elements() == 24);
    CHECK(dataset.row == wick::RowLayout(wick::Dtype::i32, {3, 4, 2}));
    REQUIRE(dataset.filters.size() == 3);
    CHECK(dataset.filters[0].id == H5Z_FILTER_SHUFFLE);
    CHECK(dataset.filters[0].parameters == std::vector<unsigned>{4});
    CHECK(dataset.filters[1].id == H5Z_FILTER_DEFLATE);
    CHECK(dataset.filters[2].id == H5Z_FILTER_FLETCHER32);
    CHECK(open_dataset({.file = hdf5_data + "layouts_new.h5", .dataset = "compact"}).chunk.empty());
}

TEST_CASE("hdf5/dataset: the fill value is given in this machine's order, and 0 where there is none",
          "[hdf5]") {
    const auto fill = [](const char* name) {
        return open_dataset({.file = hdf5_data + "layouts_old.h5", .dataset = name}).fill;
    };
    CHECK((fill("never") == bytes(std::int32_t{0})));
    CHECK((fill("never_fill") == bytes(std::int32_t{-77})));
    CHECK((fill("missing_fill") == bytes(std::int32_t{-5})));
    CHECK((fill("missing_big") == bytes(1.5)));
}

TEST_CASE("hdf5/dataset: the dimensions of an array type follow those of the dataset", "[hdf5]") {
    CHECK(open_dataset({.file = hdf5_data + "types.h5", .dataset = "array"}).row ==
          wick::RowLayout(wick::Dtype::i16, {4, 2, 3}));
    const auto member = open_dataset(
        {.file = hdf5_data + "types.h5", .dataset = "table_whole", .wanted = {.member = "hits"}});
    CHECK(member.row == wick::RowLayout(wick::Dtype::i16, {2, 3}));
    CHECK(member.fill.size() == 12);
}
