// SPDX-License-Identifier: MIT
#include <wick/io/row_copy.hpp>

#include "contract/source.hpp"
#include "support/catch.hpp"
#include "support/same_bytes.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

/// Bytes of which no two neighbours, and no two rows, look alike.
std::vector<std::byte> pattern(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((i * 2654435761u) >> 13);
    return bytes;
}

void reverse_units(std::vector<std::byte>& bytes, std::size_t unit) {
    if (unit == 1) return;
    for (std::size_t at = 0; at < bytes.size(); at += unit)
        std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                     bytes.begin() + static_cast<std::ptrdiff_t>(at + unit));
}

}  // namespace

TEST_CASE(
    "row copy: every row size, order and byte order gives the rows asked for, and touches nothing else") {
    for (const std::size_t row_bytes :
         {1u, 2u, 3u, 4u, 8u, 16u, 24u, 32u, 64u, 100u, 128u, 256u, 264u, 1000u, 2048u, 5000u})
        for (const std::size_t unit : {1u, 2u, 4u, 8u}) {
            if (row_bytes % unit != 0) continue;
            const wick::Index size = 61;
            const auto whole = pattern(static_cast<std::size_t>(size) * row_bytes);
            auto turned = whole;
            reverse_units(turned, unit);
            const wick::detail::StridedRows place{
                .base = whole.data(), .stride = row_bytes, .first = 0, .dense = true};
            for (const auto& rows : wick_test::orders(size)) {
                // The memory is exactly as large as it may be: a sanitizer sees every byte too many.
                std::vector<std::byte> out(rows.size() * row_bytes);
                wick::detail::copy_rows(place, rows, row_bytes, unit, out.data());
                INFO(row_bytes << " bytes, unit " << unit << ", " << rows.size() << " rows");
                REQUIRE(wick_test::same_bytes(out, wick_test::cut_rows(turned, row_bytes, rows)));
            }
        }
}

TEST_CASE("row copy: rows copied past the caches are the same rows, short ones and turned ones too") {
    for (const std::size_t row_bytes : {8u, 4088u, 4096u, 4104u, 10'008u})
        for (const std::size_t unit : {1u, 4u}) {
            const wick::Index size = 61;
            const auto whole = pattern(static_cast<std::size_t>(size) * row_bytes);
            auto turned = whole;
            reverse_units(turned, unit);
            const wick::detail::StridedRows place{
                .base = whole.data(), .stride = row_bytes, .first = 0, .dense = true};
            for (const auto& rows : wick_test::orders(size)) {
                std::vector<std::byte> out(rows.size() * row_bytes);
                wick::detail::copy_rows(place, rows, row_bytes, unit, out.data(), true);
                INFO(row_bytes << " bytes, unit " << unit << ", " << rows.size() << " rows");
                REQUIRE(wick_test::same_bytes(out, wick_test::cut_rows(turned, row_bytes, rows)));
            }
        }
}

TEST_CASE("row copy: what finding a row throws comes out, streaming or not") {
    struct Nowhere {
        const std::byte* find(wick::Index row) const {
            throw std::out_of_range("no row " + std::to_string(row));
        }
        wick::Index together(wick::Index) const { return 1; }
    };
    const std::vector<wick::Index> rows{3, 1};
    std::vector<std::byte> out(2 * 4096);
    for (const bool streaming : {false, true})
        CHECK_THROWS_AS(wick::detail::copy_rows(Nowhere{}, rows, 4096, 1, out.data(), streaming),
                        std::out_of_range);
}

TEST_CASE("row copy: rows that lie apart are not joined, and may begin at any number") {
    const auto whole = pattern(100 * 24);
    const wick::detail::StridedRows place{
        .base = whole.data() + 3, .stride = 24, .first = 1000, .dense = false};
    std::vector<wick::Index> rows;
    for (wick::Index row = 1000; row < 1090; ++row) rows.push_back(row);
    std::vector<std::byte> out(rows.size() * 16);
    wick::detail::copy_rows(place, rows, 16, 1, out.data());
    for (std::size_t i = 0; i < rows.size(); ++i)
        REQUIRE(std::equal(out.begin() + static_cast<std::ptrdiff_t>(i * 16),
                           out.begin() + static_cast<std::ptrdiff_t>(i * 16 + 16),
                           whole.begin() + static_cast<std::ptrdiff_t>(i * 24 + 3)));
}

TEST_CASE("row copy: bytes are turned round in place, too, at any length and alignment") {
    for (const std::size_t unit : {2u, 4u, 8u})
        for (const std::size_t units : {0u, 1u, 2u, 3u, 7u, 8u, 9u, 100u})
            for (const std::size_t shift : {0u, 1u, 5u}) {
                std::vector<std::byte> bytes = pattern(shift + units * unit);
                std::vector<std::byte> expected(bytes.begin() + static_cast<std::ptrdiff_t>(shift),
                                                bytes.end());
                reverse_units(expected, unit);
                wick::detail::copy_swapped(bytes.data() + shift, units * unit, unit, bytes.data() + shift);
                REQUIRE(std::equal(expected.begin(), expected.end(),
                                   bytes.begin() + static_cast<std::ptrdiff_t>(shift)));
            }
}
