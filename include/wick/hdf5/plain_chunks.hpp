// SPDX-License-Identifier: MIT
#pragma once

// Rows out of chunks that are stored as they are: any part of a row is read from where it lies.

#include <wick/core/access.hpp>
#include <wick/core/concepts.hpp>
#include <wick/core/layout.hpp>
#include <wick/hdf5/chunk_grid.hpp>
#include <wick/hdf5/chunk_index.hpp>
#include <wick/hdf5/element_copy.hpp>
#include <wick/hdf5/growing_bytes.hpp>
#include <wick/hdf5/library.hpp>
#include <wick/hdf5/stored_bytes.hpp>
#include <wick/io/piece.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// What the rows of a chunked dataset are made of.
struct ChunkedRows {
    StoredBytes stored;
    Hdf5Place place;
    ChunkGrid grid;
    ChunkIndex index;
    ElementCopy element{};
    std::vector<std::byte> fill{};  ///< the element that stands in chunks never written
    std::size_t row_bytes = 0;

    /// Fills the part of a row that a chunk never written would hold; `out` is the row.
    void fill_row(Index row, std::uint64_t column, std::byte* out) const;
};

/// Threads: safe from any thread.
class PlainChunkReader {
public:
    explicit PlainChunkReader(ChunkedRows rows)
        : rows_(std::make_shared<const ChunkedRows>(std::move(rows))) {}

    /// Requires: the rows are there and fill `out`.
    /// Throws:   Error if the file has changed or cannot be read.
    void read(Rows rows, Bytes out) const;

    void prepare(Access& access) { rows_->stored.prepare(access); }
    void prefetch(Rows rows) const;
    Index prefetch_distance() const { return rows_->stored.gains_by_expecting() ? 1 : 0; }
    std::string explain() const { return rows_->stored.explain(); }

private:
    class Batch;
    template <class Each>
    static void for_each_chunk(const ChunkedRows& all, Index row, const Each& each);

    std::shared_ptr<const ChunkedRows> rows_;
};

// Implementation.

inline void ChunkedRows::fill_row(Index row, std::uint64_t column, std::byte* out) const {
    grid.for_each_piece(row, column, [&](std::uint64_t, std::uint64_t to, std::uint64_t count) {
        element.fill(fill.data(), static_cast<std::size_t>(count),
                     out + static_cast<std::size_t>(to) * element.bytes);
    });
}

/// The pieces of a read, gathered until they are worth a call.
class PlainChunkReader::Batch {
public:
    explicit Batch(const ChunkedRows& rows) : rows_(rows) {}

    /// Reads `count` elements from `offset` on to `out`.
    void add(std::uint64_t offset, std::size_t count, std::byte* out) {
        const ElementCopy& element = rows_.element;
        if (!element.is_whole()) return add_strided(offset, count, out);
        rows_.stored.add(offset, {out, count * element.bytes}, pieces_);
        if (!element.is_identity()) runs_.push_back({out, count, out});
        if (pieces_.size() >= most_pieces) finish();
    }

    void finish() {
        rows_.stored.read(pieces_);
        for (const Run& run : runs_) rows_.element(run.from, run.count, run.out);
        pieces_.clear();
        runs_.clear();
        used_ = 0;
    }

private:
    static constexpr std::size_t most_pieces = 1024;
    static constexpr std::size_t most_bytes = std::size_t{1} << 20;

    /// Elements that are there, and have to be brought into the batch's form.
    struct Run {
        const std::byte* from;
        std::size_t count;
        std::byte* out;
    };

    /// Whole elements are read beside the batch, and what is wanted of them is kept.
    void add_strided(std::uint64_t offset, std::size_t count, std::byte* out) {
        const std::size_t stride = rows_.element.stride;
        const std::size_t room = std::max(most_bytes, stride);
        const Bytes memory = memory_.take(room);
        while (count > 0) {
            if (room - used_ < stride) finish();
            const std::size_t now = std::min(count, (room - used_) / stride);
            const Bytes elements = memory.subspan(used_, now * stride);
            rows_.stored.add(offset, elements, pieces_);
            runs_.push_back({elements.data(), now, out});
            used_ += elements.size();
            offset += elements.size();
            out += now * rows_.element.bytes;
            count -= now;
        }
        if (pieces_.size() >= most_pieces) finish();
    }

    const ChunkedRows& rows_;
    std::vector<Piece> pieces_;
    std::vector<Run> runs_;
    GrowingBytes memory_;
    std::size_t used_ = 0;  // of memory_
};

/// `each(chunk, column)` for the chunks that hold a row, from left to right.
template <class Each>
void PlainChunkReader::for_each_chunk(const ChunkedRows& all, Index row, const Each& each) {
    const std::uint64_t columns = all.grid.columns();
    const std::uint64_t first = static_cast<std::uint64_t>(row) / all.grid.band_rows() * columns;
    for (std::uint64_t column = 0; column < columns; ++column) each(first + column, column);
}

inline void PlainChunkReader::read(Rows rows, Bytes out) const {
    if (out.empty()) return;
    const ChunkedRows& all = *rows_;
    all.stored.begin_read();
    Batch batch(all);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::byte* const row_out = out.data() + i * all.row_bytes;
        for_each_chunk(all, rows[i], [&](std::uint64_t chunk, std::uint64_t column) {
            const StoredChunk* const stored = all.index.find(chunk);
            if (stored == nullptr) return all.fill_row(rows[i], column, row_out);
            const std::uint64_t start = stored->offset;
            all.grid.for_each_piece(
                rows[i], column, [&](std::uint64_t from, std::uint64_t to, std::uint64_t count) {
                    batch.add(start + from * all.element.stride, static_cast<std::size_t>(count),
                              row_out + static_cast<std::size_t>(to) * all.element.bytes);
                });
        });
    }
    batch.finish();
}

inline void PlainChunkReader::prefetch(Rows rows) const {
    const ChunkedRows& all = *rows_;
    for (const Index row : rows)
        for_each_chunk(all, row, [&](std::uint64_t chunk, std::uint64_t column) {
            const StoredChunk* const stored = all.index.find(chunk);
            if (stored == nullptr) return;
            const std::uint64_t start = stored->offset;
            all.grid.for_each_piece(row, column, [&](std::uint64_t from, std::uint64_t, std::uint64_t count) {
                all.stored.expect(start + from * all.element.stride,
                                  static_cast<std::size_t>(count) * all.element.stride);
            });
        });
}

}  // namespace wick::inline v0::detail
