// SPDX-License-Identifier: MIT
#include <wick/io/buffer.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

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
