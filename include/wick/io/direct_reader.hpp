// SPDX-License-Identifier: MIT
#pragma once

// Many reads at once: a disk answers a hundred questions in hardly more time than one.

#include <wick/core/concepts.hpp>
#include <wick/io/direct_file.hpp>
#include <wick/io/file.hpp>
#include <wick/io/ring.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <vector>

namespace wick::inline v0::detail {

/// Bytes of a file that are wanted at `out`.
struct Piece {
    const File* file;
    int direct;  ///< the file's descriptor for direct reads, or -1
    std::uint64_t offset;
    std::size_t bytes;
    std::byte* out;
};

/// Reads pieces of files past the page cache, many at a time; where the system grants no such reads, through the page
/// cache, after telling it all that is coming.
///
/// Threads: one at a time; each thread takes one of its own.
/// Cost:    4 MiB of memory, from the first read on.
class DirectReader {
public:
    /// With a queue of 64 reads a disk gives nine tenths of what it has. 0 goes without the system's queue.
    explicit DirectReader(unsigned depth = most_depth) : depth_(std::min(depth, most_depth)), ring_(depth_) {}

    /// Fills every piece.
    ///
    /// Throws: Error naming file and byte if a file ends early or cannot be read; no read is on its way then.
    void read(std::span<const Piece> pieces);

private:
    static constexpr unsigned most_depth = 64;
    // A long piece is read in steps, so that the disk has several of them at a time.
    static constexpr std::size_t most_step = std::size_t{256} << 10;
    static constexpr std::size_t memory_bytes = std::size_t{4} << 20;

    struct Free {
        void operator()(std::byte* memory) const noexcept {
            ::operator delete (memory, std::align_val_t{DirectFile::alignment});
        }
    };

    static void read_through_cache(std::span<const Piece> pieces);
    bool prepare(std::span<const Piece> pieces);
    void read_directly(std::span<const Piece> pieces);
    void note(const Piece& piece);
    void wait(unsigned least);
    void finish(std::uint64_t slot, int result);
    unsigned on_the_way() const noexcept { return slots_ - static_cast<unsigned>(free_.size()); }

    unsigned depth_;
    Ring ring_;
    std::unique_ptr<std::byte, Free> memory_;  // slots of equal size, into which the system reads
    std::size_t slot_bytes_ = 0;
    unsigned slots_ = 0;
    std::array<Piece, most_depth> pieces_{};  // what each slot is for
    std::vector<unsigned> free_;              // slots with no read on its way
    std::vector<unsigned> noted_;             // slots noted since the last wait
    std::vector<Piece> failed_;
};

// Implementation.

inline void DirectReader::read(std::span<const Piece> pieces) {
    if (!prepare(pieces)) return read_through_cache(pieces);
    read_directly(pieces);
    // What went wrong on the direct way may go right on the ordinary one, and else that one knows what to say.
    read_through_cache(failed_);
}

inline void DirectReader::read_through_cache(std::span<const Piece> pieces) {
    for (const Piece& piece : pieces) piece.file->expect(piece.offset, piece.bytes);
    for (const Piece& piece : pieces) piece.file->read_at(piece.offset, {piece.out, piece.bytes});
}

inline bool DirectReader::prepare(std::span<const Piece> pieces) {
    failed_.clear();
    if (!ring_.works() || std::ranges::any_of(pieces, [](const Piece& piece) { return piece.direct < 0; }))
        return false;
    if (!memory_)
        memory_.reset(static_cast<std::byte*>(
            ::operator new (memory_bytes, std::align_val_t{DirectFile::alignment}, std::nothrow)));
    if (!memory_) return false;
    std::size_t longest = 0, parts = 0;
    for (const Piece& piece : pieces) {
        longest = std::max(longest, std::min(piece.bytes, most_step));
        parts += piece.bytes / most_step + 1;
    }
    // While reads are on their way nothing may throw: they write into our memory.
    failed_.reserve(parts);
    free_.reserve(most_depth);
    noted_.reserve(most_depth);
    // A piece that begins and ends within pages touches one page more than it has.
    slot_bytes_ = (longest / DirectFile::alignment + 2) * DirectFile::alignment;
    slots_ = static_cast<unsigned>(std::min<std::size_t>(memory_bytes / slot_bytes_, depth_));
    free_.clear();
    for (unsigned slot = slots_; slot > 0; --slot) free_.push_back(slot - 1);
    return true;
}

inline void DirectReader::read_directly(std::span<const Piece> pieces) {
    std::size_t next = 0, done = 0;  // the piece to be noted, and how many bytes of it have been
    while (next < pieces.size() || on_the_way() > 0) {
        while (next < pieces.size() && !free_.empty()) {
            Piece part = pieces[next];
            part.offset += done;
            part.out += done;
            part.bytes = std::min(part.bytes - done, most_step);
            if (part.bytes > 0) note(part);
            done += part.bytes;
            if (done == pieces[next].bytes) ++next, done = 0;
        }
        // A quarter at a time: waking up for each one costs more than the disk loses by a shorter queue.
        wait(std::min(on_the_way(), std::max(1u, slots_ / 4)));
    }
}

inline void DirectReader::note(const Piece& piece) {
    constexpr std::uint64_t page = DirectFile::alignment;
    const unsigned slot = free_.back();
    free_.pop_back();
    noted_.push_back(slot);
    pieces_[slot] = piece;
    const std::uint64_t from = piece.offset / page * page;
    const std::uint64_t to = (piece.offset + piece.bytes + page - 1) / page * page;
    ring_.add(piece.direct, from, memory_.get() + slot * slot_bytes_, static_cast<unsigned>(to - from), slot);
}

inline void DirectReader::wait(unsigned least) {
    for (unsigned refused = ring_.submit(least); refused > 0; --refused) {
        finish(noted_.back(), -1);
        noted_.pop_back();
    }
    noted_.clear();
    ring_.collect([this](std::uint64_t slot, int result) { finish(slot, result); });
}

inline void DirectReader::finish(std::uint64_t slot, int result) {
    const Piece& piece = pieces_[slot];
    const std::size_t skip = piece.offset % DirectFile::alignment;
    if (result >= 0 && static_cast<std::size_t>(result) >= skip + piece.bytes)
        std::memcpy(piece.out, memory_.get() + slot * slot_bytes_ + skip, piece.bytes);
    else
        failed_.push_back(piece);
    free_.push_back(static_cast<unsigned>(slot));
}

}  // namespace wick::inline v0::detail
