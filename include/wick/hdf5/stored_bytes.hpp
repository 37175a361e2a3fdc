// SPDX-License-Identifier: MIT
#pragma once

// The one place where bytes of a dataset leave its files, if they do not lie there row by row.

#include <wick/core/access.hpp>
#include <wick/core/concepts.hpp>
#include <wick/io/engine.hpp>
#include <wick/io/file.hpp>
#include <wick/io/file_reader.hpp>
#include <wick/io/open_file.hpp>
#include <wick/io/piece.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// A stretch of a file that holds the bytes of a dataset from `start` on.
struct StoredStretch {
    std::shared_ptr<const File> file;
    std::uint64_t offset = 0;  ///< where it begins in the file
    std::uint64_t start = 0;   ///< which byte of the whole that is
};

/// Bytes that lie in a file, or in stretches of several, read as all formats are. A value: copies share the
/// files.
///
/// Threads: safe from any thread.
class StoredBytes {
public:
    /// The bytes of one file, all of them.
    ///
    /// Throws: Error if the file cannot be mapped though that was asked for.
    StoredBytes(std::shared_ptr<const File> file, const ReadOptions& options)
        : StoredBytes(std::vector<StoredStretch>{{.file = std::move(file)}}, options) {}

    /// Requires: there are stretches, sorted by their start, and the first starts at 0.
    StoredBytes(std::vector<StoredStretch> stretches, const ReadOptions& options);

    /// Throws: Error if a file has changed since it was opened.
    void begin_read() const { files_->begin_read(); }

    /// Adds what has to be read for `out` to be the bytes from `offset` on. Goes on with the last piece where
    /// it ends.
    void add(std::uint64_t offset, Bytes out, std::vector<Piece>& pieces) const;

    /// Fills every piece; sorts them on the way.
    ///
    /// Throws: Error if a file has changed since it was opened, ends early or cannot be read.
    void read(std::span<Piece> pieces) const;

    /// As FileReader::prepare has it.
    void prepare(const Access& access, std::size_t own_bytes = 0) const {
        files_->prepare(access, own_bytes);
    }

    /// Whether these bytes are to be copied from a mapping, so without waiting for a disk.
    bool is_in_memory(std::uint64_t offset, std::size_t bytes) const;
    bool is_all_in_memory() const { return files_->is_all_in_memory(); }

    bool gains_by_expecting() const { return files_->gains_by_expecting(); }

    /// These bytes are wanted soon.
    void expect(std::uint64_t offset, std::size_t bytes) const;

    /// How the files are read at this moment, and why.
    std::string explain() const { return files_->explain(); }

private:
    struct Stretch {
        const OpenFile* file;
        std::uint64_t offset;
        std::uint64_t start;
    };

    /// Cuts bytes where one stretch ends and the next one begins: `use(file, offset, at, bytes)` for each
    /// part, which begins `at` bytes behind the first.
    template <class Use>
    void for_each_part(std::uint64_t offset, std::size_t bytes, const Use& use) const;

    std::shared_ptr<FileReader> files_;
    std::vector<Stretch> stretches_;
};

// Implementation.

inline StoredBytes::StoredBytes(std::vector<StoredStretch> stretches, const ReadOptions& options) {
    FileReader::Files files;
    std::map<const File*, const OpenFile*> opened;
    for (StoredStretch& stretch : stretches) {
        const auto [file, is_new] = opened.try_emplace(stretch.file.get());
        if (is_new)
            file->second =
                files.emplace_back(std::make_shared<const OpenFile>(stretch.file, options.engine)).get();
        stretches_.push_back({file->second, stretch.offset, stretch.start});
    }
    files_ = std::make_shared<FileReader>(std::move(files), options.cache_bytes);
}

template <class Use>
void StoredBytes::for_each_part(std::uint64_t offset, std::size_t bytes, const Use& use) const {
    auto stretch = std::ranges::upper_bound(stretches_, offset, {}, &Stretch::start) - 1;
    for (std::size_t at = 0; at < bytes; ++stretch) {
        std::size_t part = bytes - at;
        if (stretch + 1 != stretches_.end())
            part = static_cast<std::size_t>(std::min<std::uint64_t>(part, stretch[1].start - (offset + at)));
        if (part > 0) use(stretch->file, stretch->offset + (offset + at - stretch->start), at, part);
        at += part;
    }
}

inline void StoredBytes::read(std::span<Piece> pieces) const {
    // Since begin_read, chunks may have been decoded for many milliseconds.
    const std::int64_t now = File::tick();
    const OpenFile* asked = nullptr;
    for (const Piece& piece : pieces) {
        if (std::exchange(asked, piece.file) == piece.file) continue;
        if (files_->asks_each())
            files_->check(*piece.file, now);
        else
            piece.file->file().check_unchanged();
    }
    files_->read(pieces);
}

inline void StoredBytes::add(std::uint64_t offset, Bytes out, std::vector<Piece>& pieces) const {
    for_each_part(offset, out.size(),
                  [&](const OpenFile* file, std::uint64_t from, std::size_t at, std::size_t bytes) {
                      std::byte* const to = out.data() + at;
                      if (!pieces.empty() && pieces.back().file == file && pieces.back().end() == from &&
                          pieces.back().out + pieces.back().bytes == to)
                          pieces.back().bytes += bytes;
                      else
                          pieces.push_back({file, from, bytes, to});
                  });
}

inline bool StoredBytes::is_in_memory(std::uint64_t offset, std::size_t bytes) const {
    if (is_all_in_memory()) return true;
    bool all = true;
    for_each_part(offset, bytes,
                  [&](const OpenFile* file, std::uint64_t from, std::size_t, std::size_t part) {
                      all = all && file->is_in_memory(from, part);
                  });
    return all;
}

inline void StoredBytes::expect(std::uint64_t offset, std::size_t bytes) const {
    for_each_part(offset, bytes,
                  [&](const OpenFile* file, std::uint64_t from, std::size_t, std::size_t part) {
                      files_->expect({file, from, part, nullptr});
                  });
}

}  // namespace wick::inline v0::detail
