// SPDX-License-Identifier: MIT
#pragma once

// Rows out of chunks that filters were applied to.

#include <wick/core/access.hpp>
#include <wick/core/concepts.hpp>
#include <wick/hdf5/decode_batch.hpp>
#include <wick/hdf5/decoded_chunks.hpp>
#include <wick/hdf5/filter_pipeline.hpp>
#include <wick/hdf5/plain_chunks.hpp>
#include <wick/io/explain.hpp>
#include <wick/io/free_memory.hpp>

#include <algorithm>
#include <cmath>
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
        Index rows_ahead = 0;             // how many positions before their rows chunks are best read
        std::size_t in_use_bytes = 0;     // of the chunks whose rows are asked for in mixture
        Index decodings = 1;              // about how often an epoch decodes each of them
        bool unshuffles_whole = false;    // as DecodeBatch takes it
        std::uint64_t window_blocks = 0;  // of chunks, that there is memory for; 0: not for a single one
        std::shared_ptr<const DecodingRoom> room{};
    };

    std::size_t prepare_ahead(Access& access);
    std::uint64_t blocks_beside(const Access& access, std::uint64_t block_rows) const noexcept;
    std::uint64_t chunks_in_use(const Access& access) const noexcept;
    std::size_t bytes_of(std::uint64_t chunks) const noexcept;
    void note_cost(const Access& access, std::size_t in_use_bytes, std::size_t kept_bytes);
    std::string block_shuffle() const;

    std::shared_ptr<DecodedChunks> shared_;
    Order order_;
};

// Implementation.

inline void FilteredChunkReader::read(Rows rows, Bytes out) const {
    if (out.empty()) return;
    shared_->rows.stored.begin_read();
    std::unique_ptr<DecodingTools> tools = shared_->take_tools();
    DecodeBatch(*shared_, *tools, rows, out, order_.unshuffles_whole).read();
    shared_->give_tools(std::move(tools));  // those of a read that failed are dropped
}

inline void FilteredChunkReader::prepare(Access& access) {
    const ChunkedRows& all = shared_->rows;
    all.stored.prepare(access);
    const std::size_t ahead_bytes = prepare_ahead(access);
    const std::size_t room = shared_->limit.value_or(access.memory_bytes);
    std::size_t in_use_bytes = bytes_of(chunks_in_use(access));
    // Rows in turn come back to a chunk an epoch later: then it is still there only if all of them are.
    if (const std::size_t all_bytes = bytes_of(all.index.written()); access.in_order && all_bytes <= room)
        in_use_bytes = all_bytes;
    const std::size_t bytes = std::min(in_use_bytes, room);
    order_.room = std::make_shared<const DecodingRoom>(shared_, bytes, ahead_bytes);
    note_cost(access, in_use_bytes, bytes);
    access.memory_bytes -= std::min(access.memory_bytes, bytes);
}

/// Blocks that have chunks beside those of a window. Of a block that is in the window some row is wanted before a few
/// others have come and gone; and while a thread is late with its batch, the others begin blocks in all that are on their
/// way.
inline std::uint64_t FilteredChunkReader::blocks_beside(const Access& access,
                                                        std::uint64_t block_rows) const noexcept {
    constexpr std::uint64_t few = 8;
    return few + access.batch_memory_bytes / std::max<std::size_t>(1, shared_->rows.row_bytes) / block_rows;
}

/// How many chunks have rows in batches that are made at the same time, at most.
inline std::uint64_t FilteredChunkReader::chunks_in_use(const Access& access) const noexcept {
    const ChunkedRows& all = shared_->rows;
    const std::uint64_t written = all.index.written();
    const std::uint64_t band_rows = all.grid.band_rows();
    auto rows = static_cast<std::uint64_t>(std::max<Index>(1, access.block_rows));
    auto blocks = static_cast<std::uint64_t>(access.window_blocks);
    if (access.in_order) {
        // Of a block only the rows that are on their way to batches.
        if (access.batch_memory_bytes > 0)
            rows = std::min<std::uint64_t>(
                rows, access.batch_memory_bytes / std::max<std::size_t>(1, all.row_bytes));
        blocks += 2;  // the one before and the one behind
    } else if (access.block_rows <= 1) {
        return written;
    } else {
        blocks += blocks_beside(access, rows);
    }
    // Else the first and the last one have rows of its neighbours, too.
    const bool is_cut_like_chunks = !access.in_order && rows % band_rows == 0 &&
                                    static_cast<std::uint64_t>(access.first_row) % band_rows == 0;
    const std::uint64_t bands = rows / band_rows + (is_cut_like_chunks ? 0 : 2);
    std::uint64_t chunks = 0;
    if (__builtin_mul_overflow(bands, all.grid.columns(), &chunks) ||
        __builtin_mul_overflow(chunks, blocks, &chunks))
        return written;
    return std::min(written, chunks);
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

/// What the order costs: a chunk that is not kept is decoded for nearly each row that is wanted of it.
inline void FilteredChunkReader::note_cost(const Access& access, std::size_t in_use_bytes,
                                           std::size_t kept_bytes) {
    const double missing = !access.in_order && in_use_bytes > 0
                               ? 1 - static_cast<double>(kept_bytes) / static_cast<double>(in_use_bytes)
                               : 0;
    const double decodings = access.share * static_cast<double>(shared_->rows.grid.band_rows()) * missing;
    order_.decodings = std::max<Index>(1, std::llround(decodings));
    // Its rows lie together then when they are wanted, long after it has left the processor's caches. To unshuffle
    // takes a tenth as long as to inflate.
    constexpr Index most_decodings = 4;
    order_.unshuffles_whole = !access.in_order && order_.decodings <= most_decodings;
    const std::uint64_t blocks =
        kept_bytes / std::max<std::size_t>(1, bytes_of(shared_->rows.grid.columns()));
    const std::uint64_t beside = blocks_beside(access, shared_->rows.grid.band_rows());
    order_.window_blocks = blocks > beside ? blocks - beside : 0;
    order_.in_use_bytes = in_use_bytes;
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

/// The order nearest to a random one that there is memory for.
inline std::string FilteredChunkReader::block_shuffle() const {
    constexpr std::uint64_t usual_window = 256;
    if (order_.window_blocks == 0) return "";
    return "BlockShuffleSampler(seed" +
           (order_.window_blocks < usual_window
                ? ", {.window_blocks = " + std::to_string(order_.window_blocks) + "}"
                : "") +
           "), or ";
}

inline std::string FilteredChunkReader::explain() const {
    std::string what = shared_->rows.stored.explain() + "; decoded chunks are kept in up to " +
                       bytes_in_words(order_.room ? order_.room->cache_bytes() : shared_->cache_bytes.load());
    if (const Index decodings = order_.decodings; decodings > 1)
        what += "; in this order an epoch decodes each about " + std::to_string(decodings) + " times; " +
                block_shuffle() + "memory for " + bytes_in_words(order_.in_use_bytes) +
                " of them, would decode it once";
    return what;
}

}  // namespace wick::inline v0::detail
