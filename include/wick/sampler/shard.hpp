// SPDX-License-Identifier: MIT
#pragma once

// One rank's share of another sampler's order.

#include <wick/core/access.hpp>
#include <wick/core/check.hpp>
#include <wick/core/concepts.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace wick::inline v0 {

/// What happens to the positions of an epoch that do not go evenly into all ranks.
enum class Remainder {
    drop,  ///< The last size % world_size positions of the epoch's order are read by nobody this epoch.
    pad,   ///< The ranks that miss one position read one of the epoch's first ones again.
};

/// Rank r takes the positions r, r + world_size, r + 2 world_size, ... of `sampler`'s order.
///
/// All ranks have the same number of positions. After any number of equal steps they have together read a
/// prefix of the epoch's order, so training can go on from there with another number of ranks.
template <Sampler S>
class ShardSampler {
public:
    /// Throws: std::invalid_argument if world_size < 1; std::out_of_range if `rank` is outside
    ///         [0, world_size).
    ShardSampler(S sampler, int rank, int world_size, Remainder remainder);

    /// Positions per epoch, the same on every rank.
    Index size(Index rows) const;

    /// Throws: std::out_of_range for positions outside [0, size(rows)); what `sampler` throws.
    void fill(Index rows, std::int64_t epoch, Index position, std::span<Index> out) const;

    /// Throws: as above; std::invalid_argument for a stride below 1.
    /// Cost:   for a sampler that fills by strides, no more than the sampler's; for another one, world_size *
    ///         stride times as much.
    void fill(Index rows, std::int64_t epoch, Index position, Index stride, std::span<Index> out) const;

    /// The sampler's own way, with one rank's share of the rows.
    Access access(Index rows) const {
        Access access = access_of(sampler_, rows);
        access.share /= static_cast<double>(world_size_);
        access.density /= static_cast<double>(world_size_);
        return access;
    }

    /// A shard of the sampler fitted to the data.
    ShardSampler fitted(const DataShape& shape) const requires FittingSampler<S> {
        ShardSampler copy(*this);
        copy.sampler_ = sampler_.fitted(shape);
        return copy;
    }

private:
    void fill_strided(Index rows, std::int64_t epoch, Index position, Index stride,
                      std::span<Index> out) const;

    S sampler_;
    Index rank_;
    Index world_size_;
    Remainder remainder_;
};

// Implementation.

template <Sampler S>
ShardSampler<S>::ShardSampler(S sampler, int rank, int world_size, Remainder remainder)
    : sampler_(std::move(sampler)), rank_(rank), world_size_(world_size), remainder_(remainder) {
    if (world_size < 1)
        throw std::invalid_argument("rank " + std::to_string(rank) + " of a world of " +
                                    std::to_string(world_size) + ": it has at least 1 rank");
    if (rank < 0 || rank >= world_size) detail::throw_outside("rank", rank, world_size);
}

template <Sampler S>
Index ShardSampler<S>::size(Index rows) const {
    const Index positions = sampler_.size(rows);
    const bool more = remainder_ == Remainder::pad && positions % world_size_ != 0;
    return positions / world_size_ + (more ? 1 : 0);
}

template <Sampler S>
void ShardSampler<S>::fill(Index rows, std::int64_t epoch, Index position, std::span<Index> out) const {
    fill(rows, epoch, position, 1, out);
}

template <Sampler S>
void ShardSampler<S>::fill(Index rows, std::int64_t epoch, Index position, Index stride,
                           std::span<Index> out) const {
    detail::check_positions(position, stride, out.size(), size(rows));
    if (out.empty()) return fill_strided(rows, epoch, 0, 1, out);
    const Index positions = sampler_.size(rows);
    const Index last = position + static_cast<Index>(out.size() - 1) * stride;
    // Only a shard's very last position can lie beyond the epoch's end, and only if it is padded. Written
    // without the product, which could overflow.
    const bool padded = last > (positions - 1 - rank_) / world_size_ || rank_ >= positions;
    const std::size_t inside = out.size() - (padded ? 1 : 0);
    if (inside > 0) {
        const Index wide = inside > 1 ? stride * world_size_ : 1;
        fill_strided(rows, epoch, rank_ + position * world_size_, wide, out.first(inside));
    }
    if (padded) {
        const Index beyond = rank_ - (positions - last * world_size_);
        fill_strided(rows, epoch, beyond % positions, 1, out.last(1));
    }
}

template <Sampler S>
void ShardSampler<S>::fill_strided(Index rows, std::int64_t epoch, Index position, Index stride,
                                   std::span<Index> out) const {
    if constexpr (StridedSampler<S>) {
        sampler_.fill(rows, epoch, position, stride, out);
    } else {
        // Whole stretches at a time where several wanted positions fit one, so that the sampler is not asked
        // for single rows.
        std::array<Index, 512> stretch;
        constexpr auto most = static_cast<Index>(stretch.size());
        const auto at_once = static_cast<std::size_t>(stride < most ? (most - 1) / stride + 1 : 1);
        do {
            const std::size_t count = std::min(at_once, out.size());
            const auto length = count == 0 ? 0 : (count - 1) * static_cast<std::size_t>(stride) + 1;
            sampler_.fill(rows, epoch, position, std::span(stretch).first(length));
            for (std::size_t i = 0; i < count; ++i) out[i] = stretch[i * static_cast<std::size_t>(stride)];
            out = out.subspan(count);
            if (!out.empty()) position += static_cast<Index>(count) * stride;
        } while (!out.empty());
    }
}

}  // namespace wick::inline v0
