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

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
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
    std::atomic<std::size_t> cache_bytes;
    std::atomic<std::size_t> in_use_bytes{0};   ///< of the chunks whose rows are asked for in mixture
    std::atomic<Index> decodings{1};            ///< about how often an epoch decodes each of them
    std::atomic<bool> unshuffles_whole{false};  ///< many rows of a chunk are wanted, but not together
    std::atomic<bool> needs_blocks{false};      ///< whether an order by blocks would decode less
    std::atomic<Index> rows_ahead{0};           ///< how many positions before their rows chunks are best read
    ChunkCache cache;
    ChunksAhead ahead;

private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<DecodingTools>> idle_;  // guarded by mutex_
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
