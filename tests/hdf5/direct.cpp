// SPDX-License-Identifier: MIT
#include <wick/hdf5/direct.hpp>

#include "support/catch.hpp"
#include "support/hdf5_cases.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace wick::detail;
using wick_test::hdf5_data;

namespace {

/// What is read directly, or the reason why it cannot be.
std::pair<std::optional<Hdf5Access>, std::string> open(const std::string& file, const char* name,
                                                       const char* member = "") {
    const Hdf5Lock lock;
    const auto dataset =
        open_dataset({.file = hdf5_data + file, .dataset = name, .wanted = {.member = member}});
    const Hdf5AccessOptions options;
    std::string problem;
    auto access = DirectOpening(dataset, options, *grid_of(dataset)).open(problem);
    return {std::move(access), problem};
}

template <class Way>
void check(const std::string& file, const char* name, const char* member = "") {
    INFO(file << " " << name);
    const auto [access, problem] = open(file, name, member);
    CHECK(problem.empty());
    REQUIRE(access);
    CHECK(std::holds_alternative<Way>(access->reader));
}

}  // namespace

TEST_CASE("hdf5/direct: rows end to end go to the engine of all formats, whatever layout they lie in",
          "[hdf5]") {
    check<wick::RowReader>("types.h5", "f32_big");
    check<wick::RowReader>("layouts_old.h5", "rows");
    check<wick::RowReader>("layouts_old.h5", "one_row");
    check<wick::RowReader>("layouts_new.h5", "single");
    check<wick::RowReader>("layouts_new.h5", "extensible");
    check<wick::RowReader>("external.h5", "two");
}

TEST_CASE("hdf5/direct: other chunks are read piece by piece, or decoded", "[hdf5]") {
    for (const char* const name : {"part_rows", "columns", "larger", "missing", "never_fill"})
        check<PlainChunkReader>("layouts_new.h5", name);
    check<PlainChunkReader>("types.h5", "table_whole", "id");
    check<PlainChunkReader>("external.h5", "cut");
    check<PlainChunkReader>("layouts_old.h5", "sparse");
    for (const char* const name : {"rows_gzip", "masks", "raw_edges", "shuffle_only"})
        check<FilteredChunkReader>("layouts_new.h5", name);
    check<FilteredChunkReader>("filters.h5", "unknown");
    check<LoadedRows>("layouts_new.h5", "compact");
}

TEST_CASE("hdf5/direct: what is not known here is told, and left to somebody else", "[hdf5]") {
    const auto [scaled, filter] = open("layouts_new.h5", "scale_offset");
    CHECK_FALSE(scaled);
    CHECK_THAT(filter, ContainsSubstring("no decoder here for filter 6"));
}

TEST_CASE("hdf5/direct: numbers larger than can be counted make no grid", "[hdf5]") {
    const Hdf5Lock lock;
    auto dataset = open_dataset({.file = hdf5_data + "layouts_new.h5", .dataset = "part_rows"});
    CHECK(grid_of(dataset));
    const auto extent = dataset.extent;
    dataset.extent = {1ull << 62, 1ull << 62};
    CHECK_FALSE(grid_of(dataset));
    dataset.extent = extent;
    dataset.chunk = {1ull << 40, 1ull << 40};
    CHECK_FALSE(grid_of(dataset));
    dataset.chunk = {0, 4};
    CHECK_FALSE(grid_of(dataset));
}
