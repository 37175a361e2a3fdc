// SPDX-License-Identifier: MIT
#pragma once

// Where some of the rows of a source lie, and how they are fetched from there.

#include <wick/core/concepts.hpp>
#include <wick/core/error.hpp>
#include <wick/core/layout.hpp>
#include <wick/io/direct_file.hpp>
#include <wick/io/engine.hpp>
#include <wick/io/file.hpp>
#include <wick/io/mapping.hpp>
#include <wick/io/row_columns.hpp>
#include <wick/io/row_copy.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace wick::inline v0 {

/// Rows lying in one file, end to end; or, in Fortran order, element by element.
struct RowPart {
    std::shared_ptr<const File> file;
    std::uint64_t offset = 0;  ///< byte of the file where the first row begins
    Index rows = 0;
    std::endian byte_order = std::endian::native;
    bool fortran_order = false;  ///< the row number runs fastest, then the first dimension of a row
};

namespace detail {

/// How the bytes of a file are reached; if neither is there, by pread.
struct Way {
    std::shared_ptr<const Mapping> mapping{};
    std::shared_ptr<const DirectFile> direct{};
};

/// Throws: Error if `engine` is `mapped` and the file cannot be.
Way open_way(const File& file, Engine engine);

/// A part that is ready to be read.
struct OpenPart {
    RowPart part;
    Index first = 0;  // number of its first row
    Way way;
    std::size_t swap_unit = 1;  // 1: nothing to turn round

    Index end() const noexcept { return first + part.rows; }
    bool is_dense() const noexcept { return way.mapping && !part.fortran_order; }
    const std::byte* data() const noexcept { return way.mapping->bytes().data() + part.offset; }
    std::uint64_t offset_of(Index row, std::size_t row_bytes) const noexcept {
        return part.offset + static_cast<std::uint64_t>(row - first) * row_bytes;
    }

    /// Copies rows of this part; all of them are known to be in it.
    void read(Rows rows, const RowLayout& layout, std::byte* out) const;

private:
    void read_ahead_of(Rows rows, std::size_t row_bytes, std::byte* out) const;
    void map_columns(Rows rows, const RowLayout& layout, std::byte* out) const;
    void read_columns(Rows rows, const RowLayout& layout, std::byte* out) const;
};

/// Throws: std::invalid_argument for a negative number of rows; Error if the file is too short for them.
void check_extent(const RowPart& part, const RowLayout& layout);

}  // namespace detail

// Implementation.

namespace detail {

inline void check_extent(const RowPart& part, const RowLayout& layout) {
    if (part.rows < 0) throw std::invalid_argument("a part of " + std::to_string(part.rows) + " rows");
    const std::uint64_t size = part.file->size();
    const std::string rows = std::to_string(part.rows) + " rows of " + to_string(layout);
    std::uint64_t bytes = 0;
    std::uint64_t end = 0;
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(part.rows), std::uint64_t{layout.bytes()},
                               &bytes) ||
        __builtin_add_overflow(part.offset, bytes, &end))
        throw Error(part.file->path(), part.offset, rows, "a file of " + std::to_string(size) + " bytes");
    if (end > size)
        throw Error(part.file->path(), size,
                    "the file to end at byte " + std::to_string(end) + " (" + rows + " from byte " +
                        std::to_string(part.offset) + " on)",
                    "its end");
}

inline Way open_way(const File& file, Engine engine) {
    if (engine == Engine::direct) return {.direct = std::make_shared<const DirectFile>(file)};
    if (engine == Engine::pread || (engine == Engine::automatic && !is_local(file))) return {};
    try {
        return {.mapping = std::make_shared<const Mapping>(file)};
    } catch (const Error&) {
        if (engine == Engine::mapped) throw;
        return {};
    }
}

inline void OpenPart::read(Rows rows, const RowLayout& layout, std::byte* out) const {
    if (part.fortran_order)
        return way.mapping ? map_columns(rows, layout, out) : read_columns(rows, layout, out);
    if (!way.mapping) return read_ahead_of(rows, layout.bytes(), out);
    copy_rows(StridedRows{data(), layout.bytes(), first, true}, rows, layout.bytes(), swap_unit, out);
}

// Consecutive rows are joined into one read. Bytes are turned round while the cache still has them.
inline void OpenPart::read_ahead_of(Rows rows, std::size_t row_bytes, std::byte* out) const {
    constexpr std::size_t most = std::size_t{1} << 18;
    for (std::size_t i = 0; i < rows.size();) {
        std::size_t length = 1;
        while (i + length < rows.size() && rows[i + length] == rows[i] + static_cast<Index>(length)) ++length;
        const std::uint64_t offset = offset_of(rows[i], row_bytes);
        const Bytes run(out + i * row_bytes, length * row_bytes);
        const std::size_t step = swap_unit == 1 ? run.size() : most;
        for (std::size_t at = 0; at < run.size(); at += step) {
            const Bytes piece = run.subspan(at, std::min(step, run.size() - at));
            part.file->read_at(offset + at, piece);
            if (swap_unit != 1) copy_swapped(piece.data(), piece.size(), swap_unit, piece.data());
        }
        i += length;
    }
}

inline void OpenPart::map_columns(Rows rows, const RowLayout& layout, std::byte* out) const {
    const std::size_t item = size_of(layout.dtype());
    const std::size_t column_bytes = static_cast<std::size_t>(part.rows) * item;
    for_each_column(rows, layout, out, [&](std::size_t column, Rows block, std::byte* to) {
        scatter_column(data() + column * column_bytes, first, block, item, swap_unit, layout.bytes(), to);
    });
}

// Of each column the stretch that holds the block is read in one go if it is short, else every element alone.
inline void OpenPart::read_columns(Rows rows, const RowLayout& layout, std::byte* out) const {
    std::array<std::byte, 16384> buffer;
    const std::size_t item = size_of(layout.dtype());
    const std::uint64_t column_bytes = static_cast<std::uint64_t>(part.rows) * item;
    for_each_column(rows, layout, out, [&](std::size_t column, Rows block, std::byte* to) {
        const auto [low, high] = std::ranges::minmax(block);
        const std::uint64_t start = part.offset + column * column_bytes;
        const auto read = [&](Index from, Index to_row, Rows wanted, std::byte* to_bytes) {
            const Bytes piece(buffer.data(), static_cast<std::size_t>(to_row - from + 1) * item);
            part.file->read_at(start + static_cast<std::uint64_t>(from - first) * item, piece);
            scatter_column(piece.data(), from, wanted, item, swap_unit, layout.bytes(), to_bytes);
        };
        if (static_cast<std::uint64_t>(high - low) < buffer.size() / item) return read(low, high, block, to);
        for (std::size_t i = 0; i < block.size(); ++i)
            read(block[i], block[i], block.subspan(i, 1), to + i * layout.bytes());
    });
}

}  // namespace detail

}  // namespace wick::inline v0
