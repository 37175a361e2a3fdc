// SPDX-License-Identifier: MIT
#pragma once

// The three contracts everything else meets through: Source, Dataset, Sampler.

#include <wick/core/layout.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wick::inline v0 {

/// Row numbers, in any order, repeats allowed.
using Rows = std::span<const Index>;

/// Memory to be filled.
using Bytes = std::span<std::byte>;

/// Rows of one dtype and shape, lying somewhere.
///
/// `read(rows, out)` puts row `rows[i]` at byte `i * layout().bytes()` of `out`, which holds exactly those rows.
///
/// Throws:  std::out_of_range for a row outside [0, size()); std::invalid_argument for an `out` of another size.
/// Threads: all three are safe from any number of threads.
template <class S>
concept Source = std::movable<S> && requires(const S& source, Rows rows, Bytes out) {
    { source.size() } -> std::same_as<Index>;
    { source.layout() } -> std::convertible_to<const RowLayout&>;
    { source.read(rows, out) } -> std::same_as<void>;
};

/// Sources side by side, one field each: row i of the dataset is row i of every field.
///
/// `read(rows, outs)` fills `outs[f]` with field f of `rows`, as a source does.
///
/// Threads: all are safe from any number of threads.
template <class D>
concept Dataset = std::movable<D> && requires(const D& dataset, Rows rows, std::span<const Bytes> outs) {
    { D::field_count } -> std::convertible_to<std::size_t>;
    { dataset.size() } -> std::same_as<Index>;
    { dataset.layout(std::size_t{}) } -> std::convertible_to<const RowLayout&>;
    { dataset.read(rows, outs) } -> std::same_as<void>;
};

/// Which row stands at which position of which epoch: a pure function, without state.
///
/// `size(rows)` is how many positions an epoch over `rows` rows has; `fill(rows, epoch, position, out)` writes
/// the row numbers at positions [position, position + out.size()).
///
/// Requires: position >= 0 and position + out.size() <= size(rows).
/// Threads:  safe from any number of threads.
template <class S>
concept Sampler = std::copyable<S> &&
    requires(const S& sampler, Index rows, std::int64_t epoch, Index position, std::span<Index> out) {
    { sampler.size(rows) } -> std::same_as<Index>;
    { sampler.fill(rows, epoch, position, out) } -> std::same_as<void>;
};

/// A sampler that also gives every stride-th position: `fill(rows, epoch, position, stride, out)` writes the
/// row numbers at position, position + stride, position + 2 stride, ...
template <class S>
concept StridedSampler = Sampler<S> && requires(const S& sampler, Index rows, std::int64_t epoch,
                                                Index position, Index stride, std::span<Index> out) {
    { sampler.fill(rows, epoch, position, stride, out) } -> std::same_as<void>;
};

}  // namespace wick::inline v0
