// SPDX-License-Identifier: MIT
#pragma once

// Rows out of chunks that are stored as they are: any part of a row is read from where it lies.

#include <wick/core/concepts.hpp>
#include <wick/core/layout.hpp>
#include <wick/hdf5/chunk_grid.hpp>
#include <wick/hdf5/chunk_index.hpp>
#include <wick/hdf5/element_copy.hpp>
#include <wick/hdf5/growing_bytes.hpp>
#include <wick/hdf5/stored_bytes.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
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

private:
    class Batch;

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

    void add(std::uint64_t offset, std::size_t count, std::byte* out) {
        const ElementCopy& element = rows_.element;
        if (!element.is_whole()) return add_strided(offset, count, out);
        const std::size_t bytes = count * element.bytes;
        // Neighbouring rows of one chunk lie end to end.
        if (!pieces_.empty() && pieces_.back().offset + pieces_.back().bytes == offset &&
            pieces_.back().out + pieces_.back().bytes == out)
            pieces_.back().bytes += bytes;
        else
            pieces_.push_back({offset, bytes, out});
        if (pieces_.size() == most_pieces) finish();
    }

    void finish() {
        rows_.stored.read(pieces_);
        if (rows_.element.swap_unit != 1)
            for (const StoredPiece& piece : pieces_)
                rows_.element(piece.out, piece.bytes / rows_.element.bytes, piece.out);
        pieces_.clear();
    }

private:
    static constexpr std::size_t most_pieces = 1024;
    static constexpr std::size_t most_bytes = std::size_t{1} << 18;

    /// Whole elements are read, some at a time, and what is wanted of them is kept.
    void add_strided(std::uint64_t offset, std::size_t count, std::byte* out) {
        const ElementCopy& element = rows_.element;
        const std::size_t most = std::max<std::size_t>(1, most_bytes / element.stride);
        for (std::size_t done = 0; done < count; done += most) {
            const std::size_t now = std::min(most, count - done);
            const Bytes elements = memory_.take(now * element.stride);
            StoredPiece piece{offset + done * element.stride, elements.size(), elements.data()};
            rows_.stored.read({&piece, 1});
            element(elements.data(), now, out + done * element.bytes);
        }
    }

    const ChunkedRows& rows_;
    std::vector<StoredPiece> pieces_;
    GrowingBytes memory_;
};

inline void PlainChunkReader::read(Rows rows, Bytes out) const {
    if (out.empty()) return;
    const ChunkedRows& all = *rows_;
    all.stored.begin_read();
    Batch batch(all);
    const std::uint64_t columns = all.grid.columns();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::byte* const row_out = out.data() + i * all.row_bytes;
        const std::uint64_t first = static_cast<std::uint64_t>(rows[i]) / all.grid.band_rows() * columns;
        for (std::uint64_t column = 0; column < columns; ++column) {
            if (!all.index.has(first + column)) {
                all.fill_row(rows[i], column, row_out);
                continue;
            }
            const std::uint64_t chunk = all.index[first + column].offset;
            all.grid.for_each_piece(
                rows[i], column, [&](std::uint64_t from, std::uint64_t to, std::uint64_t count) {
                    batch.add(chunk + from * all.element.stride, static_cast<std::size_t>(count),
                              row_out + static_cast<std::size_t>(to) * all.element.bytes);
                });
        }
    }
    batch.finish();
}

}  // namespace wick::inline v0::detail
