// SPDX-License-Identifier: MIT
#pragma once

// Chunks as they are stored, read before they are asked for: while some are decoded, the disk brings the next.

#include <wick/hdf5/chunk_index.hpp>
#include <wick/hdf5/stored_bytes.hpp>
#include <wick/io/piece.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Reads chunks in the background, in the order in which they were noted.
///
/// Threads:  safe from any thread.
/// Lifetime: the bytes and the index are the owner's, who stays for as long as this does.
class ChunksAhead {
public:
    /// A chunk's stored bytes; null if it was not read ahead.
    using Stored = std::shared_ptr<const std::byte>;

    ChunksAhead(const StoredBytes& stored, const ChunkIndex& index) : stored_(stored), index_(index) {}
    ChunksAhead(const ChunksAhead&) = delete;
    ChunksAhead& operator=(const ChunksAhead&) = delete;
    ~ChunksAhead();

    /// Holds at most so many bytes from now on; at first none, which reads nothing ahead.
    void resize(std::size_t most_bytes);

    /// These chunks will be asked for soon. Those that there is no room for are forgotten, and so are, to make room, the
    /// oldest of those that were read and nobody asked for.
    ///
    /// Requires: they were written.
    void note(std::span<const std::uint64_t> chunks);

    /// Whether a chunk was noted and is not yet taken.
    bool has(std::uint64_t chunk) const;

    /// Gives a chunk away, once; waits for it while it is on its way. Null if it is not there, or could not be read.
    Stored take(std::uint64_t chunk);

private:
    enum class State : std::uint8_t { noted, loading, ready };
    struct Entry {
        State state = State::noted;
        std::size_t bytes = 0;
        std::list<std::uint64_t>::iterator place;  // in order_
        Stored stored{};                           // if it is ready
    };
    using Entries = std::unordered_map<std::uint64_t, Entry>;

    // Two threads that read a MiB at a time in turn keep a disk busy; they wait for it nearly all of their time.
    static constexpr std::size_t threads = 2, read_at_once = std::size_t{1} << 20, most_at_once = 64;

    void start_threads();
    void read_ahead();
    bool drop_oldest();
    void take_noted(std::vector<std::uint64_t>& chunks);
    std::vector<Stored> load(std::span<const std::uint64_t> chunks) const;
    void settle(std::span<const std::uint64_t> chunks, std::vector<Stored> stored);
    void erase(Entries::iterator entry);

    const StoredBytes& stored_;
    const ChunkIndex& index_;
    mutable std::mutex mutex_;         // guards all below
    std::condition_variable settled_;  // some chunks are ready, or could not be read
    std::condition_variable wanted_;   // some chunks were noted, or it is time to stop
    bool stopping_ = false;
    std::size_t most_bytes_ = 0;
    std::size_t bytes_ = 0;  // of all entries
    Entries entries_;
    std::deque<std::uint64_t> noted_;  // some may have been taken meanwhile
    std::list<std::uint64_t> order_;   // of the entries, the oldest first
    std::vector<std::thread> threads_;
};

// Implementation.

inline ChunksAhead::~ChunksAhead() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wanted_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

inline void ChunksAhead::resize(std::size_t most_bytes) {
    const std::lock_guard lock(mutex_);
    most_bytes_ = most_bytes;
}

inline void ChunksAhead::erase(Entries::iterator entry) {
    order_.erase(entry->second.place);
    bytes_ -= entry->second.bytes;
    entries_.erase(entry);
}

inline void ChunksAhead::note(std::span<const std::uint64_t> chunks) {
    const std::lock_guard lock(mutex_);
    if (most_bytes_ == 0) return;
    if (threads_.empty()) start_threads();
    if (threads_.empty()) return;  // nobody would read what is noted
    for (const std::uint64_t chunk : chunks) {
        if (entries_.contains(chunk)) continue;
        const std::size_t bytes = index_.find(chunk)->bytes;
        if (bytes > most_bytes_) continue;
        while (bytes_ > most_bytes_ - bytes)
            if (!drop_oldest()) break;
        if (bytes_ > most_bytes_ - bytes) break;
        noted_.push_back(chunk);
        std::list<std::uint64_t> place{chunk};
        entries_.emplace(chunk, Entry{.bytes = bytes, .place = place.begin()});
        order_.splice(order_.end(), place);
        bytes_ += bytes;
    }
    if (!noted_.empty()) wanted_.notify_one();
}

/// Forgets the oldest chunk that is ready. Returns false if none is. The lock is held.
inline bool ChunksAhead::drop_oldest() {
    for (const std::uint64_t chunk : order_)
        if (const auto entry = entries_.find(chunk); entry->second.state == State::ready) {
            erase(entry);
            return true;
        }
    return false;
}

/// The lock is held.
inline void ChunksAhead::start_threads() {
    try {
        while (threads_.size() < threads) threads_.emplace_back([this] { read_ahead(); });
    } catch (const std::system_error&) {  // then every chunk is read by who asks for it first
    }
}

inline bool ChunksAhead::has(std::uint64_t chunk) const {
    const std::lock_guard lock(mutex_);
    return entries_.contains(chunk);
}

inline ChunksAhead::Stored ChunksAhead::take(std::uint64_t chunk) {
    std::unique_lock lock(mutex_);
    for (;;) {
        const auto entry = entries_.find(chunk);
        if (entry == entries_.end()) return nullptr;
        if (entry->second.state == State::loading) {
            settled_.wait(lock);
            continue;
        }
        Stored stored = std::move(entry->second.stored);
        erase(entry);
        return stored;
    }
}

inline void ChunksAhead::read_ahead() {
    std::vector<std::uint64_t> chunks;
    try {
        chunks.reserve(most_at_once);
    } catch (const std::bad_alloc&) {  // then every chunk is read by who asks for it first
        return;
    }
    std::unique_lock lock(mutex_);
    for (;;) {
        wanted_.wait(lock, [this] { return stopping_ || !noted_.empty(); });
        if (stopping_) return;
        take_noted(chunks);
        if (!noted_.empty()) wanted_.notify_one();
        lock.unlock();
        std::vector<Stored> stored;
        try {
            stored = load(chunks);
        } catch (...) {  // whoever wants such a chunk will get the error
        }
        lock.lock();
        settle(chunks, std::move(stored));
        settled_.notify_all();
    }
}

/// Takes chunks to be read together off the list. The lock is held.
inline void ChunksAhead::take_noted(std::vector<std::uint64_t>& chunks) {
    chunks.clear();
    std::size_t bytes = 0;
    while (!noted_.empty() && chunks.size() < most_at_once) {
        const auto entry = entries_.find(noted_.front());
        if (entry != entries_.end() && entry->second.state == State::noted) {
            if (!chunks.empty() && bytes + entry->second.bytes > read_at_once) break;
            entry->second.state = State::loading;
            bytes += entry->second.bytes;
            chunks.push_back(entry->first);
        }
        noted_.pop_front();
    }
}

inline std::vector<ChunksAhead::Stored> ChunksAhead::load(std::span<const std::uint64_t> chunks) const {
    std::vector<Stored> loaded;
    std::vector<Piece> pieces;
    for (const std::uint64_t chunk : chunks) {
        const StoredChunk& stored = *index_.find(chunk);
        std::shared_ptr<std::byte[]> memory(new std::byte[stored.bytes]);
        stored_.add(stored.offset, {memory.get(), stored.bytes}, pieces);
        loaded.emplace_back(memory, memory.get());
    }
    stored_.read(pieces);
    return loaded;
}

/// Notes that chunks are there, or, if there is nothing stored, that they could not be read. The lock is held.
inline void ChunksAhead::settle(std::span<const std::uint64_t> chunks, std::vector<Stored> stored) {
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const auto entry = entries_.find(chunks[i]);
        if (stored.empty()) {
            erase(entry);
        } else {
            entry->second.stored = std::move(stored[i]);
            entry->second.state = State::ready;
        }
    }
}

}  // namespace wick::inline v0::detail
