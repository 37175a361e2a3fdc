// SPDX-License-Identifier: MIT
#pragma once

// The one place where bytes of a dataset leave its files, if they do not lie there row by row.

#include <wick/core/concepts.hpp>
#include <wick/io/file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Bytes of a dataset that are wanted at `out`.
struct StoredPiece {
    std::uint64_t offset;
    std::size_t bytes;
    std::byte* out;
};

/// A stretch of a file that holds the bytes of a dataset from `start` on.
struct StoredStretch {
    std::shared_ptr<const File> file;
    std::uint64_t offset = 0;  ///< where it begins in the file
    std::uint64_t start = 0;   ///< which byte of the whole that is
};

/// Bytes that lie in a file, or in stretches of several.
///
/// Threads: safe from any thread.
class StoredBytes {
public:
    /// The bytes of one file, all of them.
    explicit StoredBytes(std::shared_ptr<const File> file) {
        stretches_.push_back({.file = std::move(file)});
    }

    /// Requires: there are stretches, sorted by their start, and the first starts at 0.
    explicit StoredBytes(std::vector<StoredStretch> stretches) : stretches_(std::move(stretches)) {}

    /// Throws: Error if a file has changed since it was opened.
    void begin_read() const;

    /// Fills every piece.
    ///
    /// Throws: Error if a file ends early or cannot be read.
    void read(std::span<const StoredPiece> pieces) const;

private:
    template <class Use>
    void for_each_part(const StoredPiece& piece, const Use& use) const;

    std::vector<StoredStretch> stretches_;
};

// Implementation.

inline void StoredBytes::begin_read() const {
    for (const StoredStretch& stretch : stretches_) stretch.file->check_unchanged();
}

/// Cuts a piece where one stretch ends and the next one begins.
template <class Use>
void StoredBytes::for_each_part(const StoredPiece& piece, const Use& use) const {
    auto stretch = std::ranges::upper_bound(stretches_, piece.offset, {}, &StoredStretch::start) - 1;
    for (std::size_t done = 0; done < piece.bytes; ++stretch) {
        const std::uint64_t at = piece.offset + done;
        std::size_t bytes = piece.bytes - done;
        if (stretch + 1 != stretches_.end())
            bytes = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, stretch[1].start - at));
        if (bytes > 0)
            use(*stretch->file, stretch->offset + (at - stretch->start), Bytes(piece.out + done, bytes));
        done += bytes;
    }
}

inline void StoredBytes::read(std::span<const StoredPiece> pieces) const {
    // All are announced before the first is waited for.
    if (pieces.size() > 1)
        for (const StoredPiece& piece : pieces)
            for_each_part(piece, [](const File& file, std::uint64_t offset, Bytes out) {
                file.expect(offset, out.size());
            });
    for (const StoredPiece& piece : pieces)
        for_each_part(piece,
                      [](const File& file, std::uint64_t offset, Bytes out) { file.read_at(offset, out); });
}

}  // namespace wick::inline v0::detail
