// SPDX-License-Identifier: MIT
#include <wick/io/ring.hpp>

#include "support/catch.hpp"
#include "support/faults.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <string>
#include <vector>

namespace {

wick::detail::Descriptor open_file(const std::filesystem::path& path) {
    return wick::detail::Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

}  // namespace

TEST_CASE("ring: reads that the system refused are gone, and the next ones are those that were meant") {
    wick::detail::Ring ring(4);
    if (!ring.works()) return;
    const wick_test::TempDir dir;
    const auto file = open_file(dir.write("digits", "0123456789"));
    char refused[2] = {'r', 'r'}, wanted = '?';
    ring.add(file.number(), 1, &refused[0], 1, 11);
    ring.add(file.number(), 2, &refused[1], 1, 12);
    {
        wick_test::Faults faults;
        faults.fail(wick_test::Call::ring_enter, ENOMEM, 1);
        CHECK(ring.submit(1) == 2);
    }
    ring.add(file.number(), 7, &wanted, 1, 13);
    CHECK(ring.submit(1) == 0);
    std::vector<std::uint64_t> tags;
    ring.collect([&](std::uint64_t tag, int) { tags.push_back(tag); });
    CHECK(tags == std::vector<std::uint64_t>{13});
    CHECK(wanted == '7');
    CHECK(refused[0] == 'r');
    CHECK(refused[1] == 'r');
}

TEST_CASE("ring: reads that are on their way together each arrive at their place, with their tag") {
    wick::detail::Ring ring(8);
    if (!ring.works())
        return;  // a system that forbids it; the readers above it have their own tests for that
    const wick_test::TempDir dir;
    std::string text(8 * 100, ' ');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i / 100);
    const auto file = open_file(dir.write("letters", text));
    for (int round = 0; round < 3; ++round) {
        std::array<std::array<char, 100>, 8> memory{};
        std::vector<std::uint64_t> tags;
        for (unsigned i = 0; i < 8; ++i) ring.add(file.number(), 100 * i, memory[i].data(), 100, 1000 + i);
        CHECK(ring.submit(8) == 0);
        ring.collect([&](std::uint64_t tag, int result) {
            CHECK(result == 100);
            tags.push_back(tag);
        });
        std::sort(tags.begin(), tags.end());
        REQUIRE(tags.size() == 8);
        for (unsigned i = 0; i < 8; ++i) {
            CHECK(tags[i] == 1000 + i);
            CHECK(std::all_of(memory[i].begin(), memory[i].end(),
                              [&](char c) { return c == static_cast<char>('a' + i); }));
        }
    }
}

TEST_CASE(
    "ring: what the system cannot read comes back as its error, and what the file has not as fewer bytes") {
    wick::detail::Ring ring(4);
    if (!ring.works()) return;
    const wick_test::TempDir dir;
    const auto file = open_file(dir.write("short", "0123456789"));
    std::array<char, 100> memory{};
    ring.add(-1, 0, memory.data(), 100, 1);
    ring.add(file.number(), 6, memory.data(), 100, 2);
    ring.add(file.number(), 50, memory.data(), 100, 3);
    CHECK(ring.submit(3) == 0);
    std::array<int, 4> results{};
    ring.collect([&](std::uint64_t tag, int result) { results[tag] = result; });
    CHECK(results[1] == -EBADF);
    CHECK(results[2] == 4);
    CHECK(results[3] == 0);
}

TEST_CASE("ring: a queue of no depth does not work, and says so") {
    CHECK_FALSE(wick::detail::Ring(0).works());
}
