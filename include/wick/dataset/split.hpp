// SPDX-License-Identifier: MIT
#pragma once

// Training, validation and test parts of one dataset.

#include <wick/core/concepts.hpp>
#include <wick/core/permutation.hpp>
#include <wick/core/random.hpp>
#include <wick/dataset/dataset_of.hpp>
#include <wick/dataset/subset.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace wick::inline v0 {

/// Parts of a dataset or a source that have no row in common: part k has the fraction fractions[k] of all
/// rows, cut at the whole number nearest to the sum of the fractions up to it.
///
///     auto [train, test] = wick::split(data, {0.9, 0.1}, /*seed=*/7);
///
/// The rows of a part are drawn at random, always the same ones for a seed. Fractions that add up to 1 leave
/// no row out; of a small dataset a small fraction may be no row at all.
///
/// Throws:   std::invalid_argument if a fraction is not above 0 or their sum is above 1.
/// Lifetime: the parts share the dataset.
/// Cost:     no memory for the rows of a part. Neighbours in a part are no neighbours in the file, so
///           BlockShuffleSampler gains nothing there: split without a seed for it.
template <class T, std::size_t N>
    requires(Dataset<T> || Source<T>)
std::array<SubsetDataset<DatasetOf<T>>, N> split(T data, const double (&fractions)[N], std::uint64_t seed);

/// The same without shuffling: the parts are ranges, one after another.
template <class T, std::size_t N>
    requires(Dataset<T> || Source<T>)
std::array<SubsetDataset<DatasetOf<T>>, N> split(T data, const double (&fractions)[N]);

// Implementation.

namespace detail {

/// Where the parts begin, and behind them where the last one ends.
template <std::size_t N>
std::array<Index, N + 1> split_cuts(const double (&fractions)[N], Index rows) {
    std::array<Index, N + 1> cuts{};
    double sum = 0;
    for (std::size_t part = 0; part < N; ++part) {
        if (!(fractions[part] > 0))
            throw std::invalid_argument("fraction " + std::to_string(part) + " of a split is " +
                                        std::to_string(fractions[part]) + ", and has to be above 0");
        sum += fractions[part];
        // 0.7 + 0.2 + 0.1 is a little less than 1 in binary, and other sums a little more.
        constexpr double rounding = 1e-12;
        if (sum > 1 + rounding)
            throw std::invalid_argument("the fractions of a split add up to " + std::to_string(sum) +
                                        ", which is above 1");
        const bool all = sum > 1 - rounding;
        cuts[part + 1] = all ? rows : std::min<Index>(rows, std::llround(sum * static_cast<double>(rows)));
    }
    return cuts;
}

template <Dataset D, std::size_t N, std::size_t... Part>
std::array<SubsetDataset<D>, N> split_at(std::shared_ptr<const D> data, const std::array<Index, N + 1>& cuts,
                                         const std::optional<Permutation>& order,
                                         std::index_sequence<Part...>) {
    const auto part = [&](Index first, Index last) {
        return order ? SubsetDataset<D>(data, *order, first, last) : SubsetDataset<D>(data, first, last);
    };
    return {part(cuts[Part], cuts[Part + 1])...};
}

}  // namespace detail

template <class T, std::size_t N>
    requires(Dataset<T> || Source<T>)
std::array<SubsetDataset<DatasetOf<T>>, N> split(T data, const double (&fractions)[N], std::uint64_t seed) {
    auto shared = std::make_shared<const DatasetOf<T>>(std::move(data));
    const Index rows = shared->size();
    // A key of its own, so that a sampler with the same seed does not go through a part in the part's order.
    const std::optional<Permutation> order(std::in_place, rows, random_bits(random_key(seed, 0), -3));
    return detail::split_at<DatasetOf<T>, N>(std::move(shared), detail::split_cuts(fractions, rows), order,
                                             std::make_index_sequence<N>());
}

template <class T, std::size_t N>
    requires(Dataset<T> || Source<T>)
std::array<SubsetDataset<DatasetOf<T>>, N> split(T data, const double (&fractions)[N]) {
    auto shared = std::make_shared<const DatasetOf<T>>(std::move(data));
    const Index rows = shared->size();
    return detail::split_at<DatasetOf<T>, N>(std::move(shared), detail::split_cuts(fractions, rows),
                                             std::nullopt, std::make_index_sequence<N>());
}

}  // namespace wick::inline v0
