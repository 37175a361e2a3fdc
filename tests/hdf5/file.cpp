// SPDX-License-Identifier: MIT
#include <wick/hdf5/file.hpp>

#include "support/catch.hpp"
#include "support/hdf5_cases.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>
#include <string>

using namespace std::literals;
using wick::detail::Hdf5Handle;
using wick::detail::Hdf5Lock;
using wick::detail::Hdf5OpenFile;
using wick::detail::Hdf5Place;
using wick::detail::outside_file;
using wick_test::hdf5_data;

TEST_CASE("hdf5/file: one file is plain; a family of files and a split file are not", "[hdf5]") {
    const Hdf5Lock lock;
    CHECK(Hdf5OpenFile(hdf5_data + "types.h5").is_plain());
    CHECK_FALSE(Hdf5OpenFile(hdf5_data + "family_%d.h5").is_plain());
    CHECK_FALSE(Hdf5OpenFile(hdf5_data + "split.h5").is_plain());
    CHECK_THROWS_MATCHES(Hdf5OpenFile(hdf5_data + "nothing_%d.h5"), wick::Error,
                         MessageMatches(ContainsSubstring("cannot be opened as HDF5")));
}

TEST_CASE(
    "hdf5/file: a name with per cent signs that is no pattern of a family is a missing file like any other",
    "[hdf5]") {
    const Hdf5Lock lock;
    // The library would hand each of them to printf.
    for (const char* const name :
         {"no_%s.h5", "%s%s%s%n.h5", "x%20y.h5", "50%", "%d_%d.h5", "%1000000000d.h5", "%%d.h5", "%ld.h5"})
        CHECK_THROWS_MATCHES(Hdf5OpenFile(hdf5_data + name), wick::Error,
                             MessageMatches(ContainsSubstring("No such file")));
}

TEST_CASE("hdf5/file: the user block is told", "[hdf5]") {
    const Hdf5Lock lock;
    CHECK(Hdf5OpenFile(hdf5_data + "types.h5").user_block() == 0);
    CHECK(Hdf5OpenFile(hdf5_data + "user_block_512.h5").user_block() == 512);
    CHECK(Hdf5OpenFile(hdf5_data + "user_block_2048.h5").user_block() == 2048);
}

TEST_CASE("hdf5/file: a file that this process writes to is known as such", "[hdf5]") {
    const wick_test::TempDir dir;
    const auto path = dir / "a.h5";
    std::filesystem::copy_file(hdf5_data + "links.h5", path);
    const Hdf5Lock lock;
    CHECK_FALSE(Hdf5OpenFile(path).is_written());
    const Hdf5Handle writer(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    REQUIRE(writer);
    CHECK(Hdf5OpenFile(path).is_written());
}

TEST_CASE("hdf5/file: a file that a writer left open is refused with the way out", "[hdf5]") {
    const wick_test::TempDir dir;
    const auto path = dir / "a.h5";
    {
        const Hdf5Lock lock;
        const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
        H5Pset_libver_bounds(access.id(), H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
        const Hdf5Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose);
        REQUIRE(file);
        H5Fflush(file.id(), H5F_SCOPE_GLOBAL);
        std::filesystem::copy_file(path, dir / "left.h5");
    }
    CHECK_NOTHROW(Hdf5OpenFile(path));
    CHECK_THROWS_MATCHES(Hdf5OpenFile(dir / "left.h5"), wick::Error,
                         MessageMatches(ContainsSubstring("is open for writing elsewhere") &&
                                        ContainsSubstring("`h5clear -s`")));
}

TEST_CASE("hdf5/file: a name stays in its folder unless it is allowed to leave", "[hdf5]") {
    const Hdf5Place place{"folder/a.h5", "/x"};
    const auto at = [&](const char* name, bool outside) {
        return outside_file(place.file, name, outside, place, "it").string();
    };
    for (const char* const name : {"b.raw", "below/b.raw", "below/../b.raw", "./b.raw", "..b/c"})
        CHECK(at(name, false) == "folder/"s + name);
    for (const char* const name : {"../b.raw", "/b.raw", "below/../../b.raw", ".."}) {
        CHECK_THROWS_MATCHES(at(name, false), wick::Error,
                             MessageMatches(ContainsSubstring("it names "s + name + ", which lies outside")));
        CHECK(at(name, true) == (name[0] == '/' ? name : "folder/"s + name));
    }
}

TEST_CASE("hdf5/file: a lock that somebody holds is told from one that cannot be had", "[hdf5]") {
    using wick::detail::opening_problem;
    for (const std::string reason :
         {"unable to lock file, errno = 11, error message = 'Resource temporarily unavailable'",
          "file is already open for write (may use <h5clear file> to clear file consistency flags)"})
        CHECK_THAT(opening_problem(reason),
                   ContainsSubstring("is open for writing elsewhere") && ContainsSubstring(reason));
    const std::string none = "unable to lock file, errno = 37, error message = 'No locks available'";
    CHECK_THAT(opening_problem(none), ContainsSubstring("cannot be locked") && ContainsSubstring(none) &&
                                          ContainsSubstring("HDF5_USE_FILE_LOCKING=FALSE") &&
                                          !ContainsSubstring("is open for writing"));
    CHECK(opening_problem("bad superblock") == "cannot be opened as HDF5: bad superblock");
}
