// SPDX-License-Identifier: MIT
#include <wick/hdf5/shuffle.hpp>

#include "support/catch.hpp"
#include "support/hdf5_filter_cases.hpp"

#include <cstddef>
#include <initializer_list>
#include <span>
#include <vector>

using wick::detail::unshuffle;

namespace {

/// Byte k of element i, from the definition of shuffle alone; what fills no element stays at the end.
std::vector<std::byte> expected(std::span<const std::byte> shuffled, std::size_t element_bytes) {
    const std::size_t elements = shuffled.size() / element_bytes;
    std::vector<std::byte> plain(shuffled.begin(), shuffled.end());
    for (std::size_t i = 0; i < elements; ++i)
        for (std::size_t k = 0; k < element_bytes; ++k)
            plain[i * element_bytes + k] = shuffled[k * elements + i];
    return plain;
}

std::vector<std::byte> numbered(std::size_t bytes) {
    std::vector<std::byte> pattern(bytes);
    for (std::size_t i = 0; i < bytes; ++i) pattern[i] = static_cast<std::byte>(i * 131 + i / 256);
    return pattern;
}

}  // namespace

TEST_CASE("shuffle: what HDF5 shuffled is put back", "[hdf5]") {
    for (const auto& one : wick_test::filter_cases(2)) {
        INFO(one.name);
        std::vector<std::byte> out(one.plain.size());
        unshuffle(one.stored, one.filters[0].parameters[0], 0, out);
        CHECK(out == one.plain);
    }
}

TEST_CASE("shuffle: elements of every size, and any number of them, are put back", "[hdf5]") {
    for (std::size_t element_bytes = 1; element_bytes <= 40; ++element_bytes) {
        for (const std::size_t elements :
             std::initializer_list<std::size_t>{0, 1, 2, 15, 16, 17, 31, 33, 64, 1000}) {
            for (const std::size_t rest : {std::size_t{0}, element_bytes - 1}) {
                const auto shuffled = numbered(elements * element_bytes + rest);
                std::vector<std::byte> out(shuffled.size(), std::byte{0xcc});
                unshuffle(shuffled, element_bytes, 0, out);
                CHECK(out == expected(shuffled, element_bytes));
            }
        }
    }
}

TEST_CASE("shuffle: any range of bytes is put back alone, and nothing beside it is written", "[hdf5]") {
    for (const std::size_t element_bytes : std::initializer_list<std::size_t>{1, 2, 3, 4, 8, 12, 16, 24}) {
        const auto shuffled = numbered(61 * element_bytes + element_bytes / 2);
        const auto all = expected(shuffled, element_bytes);
        for (std::size_t first = 0; first <= all.size(); ++first) {
            for (std::size_t bytes = 0; first + bytes <= all.size(); bytes += 1 + bytes / 3) {
                std::vector<std::byte> out(bytes);  // AddressSanitizer watches its ends.
                unshuffle(shuffled, element_bytes, first, out);
                const auto from = all.begin() + static_cast<std::ptrdiff_t>(first);
                REQUIRE(out == std::vector<std::byte>(from, from + static_cast<std::ptrdiff_t>(bytes)));
            }
        }
    }
}

TEST_CASE("shuffle: an element larger than the chunk leaves it as it is", "[hdf5]") {
    const auto stored = numbered(10);
    std::vector<std::byte> out(10);
    unshuffle(stored, 4'000'000'000, 0, out);
    CHECK(out == stored);
}
