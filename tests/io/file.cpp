// SPDX-License-Identifier: MIT
#include <wick/io/file.hpp>
#include <wick/io/residency.hpp>

#include "support/catch.hpp"
#include "support/page_cache.hpp"
#include "support/scarce.hpp"
#include "support/temp_dir.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace std::literals;
using wick::File;

namespace {

std::string read(const File& file, std::uint64_t offset, std::size_t bytes) {
    std::string text(bytes, '?');
    file.read_at(offset, std::as_writable_bytes(std::span(text)));
    return text;
}

/// Waits until the look at the file's name is due again.
void next_tick() {
    for (const auto now = File::tick(); File::tick() == now;) std::this_thread::sleep_for(1ms);
}

}  // namespace

TEST_CASE("file: bytes are read from anywhere, and it knows its size") {
    const wick_test::TempDir dir;
    const File file(dir.write("a", "0123456789"sv));
    CHECK(file.path() == dir / "a");
    CHECK(file.size() == 10);
    CHECK(file.preferred_alignment() >= 512);
    CHECK(file.holds_descriptor());
    CHECK(read(file, 0, 10) == "0123456789");
    CHECK(read(file, 7, 3) == "789");
    CHECK(read(file, 10, 0).empty());
}

TEST_CASE("file: reading beyond the end names the byte, what was asked for and what was found") {
    const wick_test::TempDir dir;
    const File file(dir.write("a", "0123456789"sv));
    try {
        read(file, 7, 5);
        FAIL("read beyond the end");
    } catch (const wick::Error& error) {
        CHECK(error.path() == dir / "a");
        CHECK(error.offset() == 10);
        CHECK_THAT(error.what(), ContainsSubstring("byte 10: expected 5 bytes from byte 7 on, found 3"));
    }
}

TEST_CASE("file: what is no readable regular file is refused, and the system's reason is given") {
    const wick_test::TempDir dir;
    const auto refuses = [](const std::filesystem::path& path, const std::string& words) {
        CHECK_THROWS_MATCHES(File(path), wick::Error,
                             MessageMatches(ContainsSubstring(path.string() + ": " + words)));
    };
    refuses(dir / "none", "cannot be opened: No such file or directory");
    refuses(dir.path(), "is a directory");
    refuses(dir.write("empty", ""sv), "is empty");
    refuses("", "cannot be opened");
    REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
    refuses(dir / "pipe", "is not a regular file");
    refuses("/dev/zero", "is not a regular file");

    const auto secret = dir.write("secret", "x"sv);
    REQUIRE(::chmod(secret.c_str(), 0) == 0);
    // To the superuser every file is readable, so it steps down for a moment.
    const bool super = ::geteuid() == 0;
    if (super) REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
    if (super) REQUIRE(::seteuid(65534) == 0);
    std::string said;
    try {
        File file(secret);
    } catch (const wick::Error& error) {
        said = error.what();
    }
    if (super) REQUIRE(::seteuid(0) == 0);
    CHECK_THAT(said, ContainsSubstring("cannot be opened: Permission denied"));
}

TEST_CASE("file: one that was shrunk, grown or written to says so") {
    const wick_test::TempDir dir;
    const auto path = dir.write("a", "0123456789"sv);
    const File file(path);
    CHECK_NOTHROW(file.check_unchanged());
    std::string words;
    SECTION("shrunk") {
        std::filesystem::resize_file(path, 4);
        words = "a: changed since it was opened: expected size 10, found 4";
    }
    SECTION("grown") {
        std::filesystem::resize_file(path, 40);
        words = "a: changed since it was opened: expected size 10, found 40";
    }
    SECTION("written to") {
        const auto before = std::filesystem::last_write_time(path);
        std::filesystem::last_write_time(path, before + 1s);
        words = "a: changed since it was opened: expected modification time (ns) ";
    }
    CHECK_THROWS_MATCHES(file.check_unchanged(), wick::Error, MessageMatches(ContainsSubstring(words)));
    // And it says so again, not only once.
    CHECK_THROWS_AS(file.check_unchanged(), wick::Error);
}

TEST_CASE("file: one that was replaced by another under its name says so within a tick") {
    const wick_test::TempDir dir;
    const auto path = dir.write("a", "0123456789"sv);
    const File file(path);
    file.check_unchanged();
    std::filesystem::rename(dir.write("b", "0123456789"sv), path);
    next_tick();
    CHECK_THROWS_MATCHES(
        file.check_unchanged(), wick::Error,
        MessageMatches(ContainsSubstring("a: replaced since it was opened: expected inode ")));
}

TEST_CASE("file: one that was only deleted stays readable") {
    const wick_test::TempDir dir;
    const auto path = dir.write("a", "0123456789"sv);
    const File file(path);
    std::filesystem::remove(path);
    next_tick();
    CHECK_NOTHROW(file.check_unchanged());
    CHECK(read(file, 2, 3) == "234");
}

TEST_CASE("file: another working directory does not make it another file") {
    const wick_test::TempDir dir;
    dir.write("a", "0123456789"sv);
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(dir.path());
    const File file("a");
    std::filesystem::current_path(before);
    next_tick();
    CHECK_NOTHROW(file.check_unchanged());
    CHECK(file.path() == "a");
}

TEST_CASE("file: asked once in a tick, it looks only once") {
    const wick_test::TempDir dir;
    const auto path = dir.write("a", "0123456789"sv);
    const File file(path);
    const std::int64_t later = File::tick() + 1'000'000'000;
    CHECK_NOTHROW(file.check_unchanged_since(later));
    std::filesystem::resize_file(path, 4);
    CHECK_THROWS_AS(file.check_unchanged_since(later), wick::Error);
    // A tick in which it was found unchanged is not asked about again.
    const File again(path);
    std::int64_t now = 0;
    do {
        now = File::tick();
        again.check_unchanged();
    } while (File::tick() != now);
    std::filesystem::resize_file(path, 3);
    CHECK_NOTHROW(again.check_unchanged_since(now));
    CHECK_THROWS_AS(again.check_unchanged_since(now + 1), wick::Error);
}

TEST_CASE("file: when descriptors are scarce it lets go of its own, and still reads and notices changes") {
    const wick_test::TempDir dir;
    const auto path = dir.write("a", "0123456789"sv);
    const wick_test::DescriptorLimit limit(8);
    const File file(path);
    REQUIRE_FALSE(file.holds_descriptor());
    CHECK(file.size() == 10);
    CHECK(read(file, 3, 4) == "3456");
    CHECK_NOTHROW(file.check_unchanged());
    SECTION("shrunk") {
        std::filesystem::resize_file(path, 5);
        CHECK_THROWS_AS(file.check_unchanged(), wick::Error);
        CHECK_THROWS_MATCHES(read(file, 0, 1), wick::Error, MessageMatches(ContainsSubstring("found 5")));
    }
    SECTION("replaced") {
        std::filesystem::rename(dir.write("b", "9876543210"sv), path);
        CHECK_THROWS_AS(file.check_unchanged(), wick::Error);
        CHECK_THROWS_MATCHES(read(file, 0, 1), wick::Error, MessageMatches(ContainsSubstring("inode")));
    }
    SECTION("deleted") {
        std::filesystem::remove(path);
        CHECK_THROWS_MATCHES(read(file, 0, 1), wick::Error,
                             MessageMatches(ContainsSubstring("No such file")));
    }
}

TEST_CASE(
    "file: when descriptors are scarce, too, the system is told which bytes are wanted soon, and which no "
    "longer") {
    const wick_test::TempDir dir;
    const auto path = dir.write("a", std::string(100'000, 'x'));
    wick_test::drop_pages(path);
    const auto resident = [&] { return wick::detail::resident_pages(File(path), {}, 0, 100'000); };
    const auto comes_to = [&](std::uint64_t pages, const auto& tell) {
        for (int i = 0; i < 60'000 && resident() != pages; ++i) {
            tell();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return resident() == pages;
    };
    if (resident() != 0) return;  // a file system that lives in memory, or a system that does not tell
    const wick_test::DescriptorLimit limit(8);
    const File file(path);
    REQUIRE_FALSE(file.holds_descriptor());
    CHECK(comes_to(25, [&] { file.expect(0, 100'000); }));
    CHECK(read(file, 0, 100'000) == std::string(100'000, 'x'));  // pages on their way would not go
    CHECK(comes_to(0, [&] { file.forget(0, 100'000); }));
    std::filesystem::remove(path);
    file.expect(0, 10);  // its reads will say what is wrong
}

TEST_CASE("file: moved, it is the same file, and no descriptor is lost") {
    const wick_test::TempDir dir;
    const auto a = dir.write("a", "aaaa"sv);
    const auto b = dir.write("b", "bb"sv);
    const auto open_files = [] {
        const std::filesystem::directory_iterator all("/proc/self/fd");
        return std::distance(begin(all), end(all));
    };
    const bool has_proc = std::filesystem::exists("/proc/self/fd");
    const auto before = has_proc ? open_files() : 0;
    {
        File first(a);
        File second(std::move(first));
        CHECK(read(second, 0, 4) == "aaaa");
        second = File(b);
        CHECK(second.size() == 2);
        CHECK(read(second, 0, 2) == "bb");
        CHECK_NOTHROW(second.check_unchanged());
        CHECK_THROWS_AS(File(dir.path()), wick::Error);
    }
    if (has_proc) CHECK(open_files() == before);
}
