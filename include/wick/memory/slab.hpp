// SPDX-License-Identifier: MIT
#pragma once

// Slots shorter than a huge page, side by side in huge pages. A disk that writes into pages of 4 KiB has to be told of
// each of them; a virtual one gives half to four fifths of what it gives into huge ones.

#include <wick/memory/block.hpp>
#include <wick/memory/owned_bytes.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

namespace wick::inline v0 {

/// Blocks of some megabytes, cut into pieces of one size.
///
/// Threads:  safe from any thread.
/// Lifetime: a block stays for as long as any piece of it does; the memory of a piece that is dropped goes back to the
///           system at once.
class Slab {
public:
    Slab(std::size_t piece_bytes, std::size_t pieces) : piece_bytes_(size(piece_bytes)), left_(pieces) {}

    /// What a piece of so many bytes takes: whole pages, if it is of a length to lie beside others.
    static std::size_t size(std::size_t bytes) noexcept {
        return lies_beside(bytes) ? (bytes + page - 1) / page * page : bytes;
    }

    /// The next piece; memory of its own when all are given out, and where huge pages would make no difference.
    ///
    /// Throws: Error naming the bytes asked for when there is no memory.
    OwnedBytes take();

private:
    static constexpr std::size_t page = Block::page;
    // Enough for little to lie beyond its last huge page; and who keeps one piece does not keep many.
    static constexpr std::size_t block_bytes = 8 * huge_page;

    struct Drop {
        std::shared_ptr<Block> block;
        std::size_t bytes;
        void operator()(std::byte* piece) const noexcept;
    };

    static bool lies_beside(std::size_t bytes) noexcept {
        return bytes >= Block::in_pages && bytes < huge_page;
    }

    const std::size_t piece_bytes_;
    std::mutex mutex_;  // guards all below
    std::size_t left_;  // pieces that are not given out yet
    std::size_t left_in_block_ = 0;
    std::shared_ptr<Block> block_;  // null if none of it is left
};

// Implementation.

inline void Slab::Drop::operator()(std::byte* piece) const noexcept {
#ifdef MADV_DONTNEED
    ::madvise(piece, bytes, MADV_DONTNEED);
#else
    static_cast<void>(piece);
#endif
}

inline OwnedBytes Slab::take() {
    const std::lock_guard lock(mutex_);
    if (left_ == 0 || !lies_beside(piece_bytes_)) return ordinary_bytes(piece_bytes_);
    if (left_in_block_ == 0) {
        const std::size_t pieces = std::min(left_, (block_bytes + piece_bytes_ - 1) / piece_bytes_);
        block_ = std::make_shared<Block>(pieces * piece_bytes_);
        left_in_block_ = pieces;
    }
    std::byte* const piece = block_->data() + (left_in_block_ - 1) * piece_bytes_;
    std::shared_ptr<void> owner(piece, Drop{block_, piece_bytes_});
    --left_;
    if (--left_in_block_ == 0) block_.reset();
    return {piece, std::move(owner)};
}

}  // namespace wick::inline v0
