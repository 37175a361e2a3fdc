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
    template <class Meanwhile>
    void read(std::span<Piece> pieces, unsigned depth, const Meanwhile& meanwhile);
    void read(std::span<Piece> pieces) {
        read(pieces, DirectReader::most_depth, [] {});
    }

private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<DirectReader>> idle_;  // guarded by mutex_
};

// Implementation.

template <class Meanwhile>
void DirectReaders::read(std::span<Piece> pieces, unsigned depth, const Meanwhile& meanwhile) {
    std::unique_ptr<DirectReader> reader;
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            reader = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!reader) reader = std::make_unique<DirectReader>();
    // One that throws has nothing on its way; it is dropped all the same.
    reader->read(pieces, depth, meanwhile);
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
}

}  // namespace wick::inline v0::detail
