// SPDX-License-Identifier: MIT
#pragma once

// Host memory that devices copy from and to while the host goes on, kept for reuse as LibTorch's caching host
// allocator keeps it.

#include "support/fake_device/streams.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

namespace wick_test::fake {

/// Blocks of a power of two bytes. One is taken again when the copies are done that named it: those of a
/// tensor whose storage is the block itself, not of a tensor made over a part of it.
///
/// Threads: safe from any number of threads.
class PinnedMemory {
public:
    explicit PinnedMemory(Streams& streams) : streams_(streams) {}

    /// `device` is the thread's current one, which real memory of this kind would be made by.
    void* allocate(std::size_t bytes, int device);

    /// What nobody copies any more is filled with 0xDD, so that a copy shows which was still to come.
    void free(void* block);

    /// A copy on `stream` uses the block that a storage has as its context, or that begins at its data.
    void use(const void* context, const void* data, StreamId stream);

    /// Whether an address lies in a block that is allocated.
    bool contains(const void* address) const;

    std::size_t blocks() const;
    std::size_t bytes() const;

private:
    struct Block {
        std::size_t bytes;
        bool allocated = true;
        std::set<StreamId> users = {};
        std::vector<std::shared_ptr<const Mark>> marks = {};
    };

    Streams& streams_;
    mutable std::mutex mutex_;  // guards all below
    std::map<const void*, Block> blocks_;
};

}  // namespace wick_test::fake
