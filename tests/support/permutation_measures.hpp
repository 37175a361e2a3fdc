// SPDX-License-Identifier: MIT
#pragma once

// How far a family of orders is from shuffling: measures in standard deviations of a true shuffle.

#include <wick/core/layout.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace wick_test {

/// Deviations of a family of orders from what random orders give: about standard normal each, if it is one.
struct Deviations {
    double fixed_points = 0;
    double cycles = 0;
    double parity = 0;
    double differences = 0;  ///< of neighbouring positions' rows
    double first_pair = 0;   ///< the rows at positions 0 and 1 together
    double correlation = 0;  ///< mean size of the correlation of row and position

    double largest() const {
        return std::max({std::abs(fixed_points), std::abs(cycles), std::abs(parity), std::abs(differences),
                         std::abs(first_pair), std::abs(correlation)});
    }
};

/// How far `counts` are from `shares` of their total, as a deviation of chi2.
inline double chi2_deviation(const std::vector<double>& counts, std::vector<double> shares) {
    double total = 0, whole = 0, chi2 = 0;
    for (const double count : counts) total += count;
    for (const double share : shares) whole += share;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const double expected = shares[i] / whole * total;
        chi2 += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    const auto df = static_cast<double>(counts.size() - 1);
    return (chi2 - df) / std::sqrt(2 * df);
}

/// `order(seed, out)` writes the whole order of `size` rows that belongs to a seed.
template <class Order>
Deviations measure_orders(std::size_t size, int seeds, Order order) {
    constexpr std::size_t buckets = 64, coarse = 16;
    std::vector<wick::Index> rows(size);
    std::vector<char> seen(size);
    std::vector<double> differences(buckets), difference_shares(buckets);
    std::vector<double> pairs(coarse * coarse), pair_shares(coarse * coarse);
    const auto difference_of = [&](std::size_t difference) { return difference * buckets / size; };
    const auto pair_of = [&](std::size_t a, std::size_t b) {
        return a * coarse / size * coarse + b * coarse / size;
    };
    for (std::size_t i = 1; i < size; ++i) ++difference_shares[difference_of(i)];
    std::vector<double> singles(coarse);
    for (std::size_t i = 0; i < size; ++i) ++singles[i * coarse / size];
    for (std::size_t i = 0; i < coarse; ++i)
        for (std::size_t j = 0; j < coarse; ++j)
            pair_shares[i * coarse + j] = singles[i] * (singles[j] - (i == j));
    double fixed = 0, cycles = 0, even = 0, correlation = 0;
    const auto n = static_cast<double>(size), count = static_cast<double>(seeds);
    for (int seed = 0; seed < seeds; ++seed) {
        order(static_cast<std::uint64_t>(seed), rows);
        std::fill(seen.begin(), seen.end(), 0);
        std::size_t found = 0;
        double product = 0, squares = 0;
        for (std::size_t i = 0; i < size; ++i) {
            const auto row = static_cast<std::size_t>(rows[i]);
            fixed += row == i;
            const double centred = static_cast<double>(i) - (n - 1) / 2;
            product += centred * (static_cast<double>(row) - (n - 1) / 2);
            squares += centred * centred;
            if (i + 1 < size) {
                const std::size_t next = static_cast<std::size_t>(rows[i + 1]);
                ++differences[difference_of((next + size - row) % size)];
            }
            if (seen[i]) continue;
            ++found;
            for (std::size_t j = i; !seen[j]; j = static_cast<std::size_t>(rows[j])) seen[j] = 1;
        }
        cycles += static_cast<double>(found);
        even += (size - found) % 2 == 0;
        correlation += std::abs(product / squares) * std::sqrt(n);
        ++pairs[pair_of(static_cast<std::size_t>(rows[0]), static_cast<std::size_t>(rows[1]))];
    }
    // Cycles of a random order: mean sum 1/i, variance sum (1/i - 1/i^2).
    double mean = 0, variance = 0;
    for (double i = 1; i <= n; ++i) {
        mean += 1 / i;
        variance += 1 / i - 1 / (i * i);
    }
    const double pi = std::acos(-1.0), half_normal = std::sqrt(2 / pi);
    return {.fixed_points = (fixed - count) / std::sqrt(count),
            .cycles = (cycles - mean * count) / std::sqrt(variance * count),
            .parity = (even - count / 2) / (std::sqrt(count) / 2),
            .differences = chi2_deviation(differences, difference_shares),
            .first_pair = chi2_deviation(pairs, pair_shares),
            .correlation = (correlation / count - half_normal) / std::sqrt((1 - 2 / pi) / count)};
}

}  // namespace wick_test
