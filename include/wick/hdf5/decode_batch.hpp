// SPDX-License-Identifier: MIT
#pragma once

// One batch out of filtered chunks: each chunk is read and decoded once for all the rows that the batch wants
// of it, and only those rows are put together from what the decoder makes, unless later batches come back for others.

#include <wick/core/concepts.hpp>
#include <wick/core/error.hpp>
#include <wick/hdf5/chunk_cache.hpp>
#include <wick/hdf5/decode_error.hpp>
#include <wick/hdf5/decoded_chunks.hpp>
#include <wick/hdf5/plain_chunks.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// One read: which chunks it takes, in which order.
class DecodeBatch {
public:
    /// Where many rows of a chunk are wanted, but not together, chunks are best unshuffled whole.
    /// Without a room what it decodes is nobody's.
    DecodeBatch(DecodedChunks& shared, DecodingTools& tools, Rows rows, Bytes out, bool unshuffles_whole,
                ChunkRoom* room = nullptr)
        : shared_(shared),
          tools_(tools),
          rows_(rows),
          out_(out),
          unshuffles_whole_(unshuffles_whole),
          room_(room) {}
    DecodeBatch(const DecodeBatch&) = delete;
    DecodeBatch& operator=(const DecodeBatch&) = delete;
    ~DecodeBatch() { give_up(); }

    /// Throws: Error if the file cannot be read, or there is no memory for a chunk; with chunk and byte if a
    ///         chunk cannot be decoded.
    void read();

private:
    /// A chunk, and the rows that are wanted of it: a stretch of order_.
    struct Want {
        std::uint64_t chunk;
        std::uint64_t column;
        std::size_t begin;
        std::size_t end;
    };

    void sort_by_chunk();
    void read_round(std::span<const Want> wants);
    void read_from_disk(std::span<const Want> wants);
    void read_one(const Want& want, ChunkCache::Found found);
    bool is_at_hand(std::uint64_t chunk) const;
    void check_size(std::uint64_t chunk) const;
    Error error(std::uint64_t chunk, const std::string& problem) const;
    void decode_claimed();
    DecodedChunk decode(std::uint64_t chunk, std::span<const std::byte> stored);
    void copy(const Want& want, ChunkCache::Found decoded);
    void give_up() noexcept;

    DecodedChunks& shared_;
    const ChunkedRows& all_ = shared_.rows;
    DecodingTools& tools_;
    Rows rows_;
    Bytes out_;
    const bool unshuffles_whole_;
    ChunkRoom* const room_;
    std::vector<std::size_t> order_;  // positions of the batch, sorted by chunk
    std::vector<Want> wants_;         // of chunks that were written
    std::vector<Want> claimed_;       // this thread's to decode, from done_ on
    std::size_t done_ = 0;
    std::vector<std::uint64_t> chunks_;     // of the round
    std::vector<ChunkCache::Found> found_;  // the same
};

// Implementation.

inline void DecodeBatch::read() try {
    sort_by_chunk();
    // As many chunks at a time as may be in memory beside the cache, so that all their bytes are asked for
    // together.
    const std::size_t chunk_bytes = std::max<std::size_t>(1, shared_.pipeline.chunk_bytes());
    const std::size_t most = std::max<std::size_t>(
        1, std::min(shared_.cache_bytes.load() / 4, std::size_t{16} << 20) / chunk_bytes);
    const std::span<const Want> wants(wants_);
    for (std::size_t i = 0; i < wants.size(); i += most)
        read_round(wants.subspan(i, std::min(most, wants.size() - i)));
} catch (const std::bad_alloc&) {
    throw shared_.no_memory("none");
}

inline void DecodeBatch::sort_by_chunk() {
    const auto band_of = [&](std::size_t i) {
        return static_cast<std::uint64_t>(rows_[i]) / all_.grid.band_rows();
    };
    order_.resize(rows_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::ranges::sort(order_, [&](std::size_t a, std::size_t b) {
        return rows_[a] != rows_[b] ? rows_[a] < rows_[b] : a < b;
    });
    const std::uint64_t columns = all_.grid.columns();
    for (std::size_t begin = 0, end = 0; begin < order_.size(); begin = end) {
        const std::uint64_t band = band_of(order_[begin]);
        for (end = begin + 1; end < order_.size() && band_of(order_[end]) == band;) ++end;
        for (std::uint64_t column = 0; column < columns; ++column) {
            const std::uint64_t chunk = band * columns + column;
            if (all_.index.find(chunk) != nullptr) {
                wants_.push_back({chunk, column, begin, end});
                continue;
            }
            for (std::size_t i = begin; i < end; ++i)
                all_.fill_row(rows_[order_[i]], column, out_.data() + order_[i] * all_.row_bytes);
        }
    }
}

inline void DecodeBatch::read_round(std::span<const Want> wants) {
    const ChunkCache::Reading reading(shared_.cache);
    chunks_.clear();
    for (const Want& want : wants) chunks_.push_back(want.chunk);
    found_.resize(wants.size());
    shared_.cache.find(chunks_, found_);
    using State = ChunkCache::State;
    // Never more claims than there is room for: a claim that is not noted would be waited for by others for
    // ever.
    claimed_.reserve(wants.size());
    if (!all_.stored.is_all_in_memory()) read_from_disk(wants);
    // What is at hand is claimed one by one: two threads that want the same chunks share the work then, and neither
    // waits for longer than the other decodes one chunk.
    for (std::size_t i = 0; i < wants.size(); ++i)
        if (found_[i].state == State::absent) {
            found_[i] = shared_.cache.find_or_claim(wants[i].chunk);
            if (found_[i].state == State::claimed) read_one(wants[i], found_[i]);
        }
    for (std::size_t i = 0; i < wants.size(); ++i)
        if (found_[i].state == State::ready) copy(wants[i], found_[i]);
    // Nothing is claimed any more, so nobody waits for this thread while it waits.
    for (std::size_t i = 0; i < wants.size(); ++i)
        if (found_[i].state == State::busy) read_one(wants[i], shared_.cache.wait_or_claim(wants[i].chunk));
}

/// Claims all chunks that a disk has to bring, and asks for their bytes together.
inline void DecodeBatch::read_from_disk(std::span<const Want> wants) {
    claimed_.clear();
    done_ = 0;
    for (std::size_t i = 0; i < wants.size(); ++i) {
        ChunkCache::Found& found = found_[i];
        if (found.state != ChunkCache::State::absent || is_at_hand(wants[i].chunk)) continue;
        found = shared_.cache.find_or_claim(wants[i].chunk);
        if (found.state == ChunkCache::State::claimed) claimed_.push_back(wants[i]);
    }
    decode_claimed();
}

/// Copies from a chunk that is there, or decodes one that is claimed.
inline void DecodeBatch::read_one(const Want& want, ChunkCache::Found found) {
    if (found.state == ChunkCache::State::ready) return copy(want, found);
    done_ = 0;
    claimed_.assign(1, want);
    decode_claimed();
}

inline bool DecodeBatch::is_at_hand(std::uint64_t chunk) const {
    const StoredChunk& stored = *all_.index.find(chunk);
    return all_.stored.is_in_memory(stored.offset, stored.bytes) || shared_.ahead.has(chunk);
}

inline Error DecodeBatch::error(std::uint64_t chunk, const std::string& problem) const {
    return all_.place.error(all_.index.find(chunk)->offset,
                            "chunk " + all_.grid.name_of(chunk) + ": " + problem);
}

/// Throws: Error if the chunk is longer than any filter makes it; so a damaged size takes no memory.
inline void DecodeBatch::check_size(std::uint64_t chunk) const {
    const std::size_t bytes = all_.index.find(chunk)->bytes, most = shared_.pipeline.most_stored_bytes();
    if (bytes > most)
        throw error(chunk, "expected at most " + bytes_text(most) + " for its " +
                               std::to_string(shared_.pipeline.chunk_bytes()) + ", found " +
                               std::to_string(bytes));
}

inline void DecodeBatch::decode_claimed() {
    std::size_t bytes = 0;
    for (const Want& want : claimed_) {
        check_size(want.chunk);
        bytes += all_.index.find(want.chunk)->bytes;
    }
    const Bytes memory = tools_.stored.take(bytes);
    tools_.pieces.clear();
    tools_.ahead.clear();
    for (std::size_t i = 0, at = 0; i < claimed_.size(); ++i) {
        const StoredChunk& stored = *all_.index.find(claimed_[i].chunk);
        tools_.ahead.push_back(shared_.ahead.take(claimed_[i].chunk));
        if (tools_.ahead.back() == nullptr)
            all_.stored.add(stored.offset, memory.subspan(at, stored.bytes), tools_.pieces);
        at += stored.bytes;
    }
    all_.stored.read(tools_.pieces);
    for (std::size_t at = 0; done_ < claimed_.size();) {
        const Want& want = claimed_[done_];
        const std::size_t size = all_.index.find(want.chunk)->bytes;
        const std::byte* const ahead = tools_.ahead[done_].get();
        const DecodedChunk decoded =
            decode(want.chunk, {ahead != nullptr ? ahead : memory.data() + at, size});
        shared_.cache.publish(want.chunk, decoded, room_);
        ++done_;
        at += size;
        copy(want, {ChunkCache::State::ready, decoded.memory.get(), decoded.is_shuffled});
    }
}

inline DecodedChunk DecodeBatch::decode(std::uint64_t chunk, std::span<const std::byte> stored) {
    const std::shared_ptr<std::byte> memory = shared_.cache.memory();
    const Bytes out(memory.get(), shared_.pipeline.chunk_bytes());
    const std::uint32_t mask = all_.index.find(chunk)->filter_mask;
    try {
        if (unshuffles_whole_)
            shared_.pipeline.decode(stored, mask, out, tools_.scratch);
        else
            shared_.pipeline.decode_shuffled(stored, mask, out, tools_.scratch);
    } catch (const DecodeError& problem) {
        throw error(chunk, problem.what());
    }
    return {memory, !unshuffles_whole_ && shared_.pipeline.is_shuffled(mask)};
}

inline void DecodeBatch::copy(const Want& want, ChunkCache::Found decoded) {
    const std::span<const std::byte> chunk(decoded.chunk, shared_.pipeline.chunk_bytes());
    constexpr std::uint32_t no_filter = ~std::uint32_t{0};
    const std::uint32_t left = decoded.is_shuffled ? all_.index.find(want.chunk)->filter_mask : no_filter;
    const ElementCopy& element = all_.element;
    for (std::size_t i = want.begin; i < want.end; ++i) {
        std::byte* const row = out_.data() + order_[i] * all_.row_bytes;
        all_.grid.for_each_piece(
            rows_[order_[i]], want.column, [&](std::uint64_t from, std::uint64_t to, std::uint64_t n) {
                const auto count = static_cast<std::size_t>(n);
                std::byte* const out = row + static_cast<std::size_t>(to) * element.bytes;
                const std::size_t offset = static_cast<std::size_t>(from) * element.stride;
                const Bytes elements = element.is_whole() ? Bytes(out, count * element.bytes)
                                                          : tools_.elements.take(count * element.stride);
                shared_.pipeline.read(chunk, left, offset, elements);
                if (!element.is_identity()) element(elements.data(), count, out);
            });
    }
}

inline void DecodeBatch::give_up() noexcept {
    for (; done_ < claimed_.size(); ++done_) shared_.cache.give_up(claimed_[done_].chunk);
}

}  // namespace wick::inline v0::detail
