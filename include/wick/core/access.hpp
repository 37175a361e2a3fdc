// SPDX-License-Identifier: MIT
#pragma once

// What a sampler tells of its order and a loader of its memory, so that sources can read ahead wisely. Nobody has to
// tell, and nobody has to listen: rows are the same either way.

#include <wick/core/concepts.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <string>

namespace wick::inline v0 {

/// How the rows of a source are going to be asked for.
struct Access {
    /// The part of all rows that an epoch asks for.
    double share = 1;

    /// Of neighbouring rows, the part that is asked for: less than 1 for a shard, or for some rows here and there, but not for
    /// a range.
    double density = 1;

    /// Neighbouring rows that are asked for at nearly the same time: blocks of them begin at `first_row` and at every
    /// `block_rows` rows from there on. 1 if neighbours have nothing to do with one another.
    Index block_rows = 1;
    Index first_row = 0;

    /// Blocks whose rows are asked for in mixture: what would have to be in memory at a time.
    Index window_blocks = 1;

    /// Whether the rows of a block are asked for in file order, so that any cut of it does as well.
    bool in_order = false;

    /// Bytes that sources may take to hold rows that were read before they are asked for. Who takes some subtracts them.
    std::size_t memory_bytes = 0;

    /// The part of the memory for keeping files in that is this source's to fill: its part of all bytes to be read.
    double page_cache_share = 1;

    /// Bytes of all the memory that rows are copied to in turn; 0 if unknown.
    std::size_t batch_memory_bytes = 0;
};

/// A sampler that knows in which way it goes through `rows` rows: its `share`, and its blocks if it has any.
template <class S>
concept AccessSampler = Sampler<S> && requires(const S& sampler, Index rows) {
    { sampler.access(rows) } -> std::same_as<Access>;
};

/// A source or dataset that wants to know how it will be read, once, before it is.
template <class T>
concept Preparable = requires(T& data, Access& access) {
    { data.prepare(access) } -> std::same_as<void>;
};

/// A source or dataset that wants to know which rows come next: `prefetch(rows)` is called some `prefetch_distance()`
/// rows before they are read; a distance of 0 says that there is nothing to gain at this moment.
///
/// Threads: both are safe from any number of threads.
template <class T>
concept Prefetchable = requires(const T& data, Rows rows) {
    { data.prefetch(rows) } -> std::same_as<void>;
    { data.prefetch_distance() } -> std::same_as<Index>;
};

/// The distance for two that are told together: the shorter one, since who is told too early has its room full when it
/// is told of what is wanted sooner. A distance of 1, the next rows, is no wish to hear late.
constexpr Index common_distance(Index a, Index b) noexcept {
    const auto [least, most] = std::minmax({a, b});
    return least <= 1 ? most : least;
}

/// That part of some memory, in bytes: never more than all of it, which a double may round up.
///
/// Requires: a part of at least 0.
constexpr std::size_t part_of_memory(std::size_t bytes, double part) noexcept {
    return part >= 1 ? bytes : static_cast<std::size_t>(static_cast<double>(bytes) * part);
}

/// A source or dataset that can say how it reads at the moment, and why: a line for each that reads by itself.
///
/// Threads: safe from any number of threads.
template <class T>
concept Explainable = requires(const T& data) {
    { data.explain() } -> std::same_as<std::string>;
};

/// The lines of two, one after another.
inline std::string joined_lines(std::string first, const std::string& second) {
    if (!first.empty() && !second.empty()) first += '\n';
    return first += second;
}

/// What an order may be shaped by: facts of the data, the same on every machine.
struct DataShape {
    /// Bytes of one row, all fields together.
    std::size_t row_bytes = 0;

    /// Neighbouring rows that the files keep together, such as the rows of a chunk; 1 if they do not.
    Index block_rows = 1;

    Index batch_size = 1;
};

/// A sampler that fits itself to the data where it was not told otherwise.
template <class S>
concept FittingSampler = Sampler<S> && requires(const S& sampler, const DataShape& shape) {
    { sampler.fitted(shape) } -> std::same_as<S>;
};

/// A source or dataset that keeps neighbouring rows together.
template <class T>
concept Blocked = requires(const T& data) {
    { data.block_rows() } -> std::same_as<Index>;
};

/// How a sampler goes through `rows` rows; one that does not say is taken to ask for each row once, in any order.
template <Sampler S>
Access access_of(const S& sampler, Index rows) {
    if constexpr (AccessSampler<S>)
        return sampler.access(rows);
    else
        return {};
}

}  // namespace wick::inline v0
