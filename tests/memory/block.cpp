// SPDX-License-Identifier: MIT
#include <wick/memory/block.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

TEST_CASE(
    "block: memory is aligned to 64 bytes, to a page from 64 KiB on, and to 2 MiB when it is that large") {
    for (const std::size_t bytes :
         {std::size_t{1}, std::size_t{63}, std::size_t{4097}, (std::size_t{2} << 20) - 1}) {
        const wick::Block block(bytes);
        CHECK(block.size() == bytes);
        CHECK(reinterpret_cast<std::uintptr_t>(block.data()) %
                  (bytes < (std::size_t{64} << 10) ? 64 : 4096) ==
              0);
        std::memset(block.data(), 7, bytes);
    }
    for (const std::size_t bytes : {std::size_t{2} << 20, (std::size_t{5} << 20) + 3}) {
        const wick::Block block(bytes);
        CHECK(reinterpret_cast<std::uintptr_t>(block.data()) % (std::size_t{2} << 20) == 0);
        std::memset(block.data(), 7, bytes);
    }
}

TEST_CASE("block: no memory is an Error that names the bytes") {
    const std::size_t more_than_any_machine_has = std::size_t{1} << 60;
    CHECK_THROWS_MATCHES(wick::Block(more_than_any_machine_has), wick::Error,
                         MessageMatches(ContainsSubstring("1152921504606846976 bytes")));
}

#if defined(MADV_HUGEPAGE)
TEST_CASE("block: its huge pages are untouched, whatever the program had there before") {
    // Freeing the first has the GNU C library take what is no longer from its heap, and so give it out again.
    for (const std::size_t mib : {std::size_t{16}, std::size_t{12}}) {
        const std::vector<unsigned char> had(mib << 20, 7);
        CHECK(had.back() == 7);
    }
    const wick::Block block(std::size_t{8} << 20);
    std::size_t touched = 0;
    for (std::size_t at = 0; at < std::size_t{8} << 20; at += 4096)
        touched += block.data()[at] != std::byte{0};
    CHECK(touched == 0);
}

TEST_CASE("block: what is freed is the system's again from 64 KiB on, also where the allocator keeps it") {
    // As above: now it keeps what is shorter.
    {
        const std::vector<unsigned char> had(std::size_t{16} << 20, 7);
        CHECK(had.back() == 7);
    }
    for (const std::size_t bytes : {std::size_t{64} << 10, std::size_t{1} << 20, std::size_t{3} << 19}) {
        std::optional<wick::Block> first(bytes);
        const wick::Block behind(bytes);
        std::memset(first->data(), 9, bytes);
        first.reset();
        const std::size_t less = bytes - bytes / 4;  // so that it fits into what was left
        const wick::Block again(less);
        // Of what was there only some bytes are left, by which the allocator knows what is free.
        CHECK(std::count(again.data(), again.data() + less, std::byte{9}) < 4096);
    }
}
#endif
