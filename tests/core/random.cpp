// SPDX-License-Identifier: MIT

#include <wick/core/random.hpp>

#include "support/catch.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

using wick::mix_bits;
using wick::random_below;
using wick::random_bits;
using wick::random_key;

TEST_CASE("random: the bits are SplitMix64's, entered at any position", "[core]") {
    // The generator's published first outputs for the seed 1234567.
    const std::uint64_t expected[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                      4593380528125082431u, 16408922859458223821u};
    for (wick::Index position = 4; position >= 0; --position)
        CHECK(random_bits(1234567, position) == expected[position]);
}

TEST_CASE("random: the numbers stay what they are, for saved positions depend on them", "[core]") {
    // Computed by a separate implementation in Python, with whole numbers of any length.
    static_assert(mix_bits(0) == 0);
    static_assert(mix_bits(1) == 0x5692161d100b05e5);
    static_assert(mix_bits(~std::uint64_t{0}) == 0xb4d055fcf2cbbd7b);
    CHECK(random_key(0, 0) == 0x48218226ff3cd4bf);
    CHECK(random_key(7, 0) == 0x74b5abcc66b8bdc1);
    CHECK(random_key(7, 1) == 0xb8b4c2977eabce45);
    CHECK(random_key(7, -1) == 0xdbbdbe0d64944228);
    CHECK(random_key(~std::uint64_t{0}, std::int64_t{1} << 62) == 0xfa19f63740eaffb2);
    CHECK(random_bits(7, 3, 0) == 0x6bfc273dbace04e7);
    CHECK(random_bits(7, 3, 1) == 0x7843c9f8df494699);
    CHECK(random_bits(7, 3, -1) == 0xbce33ed48e94b602);
    CHECK(random_bits(7, 3, wick::Index{1} << 62) == 0x1eda5dae709602e1);
}

TEST_CASE("random: seeds, epochs and positions that differ by one give unrelated bits", "[core]") {
    std::set<std::uint64_t> seen;
    double changed = 0;
    int pairs = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed)
        for (std::int64_t epoch = 0; epoch < 10; ++epoch)
            for (wick::Index position = 0; position < 10; ++position) {
                const std::uint64_t bits = random_bits(seed, epoch, position);
                seen.insert(bits);
                for (const std::uint64_t other :
                     {random_bits(seed + 1, epoch, position), random_bits(seed, epoch + 1, position),
                      random_bits(seed, epoch, position + 1)}) {
                    changed += std::popcount(bits ^ other);
                    ++pairs;
                }
            }
    CHECK(seen.size() == 1000);
    // Each of 3000 pairs changes 32 bits of 64 with a deviation of 4: their mean is within 5 of its own.
    CHECK(changed / pairs == Catch::Detail::Approx(32).margin(0.4));
}

TEST_CASE("random: below a bound every number is equally likely", "[core]") {
    for (const wick::Index bound : {1, 2, 3, 7, 10, 100}) {
        constexpr int draws = 20000;
        std::vector<int> counts(static_cast<std::size_t>(bound));
        for (wick::Index position = 0; position < draws; ++position) {
            const wick::Index number = random_below(99, position, bound);
            REQUIRE(number >= 0);
            REQUIRE(number < bound);
            ++counts[static_cast<std::size_t>(number)];
        }
        const double share = static_cast<double>(draws) / static_cast<double>(bound);
        for (const int count : counts)
            CHECK(count == Catch::Detail::Approx(share).margin(5 * std::sqrt(share)));
    }
}

TEST_CASE("random: a bound that does not divide 2^64 by far is still met evenly", "[core]") {
    // 2^64 / bound is 8/3: were the surplus not drawn again, of every three neighbours two would come in
    // three draws of eight and the third in two.
    constexpr wick::Index bound = (wick::Index{1} << 62) + (wick::Index{1} << 61);
    constexpr int draws = 30000;
    int counts[3] = {};
    for (wick::Index position = 0; position < draws; ++position)
        ++counts[random_below(5, position, bound) % 3];
    for (const int count : counts) CHECK(count == Catch::Detail::Approx(draws / 3).margin(5 * 100));
}
