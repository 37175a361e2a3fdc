// SPDX-License-Identifier: MIT

#include <wick/core/feistel.hpp>

#include "support/catch.hpp"

#include <cstdint>

using wick::Index;
using wick::detail::ceil_sqrt;
using wick::detail::Feistel;

TEST_CASE("feistel: the root is exact next to every square, also where doubles are not", "[core]") {
    CHECK(ceil_sqrt(0) == 0);
    CHECK(ceil_sqrt(1) == 1);
    CHECK(ceil_sqrt(2) == 2);
    for (const std::uint64_t root :
         {2ull, 3ull, 1000ull, 94906265ull, 94906267ull, (1ull << 31) - 1, 1ull << 31}) {
        INFO("root " << root);
        CHECK(ceil_sqrt(root * root) == root);
        CHECK(ceil_sqrt(root * root - 1) == root);
        if (root < 1ull << 31) CHECK(ceil_sqrt(root * root + 1) == root + 1);
    }
}

TEST_CASE("feistel: the two radices cover the size closely, fit 31 bits, and the left one is even",
          "[core]") {
    for (const Index size : {Index{0}, Index{1}, Index{2}, Index{3}, Index{9}, Index{1000}, Index{1000000007},
                             (Index{1} << 62) - 1, Index{1} << 62}) {
        INFO("size " << size);
        const Feistel feistel(size, 1);
        CHECK(feistel.left % 2 == 0);
        CHECK(feistel.left <= std::uint64_t{1} << 31);
        CHECK(feistel.right <= std::uint64_t{1} << 31);
        CHECK(feistel.right >= 1);
        const std::uint64_t cover = feistel.left * feistel.right;
        CHECK(cover >= feistel.size);
        if (size > 0) CHECK(cover - feistel.size < feistel.left);
    }
}

TEST_CASE("feistel: a turn stays inside its radix, whatever the bits", "[core]") {
    for (const std::uint64_t radix : {1ull, 2ull, 3ull, 1ull << 31})
        for (const std::uint64_t bits : {0ull, 1ull, 0x7fffffffull, 0xffffffffull})
            for (const std::uint64_t half : {std::uint64_t{0}, radix / 2, radix - 1})
                CHECK(wick::detail::turn(half, bits, radix) < radix);
}
