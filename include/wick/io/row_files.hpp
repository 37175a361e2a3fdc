// SPDX-License-Identifier: MIT
#pragma once

// The rows of a plan, fetched by the engine of their files.

#include <wick/core/concepts.hpp>
#include <wick/io/file.hpp>
#include <wick/io/file_reader.hpp>
#include <wick/io/piece.hpp>
#include <wick/io/row_copy.hpp>
#include <wick/io/row_part.hpp>
#include <wick/io/row_plan.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// A plan and the files that its parts lie in.
///
/// Threads: everything is safe from any thread.
struct RowFiles {
    RowFiles(RowPlan rows, FileReader::Files opened, std::optional<std::uint64_t> cache_bytes)
        : plan(std::move(rows)), files(std::move(opened), cache_bytes) {}

    /// Copies rows out of the files' mappings.
    ///
    /// Requires: all files are mapped.
    void copy(Rows rows, std::byte* out, bool streaming) const {
        files.copy([&] { copy_rows_of(rows, out, streaming); });
    }

    /// Reads rows from wherever they are.
    ///
    /// Throws: Error if a file has changed or cannot be read.
    void read(Rows rows, std::byte* out);

    const RowPlan plan;
    FileReader files;

private:
    void copy_rows_of(Rows rows, std::byte* out, bool streaming) const;
};

// Implementation.

/// Rows lying in many mappings; each file is asked before its first row is found.
struct ManyParts {
    const RowPlan& plan;
    const FileReader& files;
    std::int64_t now;

    const std::byte* find(Index row) const {
        const OpenPart& part = plan.part_of(row);
        files.check(*part.file, now);
        return part.file->data() + part.offset_of(row, plan.layout.bytes());
    }
    Index together(Index row) const noexcept { return plan.part_of(row).end() - row; }
};

inline void RowFiles::copy_rows_of(Rows rows, std::byte* out, bool streaming) const {
    if (plan.parts.size() == 1) return plan.parts.front().copy(rows, plan.layout, out, streaming);
    const std::int64_t now = File::tick();
    const std::size_t row_bytes = plan.layout.bytes();
    if (plan.dense)
        return copy_rows(ManyParts{plan, files, now}, rows, row_bytes, plan.parts.front().swap_unit, out,
                         streaming);
    for (std::size_t i = 0; i < rows.size();) {
        const OpenPart& part = plan.part_of(rows[i]);
        std::size_t end = i + 1;
        while (end < rows.size() && rows[end] >= part.first && rows[end] < part.end()) ++end;
        files.check(*part.file, now);
        part.copy(rows.subspan(i, end - i), plan.layout, out + i * row_bytes, streaming);
        i = end;
    }
}

inline void RowFiles::read(Rows rows, std::byte* out) {
    const std::int64_t now = File::tick();
    const std::size_t row_bytes = plan.layout.bytes();
    std::vector<Piece> pieces;
    pieces.reserve(rows.size());
    for (std::size_t i = 0, length = 0; i < rows.size(); i += length) {
        const OpenPart& part = plan.part_of(rows[i]);
        files.check(*part.file, now);
        length = plan.run(rows, i, part);
        std::byte* const to = out + i * row_bytes;
        if (!part.fortran_order)
            pieces.push_back({part.file, part.offset_of(rows[i], row_bytes), length * row_bytes, to});
        else if (part.file->is_mapped())
            files.copy([&] { part.copy(rows.subspan(i, length), plan.layout, to, false); });
        else
            part.read_columns(rows.subspan(i, length), plan.layout, to);
    }
    files.read(pieces);
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (const auto& part = plan.part_of(rows[i]); part.swap_unit != 1 && !part.fortran_order)
            copy_swapped(out + i * row_bytes, row_bytes, part.swap_unit, out + i * row_bytes);
}

}  // namespace wick::inline v0::detail
