// SPDX-License-Identifier: MIT
#pragma once

// Rows that lie end to end in stretches of files: what the common engine for all formats takes.

#include <wick/core/concepts.hpp>
#include <wick/hdf5/element_copy.hpp>
#include <wick/io/file.hpp>
#include <wick/io/row_part.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Gathers stretches of rows; those that follow one another become one.
class RowParts {
public:
    RowParts(std::size_t row_bytes, const ElementCopy& element) : row_bytes_(row_bytes) {
        const bool little = (std::endian::native == std::endian::little) == (element.swap_unit == 1);
        order_ = little ? std::endian::little : std::endian::big;
    }

    void add(const std::shared_ptr<const File>& file, std::uint64_t offset, Index rows) {
        if (!parts_.empty() && parts_.back().file == file &&
            parts_.back().offset + static_cast<std::uint64_t>(parts_.back().rows) * row_bytes_ == offset)
            parts_.back().rows += rows;
        else
            parts_.push_back({.file = file, .offset = offset, .rows = rows, .byte_order = order_});
    }

    std::vector<RowPart> take() { return std::move(parts_); }

private:
    std::size_t row_bytes_;
    std::endian order_ = std::endian::native;
    std::vector<RowPart> parts_;
};

}  // namespace wick::inline v0::detail
