// SPDX-License-Identifier: MIT
#pragma once

// Decoded chunks, shared by all workers: decoding is what costs, so no chunk is decoded by two of them at a
// time, and those used last are kept.

#include <wick/version.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// A decoded chunk; it stays as long as somebody holds it.
using DecodedChunk = std::shared_ptr<const std::byte>;

/// Chunks of one size, by their number.
///
/// Who asks for a chunk that is not there may claim it: then it is that thread's to decode and publish, or to
/// give up, before that thread waits for anything here.
///
/// Threads: safe from any thread.
class ChunkCache {
public:
    /// Keeps as many chunks as fit into `most_bytes`, but at least one, beside those that are held.
    ChunkCache(std::size_t most_bytes, std::size_t chunk_bytes)
        : most_(most_chunks(most_bytes, chunk_bytes)), memory_(std::make_shared<Memory>(chunk_bytes)) {}

    /// Keeps as many as fit into so many bytes from now on.
    void resize(std::size_t most_bytes);

    enum class State : std::uint8_t { ready, claimed, busy, absent };

    /// `ready` with the chunk, `claimed` for the caller, `busy`: claimed by another thread, or `absent`.
    struct Found {
        State state = State::absent;
        DecodedChunk chunk{};
    };

    /// Looks for many chunks, and claims none.
    ///
    /// Shape: found[i] is for chunks[i].
    void find(std::span<const std::uint64_t> chunks, std::span<Found> found);

    /// Removes the chunks that are there, or claimed.
    void keep_absent(std::vector<std::uint64_t>& chunks) const;

    Found find_or_claim(std::uint64_t chunk);

    /// The same, but waits while another thread has it.
    Found wait_or_claim(std::uint64_t chunk);

    /// Memory for a chunk that is going to be published.
    std::shared_ptr<std::byte> memory() { return memory_->take(memory_); }

    void publish(std::uint64_t chunk, DecodedChunk decoded);
    void give_up(std::uint64_t chunk) noexcept;

private:
    /// Memory of chunks that nobody holds any more: the next one needs no new pages.
    struct Memory {
        explicit Memory(std::size_t bytes) : chunk_bytes(bytes) {}
        std::shared_ptr<std::byte> take(const std::shared_ptr<Memory>& self);
        void give(std::byte* memory) noexcept;

        static constexpr std::size_t most_idle = 8;
        const std::size_t chunk_bytes;
        std::mutex mutex;
        std::vector<std::unique_ptr<std::byte[]>> idle;  // guarded by mutex
    };

    struct Entry {
        DecodedChunk chunk{};                     // none while it is claimed
        std::list<std::uint64_t>::iterator used;  // only meant if there is a chunk
    };
    using Entries = std::unordered_map<std::uint64_t, Entry>;

    static std::size_t most_chunks(std::size_t most_bytes, std::size_t chunk_bytes) noexcept {
        return std::max<std::size_t>(1, most_bytes / std::max<std::size_t>(1, chunk_bytes));
    }
    Found found_locked(Entry& entry);
    Found find_locked(std::uint64_t chunk);
    std::vector<DecodedChunk> drop_locked();

    mutable std::mutex mutex_;
    std::size_t most_;  // guarded by mutex_
    std::shared_ptr<Memory> memory_;
    std::condition_variable published_;
    Entries entries_;                // guarded by mutex_
    std::list<std::uint64_t> used_;  // guarded by mutex_; the last used one first
};

// Implementation.

inline std::shared_ptr<std::byte> ChunkCache::Memory::take(const std::shared_ptr<Memory>& self) {
    std::unique_ptr<std::byte[]> memory;
    {
        const std::lock_guard lock(mutex);
        // Here, since giving back must not throw.
        idle.reserve(most_idle);
        if (!idle.empty()) {
            memory = std::move(idle.back());
            idle.pop_back();
        }
    }
    if (!memory) memory = std::make_unique_for_overwrite<std::byte[]>(chunk_bytes);
    return {memory.release(), [self](std::byte* bytes) { self->give(bytes); }};
}

inline void ChunkCache::Memory::give(std::byte* memory) noexcept {
    std::unique_ptr<std::byte[]> owned(memory);
    const std::lock_guard lock(mutex);
    if (idle.size() < most_idle) idle.push_back(std::move(owned));
}

inline ChunkCache::Found ChunkCache::found_locked(Entry& entry) {
    if (!entry.chunk) return {State::busy};
    used_.splice(used_.begin(), used_, entry.used);
    return {State::ready, entry.chunk};
}

inline ChunkCache::Found ChunkCache::find_locked(std::uint64_t chunk) {
    const auto [entry, is_new] = entries_.try_emplace(chunk);
    return is_new ? Found{State::claimed} : found_locked(entry->second);
}

inline void ChunkCache::find(std::span<const std::uint64_t> chunks, std::span<Found> found) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const auto entry = entries_.find(chunks[i]);
        found[i] = entry == entries_.end() ? Found{} : found_locked(entry->second);
    }
}

inline void ChunkCache::keep_absent(std::vector<std::uint64_t>& chunks) const {
    const std::lock_guard lock(mutex_);
    std::erase_if(chunks, [this](std::uint64_t chunk) { return entries_.contains(chunk); });
}

inline ChunkCache::Found ChunkCache::find_or_claim(std::uint64_t chunk) {
    const std::lock_guard lock(mutex_);
    return find_locked(chunk);
}

inline ChunkCache::Found ChunkCache::wait_or_claim(std::uint64_t chunk) {
    // To decode a chunk often takes less time than to be woken up.
    constexpr int most_tries = 100;
    std::unique_lock lock(mutex_);
    for (int tries = 0;; ++tries) {
        Found found = find_locked(chunk);
        if (found.state != State::busy) return found;
        if (tries < most_tries) {
            lock.unlock();
            std::this_thread::yield();
            lock.lock();
        } else {
            published_.wait(lock);
        }
    }
}

/// Takes those out that were not used for longest, to be freed when the lock is given up.
inline std::vector<DecodedChunk> ChunkCache::drop_locked() {
    std::vector<DecodedChunk> dropped;
    while (used_.size() > most_) {
        const auto oldest = entries_.find(used_.back());
        dropped.push_back(std::move(oldest->second.chunk));
        entries_.erase(oldest);
        used_.pop_back();
    }
    return dropped;
}

inline void ChunkCache::resize(std::size_t most_bytes) {
    std::vector<DecodedChunk> dropped;
    const std::lock_guard lock(mutex_);
    most_ = most_chunks(most_bytes, memory_->chunk_bytes);
    dropped = drop_locked();
}

inline void ChunkCache::publish(std::uint64_t chunk, DecodedChunk decoded) {
    std::vector<DecodedChunk> dropped;  // freed when the lock is
    {
        const std::lock_guard lock(mutex_);
        used_.push_front(chunk);
        Entry& entry = entries_.at(chunk);
        entry.chunk = std::move(decoded);
        entry.used = used_.begin();
        dropped = drop_locked();
    }
    published_.notify_all();
}

inline void ChunkCache::give_up(std::uint64_t chunk) noexcept {
    {
        const std::lock_guard lock(mutex_);
        // Where publish() threw for want of memory, the chunk may be there all the same.
        if (const auto entry = entries_.find(chunk); entry != entries_.end() && !entry->second.chunk)
            entries_.erase(entry);
    }
    published_.notify_all();
}

}  // namespace wick::inline v0::detail
