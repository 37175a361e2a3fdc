// SPDX-License-Identifier: MIT
#pragma once

// A new random order for every epoch, without a list of it.

#include <wick/core/check.hpp>
#include <wick/core/concepts.hpp>
#include <wick/core/permutation.hpp>

#include <cstdint>
#include <span>

namespace wick::inline v0 {

/// Every row once per epoch, in an order that is a keyed permutation of (seed, epoch).
///
/// Cost: no memory, whatever the number of rows; see Permutation.
class RandomSampler {
public:
    explicit RandomSampler(std::uint64_t seed) noexcept : seed_(seed) {}

    /// Positions per epoch: each row once.
    ///
    /// Throws: std::invalid_argument if `rows` is negative.
    Index size(Index rows) const;

    /// Throws: std::out_of_range for a negative epoch or positions outside [0, size(rows));
    ///         std::invalid_argument for more than 2^62 rows.
    void fill(Index rows, std::int64_t epoch, Index position, std::span<Index> out) const;

    /// Throws: as above; std::invalid_argument for a stride below 1.
    void fill(Index rows, std::int64_t epoch, Index position, Index stride, std::span<Index> out) const;

private:
    std::uint64_t seed_;
};

// Implementation.

inline Index RandomSampler::size(Index rows) const {
    detail::check_row_count(rows);
    return rows;
}

inline void RandomSampler::fill(Index rows, std::int64_t epoch, Index position, std::span<Index> out) const {
    fill(rows, epoch, position, 1, out);
}

inline void RandomSampler::fill(Index rows, std::int64_t epoch, Index position, Index stride,
                                std::span<Index> out) const {
    detail::check_epoch(epoch);
    Permutation(size(rows), random_key(seed_, epoch)).fill(position, stride, out);
}

static_assert(StridedSampler<RandomSampler>);

}  // namespace wick::inline v0
