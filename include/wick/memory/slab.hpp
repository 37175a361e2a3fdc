// SPDX-License-Identifier: MIT
#pragma once

// Slots shorter than a huge page, side by side in huge pages. A disk that writes into pages of 4 KiB has to be told of
// each of them; a virtual one gives half to four fifths of what it gives into huge ones.

#include <wick/core/error.hpp>
#include <wick/memory/block.hpp>
#include <wick/memory/owned_bytes.hpp>
#include <wick/memory/pages.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace wick::inline v0 {

/// Blocks of some megabytes, cut into pieces of one size.
///
/// Threads:  safe from any thread.
/// Lifetime: a block stays for as long as any piece of it does, and pieces stay valid without the slab. A piece that is
///           dropped gives its pages back, and may be taken again, then in small ones until the system joins them.
class Slab {
public:
    Slab(std::size_t piece_bytes, std::size_t pieces) : left_(std::make_shared<Left>()) {
        left_->piece_bytes = size(piece_bytes);
        left_->pieces = pieces;
        left_->dropped.reserve(pieces);  // so that dropping a piece never allocates
    }

    /// What a piece of so many bytes takes: whole pages, if it is of a length to lie beside others.
    static std::size_t size(std::size_t bytes) noexcept {
        const std::size_t page = page_bytes();
        return lies_beside(bytes) ? (bytes + page - 1) / page * page : bytes;
    }

    /// A piece; memory of its own when all are given out, when there is none for a whole block, and where huge pages would
    /// make no difference.
    ///
    /// Throws: Error naming the bytes asked for when there is no memory, std::bad_alloc when there is none to note them.
    OwnedBytes take();

private:
    // Enough for little to lie beyond its last huge page; and who keeps one piece does not keep many.
    static constexpr std::size_t block_bytes = 8 * huge_page;

    struct Piece {
        std::byte* memory = nullptr;
        std::shared_ptr<Block> block;
    };

    struct Dropped {
        std::byte* memory;
        std::weak_ptr<Block> block;
    };

    /// What is not given out. Pieces know it, and may outlive the slab.
    struct Left {
        std::size_t piece_bytes = 0;
        std::mutex mutex;                 // guards all below
        std::size_t pieces = 0;           // that lie in no block yet
        std::size_t pieces_of_block = 0;  // of the last one, that were not given out yet
        std::shared_ptr<Block> block;     // null if none of it is left
        std::vector<Dropped> dropped;
    };

    struct Drop {
        std::shared_ptr<Block> block;
        std::weak_ptr<Left> left;
        std::size_t bytes;
        void operator()(std::byte* piece) const noexcept;
    };

    static bool lies_beside(std::size_t bytes) noexcept {
        return bytes >= Block::in_pages && bytes < huge_page;
    }

    Piece next();

    const std::shared_ptr<Left> left_;
};

// Implementation.

inline void Slab::Drop::operator()(std::byte* piece) const noexcept {
    give_back_pages(piece, bytes);
    if (const std::shared_ptr<Left> slab = left.lock()) {
        const std::lock_guard lock(slab->mutex);
        slab->dropped.push_back({piece, block});
    }
}

inline OwnedBytes Slab::take() {
    const std::size_t bytes = left_->piece_bytes;
    if (!lies_beside(bytes)) return ordinary_bytes(bytes);
    const Piece piece = next();
    if (piece.memory == nullptr) return ordinary_bytes(bytes);
    return {piece.memory, std::shared_ptr<void>(piece.memory, Drop{piece.block, left_, bytes})};
}

/// None if all are given out, or if there is no memory for a block.
inline Slab::Piece Slab::next() {
    Left& left = *left_;
    const std::lock_guard lock(left.mutex);
    while (!left.dropped.empty()) {
        const Dropped last = std::move(left.dropped.back());
        left.dropped.pop_back();
        if (auto block = last.block.lock()) return {last.memory, std::move(block)};
        ++left.pieces;  // its block has gone, so another may be made for it
    }
    if (left.pieces_of_block == 0) {
        if (left.pieces == 0) return {};
        const std::size_t pieces =
            std::min(left.pieces, (block_bytes + left.piece_bytes - 1) / left.piece_bytes);
        try {
            left.block = std::make_shared<Block>(pieces * left.piece_bytes);
        } catch (const Error&) {  // there may still be some for this piece alone
            return {};
        }
        left.pieces -= pieces;
        left.pieces_of_block = pieces;
    }
    Piece piece{left.block->data() + --left.pieces_of_block * left.piece_bytes, left.block};
    if (left.pieces_of_block == 0) left.block.reset();
    return piece;
}

}  // namespace wick::inline v0
