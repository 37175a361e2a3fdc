// SPDX-License-Identifier: MIT
#include <wick/io/buffer.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

TEST_CASE("buffer: it begins at a huge page, and all of it can be written") {
    const wick::detail::Buffer buffer((std::size_t{4} << 20) + 5);
    REQUIRE(buffer.is_there());
    CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % (std::size_t{2} << 20) == 0);
    std::memset(buffer.data(), 7, (std::size_t{4} << 20) + 5);
    CHECK(buffer.data()[(std::size_t{4} << 20) + 4] == std::byte{7});
}

TEST_CASE("buffer: there is none at first, and it can be handed on") {
    wick::detail::Buffer none;
    CHECK(!none.is_there());
    none = wick::detail::Buffer(10);
    const wick::detail::Buffer other = std::move(none);
    CHECK((other.is_there() && !none.is_there()));
}

#if defined(MADV_HUGEPAGE)
TEST_CASE("buffer: its huge pages are untouched, whatever the program had there before") {
    // Freeing the first has the GNU C library take what is no longer from its heap, and so give it out again.
    for (const std::size_t mib : {std::size_t{16}, std::size_t{12}}) {
        const std::vector<unsigned char> had(mib << 20, 7);
        CHECK(had.back() == 7);
    }
    const wick::detail::Buffer buffer(std::size_t{8} << 20);
    std::size_t touched = 0;
    for (std::size_t at = 0; at < std::size_t{8} << 20; at += 4096)
        touched += buffer.data()[at] != std::byte{0};
    CHECK(touched == 0);
}
#endif
