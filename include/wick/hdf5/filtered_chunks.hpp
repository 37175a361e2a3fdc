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

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace wick::inline v0::detail {

/// Threads: safe from any thread; a chunk in work by one is waited for by the others.
class FilteredChunkReader {
public:
    /// Keeps decoded chunks of at most `cache_bytes`; left out, of 256 MiB, or as many as `prepare` finds
    /// memory for.
    FilteredChunkReader(ChunkedRows rows, FilterPipeline pipeline, std::optional<std::size_t> cache_bytes)
        : shared_(std::make_shared<DecodedChunks>(std::move(rows), std::move(pipeline), cache_bytes)) {}

    /// Requires: the rows are there and fill `out`.
    /// Throws:   Error if the file has changed or cannot be read; with chunk and byte if a chunk cannot be
    ///           decoded.
    void read(Rows rows, Bytes out) const;

    /// Takes memory for the chunks that will be in use together, if there is some.
    void prepare(Access& access);
    void prefetch(Rows rows) const;
    Index prefetch_distance() const { return shared_->rows.stored.gains_by_expecting() ? 1 : 0; }
    std::string explain() const;

private:
    std::shared_ptr<DecodedChunks> shared_;
};

// Implementation.

inline void FilteredChunkReader::read(Rows rows, Bytes out) const {
    if (out.empty()) return;
    shared_->rows.stored.begin_read();
    std::unique_ptr<DecodingTools> tools = shared_->take_tools();
    DecodeBatch(*shared_, *tools, rows, out).read();
    shared_->give_tools(std::move(tools));  // those of a read that failed are dropped
}

inline void FilteredChunkReader::prepare(Access& access) {
    const ChunkedRows& all = shared_->rows;
    all.stored.prepare(access);
    std::uint64_t chunks = all.index.written();
    if (access.block_rows > 1) {
        // A block may begin and end within a chunk, and others are on their way while a window is in use.
        const std::uint64_t bands = static_cast<std::uint64_t>(access.block_rows) / all.grid.band_rows() + 2;
        const auto blocks = static_cast<std::uint64_t>(access.window_blocks) + 2;
        std::uint64_t in_use = 0;
        if (!__builtin_mul_overflow(bands * all.grid.columns(), blocks, &in_use))
            chunks = std::min(chunks, in_use);
    }
    const std::size_t room = shared_->limit.value_or(access.memory_bytes);
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(chunks, shared_->pipeline.chunk_bytes(), &bytes)) bytes = room;
    bytes = std::min(bytes, room);
    shared_->cache_bytes = bytes;
    shared_->cache.resize(bytes);
    access.memory_bytes -= std::min(access.memory_bytes, bytes);
}

inline void FilteredChunkReader::prefetch(Rows rows) const {
    const ChunkedRows& all = shared_->rows;
    std::uint64_t last = all.grid.chunks();  // no band
    for (const Index row : rows) {
        const std::uint64_t band = static_cast<std::uint64_t>(row) / all.grid.band_rows();
        if (band == std::exchange(last, band)) continue;
        for (std::uint64_t i = 0; i < all.grid.columns(); ++i)
            if (const StoredChunk* const stored = all.index.find(band * all.grid.columns() + i))
                all.stored.expect(stored->offset, stored->bytes);
    }
}

inline std::string FilteredChunkReader::explain() const {
    return shared_->rows.stored.explain() + "; decoded chunks are kept in up to " +
           bytes_in_words(shared_->cache_bytes);
}

}  // namespace wick::inline v0::detail
