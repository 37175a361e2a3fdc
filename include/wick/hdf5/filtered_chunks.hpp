// SPDX-License-Identifier: MIT
#pragma once

// Rows out of chunks that filters were applied to.

#include <wick/core/access.hpp>
#include <wick/core/concepts.hpp>
#include <wick/hdf5/chunk_use.hpp>
#include <wick/hdf5/decode_batch.hpp>
#include <wick/hdf5/decoded_chunks.hpp>
#include <wick/hdf5/filter_pipeline.hpp>
#include <wick/hdf5/plain_chunks.hpp>
#include <wick/io/explain.hpp>
#include <wick/io/free_memory.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Threads: safe from any thread; a chunk in work by one is waited for by the others.
class FilteredChunkReader {
public:
    /// Keeps decoded chunks of at most `cache_bytes`; left out, of 256 MiB, or as many as `prepare` finds
    /// memory for.
    ///
    /// Throws: Error if a chunk is larger than the memory that is free.
    FilteredChunkReader(ChunkedRows rows, FilterPipeline pipeline, std::optional<std::size_t> cache_bytes)
        : shared_(std::make_shared<DecodedChunks>(std::move(rows), std::move(pipeline), cache_bytes)) {
        shared_->check_memory(free_memory());
    }

    /// Requires: the rows are there and fill `out`.
    /// Throws:   Error if the file has changed or cannot be read; with chunk and byte if a chunk cannot be
    ///           decoded.
    void read(Rows rows, Bytes out) const;

    /// Takes memory for the chunks that will be in use together, if there is some.
    void prepare(Access& access);
    void prefetch(Rows rows) const;
    Index prefetch_distance() const {
        return shared_->rows.stored.is_all_in_memory() ? 0 : order_.rows_ahead;
    }
    std::string explain() const;

private:
    /// What is known of the order in which this one reads.
    struct Order {
        Index rows_ahead = 0;           // how many positions before their rows chunks are best read
        Index decodings = 1;            // about how often an epoch decodes each chunk
        std::size_t enough_bytes = 0;   // to decode each once
        std::string block_shuffle{};    // that would do so, too
        bool unshuffles_whole = false;  // as DecodeBatch takes it
        std::shared_ptr<const DecodingRoom> room{};
    };

    std::size_t prepare_ahead(Access& access);
    std::size_t bytes_of(std::uint64_t chunks) const noexcept;

    std::shared_ptr<DecodedChunks> shared_;
    Order order_;
};

// Implementation.

inline void FilteredChunkReader::read(Rows rows, Bytes out) const {
    if (out.empty()) return;
    shared_->rows.stored.begin_read();
    std::unique_ptr<DecodingTools> tools = shared_->take_tools();
    DecodeBatch(*shared_, *tools, rows, out, order_.unshuffles_whole,
                order_.room ? &order_.room->in_cache() : nullptr)
        .read();
    shared_->give_tools(std::move(tools));  // those of a read that failed are dropped
}

inline void FilteredChunkReader::prepare(Access& access) {
    const ChunkedRows& all = shared_->rows;
    const std::size_t ahead_bytes = prepare_ahead(access);
    const std::size_t room = shared_->limit.value_or(access.memory_bytes);
    const ChunkUse use(access, all.grid, all.index.written(), all.row_bytes);
    const std::size_t all_bytes = bytes_of(use.in_epoch());
    const std::size_t enough = use.comes_back() && all_bytes <= room ? all_bytes : bytes_of(use.at_a_time());
    const std::size_t bytes = std::min(enough, room);
    order_.room = std::make_shared<const DecodingRoom>(shared_, bytes, ahead_bytes);
    access.memory_bytes -= std::min(access.memory_bytes, bytes);
    all.stored.prepare(access, bytes + ahead_bytes);

    const std::uint64_t kept = bytes / std::max<std::size_t>(1, shared_->pipeline.chunk_bytes());
    order_.decodings = use.decodings(kept);
    order_.enough_bytes = use.comes_back() ? all_bytes : enough;
    order_.block_shuffle = use.block_shuffle(kept);
    // Its rows lie together then when they are wanted, long after it has left the processor's caches. To unshuffle
    // takes a tenth as long as to inflate.
    constexpr Index most_decodings = 4;
    order_.unshuffles_whole = !access.in_order && order_.decodings <= most_decodings;
}

inline std::size_t FilteredChunkReader::bytes_of(std::uint64_t chunks) const noexcept {
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(chunks, shared_->pipeline.chunk_bytes(), &bytes))
        return std::numeric_limits<std::size_t>::max();
    return bytes;
}

/// Takes memory for chunks that are read before they are asked for; returns how much.
inline std::size_t FilteredChunkReader::prepare_ahead(Access& access) {
    constexpr std::uint64_t enough = std::uint64_t{12} << 20, most_chunks = 64;
    constexpr std::uint64_t most_bytes = std::uint64_t{64} << 20;
    const ChunkedRows& all = shared_->rows;
    std::uint64_t bytes = 0;
    all.index.for_each([&](std::uint64_t, const StoredChunk& stored) { bytes += stored.bytes; });
    const std::uint64_t chunk_bytes = bytes / std::max<std::uint64_t>(1, all.index.written()) + 1;
    const std::uint64_t chunks = std::clamp<std::uint64_t>(enough / chunk_bytes, 1, most_chunks);
    // Where an order has no blocks each row wants chunks of its own.
    const std::uint64_t rows_of_a_band = access.block_rows > 1 ? all.grid.band_rows() : 1;
    const std::uint64_t bands = std::max<std::uint64_t>(1, chunks / all.grid.columns());
    order_.rows_ahead =
        static_cast<Index>(std::min(bands * rows_of_a_band, static_cast<std::uint64_t>(all.grid.rows())));
    const auto room =
        static_cast<std::size_t>(std::min<std::uint64_t>({access.memory_bytes / 8, most_bytes, bytes}));
    if (room < 2 * chunk_bytes) return 0;
    access.memory_bytes -= room;
    return room;
}

inline void FilteredChunkReader::prefetch(Rows rows) const {
    const ChunkedRows& all = shared_->rows;
    std::vector<std::uint64_t> chunks;
    std::uint64_t last = all.grid.chunks();  // no band
    for (const Index row : rows) {
        const std::uint64_t band = static_cast<std::uint64_t>(row) / all.grid.band_rows();
        if (band == std::exchange(last, band)) continue;
        for (std::uint64_t i = 0; i < all.grid.columns(); ++i) {
            const std::uint64_t chunk = band * all.grid.columns() + i;
            const StoredChunk* const stored = all.index.find(chunk);
            if (stored != nullptr && !all.stored.is_in_memory(stored->offset, stored->bytes))
                chunks.push_back(chunk);
        }
    }
    shared_->cache.keep_absent(chunks);
    shared_->ahead.note(chunks);
}

inline std::string FilteredChunkReader::explain() const {
    std::string what = shared_->rows.stored.explain() + "; decoded chunks are kept in up to " +
                       bytes_in_words(order_.room ? order_.room->cache_bytes() : shared_->cache_bytes.load());
    if (order_.decodings > 1)
        what += "; in this order an epoch decodes each about " + std::to_string(order_.decodings) +
                " times; " + order_.block_shuffle + (order_.block_shuffle.empty() ? "" : ", or ") +
                "memory for " + bytes_in_words(order_.enough_bytes) + " of them, would decode it once";
    return what;
}

}  // namespace wick::inline v0::detail
