// SPDX-License-Identifier: MIT
#include <wick/hdf5/storage.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <hdf5.h>
#include <string>

using wick::detail::Hdf5Handle;
using wick::detail::Hdf5Lock;

namespace {

/// A file with one dataset /x of 12 rows of 3 i32, made as `set` wants it.
template <class Set>
std::string stored(Set set) {
    const Hdf5Lock lock;
    const wick_test::TempDir folder;
    const std::string path = (folder / "one.h5").string();
    {
        const hsize_t shape[] = {12, 3};
        const Hdf5Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
        const Hdf5Handle space(H5Screate_simple(2, shape, nullptr), H5Sclose);
        const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
        set(creation.id());
        const Hdf5Handle data(
            H5Dcreate2(file.id(), "x", H5T_STD_I32LE, space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
            H5Dclose);
        REQUIRE(data);
    }
    return wick::detail::storage_of(wick::detail::open_dataset({.file = path, .dataset = "/x"}));
}

}  // namespace

TEST_CASE("storage: each layout of the HDF5 library is told", "[hdf5]") {
    CHECK(stored([](hid_t) {}) == "end to end");
    CHECK(stored([](hid_t creation) { H5Pset_layout(creation, H5D_COMPACT); }) ==
          "in the header of the dataset");
    CHECK(stored([](hid_t creation) { H5Pset_external(creation, "raw", 0, 144); }) == "in 1 other file");
    CHECK(stored([](hid_t creation) {
              H5Pset_external(creation, "a", 0, 100), H5Pset_external(creation, "b", 0, 100);
          }) == "in 2 other files");
    CHECK(stored([](hid_t creation) { H5Pset_layout(creation, H5D_VIRTUAL); }) ==
          "in other datasets (a virtual dataset)");
}

TEST_CASE("storage: a chunk is told with its shape, and its filters in the order of writing", "[hdf5]") {
    const hsize_t chunk[] = {4, 2};
    CHECK(stored([&](hid_t creation) { H5Pset_chunk(creation, 2, chunk); }) == "in chunks of [4, 2]");
    CHECK(stored([&](hid_t creation) {
              H5Pset_chunk(creation, 2, chunk);
              H5Pset_shuffle(creation);
              H5Pset_deflate(creation, 6);
              H5Pset_fletcher32(creation);
          }) == "in chunks of [4, 2] through shuffle, deflate, fletcher32");
}
