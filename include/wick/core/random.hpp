// SPDX-License-Identifier: MIT
#pragma once

// Randomness without a state: a number is a function of (seed, epoch, position), so any worker, rank or
// resumed run computes the same one, in any order.

#include <wick/core/layout.hpp>

#include <cstdint>

namespace wick::inline v0 {

/// Spreads every bit of `bits` over the whole word; a bijection that maps 0 to 0.
///
/// Source: the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
///         OOPSLA 2014), which is David Stafford's variant 13 of MurmurHash3's.
constexpr std::uint64_t mix_bits(std::uint64_t bits) noexcept;

/// Names one epoch of one seed: the key under which `random_bits` draws.
constexpr std::uint64_t random_key(std::uint64_t seed, std::int64_t epoch) noexcept;

/// The random 64 bits at `position` under `key`: SplitMix64 started at `key`, entered at any position.
///
/// Negative positions are this library's own, to make keys from a key; draw at positions from 0 on.
constexpr std::uint64_t random_bits(std::uint64_t key, Index position) noexcept;

/// The random 64 bits at `position` of `epoch`.
constexpr std::uint64_t random_bits(std::uint64_t seed, std::int64_t epoch, Index position) noexcept;

/// A random number in [0, bound), every one equally likely.
///
/// Requires: bound > 0.
/// Source:   Lemire: Fast Random Integer Generation in an Interval, ACM TOMACS 29 (2019).
constexpr Index random_below(std::uint64_t key, Index position, Index bound) noexcept;

// Implementation.

namespace detail {

// 2^64 divided by the golden ratio, made odd (Knuth, The Art of Computer Programming 3, 6.4): its multiples
// stand far apart however many of them are taken.
inline constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;

__extension__ typedef unsigned __int128 Wide;

}  // namespace detail

constexpr std::uint64_t mix_bits(std::uint64_t bits) noexcept {
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
}

constexpr std::uint64_t random_key(std::uint64_t seed, std::int64_t epoch) noexcept {
    return mix_bits(mix_bits(seed + detail::golden) + detail::golden * static_cast<std::uint64_t>(epoch));
}

constexpr std::uint64_t random_bits(std::uint64_t key, Index position) noexcept {
    return mix_bits(key + detail::golden * (static_cast<std::uint64_t>(position) + 1));
}

constexpr std::uint64_t random_bits(std::uint64_t seed, std::int64_t epoch, Index position) noexcept {
    return random_bits(random_key(seed, epoch), position);
}

constexpr Index random_below(std::uint64_t key, Index position, Index bound) noexcept {
    const auto span = static_cast<std::uint64_t>(bound);
    std::uint64_t bits = random_bits(key, position);
    detail::Wide product = detail::Wide(bits) * span;
    // The high word is the answer. Of the 2^64 low words the first 2^64 mod bound belong to answers that
    // would otherwise come once too often; they are drawn again (for small bounds, practically never).
    if (static_cast<std::uint64_t>(product) < span) {
        const std::uint64_t surplus = (0 - span) % span;
        while (static_cast<std::uint64_t>(product) < surplus) {
            bits = mix_bits(bits + detail::golden);
            product = detail::Wide(bits) * span;
        }
    }
    return static_cast<Index>(product >> 64);
}

}  // namespace wick::inline v0
