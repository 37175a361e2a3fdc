// SPDX-License-Identifier: MIT
#include <wick/hdf5/bit_planes.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <initializer_list>
#include <vector>

namespace {

/// Bit r of element i, from the definition alone.
std::vector<std::byte> expected(const std::vector<std::byte>& bits, std::size_t element_bytes) {
    const std::size_t count = bits.size() / element_bytes;
    std::vector<std::byte> plain(bits.size());
    for (std::size_t row = 0; row < 8 * element_bytes; ++row) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto bit = std::to_integer<unsigned>(bits[row * (count / 8) + i / 8]) >> i % 8 & 1;
            plain[i * element_bytes + row / 8] |= static_cast<std::byte>(bit << row % 8);
        }
    }
    return plain;
}

}  // namespace

TEST_CASE("bit_planes: elements of every size, and any number of eights, get their bits back", "[hdf5]") {
    wick::detail::GrowingBytes planes;
    for (std::size_t element_bytes = 1; element_bytes <= 20; ++element_bytes) {
        for (const std::size_t count :
             std::initializer_list<std::size_t>{8, 16, 120, 128, 136, 248, 256, 1024}) {
            std::vector<std::byte> bits(count * element_bytes), out(bits.size(), std::byte{0xcc});
            for (std::size_t i = 0; i < bits.size(); ++i)
                bits[i] = static_cast<std::byte>(i * 151 + i / 256 + i / 7);
            wick::detail::unshuffle_bits(bits, element_bytes, out, planes);
            CHECK(out == expected(bits, element_bytes));
        }
    }
}

TEST_CASE("bit_planes: one bit set is one bit of one element", "[hdf5]") {
    wick::detail::GrowingBytes planes;
    std::vector<std::byte> bits(2 * 16), out(bits.size());
    bits[2 * 11 + 1] = std::byte{1 << 3};  // Row 11: bit 3 of the second byte; element 8 + 3.
    wick::detail::unshuffle_bits(bits, 2, out, planes);
    for (std::size_t i = 0; i < out.size(); ++i) CHECK(out[i] == std::byte(i == 2 * 11 + 1 ? 1 << 3 : 0));
}
