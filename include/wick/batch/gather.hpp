// SPDX-License-Identifier: MIT
#pragma once

// The one place where sampler, dataset and batch memory meet.

#include <wick/batch/slot_layout.hpp>
#include <wick/core/concepts.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wick::inline v0 {

/// Writes the row numbers at `count` positions of an epoch, and the rows themselves, into a slot from its row
/// `first` on.
///
/// Throws:  whatever the sampler or the dataset throws.
/// Threads: safe from any number of threads for parts of a slot that do not overlap.
template <Dataset D, Sampler S>
void gather(const D& dataset, const S& sampler, std::int64_t epoch, Index position, const SlotLayout& layout,
            std::byte* slot, Index first, Index count) {
    const std::span<Index> rows(layout.row_numbers(slot) + first, static_cast<std::size_t>(count));
    sampler.fill(dataset.size(), epoch, position, rows);
    std::array<Bytes, D::field_count> outs;
    for (std::size_t field = 0; field < D::field_count; ++field)
        outs[field] = layout.field(slot, field, first, count);
    dataset.read(rows, outs);
}

}  // namespace wick::inline v0
