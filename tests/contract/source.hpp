// SPDX-License-Identifier: MIT
#pragma once

// The laws every source keeps.

#include <wick/core/concepts.hpp>

#include "support/catch.hpp"
#include "support/same_bytes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace wick_test {

/// The bytes of a file, as the standard library reads it.
inline std::vector<std::byte> bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const std::vector<char> text{std::istreambuf_iterator<char>(in), {}};
    REQUIRE(in);
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

/// The bytes that lie in memory at the values of a range.
template <class Range>
std::vector<std::byte> bytes_of_values(const Range& values) {
    const auto bytes = std::as_bytes(std::span(values));
    return {bytes.begin(), bytes.end()};
}

/// What the source says these rows are; the memory behind them must be left alone.
template <wick::Source S>
std::vector<std::byte> read_rows(const S& source, const std::vector<wick::Index>& rows) {
    constexpr std::byte untouched{0xa5};
    const std::size_t bytes = rows.size() * source.layout().bytes();
    std::vector<std::byte> out(bytes + 64, untouched);
    source.read(rows, wick::Bytes(out).first(bytes));
    const bool clean = std::all_of(out.begin() + static_cast<std::ptrdiff_t>(bytes), out.end(),
                                   [&](std::byte b) { return b == untouched; });
    REQUIRE(clean);
    out.resize(bytes);
    return out;
}

/// The same rows cut from the whole array.
inline std::vector<std::byte> cut_rows(std::span<const std::byte> whole, std::size_t row_bytes,
                                       const std::vector<wick::Index>& rows) {
    std::vector<std::byte> out(rows.size() * row_bytes);
    auto to = out.begin();
    for (const wick::Index row : rows)
        to = std::ranges::copy(whole.subspan(static_cast<std::size_t>(row) * row_bytes, row_bytes), to).out;
    return out;
}

/// Orders in which rows are asked for: each in its turn, backwards, neighbours, nearly in turn, at random
/// with repeats.
inline std::vector<std::vector<wick::Index>> orders(wick::Index size) {
    using wick::Index;
    std::vector<Index> forward;
    for (Index row = 0; row < size; ++row) forward.push_back(row);
    std::vector<std::vector<Index>> all{{}, forward, {forward.rbegin(), forward.rend()}};
    if (size == 0) return all;
    all.insert(all.end(), {{0}, {size - 1}, {size - 1, 0}, {0, 0, 0, 0}, {size / 2, size - 1, size / 2}});
    // Two neighbours may lie in two files; and rows may begin and end as if they followed one another.
    for (Index row = 0; row + 1 < std::min<Index>(size, 64); ++row) all.push_back({row, row + 1});
    if (size > 3) all.insert(all.end(), {{0, 2, 1, 3}, {0, 0, 2, 3}, {1, size - 1, 3}});
    std::mt19937_64 random(static_cast<std::uint64_t>(size));
    for (const std::size_t count : {5u, 16u, 17u, 33u, 200u, 1000u}) {
        std::vector<Index> rows;
        std::vector<Index> runs;
        while (rows.size() < count)
            rows.push_back(static_cast<Index>(random() % static_cast<std::uint64_t>(size)));
        while (runs.size() < count) {
            auto row = static_cast<Index>(random() % static_cast<std::uint64_t>(size));
            for (auto length = random() % 40; length > 0 && row < size; --length) runs.push_back(row++);
        }
        all.insert(all.end(), {rows, runs});
    }
    return all;
}

/// Eight threads get what one gets.
template <wick::Source S>
void check_threads(const S& source, std::span<const std::byte> whole) {
    if (source.size() == 0) return;
    const std::vector<wick::Index> rows = orders(source.size()).back();
    const std::vector<std::byte> expected = cut_rows(whole, source.layout().bytes(), rows);
    std::vector<std::vector<std::byte>> outs(8, std::vector<std::byte>(expected.size()));
    {
        std::vector<std::jthread> threads;
        for (auto& out : outs)
            threads.emplace_back([&] {
                for (int i = 0; i < 3; ++i) source.read(rows, out);
            });
    }
    for (const auto& out : outs) CHECK(same_bytes(out, expected));
}

/// A row outside and memory of another size are refused, both values in the words.
template <wick::Source S>
void check_refusals(const S& source) {
    using wick::Bytes;
    using wick::Index;
    const Index size = source.size();
    const std::size_t row_bytes = source.layout().bytes();
    std::vector<std::byte> out(3 * row_bytes);
    for (const Index bad :
         {Index{-1}, size, size + 1, std::numeric_limits<Index>::max(), std::numeric_limits<Index>::min()}) {
        std::vector<Index> rows{bad, 0, 0};
        const std::string words =
            "row " + std::to_string(bad) + " is outside [0, " + std::to_string(size) + ")";
        for (int turn = 0; turn < (size > 0 ? 3 : 1); ++turn) {
            CHECK_THROWS_MATCHES(source.read(rows, out), std::out_of_range,
                                 MessageMatches(ContainsSubstring(words)));
            std::rotate(rows.begin(), rows.begin() + 1, rows.end());
        }
    }
    if (size == 0 || row_bytes == 0) return;
    const std::vector<Index> rows{0, size - 1};
    for (const std::size_t bytes : {3 * row_bytes, 2 * row_bytes - 1, row_bytes, std::size_t{0}})
        CHECK_THROWS_MATCHES(
            source.read(rows, Bytes(out).first(bytes)), std::invalid_argument,
            MessageMatches(ContainsSubstring("2 rows of " + std::to_string(row_bytes) +
                                             " bytes do not fill " + std::to_string(bytes) + " bytes")));
    CHECK_THROWS_AS(source.read({}, Bytes(out)), std::invalid_argument);
}

/// `whole` is the array the source holds, C order, native byte order, from a producer of its own.
template <wick::Source S>
void check_source(const S& source, const wick::RowLayout& layout, std::span<const std::byte> whole) {
    using wick::Index;
    const std::size_t row_bytes = layout.bytes();
    CHECK(source.layout() == layout);
    if (row_bytes != 0) REQUIRE(source.size() == static_cast<Index>(whole.size() / row_bytes));
    const Index size = source.size();

    for (const auto& rows : orders(size)) {
        const bool same = same_bytes(read_rows(source, rows), cut_rows(whole, row_bytes, rows));
        INFO(rows.size() << " rows of " << size);
        CHECK(same);
    }

    check_refusals(source);
    check_threads(source, whole);
}

}  // namespace wick_test
