// SPDX-License-Identifier: MIT
#pragma once

// Where in a slot the fields of a batch lie.

#include <wick/core/concepts.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace wick::inline v0 {

/// One block of memory cut into the batch's row numbers and one array per field, each aligned to 64 bytes; from 64 KiB on
/// to 4 KiB, so that a read past the page cache can end up there without a detour.
class SlotLayout {
public:
    /// Throws: std::invalid_argument if that many rows are more bytes than can be addressed.
    SlotLayout(Index rows, const std::vector<std::size_t>& row_bytes);

    /// Bytes of the whole slot.
    std::size_t bytes() const noexcept { return bytes_; }

    /// The row numbers of the batch in the slot at `slot`.
    Index* row_numbers(std::byte* slot) const noexcept { return reinterpret_cast<Index*>(slot); }

    /// The first byte of a field's row.
    std::byte* field(std::byte* slot, std::size_t field, Index row) const noexcept {
        return slot + fields_[field].offset + static_cast<std::size_t>(row) * fields_[field].row_bytes;
    }

    /// The bytes of a field's `count` rows from `row` on.
    Bytes field(std::byte* slot, std::size_t field, Index row, Index count) const noexcept {
        return {this->field(slot, field, row), static_cast<std::size_t>(count) * fields_[field].row_bytes};
    }

private:
    struct Field {
        std::size_t offset;
        std::size_t row_bytes;
    };

    std::vector<Field> fields_;
    std::size_t bytes_ = 0;
};

// Implementation.

inline SlotLayout::SlotLayout(Index rows, const std::vector<std::size_t>& row_bytes) {
    constexpr std::size_t line = 64, page = 4096, many_pages = 16 * page;
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) - 2 * page;
    const auto up = [](std::size_t value, std::size_t unit) { return (value + unit - 1) / unit * unit; };
    const auto place = [&](std::size_t bytes) {
        if (bytes != 0 && static_cast<std::size_t>(rows) > (most - std::min(most, bytes_)) / bytes)
            throw std::invalid_argument("a batch of " + std::to_string(rows) + " rows of " +
                                        std::to_string(bytes) +
                                        " bytes has more bytes than can be addressed");
        const std::size_t all = static_cast<std::size_t>(rows) * bytes;
        const std::size_t offset = up(bytes_, all >= many_pages ? page : line);
        bytes_ = up(offset + all, line);
        return offset;
    };
    place(sizeof(Index));
    for (const std::size_t bytes : row_bytes) fields_.push_back({place(bytes), bytes});
}

}  // namespace wick::inline v0
