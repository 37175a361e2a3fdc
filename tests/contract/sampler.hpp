// SPDX-License-Identifier: MIT
#pragma once

// The laws every sampler keeps.

#include <wick/core/concepts.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <thread>
#include <vector>

namespace wick_test {

/// The whole order of one epoch.
template <wick::Sampler S>
std::vector<wick::Index> order_of(const S& sampler, wick::Index rows, std::int64_t epoch) {
    std::vector<wick::Index> order(static_cast<std::size_t>(sampler.size(rows)));
    sampler.fill(rows, epoch, 0, order);
    return order;
}

inline bool is_each_row_once(std::vector<wick::Index> order, wick::Index rows) {
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < order.size(); ++i)
        if (order[i] != static_cast<wick::Index>(i)) return false;
    return static_cast<wick::Index>(order.size()) == rows;
}

template <wick::Sampler S>
void check_strides(const S& sampler, wick::Index rows, std::int64_t epoch,
                   const std::vector<wick::Index>& whole) {
    const auto size = static_cast<wick::Index>(whole.size());
    for (const wick::Index stride : {wick::Index{1}, wick::Index{2}, wick::Index{7}, size})
        for (const wick::Index position : {wick::Index{0}, size / 3, size - 1}) {
            std::vector<wick::Index> part(static_cast<std::size_t>((size - 1 - position) / stride + 1));
            sampler.fill(rows, epoch, position, stride, part);
            for (std::size_t i = 0; i < part.size(); ++i)
                REQUIRE(part[i] ==
                        whole[static_cast<std::size_t>(position) + i * static_cast<std::size_t>(stride)]);
        }
    std::vector<wick::Index> one(1);
    CHECK_THROWS_AS(sampler.fill(rows, epoch, 0, 0, one), std::invalid_argument);
}

/// Every row an epoch names exists; a part is what the whole says, from any thread, by any cut and, where the
/// sampler has strides, by any stride; what lies outside is refused.
template <wick::Sampler S>
void check_sampler(const S& sampler, wick::Index rows, std::int64_t epoch) {
    using wick::Index;
    INFO("rows " << rows << " epoch " << epoch);
    const std::vector<Index> whole = order_of(sampler, rows, epoch);
    const auto size = static_cast<Index>(whole.size());
    for (const Index row : whole) REQUIRE((row >= 0 && row < rows));

    const S copy = sampler;
    REQUIRE(order_of(copy, rows, epoch) == whole);
    for (const Index length : {Index{1}, Index{5}, Index{64}, size / 2 + 1})
        for (Index position = 0; position < size; position += length * 3 + 1) {
            std::vector<Index> part(static_cast<std::size_t>(std::min(length, size - position)));
            sampler.fill(rows, epoch, position, part);
            REQUIRE(std::equal(part.begin(), part.end(), whole.begin() + position));
        }
    if constexpr (wick::StridedSampler<S>)
        if (size > 0) check_strides(sampler, rows, epoch, whole);

    std::vector<std::vector<Index>> seen(4);
    {
        std::vector<std::thread> threads;
        for (std::vector<Index>& order : seen)
            threads.emplace_back([&] { order = order_of(sampler, rows, epoch); });
        for (std::thread& thread : threads) thread.join();
    }
    for (const std::vector<Index>& order : seen) CHECK(order == whole);

    std::vector<Index> one(1), two(2);
    CHECK_NOTHROW(sampler.fill(rows, epoch, size, std::span<Index>()));
    CHECK_THROWS_AS(sampler.fill(rows, epoch, size, one), std::out_of_range);
    CHECK_THROWS_AS(sampler.fill(rows, epoch, size + 1, std::span<Index>()), std::out_of_range);
    CHECK_THROWS_AS(sampler.fill(rows, epoch, -1, one), std::out_of_range);
    if (size > 0) {
        CHECK_THROWS_AS(sampler.fill(rows, epoch, size - 1, two), std::out_of_range);
        CHECK_THROWS_AS(sampler.fill(rows, -1, 0, one), std::out_of_range);
    }
    CHECK_THROWS_AS(sampler.fill(rows, -1, 0, std::span<Index>()), std::out_of_range);
    CHECK_THROWS_AS(sampler.size(-1), std::invalid_argument);
}

/// A sampler that shuffles gives every epoch and every seed an order of its own, each row once.
template <class Make>
void check_shuffles(Make make, wick::Index rows) {
    const auto first = order_of(make(7), rows, 0);
    for (const std::int64_t epoch : {0, 1, 2})
        REQUIRE(is_each_row_once(order_of(make(7), rows, epoch), rows));
    CHECK(order_of(make(7), rows, 0) == first);
    CHECK(order_of(make(7), rows, 1) != first);
    CHECK(order_of(make(8), rows, 0) != first);
}

}  // namespace wick_test
