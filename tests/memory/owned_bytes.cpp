// SPDX-License-Identifier: MIT
#include <wick/memory/owned_bytes.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <cstring>
#include <utility>

TEST_CASE("owned bytes: ordinary memory is there for as long as its owner, who may change hands") {
    wick::OwnedBytes bytes = wick::ordinary_bytes(1000);
    const wick::OwnedBytes moved = std::move(bytes);
    std::memset(moved.data, 7, 1000);
    CHECK(moved.data[999] == std::byte{7});
    CHECK(moved.owner.use_count() == 1);
    CHECK_THROWS_AS(wick::ordinary_bytes(std::size_t{1} << 60), wick::Error);
}
