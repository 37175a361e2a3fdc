// SPDX-License-Identifier: MIT
#include <wick/hdf5/virtual.hpp>

#include "support/catch.hpp"
#include "support/hdf5_cases.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>
#include <string>

using wick::detail::check_virtual_sources;
using wick::detail::find_dataset;
using wick::detail::Hdf5Handle;
using wick::detail::Hdf5Lock;
using wick_test::hdf5_data;

namespace {

void check(const std::filesystem::path& file, const std::string& name, bool outside = false) {
    const Hdf5Lock lock;
    const auto object = find_dataset(file, name, outside);
    check_virtual_sources(object.file.id(), object.place, outside);
}

/// A file with a dataset /x of one row of 4 numbers, or, with `source`, one whose rows are those of files named by it.
void write(const std::filesystem::path& path, const char* source = nullptr) {
    const Hdf5Lock lock;
    const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose),
        creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_libver_bounds(access.id(), H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    const hsize_t one[2] = {1, 4}, most[2] = {H5S_UNLIMITED, 4}, start[2] = {0, 0},
                  many[2] = {H5S_UNLIMITED, 1};
    const Hdf5Handle row(H5Screate_simple(2, one, nullptr), H5Sclose);
    const Hdf5Handle rows(H5Screate_simple(2, one, most), H5Sclose);
    if (source) {
        REQUIRE(H5Sselect_hyperslab(rows.id(), H5S_SELECT_SET, start, one, many, one) >= 0);
        REQUIRE(H5Pset_virtual(creation.id(), rows.id(), source, "/x", row.id()) >= 0);
    }
    const Hdf5Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose);
    const Hdf5Handle dataset(H5Dcreate2(file.id(), "x", H5T_STD_I32LE, source ? rows.id() : row.id(),
                                        H5P_DEFAULT, creation.id(), H5P_DEFAULT),
                             H5Dclose);
    REQUIRE(dataset);
}

}  // namespace

TEST_CASE("hdf5/virtual: what is whole passes, and what is not virtual has no sources", "[hdf5]") {
    for (const char* const name : {"joined", "gap", "inside", "columns", "own"})
        CHECK_NOTHROW(check(hdf5_data + "virtual.h5", name));
    CHECK_THROWS_MATCHES(check(hdf5_data + "virtual.h5", "missing_file"), wick::Error,
                         MessageMatches(ContainsSubstring("below/no.h5 does not exist")));
    CHECK_NOTHROW(check(hdf5_data + "virtual.h5", "climbs", true));
}

TEST_CASE("hdf5/virtual: two per cent signs stand for one, and for no pattern", "[hdf5]") {
    using wick::detail::source_name;
    CHECK(source_name("50%%.h5") == "50%.h5");
    CHECK(source_name("%%%%b%%") == "%%b%");
    CHECK(source_name("50%") == "50%");
    CHECK_FALSE(source_name("part_%b.h5"));
    CHECK_FALSE(source_name("%%%b"));
    for (const char* const name : {"per_cent", "per_cent_name"})
        CHECK_NOTHROW(check(hdf5_data + "virtual.h5", name));
    CHECK_THROWS_MATCHES(check(hdf5_data + "virtual.h5", "missing_per_cent"), wick::Error,
                         MessageMatches(ContainsSubstring("below/60%.h5 does not exist")));
}

TEST_CASE("hdf5/virtual: sources named by a pattern may end anywhere, but not have a gap", "[hdf5]") {
    const wick_test::TempDir dir;
    write(dir / "all.h5", "part_%b.h5");
    for (const char* const name : {"part_0.h5", "part_1.h5", "part_2.h5"}) write(dir / name);
    CHECK_NOTHROW(check(dir / "all.h5", "x"));
    std::filesystem::remove(dir / "part_1.h5");
    CHECK_THROWS_MATCHES(check(dir / "all.h5", "x"), wick::Error,
                         MessageMatches(ContainsSubstring("is missing between others")));
    std::filesystem::remove(dir / "part_2.h5");
    CHECK_NOTHROW(check(dir / "all.h5", "x"));
    write(dir / "out.h5", "../part_%b.h5");
    CHECK_THROWS_MATCHES(check(dir / "out.h5", "x"), wick::Error,
                         MessageMatches(ContainsSubstring("lies outside")));
}
