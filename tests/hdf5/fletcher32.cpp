// SPDX-License-Identifier: MIT
#include <wick/hdf5/fletcher32.hpp>

#include "support/catch.hpp"
#include "support/hdf5_filter_cases.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

using wick::detail::checked_fletcher32;
using wick::detail::DecodeError;
using wick::detail::fletcher32;

namespace {

/// The definition, word by word with carries folded back in.
std::uint32_t expected(const std::vector<std::byte>& bytes) {
    std::uint32_t sum = 0, sums = 0;
    const auto fold = [](std::uint32_t value) { return (value & 0xffff) + (value >> 16); };
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        const auto low = i + 1 < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + 1]) : 0;
        sum = fold(sum + (std::to_integer<std::uint32_t>(bytes[i]) << 8 | low));
        sums = fold(sums + sum);
    }
    return fold(sums) << 16 | fold(sum);
}

}  // namespace

TEST_CASE("fletcher32: the checksums that HDF5 wrote hold", "[hdf5]") {
    for (const auto& one : wick_test::filter_cases(3)) {
        INFO(one.name);
        const auto bytes = checked_fletcher32(one.stored);
        CHECK(std::vector<std::byte>(bytes.begin(), bytes.end()) == one.plain);
    }
}

TEST_CASE("fletcher32: known sums of known words", "[hdf5]") {
    const auto sum = [](std::initializer_list<int> values) {
        std::vector<std::byte> bytes;
        for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
        return fletcher32(bytes);
    };
    CHECK(sum({}) == 0);
    CHECK(sum({0, 0, 0, 0}) == 0);
    CHECK(sum({0x12, 0x34}) == 0x12341234);
    CHECK(sum({0x12, 0x34, 0x00, 0x01}) == 0x24691235);
    CHECK(sum({0x12}) == 0x12001200);
    // A sum that is a multiple of 65535 is written as 65535, unless every word is 0.
    CHECK(sum({0xff, 0xff}) == 0xffffffff);
    CHECK(sum({0xff, 0xff, 0xff, 0xff}) == 0xffffffff);
}

TEST_CASE("fletcher32: it agrees with the definition for every length", "[hdf5]") {
    std::vector<std::byte> bytes;
    std::uint32_t state = 1;
    for (std::size_t size = 0; size < 12'100; ++size) {
        if (size < 100 || size % 997 == 0 || size > 12'080) {
            INFO(size);
            REQUIRE(fletcher32(bytes) == expected(bytes));
        }
        state = state * 1'664'525 + 1'013'904'223;
        bytes.push_back(static_cast<std::byte>(state >> 24));
    }
    const std::vector<std::byte> most(100'003, std::byte{0xff});  // The lanes' largest sums.
    CHECK(fletcher32(most) == expected(most));
}

TEST_CASE("fletcher32: one flipped bit is noticed, with both checksums in the text", "[hdf5]") {
    const auto cases = wick_test::filter_cases(3);
    auto stored = cases.front().stored;
    for (std::size_t at = 0; at < stored.size(); at += 13) {
        INFO(at);
        stored[at] ^= std::byte{0x10};
        CHECK_THROWS_AS(checked_fletcher32(stored), DecodeError);
        stored[at] ^= std::byte{0x10};
    }
    const std::vector<std::byte> wrong{std::byte{0x12}, std::byte{0x34}, std::byte{1},
                                       std::byte{0},    std::byte{0},    std::byte{0}};
    CHECK_THROWS_WITH(
        checked_fletcher32(wrong),
        "fletcher32: expected the checksum 1 that is stored, found " + std::to_string(0x12341234));
}

TEST_CASE("fletcher32: sums of words turned round, as HDF5 1.6.2 wrote them, hold too", "[hdf5]") {
    auto stored = wick_test::filter_cases(3).front().stored;
    std::swap(stored[stored.size() - 4], stored[stored.size() - 3]);
    CHECK_THROWS_AS(checked_fletcher32(stored), DecodeError);
    std::swap(stored[stored.size() - 2], stored[stored.size() - 1]);
    CHECK(checked_fletcher32(stored).size() == stored.size() - 4);
}

TEST_CASE("fletcher32: a chunk too short for a checksum is refused", "[hdf5]") {
    CHECK_THROWS_AS(checked_fletcher32({}), DecodeError);
    CHECK_THROWS_AS(checked_fletcher32(std::vector<std::byte>(3)), DecodeError);
    CHECK(checked_fletcher32(std::vector<std::byte>(4)).empty());
}
