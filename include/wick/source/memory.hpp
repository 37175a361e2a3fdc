// SPDX-License-Identifier: MIT
#pragma once

// Rows that are in memory already, beside those that come from files: labels, weights, a small data set.

#include <wick/core/concepts.hpp>
#include <wick/core/layout.hpp>
#include <wick/io/row_check.hpp>
#include <wick/io/row_copy.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace wick::inline v0 {

/// Rows lying end to end in memory. A value: copies share the memory.
///
/// Requires: nobody writes to the memory while it is read from here.
class MemorySource {
public:
    /// Takes the values over. `row_shape` is the shape of one row; {} makes every value a row.
    ///
    /// Throws: std::invalid_argument if the values are no whole number of rows.
    template <class T>
        requires(!std::is_same_v<T, bool>)
    explicit MemorySource(std::vector<T> values, std::vector<Index> row_shape = {});

    /// Borrows the values.
    ///
    /// Throws:   std::invalid_argument if the values are no whole number of rows.
    /// Lifetime: the values must stay where they are for as long as this source or a copy of it is read.
    template <class T, std::size_t Extent>
    explicit MemorySource(std::span<T, Extent> values, std::vector<Index> row_shape = {});

    /// Rows of any layout, at any address.
    ///
    /// Requires: `rows * layout.bytes()` bytes from `data` on stay readable while `keep_alive` is held.
    /// Throws:   std::invalid_argument if `rows` is negative.
    MemorySource(const std::byte* data, Index rows, RowLayout layout, std::shared_ptr<const void> keep_alive);

    Index size() const noexcept { return rows_; }
    const RowLayout& layout() const noexcept { return layout_; }

    /// Puts row `rows[i]` at byte `i * layout().bytes()` of `out`.
    ///
    /// Throws:  std::out_of_range for a row outside [0, size()); std::invalid_argument for an `out` of
    ///          another size.
    /// Threads: safe from any thread.
    void read(Rows rows, Bytes out) const;

private:
    static Index rows_in(std::size_t bytes, const RowLayout& layout);

    RowLayout layout_;
    Index rows_;
    const std::byte* data_;
    std::shared_ptr<const void> keep_alive_;
};

// Implementation.

template <class T>
    requires(!std::is_same_v<T, bool>)
MemorySource::MemorySource(std::vector<T> values, std::vector<Index> row_shape)
    : MemorySource(std::span<const T>(values), std::move(row_shape)) {
    // Moving a vector leaves its elements where they are, so the address taken above stays right.
    keep_alive_ = std::make_shared<const std::vector<T>>(std::move(values));
}

template <class T, std::size_t Extent>
MemorySource::MemorySource(std::span<T, Extent> values, std::vector<Index> row_shape)
    : layout_(dtype_of<std::remove_const_t<T>>(), std::move(row_shape)),
      rows_(rows_in(values.size_bytes(), layout_)),
      data_(reinterpret_cast<const std::byte*>(values.data())) {}

inline MemorySource::MemorySource(const std::byte* data, Index rows, RowLayout layout,
                                  std::shared_ptr<const void> keep_alive)
    : layout_(std::move(layout)), rows_(rows), data_(data), keep_alive_(std::move(keep_alive)) {
    if (rows < 0) throw std::invalid_argument("a source of " + std::to_string(rows) + " rows");
}

inline Index MemorySource::rows_in(std::size_t bytes, const RowLayout& layout) {
    if (layout.bytes() == 0)
        throw std::invalid_argument("rows of " + to_string(layout) + " have no values to count them by");
    if (bytes % layout.bytes() != 0)
        throw std::invalid_argument(std::to_string(bytes) + " bytes are no whole number of rows of " +
                                    std::to_string(layout.bytes()) + " bytes, " + to_string(layout));
    return static_cast<Index>(bytes / layout.bytes());
}

inline void MemorySource::read(Rows rows, Bytes out) const {
    detail::check_read(rows, rows_, layout_, out);
    if (out.empty()) return;
    const detail::StridedRows place{.base = data_, .stride = layout_.bytes(), .first = 0, .dense = true};
    detail::copy_rows(place, rows, layout_.bytes(), 1, out.data());
}

static_assert(Source<MemorySource>);

}  // namespace wick::inline v0
