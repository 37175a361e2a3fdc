// SPDX-License-Identifier: MIT
#pragma once

// Independent draws: a row may come several times in an epoch, or not at all.

#include <wick/core/access.hpp>
#include <wick/core/check.hpp>
#include <wick/core/concepts.hpp>
#include <wick/core/random.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

namespace wick::inline v0 {

/// At every position a row drawn from all rows alike, as a function of (seed, epoch, position).
class RandomWithReplacementSampler {
public:
    /// As many draws per epoch as there are rows.
    explicit RandomWithReplacementSampler(std::uint64_t seed) noexcept : seed_(seed) {}

    /// `positions` draws per epoch, whatever the number of rows.
    ///
    /// Throws: std::invalid_argument if `positions` is negative.
    RandomWithReplacementSampler(std::uint64_t seed, Index positions);

    /// Positions per epoch.
    ///
    /// Throws: std::invalid_argument if `rows` is negative, or 0 where draws are asked for.
    Index size(Index rows) const;

    /// Throws: as size(); std::out_of_range for a negative epoch or positions outside [0, size(rows)).
    void fill(Index rows, std::int64_t epoch, Index position, std::span<Index> out) const;

    /// Throws: as above; std::invalid_argument for a stride below 1.
    void fill(Index rows, std::int64_t epoch, Index position, Index stride, std::span<Index> out) const;

    /// As many draws as positions, some of the same row.
    Access access(Index rows) const {
        return {.share = std::min(
                    1.0, static_cast<double>(size(rows)) / std::max(1.0, static_cast<double>(rows)))};
    }

private:
    std::uint64_t seed_;
    Index positions_ = -1;  // as many as there are rows; not an optional, of which GCC 12 warns without cause
};

// Implementation.

inline RandomWithReplacementSampler::RandomWithReplacementSampler(std::uint64_t seed, Index positions)
    : seed_(seed), positions_(positions) {
    if (positions < 0)
        throw std::invalid_argument("an epoch has at least 0 positions, not " + std::to_string(positions));
}

inline Index RandomWithReplacementSampler::size(Index rows) const {
    detail::check_row_count(rows);
    const Index positions = positions_ < 0 ? rows : positions_;
    if (rows == 0 && positions > 0)
        throw std::invalid_argument(std::to_string(positions) + " rows cannot be drawn from 0 rows");
    return positions;
}

inline void RandomWithReplacementSampler::fill(Index rows, std::int64_t epoch, Index position,
                                               std::span<Index> out) const {
    fill(rows, epoch, position, 1, out);
}

inline void RandomWithReplacementSampler::fill(Index rows, std::int64_t epoch, Index position, Index stride,
                                               std::span<Index> out) const {
    detail::check_epoch(epoch);
    detail::check_positions(position, stride, out.size(), size(rows));
    // A key of its own: a transform that draws with the same seed at the same position must not see the bits
    // that chose the row.
    const std::uint64_t key = random_bits(random_key(seed_, epoch), -1);
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = random_below(key, position + static_cast<Index>(i) * stride, rows);
}

static_assert(StridedSampler<RandomWithReplacementSampler> && AccessSampler<RandomWithReplacementSampler>);

}  // namespace wick::inline v0
