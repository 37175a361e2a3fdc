// SPDX-License-Identifier: MIT
#pragma once

// The laws every dataset keeps.

#include <wick/core/concepts.hpp>

#include "support/catch.hpp"

#include <array>
#include <cstddef>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace wick_test {

template <std::size_t N>
using FieldBytes = std::array<std::vector<std::byte>, N>;

/// The bytes of `rows`, field by field.
template <wick::Dataset D>
FieldBytes<D::field_count> read_fields(const D& dataset, wick::Rows rows) {
    FieldBytes<D::field_count> fields;
    std::array<wick::Bytes, D::field_count> outs;
    for (std::size_t field = 0; field < D::field_count; ++field) {
        fields[field].resize(rows.size() * dataset.layout(field).bytes());
        outs[field] = fields[field];
    }
    dataset.read(rows, outs);
    return fields;
}

/// Any rows in any order give what `expected(rows, field)` says, from any thread; what lies outside is
/// refused.
template <wick::Dataset D, class Expected>
void check_dataset(const D& dataset, Expected expected) {
    using wick::Index;
    const Index size = dataset.size();
    std::vector<std::vector<Index>> requests = {{}};
    if (size > 0) {
        requests.push_back({0});
        requests.push_back({size - 1});
        requests.push_back({size - 1, 0, size / 2, 0, size - 1, size / 3});
        std::vector<Index> backwards;
        for (Index row = size; row-- > 0;) backwards.push_back(row);
        requests.push_back(std::move(backwards));
    }
    for (const std::vector<Index>& rows : requests) {
        const auto fields = read_fields(dataset, rows);
        for (std::size_t field = 0; field < D::field_count; ++field)
            REQUIRE(fields[field] == expected(wick::Rows(rows), field));
    }

    const std::vector<Index>& all = requests.back();
    const auto whole = read_fields(dataset, all);
    std::vector<FieldBytes<D::field_count>> seen(8);
    {
        std::vector<std::thread> threads;
        for (auto& fields : seen) threads.emplace_back([&] { fields = read_fields(dataset, all); });
        for (std::thread& thread : threads) thread.join();
    }
    for (const auto& fields : seen) CHECK(fields == whole);

    for (const Index row : {Index{-1}, size}) {
        const std::vector<Index> outside = size > 0 ? std::vector<Index>{0, row} : std::vector<Index>{row};
        CHECK_THROWS_AS(read_fields(dataset, outside), std::out_of_range);
    }
    std::vector<wick::Bytes> outs(D::field_count + 1);
    CHECK_THROWS_AS(dataset.read({}, outs), std::invalid_argument);
    CHECK_THROWS_AS(dataset.layout(D::field_count), std::out_of_range);
}

}  // namespace wick_test
