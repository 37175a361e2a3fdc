// SPDX-License-Identifier: MIT
#include <wick/io/open_file.hpp>

#include "support/catch.hpp"
#include "support/page_cache.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

using wick::Engine;
using wick::detail::OpenFile;

namespace {

constexpr std::uint64_t mib = OpenFile::block_bytes;

std::shared_ptr<const wick::File> file_of(const wick_test::TempDir& dir, std::size_t bytes) {
    std::string data(bytes, 'x');
    for (std::size_t i = 0; i < bytes; i += 1000) data[i] = static_cast<char>(i / 1000);
    return std::make_shared<const wick::File>(dir.write("data", data));
}

}  // namespace

TEST_CASE("open file: each engine opens the ways it goes, and no other") {
    const wick_test::TempDir dir;
    const auto file = file_of(dir, 3 * mib + 5);
    const OpenFile mapped(file, Engine::mapped), pread(file, Engine::pread), direct(file, Engine::direct);
    CHECK((mapped.is_mapped() && !mapped.can_be_warmed() && mapped.direct() == -1));
    CHECK((!pread.is_mapped() && pread.direct() == -1 && !pread.is_all_in_memory()));
    CHECK(!direct.is_mapped());
    CHECK((mapped.is_all_in_memory() && mapped.is_in_memory(0, 3 * mib + 5)));
    CHECK(!pread.is_in_memory(0, 1));
}

TEST_CASE(
    "open file: what lies in memory is known block by block, and what is dropped is forgotten at the next "
    "look") {
    const wick_test::TempDir dir;
    const auto file = file_of(dir, 5 * mib + 5);
    const OpenFile open(file, Engine::automatic);
    if (!open.can_be_warmed()) return;  // a system that does not tell what lies in memory
    CHECK(open.blocks() == 6);
    wick_test::drop_pages(file->path());
    CHECK(open.look() == 0);
    if (open.blocks_in_memory() != 0) return;  // a file system that keeps its files there
    CHECK(!open.is_in_memory(0, 1));
    REQUIRE(open.warm(2, 2));
    CHECK(open.blocks_in_memory() == 2);
    CHECK((open.is_warm(2) && open.is_warm(3) && !open.is_warm(4)));
    CHECK(open.is_in_memory(2 * mib, 2 * mib));
    CHECK(!open.is_in_memory(2 * mib, 2 * mib + 1));
    CHECK(!open.is_in_memory(2 * mib - 1, 1));
    REQUIRE(open.warm(5, 1));
    CHECK(open.is_in_memory(5 * mib, 5));
    CHECK(open.data()[5 * mib] == std::byte{'x'});
    REQUIRE(open.warm(0, 6));
    CHECK(open.is_all_in_memory());
    CHECK(open.look() == 0);
    CHECK(open.is_all_in_memory());
}

TEST_CASE("open file: pages read through the cache stay where they are to be kept, and go beyond") {
    const wick_test::TempDir dir;
    const auto file = file_of(dir, 4 * mib);
    const OpenFile open(file, Engine::pread), seen(file, Engine::automatic);
    wick_test::drop_pages(file->path());
    if (seen.can_be_warmed()) seen.look();
    if (!seen.can_be_warmed() || seen.blocks_in_memory() != 0) return;
    std::vector<std::byte> out(2 * mib);
    open.keep_first(mib);
    open.read_through_cache(0, std::span(out).first(mib));
    open.read_through_cache(2 * mib, out);
    CHECK(out[2 * mib - 1] == std::byte{'x'});
    seen.look();
    CHECK(seen.is_in_memory(0, mib));
    CHECK(!seen.is_in_memory(2 * mib, 2 * mib));
}

TEST_CASE("open file: a mapping that was asked for and cannot be is an Error, and otherwise done without") {
    const std::filesystem::path path = "/sys/devices/system/cpu/possible";
    if (!std::filesystem::exists(path)) return;
    const auto file = std::make_shared<const wick::File>(path);
    CHECK_THROWS_AS(OpenFile(file, Engine::mapped), wick::Error);
    CHECK(!OpenFile(file, Engine::automatic).is_mapped());
}
