// SPDX-License-Identifier: MIT
#include <wick/hdf5/growing_bytes.hpp>

#include "support/catch.hpp"

#include <cstring>

using wick::detail::GrowingBytes;

TEST_CASE("growing_bytes: it gives as many bytes as are asked for", "[hdf5]") {
    GrowingBytes bytes;
    CHECK(bytes.take(0).empty());
    const wick::Bytes hundred = bytes.take(100);
    REQUIRE(hundred.size() == 100);
    std::memset(hundred.data(), 1, hundred.size());
    const wick::Bytes more = bytes.take(1000);
    REQUIRE(more.size() == 1000);
    std::memset(more.data(), 1, more.size());
}

TEST_CASE("growing_bytes: fewer bytes, or as many, take no new memory", "[hdf5]") {
    GrowingBytes bytes;
    const std::byte* first = bytes.take(100).data();
    CHECK(bytes.take(10).data() == first);
    CHECK(bytes.take(10).size() == 10);
    CHECK(bytes.take(100).data() == first);
}
