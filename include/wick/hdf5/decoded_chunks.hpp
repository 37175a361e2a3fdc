// SPDX-License-Identifier: MIT
#pragma once

// What all threads that read one dataset of filtered chunks have in common, and what each of them needs for
// itself.

#include <wick/core/error.hpp>
#include <wick/core/layout.hpp>
#include <wick/hdf5/chunk_cache.hpp>
#include <wick/hdf5/chunks_ahead.hpp>
#include <wick/hdf5/decode_error.hpp>
#include <wick/hdf5/filter_pipeline.hpp>
#include <wick/hdf5/filter_scratch.hpp>
#include <wick/hdf5/growing_bytes.hpp>
#include <wick/hdf5/plain_chunks.hpp>
#include <wick/io/piece.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// What a thread needs while it decodes chunks.
struct DecodingTools {
    FilterScratch scratch{};
    GrowingBytes stored{};    ///< chunks as they are in the file
    GrowingBytes elements{};  ///< whole elements, of which one member is wanted
    std::vector<Piece> pieces{};
    std::vector<ChunksAhead::Stored> ahead{};  ///< chunks that were read beforehand
};

/// A dataset whose chunks have to be decoded.
///
/// Threads: safe from any thread.
struct DecodedChunks {
    static constexpr std::size_t usual_bytes = std::size_t{256} << 20;

    /// Keeps decoded chunks of at most `most_bytes`; left out, of 256 MiB until it is told of another number.
    DecodedChunks(ChunkedRows all, FilterPipeline filters, std::optional<std::size_t> most_bytes)
        : rows(std::move(all)),
          pipeline(std::move(filters)),
          limit(most_bytes),
          cache_bytes(most_bytes.value_or(usual_bytes)),
          cache(cache_bytes, pipeline.chunk_bytes()),
          ahead(rows.stored, rows.index) {}

    /// Throws: Error if chunks are read, and a single one is larger than the memory that is free; 0: it is not known.
    void check_memory(std::uint64_t free_bytes) const;

    /// There is no memory for a chunk.
    Error no_memory(const std::string& found) const;

    std::unique_ptr<DecodingTools> take_tools();
    void give_tools(std::unique_ptr<DecodingTools> tools);

    const ChunkedRows rows;
    const FilterPipeline pipeline;
    const std::optional<std::size_t> limit;  ///< as the caller gave it
    std::atomic<std::size_t> cache_bytes;    ///< of all who read
    ChunkCache cache;
    ChunksAhead ahead;

private:
    friend class DecodingRoom;
    void change_room(std::size_t cache_more, std::size_t ahead_more, int rooms_more) noexcept;

    std::mutex mutex_;  // guards all below
    std::vector<std::unique_ptr<DecodingTools>> idle_;
    std::size_t cache_room_ = 0, ahead_room_ = 0;  // in all rooms
    int rooms_ = 0;
};

/// Memory for one order of reading. The chunks have that of all orders together, and none takes away what another one may
/// keep.
class DecodingRoom {
public:
    DecodingRoom(std::shared_ptr<DecodedChunks> chunks, std::size_t cache_bytes, std::size_t ahead_bytes);
    DecodingRoom(const DecodingRoom&) = delete;
    DecodingRoom& operator=(const DecodingRoom&) = delete;
    ~DecodingRoom() {
        chunks_->cache.close_room(room_);
        chunks_->change_room(0 - cache_bytes_, 0 - ahead_bytes_, -1);
    }

    std::size_t cache_bytes() const noexcept { return cache_bytes_; }
    ChunkRoom& in_cache() const noexcept { return room_; }

private:
    const std::shared_ptr<DecodedChunks> chunks_;
    const std::size_t cache_bytes_, ahead_bytes_;
    ChunkRoom& room_;
};

// Implementation.

inline Error DecodedChunks::no_memory(const std::string& found) const {
    return rows.place.error("expected memory for a chunk, which has " +
                            std::to_string(rows.grid.band_rows()) + " rows and " +
                            bytes_text(pipeline.chunk_bytes()) + ", found " + found +
                            "; h5repack -l CHUNK=... writes the dataset in smaller chunks");
}

inline void DecodedChunks::check_memory(std::uint64_t free_bytes) const {
    if (free_bytes > 0 && pipeline.chunk_bytes() > free_bytes && rows.index.written() > 0)
        throw no_memory(std::to_string(free_bytes) + " bytes free");
}

/// Adds to what there is; sums wrap round, so that less can be added, too. Where nobody has room there is the usual.
inline void DecodedChunks::change_room(std::size_t cache_more, std::size_t ahead_more,
                                       int rooms_more) noexcept {
    const std::lock_guard lock(mutex_);
    cache_room_ += cache_more;
    ahead_room_ += ahead_more;
    rooms_ += rooms_more;
    cache_bytes = std::min(rooms_ > 0 ? cache_room_ : usual_bytes, limit.value_or(SIZE_MAX));
    try {
        cache.resize(cache_bytes);
    } catch (const std::bad_alloc&) {  // then chunks go when the next ones come
    }
    ahead.resize(ahead_room_);
}

inline DecodingRoom::DecodingRoom(std::shared_ptr<DecodedChunks> chunks, std::size_t cache_bytes,
                                  std::size_t ahead_bytes)
    : chunks_(std::move(chunks)),
      cache_bytes_(cache_bytes),
      ahead_bytes_(ahead_bytes),
      room_(chunks_->cache.open_room(cache_bytes)) {
    chunks_->change_room(cache_bytes_, ahead_bytes_, 1);
}

inline std::unique_ptr<DecodingTools> DecodedChunks::take_tools() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<DecodingTools>();
    std::unique_ptr<DecodingTools> tools = std::move(idle_.back());
    idle_.pop_back();
    return tools;
}

inline void DecodedChunks::give_tools(std::unique_ptr<DecodingTools> tools) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(tools));
}

}  // namespace wick::inline v0::detail
