// SPDX-License-Identifier: MIT

#include <wick/core/feistel_avx2.hpp>

#include "support/catch.hpp"

#include <vector>

#if defined(__x86_64__)

using wick::Index;
using wick::detail::Feistel;

TEST_CASE("feistel: AVX2 gives the same rows as one at a time, for any size, stride, place and count",
          "[core]") {
    if (!wick::detail::has_avx2()) return;
    const Index top = Index{1} << 62;
    for (const Index size : {Index{1}, Index{2}, Index{3}, Index{5}, Index{63}, Index{64}, Index{65},
                             Index{1000}, Index{1000003}, Index{1} << 32, top - 12345, top})
        for (const Index stride : {Index{1}, Index{2}, Index{3}, Index{8}, Index{1023}, size / 9 + 1})
            for (const Index position : {Index{0}, Index{1}, size / 3, size - 1})
                for (const std::size_t count : {0u, 1u, 3u, 4u, 5u, 8u, 31u}) {
                    const Index there = position < size ? (size - 1 - position) / stride + 1 : 0;
                    if (static_cast<Index>(count) > there) continue;
                    INFO("size " << size << " stride " << stride << " position " << position << " count "
                                 << count);
                    const Feistel feistel(size, 77);
                    std::vector<Index> expected(count), found(count);
                    feistel.fill(position, stride, expected, 123456789);
                    wick::detail::fill_avx2(feistel, position, stride, found, 123456789);
                    REQUIRE(found == expected);
                }
}

TEST_CASE("feistel: AVX2 maps scattered values under tweaks of their own as one at a time", "[core]") {
    if (!wick::detail::has_avx2()) return;
    const Index top = Index{1} << 62;
    for (const Index size : {Index{1}, Index{3}, Index{64}, Index{1000003}, top - 1, top})
        for (const std::size_t count : {0u, 1u, 4u, 7u, 100u}) {
            const Feistel feistel(size, 5);
            std::vector<Index> values(count), tweaks(count);
            for (std::size_t i = 0; i < count; ++i) {
                values[i] = wick::random_below(9, static_cast<Index>(i), size);
                tweaks[i] = static_cast<Index>(i) * 31 - 50;
            }
            for (const bool tweaked : {false, true}) {
                std::vector<Index> expected = values, found = values;
                const std::span<const Index> used = tweaked ? tweaks : std::span<const Index>();
                feistel.apply(expected, used);
                wick::detail::apply_avx2(feistel, found, used);
                REQUIRE(found == expected);
            }
        }
}

#endif
