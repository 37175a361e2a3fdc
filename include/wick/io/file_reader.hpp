// SPDX-License-Identifier: MIT
#pragma once

// The one engine behind everything that is read out of files: bytes that lie in memory are copied from there, all
// others are read many at a time.

#include <wick/core/access.hpp>
#include <wick/core/concepts.hpp>
#include <wick/core/error.hpp>
#include <wick/io/bus_guard.hpp>
#include <wick/io/direct_readers.hpp>
#include <wick/io/engine.hpp>
#include <wick/io/explain.hpp>
#include <wick/io/file.hpp>
#include <wick/io/open_file.hpp>
#include <wick/io/piece.hpp>
#include <wick/io/warmer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Reads pieces of some files, each file by its engine.
///
/// Threads: everything is safe from any thread.
class FileReader {
public:
    using Files = Warmer::Files;

    /// Fills the page cache with at most `cache_bytes` of the files; left out, with what leaves a tenth of the free
    /// memory free.
    FileReader(Files files, std::optional<std::uint64_t> cache_bytes)
        : files_(std::move(files)), cache_bytes_(cache_bytes), warmer_(files_, cache_bytes) {
        through_cache_.reserve(files_.size());
    }

    const Files& files() const noexcept { return files_; }
    std::optional<std::uint64_t> cache_bytes() const noexcept { return cache_bytes_; }

    /// To be called before each read: asks the files whether they are still those that were opened, all of them if they
    /// are few, and else none. Returns whether every byte is to be copied from the files' mappings.
    ///
    /// Throws: Error if a file has changed.
    bool begin_read();

    /// Whether the files are so many that each is to be asked by `check` before it is read.
    bool asks_each() const noexcept { return files_.size() > few; }

    /// Asks one of many files, at most once in 4 ms; `now` is File::tick().
    void check(const OpenFile& file, std::int64_t now) const {
        if (files_.size() > few) file.file().check_unchanged_since(now);
    }

    /// Fills every piece; sorts them on the way.
    ///
    /// Throws: Error if a file has changed or cannot be read.
    void read(std::span<Piece> pieces);

    /// As begin_read says it.
    bool is_all_in_memory() const noexcept { return warmer_.all_in_memory(); }

    /// Runs what copies out of the files' mappings.
    ///
    /// Throws: what `leaf` throws; while a BusGuard lives, Error for a byte that has gone from under its mapping.
    template <class Leaf>
    void copy(const Leaf& leaf) const {
        if (const void* const lost = guarded(leaf)) fail(lost);
    }

    /// Is told how the bytes will be asked for; `own_bytes` of memory are going to be filled by who reads, beside the batches.
    void prepare(const Access& access, std::uint64_t own_bytes = 0) {
        constexpr double worth_it = 0.15;  // less is read sooner by itself than with all that lies between
        warmer_.leave_room(access.page_cache_share, access.batch_memory_bytes + own_bytes);
        if (access.share >= worth_it) warmer_.begin();
    }

    /// Whether it is worth saying which bytes come next.
    bool gains_by_expecting();

    /// These bytes are wanted soon.
    void expect(const Piece& piece) const;

    /// How the files are read at this moment.
    Engine engine();

    /// How the files are read at this moment, and why, in one sentence.
    std::string explain() {
        warmer_.look_first();
        return detail::explain(files_, warmer_.state(), warmer_.is_warming(), engine());
    }

private:
    static constexpr std::size_t few = 16;

    [[noreturn]] void fail(const void* lost) const;

    const Files files_;
    const std::optional<std::uint64_t> cache_bytes_;
    Warmer warmer_;
    DirectReaders readers_;
    std::once_flag through_cache_once_;
    std::vector<const OpenFile*> through_cache_;  // the files that cannot be read past the page cache
};

// Implementation.

inline bool FileReader::begin_read() {
    if (files_.size() <= few)
        for (const auto& file : files_) file->file().check_unchanged();
    warmer_.tick(File::tick());
    return warmer_.all_in_memory();
}

inline void FileReader::read(std::span<Piece> pieces) {
    const auto is_missing = [this](const Piece& piece) {
        return piece.bytes > 0 && !piece.file->is_in_memory(piece.offset, piece.bytes) &&
               !(warmer_.is_warming() && warmer_.wait_for(*piece.file, piece.offset, piece.bytes));
    };
    const auto known = std::partition(pieces.begin(), pieces.end(), is_missing);
    const std::span<Piece> missing(pieces.begin(), known), there(known, pieces.end());
    const auto copy_these = [&] {
        for (std::size_t i = 0; i < there.size(); ++i) {
            constexpr std::size_t ahead = 8;
            if (i + ahead < there.size())
                __builtin_prefetch(there[i + ahead].file->data() + there[i + ahead].offset);
            std::memcpy(there[i].out, there[i].file->data() + there[i].offset, there[i].bytes);
        }
    };
    if (missing.empty()) return copy(copy_these);
    std::uint64_t bytes = 0;
    for (const Piece& piece : missing) bytes += piece.bytes;
    warmer_.note_missed(bytes);
    const void* lost = nullptr;  // nothing may be thrown while reads are on their way
    // Beside the long reads of the warmer a full queue of short ones would only slow both down.
    readers_.read(missing, warmer_.is_warming() ? DirectReader::most_depth / 2 : DirectReader::most_depth,
                  [&] { lost = guarded(copy_these); });
    if (lost != nullptr) fail(lost);
}

inline void FileReader::fail(const void* lost) const {
    const auto* const byte = static_cast<const std::byte*>(lost);
    for (const auto& file : files_)
        if (file->is_mapped() && byte >= file->data() && byte < file->data() + file->file().size())
            throw Error(file->file().path(), static_cast<std::uint64_t>(byte - file->data()),
                        "a byte that its mapping can give",
                        "none: the file was cut off there, or its disk failed");
    throw Error("memory", "expected a row to be written there, found that the system has none (SIGBUS)");
}

inline bool FileReader::gains_by_expecting() {
    if (warmer_.all_in_memory()) return false;
    // Asked for every few rows, and the files may be thousands. Not every system's call_once can be left by an exception,
    // so there is room for all of them.
    std::call_once(through_cache_once_, [this] {
        for (const auto& file : files_)
            if (file->direct() < 0) through_cache_.push_back(file.get());
    });
    return !std::ranges::all_of(through_cache_, &OpenFile::is_all_in_memory);
}

inline void FileReader::expect(const Piece& piece) const {
    if (piece.file->direct() < 0 && !piece.file->is_in_memory(piece.offset, piece.bytes))
        piece.file->expect(piece.offset, piece.bytes);
}

inline Engine FileReader::engine() {
    warmer_.look_first();
    if (const Engine forced = files_.front()->engine(); forced != Engine::automatic) return forced;
    if (warmer_.all_in_memory()) return Engine::mapped;
    return std::ranges::all_of(files_, [](const auto& file) { return file->direct() >= 0; }) ? Engine::direct
                                                                                             : Engine::pread;
}

}  // namespace wick::inline v0::detail
