// SPDX-License-Identifier: MIT
#pragma once

// What one row is: its dtype and shape, and so its bytes.

#include <wick/core/dtype.hpp>

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0 {

/// Counts rows, and numbers them.
using Index = std::int64_t;

/// The dtype and the shape of one row, elements in C order; a scalar row has the shape {}.
class RowLayout {
public:
    /// Throws: std::invalid_argument if a dimension is negative or a row has more bytes than fit in
    /// std::ptrdiff_t.
    RowLayout(Dtype dtype, std::vector<Index> shape);

    Dtype dtype() const noexcept { return dtype_; }
    const std::vector<Index>& shape() const noexcept { return shape_; }

    /// Elements in one row.
    std::size_t elements() const noexcept { return bytes_ / size_of(dtype_); }

    /// Bytes in one row.
    std::size_t bytes() const noexcept { return bytes_; }

    friend bool operator==(const RowLayout&, const RowLayout&) = default;

private:
    Dtype dtype_;
    std::vector<Index> shape_;
    std::size_t bytes_;
};

/// The layout as errors print it: "f32 [3, 224, 224]".
std::string to_string(const RowLayout& layout);

// Implementation.

namespace detail {

inline std::string shape_string(const std::vector<Index>& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

}  // namespace detail

inline RowLayout::RowLayout(Dtype dtype, std::vector<Index> shape)
    : dtype_(dtype), shape_(std::move(shape)), bytes_(size_of(dtype)) {
    bool empty = false;
    for (const Index extent : shape_) {
        if (extent < 0)
            throw std::invalid_argument("row shape " + detail::shape_string(shape_) +
                                        " has a negative dimension");
        if (extent == 0) empty = true;
    }
    // An empty row is legal whatever its other dimensions are, so only a row with elements can overflow.
    if (empty) {
        bytes_ = 0;
        return;
    }
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
    for (const Index extent : shape_) {
        if (bytes_ > most / static_cast<std::size_t>(extent))
            throw std::invalid_argument("row shape " + detail::shape_string(shape_) + " of " +
                                        std::string(name_of(dtype)) +
                                        " has more bytes than can be addressed");
        bytes_ *= static_cast<std::size_t>(extent);
    }
}

inline std::string to_string(const RowLayout& layout) {
    return std::string(name_of(layout.dtype())) + " " + detail::shape_string(layout.shape());
}

}  // namespace wick::inline v0
