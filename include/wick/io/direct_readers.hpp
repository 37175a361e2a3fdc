// SPDX-License-Identifier: MIT
#pragma once

// Direct readers for any number of threads.

#include <wick/io/direct_reader.hpp>

#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// As many readers as threads read at a time, kept for the next.
///
/// Threads: safe from any number of threads.
class DirectReaders {
public:
    /// As `DirectReader::read`.
    void read(std::span<const Piece> pieces);

private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<DirectReader>> idle_;  // guarded by mutex_
};

// Implementation.

inline void DirectReaders::read(std::span<const Piece> pieces) {
    std::unique_ptr<DirectReader> reader;
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            reader = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!reader) reader = std::make_unique<DirectReader>();
    reader->read(pieces);  // one that throws has nothing on its way; it is dropped all the same
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
}

}  // namespace wick::inline v0::detail
