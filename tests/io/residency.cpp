// SPDX-License-Identifier: MIT
#include <wick/io/mapping.hpp>
#include <wick/io/residency.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <chrono>
#include <cstddef>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

/// Whether the system let go of the file's pages; it does not on file systems that live in memory.
bool drop(const std::filesystem::path& path) {
    const int number = ::open(path.c_str(), O_RDONLY);
    ::fsync(number);
    const int result = ::posix_fadvise(number, 0, 0, POSIX_FADV_DONTNEED);
    ::close(number);
    return result == 0;
}

}  // namespace

TEST_CASE("residency: a file just written lies in memory to the last page, a dropped one does not") {
    const wick_test::TempDir dir;
    const std::size_t page = wick::page_bytes();
    const wick::File file(dir.write("a", std::string(10 * page + 1, 'x')));
    const wick::Mapping mapping(file);
    const auto there = wick::detail::resident_pages(file, mapping.bytes(), 0, file.size());
    if (!there) return;  // a system that does not tell
    CHECK(*there == 11);
    CHECK(wick::detail::resident_pages(file, mapping.bytes(), 4 * page, 2 * page) == 2);
    CHECK(wick::detail::resident_pages(file, mapping.bytes(), 10 * page, 1) == 1);
    REQUIRE(drop(file.path()));
    auto left = wick::detail::resident_pages(file, mapping.bytes(), 0, file.size());
    if (left == 11) return;
    // Pages that the system has in its hands do not go at once.
    for (int i = 0; i < 10'000 && left != 0; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        drop(file.path());
        left = wick::detail::resident_pages(file, mapping.bytes(), 0, file.size());
    }
    CHECK(left == 0);
    char byte = 0;
    file.expect(0, 1);
    file.read_at(7 * page, wick::Bytes(reinterpret_cast<std::byte*>(&byte), 1));
    CHECK(byte == 'x');
    CHECK(wick::detail::resident_pages(file, mapping.bytes(), 7 * page, page) == 1);
}

TEST_CASE("residency: a mapping is asked for its own pages, which are those of the file it is of") {
    const wick_test::TempDir dir;
    const std::size_t page = wick::page_bytes();
    const wick::File file(dir.write("a", std::string(5000 * page, 'x')));  // more than is asked for at a time
    const wick::Mapping mapping(file);
    const auto there =
        wick::detail::resident_pages(file, mapping.bytes(), 0, file.size(), wick::detail::Ask::mapping);
    if (!there) return;
    CHECK(*there == 5000);
    CHECK(!wick::detail::resident_pages(file, {}, 0, file.size(), wick::detail::Ask::mapping));
}
