// SPDX-License-Identifier: MIT
#pragma once

// A random order of any number of rows in a few bytes: computed per index, never stored.

#include <wick/core/check.hpp>
#include <wick/core/feistel.hpp>
#include <wick/core/feistel_avx2.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

namespace wick::inline v0 {

/// A keyed bijection of [0, size): which row stands at which position of a random order.
///
/// The same (size, key, tweak) gives the same order on every machine and in every later version: it is
/// computed in whole numbers alone, and a position saved today has to mean the same row tomorrow.
/// A tweak chooses one of many orders under one key, at the cost of mixing one number. A key reaches at most
/// 2^64 of the size! possible orders: enough for training, nothing for keeping secrets.
///
/// Threads: safe from any number of threads.
/// Cost:    no memory beyond the object, whatever the size; in batches and with AVX2 half the time or less.
class Permutation {
public:
    /// Throws: std::invalid_argument if `size` is not in [0, 2^62].
    Permutation(Index size, std::uint64_t key);

    Index size() const noexcept { return static_cast<Index>(feistel_.size); }

    /// The row at `position`.
    ///
    /// Throws: std::out_of_range for a position outside [0, size()).
    Index operator()(Index position, std::uint64_t tweak = 0) const;

    /// Writes the rows at position, position + stride, position + 2 stride, ...
    ///
    /// Throws: std::invalid_argument for a stride below 1; std::out_of_range if one of the positions is
    ///         outside [0, size()).
    void fill(Index position, Index stride, std::span<Index> out, std::uint64_t tweak = 0) const;

    /// Replaces each position by its row; `tweaks`, if any are given, has one for each position.
    ///
    /// Throws: std::out_of_range for a position outside [0, size()); std::invalid_argument for another number
    ///         of tweaks.
    void apply(std::span<Index> positions, std::span<const Index> tweaks = {}) const;

private:
    detail::Feistel feistel_;
};

// Implementation.

namespace detail {

inline Index permutation_size(Index size) {
    constexpr Index most = Index{1} << 62;
    if (size < 0 || size > most)
        throw std::invalid_argument("a permutation of " + std::to_string(size) + " rows: it takes 0 to " +
                                    std::to_string(most));
    return size;
}

}  // namespace detail

inline Permutation::Permutation(Index size, std::uint64_t key)
    : feistel_(detail::permutation_size(size), key) {}

inline Index Permutation::operator()(Index position, std::uint64_t tweak) const {
    const auto at = static_cast<std::uint64_t>(position);
    if (at >= feistel_.size) detail::throw_outside("position", position, size());
    return static_cast<Index>(feistel_.image(feistel_.split(at), mix_bits(tweak)));
}

inline void Permutation::fill(Index position, Index stride, std::span<Index> out, std::uint64_t tweak) const {
    detail::check_positions(position, stride, out.size(), size());
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    if (detail::has_avx2()) return detail::fill_avx2(feistel_, position, stride, out, mix_bits(tweak));
#endif
    feistel_.fill(position, stride, out, mix_bits(tweak));
}

inline void Permutation::apply(std::span<Index> positions, std::span<const Index> tweaks) const {
    if (!tweaks.empty() && tweaks.size() != positions.size())
        throw std::invalid_argument(std::to_string(tweaks.size()) + " tweaks for " +
                                    std::to_string(positions.size()) + " positions");
    detail::check_rows(positions, size());
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    if (detail::has_avx2()) return detail::apply_avx2(feistel_, positions, tweaks);
#endif
    feistel_.apply(positions, tweaks);
}

}  // namespace wick::inline v0
