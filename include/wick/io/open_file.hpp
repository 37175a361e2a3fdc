// SPDX-License-Identifier: MIT
#pragma once

// A file and all the ways its bytes can be reached by, with what is known of where they lie.

#include <wick/core/error.hpp>
#include <wick/io/direct_file.hpp>
#include <wick/io/engine.hpp>
#include <wick/io/file.hpp>
#include <wick/io/known_blocks.hpp>
#include <wick/io/mapping.hpp>
#include <wick/io/residency.hpp>
#include <wick/io/ring.hpp>
#include <wick/memory/pages.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace wick::inline v0::detail {

/// A file that is read by one engine. With `Engine::automatic` it is seen as blocks of a MiB, each of which is known
/// to lie in memory or is not.
///
/// Threads: everything is safe from any thread.
class OpenFile {
public:
    static constexpr std::uint64_t block_bytes = std::uint64_t{1} << 20;

    /// With `in_columns`, what is read at a time lies all over the file, and is copied from its mapping if there is one.
    ///
    /// Throws: Error if `engine` is `mapped` and the file cannot be.
    OpenFile(std::shared_ptr<const File> file, Engine engine, bool in_columns = false);
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    const File& file() const noexcept { return *file_; }
    Engine engine() const noexcept { return engine_; }
    bool is_in_columns() const noexcept { return in_columns_; }

    /// Whether there is a mapping to copy from.
    bool is_mapped() const noexcept { return mapping_ != nullptr; }
    const std::byte* data() const noexcept { return mapping_->bytes().data(); }

    /// Whether it can be kept in memory on purpose, block by block.
    bool can_be_warmed() const noexcept { return known_.size() > 0; }

    /// Whether these bytes are to be copied from the mapping rather than read.
    bool is_in_memory(std::uint64_t offset, std::size_t bytes) const noexcept;

    /// Whether all of its bytes are.
    bool is_all_in_memory() const noexcept {
        return is_mapped() && (!can_be_warmed() || known_.in_memory() == blocks());
    }

    /// A descriptor for direct reads, opened when first asked for; -1 if there is none, or no queue to read it by.
    int direct() const;

    /// What offsets, lengths and addresses of those are multiples of.
    ///
    /// Requires: there is such a descriptor.
    std::size_t direct_alignment() const noexcept { return direct_.alignment(); }

    /// Tells the system that these bytes are wanted soon, unless the file is known to lie in memory.
    void expect(std::uint64_t offset, std::size_t bytes) const noexcept {
        if (!is_cached_.load(std::memory_order_relaxed)) file_->expect(offset, bytes);
    }

    /// Reads through the page cache, and leaves nothing there beyond what is to be kept.
    ///
    /// Throws: as File::read_at.
    void read_through_cache(std::uint64_t offset, Bytes out) const;

    /// The bytes, from the first on, that a read through the page cache may leave there; all at first.
    void keep_first(std::uint64_t bytes) const noexcept { kept_.store(bytes, std::memory_order_relaxed); }

    std::uint64_t blocks() const noexcept { return (file_->size() + block_bytes - 1) / block_bytes; }

    /// Bytes of blocks [first, first + count), of which the last one may be short.
    std::uint64_t bytes_of(std::uint64_t first, std::uint64_t count) const noexcept {
        return std::min(count * block_bytes, file_->size() - first * block_bytes);
    }

    std::uint64_t blocks_in_memory() const noexcept { return known_.in_memory(); }

    /// How many of them there are from the first one on without a gap.
    std::uint64_t first_blocks_in_memory() const noexcept { return known_.first_in_memory(); }

    /// Asks the system anew which blocks lie in memory. Returns how many of those known to be there are gone.
    std::uint64_t look() const;

    /// Brings blocks [first, first + count) into memory, and keeps in mind that they are there.
    ///
    /// Returns false if the system cannot.
    bool warm(std::uint64_t first, std::uint64_t count) const;

    /// Whether `warm` has nothing to do for a block.
    bool is_warm(std::uint64_t block) const noexcept { return known_[block] == KnownBlocks::State::mapped; }

private:
    bool note_what_is_there(std::uint64_t first, std::uint64_t count) const;

    std::shared_ptr<const File> file_;
    Engine engine_;
    bool in_columns_;
    std::unique_ptr<const Mapping> mapping_;
    mutable KnownBlocks known_;  // none if nothing is ever known
    mutable std::atomic<std::uint64_t> kept_{UINT64_MAX};
    mutable std::atomic<Ask> ask_{Ask::file};
    mutable std::atomic<bool> is_cached_{false};  // known without a mapping
    bool may_be_direct_;
    mutable std::once_flag direct_once_;
    mutable DirectFile direct_;  // not an optional, of which GCC 12 warns without cause
};

// Implementation.

inline OpenFile::OpenFile(std::shared_ptr<const File> file, Engine engine, bool in_columns)
    : file_(std::move(file)), engine_(engine), in_columns_(in_columns) {
    const bool local = engine != Engine::automatic || is_local(*file_);
    may_be_direct_ = engine == Engine::direct || (engine == Engine::automatic && local);
    if (engine != Engine::mapped && !(engine == Engine::automatic && local)) return;
    try {
        mapping_ = std::make_unique<const Mapping>(*file_);
    } catch (const Error&) {
        if (engine == Engine::mapped) throw;
        return;
    }
#if defined(__linux__)
    if (engine != Engine::automatic) return;
    known_.resize(blocks());
    // Only what is known to be in memory is copied from there. Where it has left since, its neighbours are not to follow.
    if (!in_columns) ::madvise(const_cast<std::byte*>(data()), file_->size(), MADV_RANDOM);
#endif
}

inline bool OpenFile::is_in_memory(std::uint64_t offset, std::size_t bytes) const noexcept {
    if (!is_mapped() || offset > file_->size() || bytes > file_->size() - offset) return false;
    if (!can_be_warmed() || bytes == 0) return true;
    for (std::uint64_t block = offset / block_bytes; block <= (offset + bytes - 1) / block_bytes; ++block)
        if (known_[block] == KnownBlocks::State::nothing) return false;
    return true;
}

inline int OpenFile::direct() const {
    if (!may_be_direct_) return -1;
    std::call_once(direct_once_, [this] {
        try {
            // What refused one queue, such as too many open files, may be over when the next file is read.
            static std::atomic<bool> queue_works{false};
            if (!queue_works) queue_works = Ring(1).works();
            if (queue_works) direct_ = DirectFile(*file_);
        } catch (const std::exception&) {  // what is wrong is said by the reads through the page cache
        }
    });
    return direct_.number();
}

inline void OpenFile::read_through_cache(std::uint64_t offset, Bytes out) const {
    file_->read_at(offset, out);
    if (offset >= kept_.load(std::memory_order_relaxed)) file_->forget(offset, out.size());
}

inline std::uint64_t OpenFile::look() const {
    if (!is_mapped()) {
        const auto there = resident_pages(*file_, {}, 0, file_->size());
        is_cached_.store(there && *there * page_bytes() >= file_->size(), std::memory_order_relaxed);
    }
    const std::uint64_t before = blocks_in_memory();
    if (!can_be_warmed() || !note_what_is_there(0, blocks())) return 0;
    return before - std::min(before, blocks_in_memory());
}

// Halves a range until all of it is there or none: what has been read in file order is told by few questions.
inline bool OpenFile::note_what_is_there(std::uint64_t first, std::uint64_t count) const {
    const std::uint64_t offset = first * block_bytes;
    const std::uint64_t bytes = bytes_of(first, count);
    const auto there =
        resident_pages(*file_, mapping_->bytes(), offset, bytes, ask_.load(std::memory_order_relaxed));
    if (!there) return false;
    const bool all = *there >= (bytes + page_bytes() - 1) / page_bytes();
    if (all || *there == 0 || count == 1) {
        known_.note(first, count, all ? KnownBlocks::State::in_memory : KnownBlocks::State::nothing);
        return true;
    }
    return note_what_is_there(first, count / 2) && note_what_is_there(first + count / 2, count - count / 2);
}

inline bool OpenFile::warm(std::uint64_t first, std::uint64_t count) const {
#if defined(__linux__)
    const std::uint64_t offset = first * block_bytes;
    const std::uint64_t bytes = bytes_of(first, count);
    auto* const start =
        const_cast<std::byte*>(data()) + offset;  // madvise takes no const; nothing is written
#if defined(MADV_HUGEPAGE)
    // Pages of 2 MiB come in at the disk's full rate and are mapped in one step each.
    ::madvise(start, bytes, MADV_NORMAL);
    ::madvise(start, bytes, MADV_HUGEPAGE);
#endif
    constexpr int populate_read = 22;  // MADV_POPULATE_READ, Linux 5.14
    int result = 0;
    do result = ::madvise(start, bytes, populate_read);
    while (result != 0 && (errno == EINTR || errno == EAGAIN));
    if (result != 0 && errno == EINVAL) {
        std::vector<std::byte> scratch(std::size_t{256} << 10);
        for (std::uint64_t at = 0; at < bytes; at += scratch.size())
            file_->read_at(offset + at,
                           Bytes(scratch).first(std::min<std::size_t>(scratch.size(), bytes - at)));
        result = 0;
    }
    if (result != 0) return false;
#if defined(MADV_HUGEPAGE)
    // A page that the system takes away later is to come back alone, not with 2 MiB around it.
    ::madvise(start, bytes, MADV_NOHUGEPAGE);
    ::madvise(start, bytes, in_columns_ ? MADV_NORMAL : MADV_RANDOM);
#endif
    // Where the system says that there is nothing of what is there, it looked at the wrong file.
    if (const auto there = resident_pages(*file_, mapping_->bytes(), offset, bytes); there == 0)
        ask_.store(Ask::mapping, std::memory_order_relaxed);
    known_.note(first, count, KnownBlocks::State::mapped);
    return true;
#else
    static_cast<void>(first), static_cast<void>(count);
    return false;
#endif
}

}  // namespace wick::inline v0::detail
