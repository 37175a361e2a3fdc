// SPDX-License-Identifier: MIT
#pragma once

// Many reads at once: a disk answers a hundred questions in hardly more time than one.

#include <wick/core/concepts.hpp>
#include <wick/io/buffer.hpp>
#include <wick/io/direct_file.hpp>
#include <wick/io/direct_plan.hpp>
#include <wick/io/piece.hpp>
#include <wick/io/ring.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <vector>

namespace wick::inline v0::detail {

/// Reads pieces of files past the page cache, many at a time; where the system grants no such reads, through the page
/// cache, after telling it all that is coming.
///
/// Threads: one at a time; each thread takes one of its own.
/// Cost:    4 MiB of memory, from the first read on.
class DirectReader {
public:
    /// With a queue of 64 reads a disk gives nine tenths of what it has. 0 goes without the system's queue.
    explicit DirectReader(unsigned depth = most_depth) : depth_(std::min(depth, most_depth)), ring_(depth_) {}

    /// Fills every piece; sorts them on the way. Has at most `depth` reads on their way at a time, and calls `meanwhile`
    /// once, while the first of them are.
    ///
    /// Throws: Error naming file and byte if a file ends early or cannot be read; no read is on its way then.
    template <class Meanwhile>
    void read(std::span<Piece> pieces, unsigned depth, const Meanwhile& meanwhile);
    void read(std::span<Piece> pieces) {
        read(pieces, most_depth, [] {});
    }

    static constexpr unsigned most_depth = 64;
    static constexpr std::size_t memory_bytes = std::size_t{4} << 20;

private:
    // A long piece is read in steps, so that the disk has several of them at a time.
    static constexpr std::size_t most_step = std::size_t{256} << 10;
    static constexpr std::size_t page = DirectFile::most_alignment;

    bool prepare(std::span<const Piece> pieces, unsigned depth);
    void start(std::span<const Piece> pieces, const DirectRead& read);
    void wait(unsigned least);
    void finish(std::uint64_t slot, int result);
    bool lands_in_place(const Piece& piece, const DirectRead& read) const noexcept;
    void read_the_rest(std::span<const Piece> pieces) const;
    unsigned on_the_way() const noexcept { return slots_ - static_cast<unsigned>(free_.size()); }

    unsigned depth_;
    Ring ring_;
    Buffer memory_;  // slots of equal size, into which the system reads
    std::size_t slot_bytes_ = 0;
    unsigned slots_ = 0;
    std::span<const Piece> pieces_;  // of the read that is under way
    std::vector<DirectRead> reads_;
    std::array<DirectRead, most_depth> slot_reads_{};  // what each slot is for
    std::vector<unsigned> free_;                       // slots with no read on its way
    std::vector<unsigned> noted_;                      // slots noted since the last wait
    std::vector<DirectRead> rest_;                     // what is to be read through the page cache
};

// Implementation.

/// The part of a piece that a read has; it may have none.
inline Piece part_of(const Piece& piece, const DirectRead& read) {
    const std::uint64_t from = std::max(piece.offset, read.from), to = std::min(piece.end(), read.to);
    if (from >= to) return {piece.file, from, 0, nullptr};
    return {piece.file, from, static_cast<std::size_t>(to - from), piece.out + (from - piece.offset)};
}

template <class Meanwhile>
void DirectReader::read(std::span<Piece> pieces, unsigned depth, const Meanwhile& meanwhile) {
    sort_pieces(pieces);
    pieces_ = pieces;
    const bool direct = prepare(pieces, std::min(depth, depth_));
    // All that comes through the page cache is announced before any of it is waited for.
    for (const DirectRead& read : rest_) read.file->expect(read.from, read.bytes());
    if (!direct) {
        meanwhile();
        return read_the_rest(pieces);
    }
    bool first = true;
    for (std::size_t next = 0; next < reads_.size() || on_the_way() > 0;) {
        while (next < reads_.size() && !free_.empty()) start(pieces, reads_[next++]);
        if (first) {
            wait(0);
            meanwhile();
            first = false;
        }
        // A quarter at a time: waking up for each one costs more than the disk loses by a shorter queue.
        wait(std::min(on_the_way(), std::max(1u, slots_ / 4)));
    }
    // What went wrong on the direct way may go right on the ordinary one, and else that one knows what to say.
    read_the_rest(pieces);
}

inline bool DirectReader::prepare(std::span<const Piece> pieces, unsigned depth) {
    reads_.clear();
    rest_.clear();
    noted_.clear();
    free_.clear();
    std::size_t longest = 0;
    for (const Piece& piece : pieces) longest = std::max(longest, piece.bytes);
    // Long enough to join short neighbours, short enough for a full queue of them.
    const std::size_t step = std::clamp(longest, std::size_t{44} << 10, most_step);
    plan_reads(pieces, step, reads_);
    // While reads are on their way nothing may throw: they write into our memory.
    rest_.reserve(reads_.size());
    const auto cannot = [&](const DirectRead& read) { return !ring_.works() || read.file->direct() < 0; };
    std::ranges::copy_if(reads_, std::back_inserter(rest_), cannot);
    std::erase_if(reads_, cannot);
    if (reads_.empty()) return false;
    if (!memory_.is_there()) try {
            memory_ = Buffer(memory_bytes);
        } catch (const std::bad_alloc&) {  // the page cache has some
            rest_.insert(rest_.end(), reads_.begin(), reads_.end());
            return false;
        }
    free_.reserve(most_depth);
    noted_.reserve(most_depth);
    // A read that begins and ends within pages touches one page more than it has.
    slot_bytes_ = (longest_read(step) / page + 2) * page;
    slots_ = static_cast<unsigned>(std::min<std::size_t>(memory_bytes / slot_bytes_, depth));
    for (unsigned slot = slots_; slot > 0; --slot) free_.push_back(slot - 1);
    return true;
}

/// Whether the system can put the bytes where they are wanted: all of them, and to an address that it takes.
inline bool DirectReader::lands_in_place(const Piece& piece, const DirectRead& read) const noexcept {
    const std::size_t unit = read.file->direct_alignment();
    return read.pieces == 1 && read.from % unit == 0 && read.to % unit == 0 &&
           (reinterpret_cast<std::uintptr_t>(piece.out) + (read.from - piece.offset)) % unit == 0;
}

inline void DirectReader::start(std::span<const Piece> pieces, const DirectRead& read) {
    const unsigned slot = free_.back();
    free_.pop_back();
    noted_.push_back(slot);
    slot_reads_[slot] = read;
    const std::uint64_t unit = read.file->direct_alignment();
    const std::uint64_t from = read.from / unit * unit;
    const std::uint64_t to = (read.to + unit - 1) / unit * unit;
    const Piece& piece = pieces[read.first];
    std::byte* const memory = lands_in_place(piece, read) ? piece.out + (read.from - piece.offset)
                                                          : memory_.data() + slot * slot_bytes_;
    ring_.add(read.file->direct(), from, memory, static_cast<unsigned>(to - from), slot);
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
    const DirectRead& read = slot_reads_[slot];
    free_.push_back(static_cast<unsigned>(slot));
    const std::uint64_t from = read.from / read.file->direct_alignment() * read.file->direct_alignment();
    if (result < 0 || from + static_cast<std::uint64_t>(result) < read.to) return rest_.push_back(read);
    if (lands_in_place(pieces_[read.first], read)) return;
    const std::byte* const memory = memory_.data() + slot * slot_bytes_;
    for (const Piece& piece : pieces_.subspan(read.first, read.pieces))
        if (const Piece part = part_of(piece, read); part.bytes > 0)
            std::memcpy(part.out, memory + (part.offset - from), part.bytes);
}

inline void DirectReader::read_the_rest(std::span<const Piece> pieces) const {
    for (const DirectRead& read : rest_)
        for (const Piece& piece : pieces.subspan(read.first, read.pieces))
            if (const Piece part = part_of(piece, read); part.bytes > 0)
                part.file->read_through_cache(part.offset, {part.out, part.bytes});
}

}  // namespace wick::inline v0::detail
