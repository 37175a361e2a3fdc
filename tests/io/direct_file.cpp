// SPDX-License-Identifier: MIT
#include <wick/io/direct_file.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <filesystem>
#include <string>

TEST_CASE("direct file: its descriptor is the same file's, direct, and closed with it") {
    const wick_test::TempDir dir;
    const wick::File file(dir.write("data", std::string(10'000, 'x')));
    int number = -1;
    {
        const wick::detail::DirectFile direct(file);
        number = direct.number();
        if (number < 0) return;  // a file system without direct reads
        CHECK((::fcntl(number, F_GETFL) & O_DIRECT) != 0);
        CHECK((::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
        struct stat status {};
        REQUIRE(::fstat(number, &status) == 0);
        CHECK(static_cast<std::uint64_t>(status.st_ino) == file.identity().inode);
    }
    CHECK(::fcntl(number, F_GETFD) == -1);
}

TEST_CASE("direct file: it is the file that was opened, also when the path names another one by now") {
    const wick_test::TempDir dir;
    const wick::File file(dir.write("data", std::string(10'000, 'x')));
    dir.write("other", std::string(10'000, 'y'));
    std::filesystem::rename(dir / "other", dir / "data");
    const wick::detail::DirectFile direct(file);
    if (direct.number() < 0) return;
    struct stat status {};
    REQUIRE(::fstat(direct.number(), &status) == 0);
    CHECK(static_cast<std::uint64_t>(status.st_ino) == file.identity().inode);
}

TEST_CASE("direct file: reads at multiples of its alignment are granted") {
    const wick_test::TempDir dir;
    const wick::File file(dir.write("data", std::string(10'000, 'x') + "y" + std::string(10'000, 'x')));
    const wick::detail::DirectFile direct(file);
    if (direct.number() < 0) return;
    const std::size_t unit = direct.alignment();
    CHECK((unit <= wick::detail::DirectFile::most_alignment && (unit & (unit - 1)) == 0));
    alignas(4096) static char out[8192];
    char* const to = out + unit % 4096;
    const auto from = static_cast<off_t>(10'000 / unit * unit);
    REQUIRE(::pread(direct.number(), to, unit, from) == static_cast<ssize_t>(unit));
    CHECK(to[10'000 % unit] == 'y');
}
