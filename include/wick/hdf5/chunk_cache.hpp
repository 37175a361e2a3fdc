// SPDX-License-Identifier: MIT
#pragma once

// Decoded chunks, shared by all workers: decoding is what costs, so no chunk is decoded by two of them at a
// time, and those used last are kept.

#include <wick/hdf5/chunk_rooms.hpp>
#include <wick/hdf5/dropped_chunks.hpp>
#include <wick/hdf5/recycled_memory.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Chunks of one size, by their number.
///
/// Who asks for a chunk that is not there may claim it: then it is that thread's to decode and publish, or to
/// give up, before that thread waits for anything here. Readers are not counted for each chunk: all that were found
/// stay until their reader ends.
///
/// Threads: safe from any thread.
class ChunkCache {
public:
    /// While one lives, what was found or published since it began stays.
    class Reading {
    public:
        explicit Reading(ChunkCache& cache) : cache_(cache), began_(cache.begin_reading()) {}
        Reading(const Reading&) = delete;
        Reading& operator=(const Reading&) = delete;
        ~Reading() { cache_.end_reading(began_); }

    private:
        ChunkCache& cache_;
        const std::uint64_t began_;
    };

    /// Keeps as many chunks as fit into `most_bytes`, but at least one; and of those that were dropped while
    /// somebody reads, about a quarter as many and one for each reader.
    ChunkCache(std::size_t most_bytes, std::size_t chunk_bytes)
        : memory_(chunk_bytes, std::max<std::size_t>(8, idle_bytes / std::max<std::size_t>(1, chunk_bytes))),
          most_(most_chunks(most_bytes, chunk_bytes)) {}

    /// Keeps as many as fit into so many bytes from now on.
    void resize(std::size_t most_bytes);

    /// A room for so many bytes, for one order of reading, until it is closed.
    ChunkRoom& open_room(std::size_t bytes);
    void close_room(const ChunkRoom& room) noexcept;

    enum class State : std::uint8_t { ready, claimed, busy, absent };

    /// `ready` with the chunk, `claimed` for the caller, `busy`: claimed by another thread, or `absent`.
    struct Found {
        State state = State::absent;
        const std::byte* chunk = nullptr;
        bool is_shuffled = false;
    };

    /// Looks for many chunks, and claims none.
    ///
    /// Shape: result[i] is for chunks[i].
    void find(std::span<const std::uint64_t> chunks, std::span<Found> result);

    /// Removes the chunks that are there, or claimed.
    void keep_absent(std::vector<std::uint64_t>& chunks) const;

    Found find_or_claim(std::uint64_t chunk);

    /// The same, but waits while another thread has it.
    Found wait_or_claim(std::uint64_t chunk);

    /// Memory for a chunk that is going to be published.
    std::shared_ptr<std::byte> memory() { return memory_.take(); }

    /// Gives a claimed chunk to all, out of one order's room or nobody's. Where somebody has been reading for so
    /// long that too much of what was dropped meanwhile is still there, it is given up instead: to keep it would be
    /// to drop yet another one.
    void publish(std::uint64_t chunk, DecodedChunk decoded, ChunkRoom* room = nullptr);
    void give_up(std::uint64_t chunk) noexcept;

private:
    // What a batch of many chunks takes and gives back at a time.
    static constexpr std::size_t idle_bytes = std::size_t{16} << 20;

    struct Entry {
        DecodedChunk chunk{};    // none while it is claimed
        std::uint64_t used = 0;  // when it was found last, or published
    };
    using Drops = DroppedChunks::List;
    using Entries = std::unordered_map<std::uint64_t, Entry>;

    static std::size_t most_chunks(std::size_t most_bytes, std::size_t chunk_bytes) noexcept {
        return std::max<std::size_t>(1, most_bytes / std::max<std::size_t>(1, chunk_bytes));
    }
    std::uint64_t begin_reading();
    void end_reading(std::uint64_t began) noexcept;
    Found found(Entry& entry) noexcept;
    Found find_locked(std::uint64_t chunk);
    void drop_locked(std::size_t most, const ChunkRoom& comer);

    RecycledMemory memory_;
    std::condition_variable published_;
    mutable std::mutex mutex_;  // guards all below
    std::size_t most_;
    Entries entries_;
    std::size_t kept_ = 0;  // entries that are not claimed
    ChunkRooms rooms_;
    DroppedChunks dropped_;
};

// Implementation.

inline ChunkRoom& ChunkCache::open_room(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    return rooms_.open(bytes / std::max<std::size_t>(1, memory_.bytes()));
}

inline void ChunkCache::close_room(const ChunkRoom& room) noexcept {
    const std::lock_guard lock(mutex_);
    rooms_.close(room);
}

inline std::uint64_t ChunkCache::begin_reading() {
    const std::lock_guard lock(mutex_);
    return dropped_.begin_reading();
}

inline void ChunkCache::end_reading(std::uint64_t began) noexcept {
    Drops unread;  // freed when the lock is
    const std::lock_guard lock(mutex_);
    dropped_.end_reading(began);
    unread = dropped_.take_unread();
}

inline ChunkCache::Found ChunkCache::found(Entry& entry) noexcept {
    if (!entry.chunk.memory) return {State::busy};
    entry.used = dropped_.use();
    return {State::ready, entry.chunk.memory.get(), entry.chunk.is_shuffled};
}

inline ChunkCache::Found ChunkCache::find_locked(std::uint64_t chunk) {
    const auto [entry, is_new] = entries_.try_emplace(chunk);
    return is_new ? Found{State::claimed} : found(entry->second);
}

inline void ChunkCache::find(std::span<const std::uint64_t> chunks, std::span<Found> result) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const auto entry = entries_.find(chunks[i]);
        result[i] = entry == entries_.end() ? Found{} : found(entry->second);
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

/// Takes out those of a room whose last use is the longest ago.
inline void ChunkCache::drop_locked(std::size_t most, const ChunkRoom& comer) {
    while (kept_ > most) {
        ChunkRoom& room = rooms_.fullest(comer);
        const auto [used, chunk] = room.first();
        const auto oldest = entries_.find(chunk);
        if (oldest->second.used == used) {
            Drops one(1);  // first, since it may throw
            one.front() = {used, std::move(oldest->second.chunk)};
            dropped_.add(one);
            entries_.erase(oldest);
            room.remove_first();
            --kept_;
        } else {
            room.remove_first();
            room.add({oldest->second.used, chunk});  // where there was one before
        }
    }
}

inline void ChunkCache::resize(std::size_t most_bytes) {
    Drops unread;  // freed when the lock is
    const std::lock_guard lock(mutex_);
    most_ = most_chunks(most_bytes, memory_.bytes());
    drop_locked(most_, rooms_.nobody());
    unread = dropped_.take_unread();
}

inline void ChunkCache::publish(std::uint64_t chunk, DecodedChunk decoded, ChunkRoom* room) {
    Drops unread;  // freed when the lock is
    {
        const std::lock_guard lock(mutex_);
        if (kept_ >= most_ && dropped_.size() > most_ / 4 + dropped_.readings()) {
            entries_.erase(chunk);
        } else {
            ChunkRoom& own = room != nullptr ? *room : rooms_.nobody();
            drop_locked(most_ - 1, own);
            own.reserve(own.size() + 1);
            rooms_.nobody().reserve(kept_ + 1);  // to close a room must not throw
            const std::uint64_t used = dropped_.use();
            entries_.at(chunk) = {std::move(decoded), used};
            own.add({used, chunk});
            ++kept_;
        }
        unread = dropped_.take_unread();
    }
    published_.notify_all();
}

inline void ChunkCache::give_up(std::uint64_t chunk) noexcept {
    {
        const std::lock_guard lock(mutex_);
        // Where publish() threw for want of memory, the chunk may be there all the same.
        if (const auto entry = entries_.find(chunk); entry != entries_.end() && !entry->second.chunk.memory)
            entries_.erase(entry);
    }
    published_.notify_all();
}

}  // namespace wick::inline v0::detail
