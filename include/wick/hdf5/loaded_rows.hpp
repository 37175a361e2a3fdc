// SPDX-License-Identifier: MIT
#pragma once

// Rows that are in memory already: a compact dataset stands among the file's metadata, and one without bytes
// nowhere.

#include <wick/core/concepts.hpp>
#include <wick/io/row_copy.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Threads: safe from any thread.
class LoadedRows {
public:
    LoadedRows(std::vector<std::byte> bytes, std::size_t row_bytes)
        : bytes_(std::make_shared<const std::vector<std::byte>>(std::move(bytes))), row_bytes_(row_bytes) {}

    /// Requires: the rows are there and fill `out`.
    void read(Rows rows, Bytes out) const {
        copy_rows(StridedRows{bytes_->data(), row_bytes_, 0, true}, rows, row_bytes_, 1, out.data());
    }

private:
    std::shared_ptr<const std::vector<std::byte>> bytes_;
    std::size_t row_bytes_;
};

}  // namespace wick::inline v0::detail
