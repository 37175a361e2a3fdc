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

Hdf5Access open(const std::string& file, const char* name) {
    return open_access(open_dataset({.file = hdf5_data + file, .dataset = name}), {});
}

}  // namespace

TEST_CASE("hdf5/access: the rest is left to the library, and the reason is told", "[hdf5]") {
    const auto check = [](const Hdf5Access& access, const char* why) {
        CHECK(std::holds_alternative<LibraryReader>(access.reader));
        CHECK_THAT(access.how, ContainsSubstring("through the HDF5 library, one reader at a time: ") &&
                                   ContainsSubstring(why));
    };
    check(open("types.h5", "i12"), "12 bits in 2 bytes");
    check(open("layouts_new.h5", "scale_offset"), "no decoder here for filter 6");
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
