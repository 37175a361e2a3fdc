// SPDX-License-Identifier: MIT
#include <wick/hdf5/access.hpp>

#include "support/catch.hpp"
#include "support/hdf5_cases.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>
#include <string>
#include <variant>

using namespace wick::detail;
using wick_test::hdf5_data;

namespace {

Hdf5Access open(const std::string& file, const char* name, const char* member = "") {
    return open_access(
        open_dataset({.file = hdf5_data + file, .dataset = name, .wanted = {.member = member}}), {});
}

}  // namespace

TEST_CASE("hdf5/access: rows end to end go to the engine of all formats, whatever layout they lie in",
          "[hdf5]") {
    for (const char* const name : {"types.h5 f32_big", "layouts_old.h5 rows", "layouts_old.h5 one_row",
                                   "layouts_new.h5 single", "layouts_new.h5 extensible", "external.h5 two"}) {
        const std::string both = name;
        const auto space = both.find(' ');
        INFO(name);
        CHECK(std::holds_alternative<wick::RowReader>(open(both.substr(0, space), name + space + 1).reader));
    }
}

TEST_CASE("hdf5/access: other chunks are read piece by piece, or decoded", "[hdf5]") {
    for (const char* const name : {"part_rows", "columns", "larger", "missing", "never_fill"})
        CHECK(std::holds_alternative<PlainChunkReader>(open("layouts_new.h5", name).reader));
    CHECK(std::holds_alternative<PlainChunkReader>(open("types.h5", "table_whole", "id").reader));
    for (const char* const name : {"rows_gzip", "masks", "raw_edges", "shuffle_only"})
        CHECK(std::holds_alternative<FilteredChunkReader>(open("layouts_new.h5", name).reader));
    CHECK(std::holds_alternative<FilteredChunkReader>(open("filters.h5", "unknown").reader));
    CHECK(std::holds_alternative<LoadedRows>(open("layouts_new.h5", "compact").reader));
    CHECK(std::holds_alternative<LoadedRows>(open("types.h5", "no_rows").reader));
}

TEST_CASE("hdf5/access: the rest is left to the library, and the reason is told", "[hdf5]") {
    const auto check = [](const Hdf5Access& access, const char* why) {
        CHECK(std::holds_alternative<LibraryReader>(access.reader));
        CHECK_THAT(access.how, ContainsSubstring("through the HDF5 library, one reader at a time: ") &&
                                   ContainsSubstring(why));
    };
    check(open("types.h5", "i12"), "12 bits in 2 bytes");
    check(open("layouts_new.h5", "scale_offset"), "no decoder here for filter 6");
    check(open("layouts_new.h5", "sparse"), "only 1 of its 16777216 chunks");
    check(open("virtual.h5", "joined"), "virtual dataset");
    check(open("split.h5", "data"), "several parts");
    const wick_test::TempDir dir;
    std::filesystem::copy_file(hdf5_data + "links.h5", dir / "a.h5");
    const Hdf5Handle writer = [&] {
        const Hdf5Lock lock;
        return Hdf5Handle(H5Fopen((dir / "a.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    }();
    REQUIRE(writer);
    check(open_access(open_dataset({.file = dir / "a.h5", .dataset = "data"}), {}), "open for writing");
}

TEST_CASE("hdf5/access: a dataset that is read directly leaves nothing open in the library", "[hdf5]") {
    const Hdf5Lock lock;
    const auto open_objects = [] { return H5Fget_obj_count(static_cast<hid_t>(H5F_OBJ_ALL), H5F_OBJ_ALL); };
    const auto before = open_objects();
    const Hdf5Access access = open("layouts_new.h5", "rows_all");
    const Hdf5Access chunked = open("layouts_old.h5", "part_rows");
    CHECK(open_objects() == before);
}
