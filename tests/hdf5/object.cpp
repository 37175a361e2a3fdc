// SPDX-License-Identifier: MIT
#include <wick/hdf5/object.hpp>

#include "support/catch.hpp"
#include "support/hdf5_cases.hpp"

#include <string>
#include <vector>

using wick::detail::find_dataset;
using wick::detail::hdf5_datasets_in;
using wick::detail::hdf5_reason;
using wick::detail::Hdf5Lock;
using wick::detail::Hdf5OpenFile;
using wick::detail::open_hdf5_dataset;
using wick_test::hdf5_data;

TEST_CASE("hdf5/object: a dataset is found through links, and where it lies is told without them", "[hdf5]") {
    const Hdf5Lock lock;
    struct Found {
        const char *path, *file, *dataset;
    };
    const Found all[] = {
        {"/data", "links.h5", "/data"},
        {"data", "links.h5", "/data"},
        {"//group//./soft/", "links.h5", "/data"},
        {"group/near", "links.h5", "/group/hard"},
        {"folder/near", "links.h5", "/group/hard"},
        {"group/self/self/hard", "links.h5", "/group/self/self/hard"},
        {"outer", "below/target.h5", "/group/data"},
        {"outer_group/soft", "below/target.h5", "/group/data"},
    };
    for (const Found& one : all) {
        INFO(one.path);
        const auto found = find_dataset(hdf5_data + "links.h5", one.path, false);
        CHECK(found.place.file == hdf5_data + one.file);
        CHECK(found.file.path() == hdf5_data + one.file);
        CHECK(found.place.dataset == one.dataset);
    }
}

TEST_CASE("hdf5/object: a walk that fails leaves nothing open", "[hdf5]") {
    const Hdf5Lock lock;
    const auto open = H5Fget_obj_count(static_cast<hid_t>(H5F_OBJ_ALL), H5F_OBJ_ALL);
    for (const char* const path : {"no", "loop_a", "loop_out", "missing_object", "group", "data/x"})
        CHECK_THROWS_AS(find_dataset(hdf5_data + "links.h5", path, false), wick::Error);
    CHECK(H5Fget_obj_count(static_cast<hid_t>(H5F_OBJ_ALL), H5F_OBJ_ALL) == open);
}

TEST_CASE("hdf5/object: datasets are listed up to a limit, those of groups with their groups", "[hdf5]") {
    const Hdf5Lock lock;
    const Hdf5OpenFile file(hdf5_data + "types.h5");
    const std::vector<std::string> names = hdf5_datasets_in(file.id(), 1000);
    CHECK(names.size() > 50);
    CHECK(std::ranges::is_sorted(names));
    CHECK(std::ranges::find(names, "/group/inner/data") != names.end());
    CHECK(std::ranges::find(names, "/a_type") == names.end());
    CHECK(hdf5_datasets_in(file.id(), 3).size() == 3);
}

TEST_CASE("hdf5/object: why the library cannot open a dataset is told", "[hdf5]") {
    const Hdf5Lock lock;
    const Hdf5OpenFile file(hdf5_data + "types.h5");
    for (const char* const name : {"a_type", "group", "no"}) {
        CHECK_FALSE(open_hdf5_dataset(file.id(), name));
        CHECK_THAT(hdf5_reason(), ContainsSubstring("the HDF5 library says \""));
    }
}
