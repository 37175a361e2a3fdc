// SPDX-License-Identifier: MIT
#pragma once

// From elements as they stand in a file to elements as they stand in a batch.

#include <wick/core/concepts.hpp>
#include <wick/io/row_copy.hpp>

#include <cstddef>
#include <cstring>

namespace wick::inline v0::detail {

/// Takes the wanted bytes out of each element, and turns them into this machine's order.
struct ElementCopy {
    std::size_t stride = 1;     ///< bytes of an element in the file
    std::size_t offset = 0;     ///< where in it the wanted bytes begin
    std::size_t bytes = 1;      ///< how many they are
    std::size_t swap_unit = 1;  ///< bytes that are turned round together; 1 turns nothing

    /// Whether elements lie in the file as they lie in a batch, but for their byte order.
    bool is_whole() const noexcept { return stride == bytes; }

    /// Whether nothing is left to do for bytes that are in the batch.
    bool is_identity() const noexcept { return is_whole() && swap_unit == 1; }

    /// Copies `count` elements; for whole elements `out` may be `from`.
    void operator()(const std::byte* from, std::size_t count, std::byte* out) const noexcept;

    /// Writes one element, in the batch's form, `count` times.
    void fill(const std::byte* element, std::size_t count, std::byte* out) const noexcept;
};

// Implementation.

inline void ElementCopy::operator()(const std::byte* from, std::size_t count, std::byte* out) const noexcept {
    if (is_whole()) return copy_swapped(from, count * bytes, swap_unit, out);
    for (std::size_t i = 0; i < count; ++i) std::memcpy(out + i * bytes, from + i * stride + offset, bytes);
    if (swap_unit != 1) copy_swapped(out, count * bytes, swap_unit, out);
}

inline void ElementCopy::fill(const std::byte* element, std::size_t count, std::byte* out) const noexcept {
    for (std::size_t i = 0; i < count; ++i) std::memcpy(out + i * bytes, element, bytes);
}

}  // namespace wick::inline v0::detail
