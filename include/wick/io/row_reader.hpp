// SPDX-License-Identifier: MIT
#pragma once

// The one engine that copies rows at a fixed stride out of files. A format only says where its rows lie; how
// they are fetched is decided here, for all of them.

#include <wick/core/concepts.hpp>
#include <wick/core/layout.hpp>
#include <wick/io/direct_reader.hpp>
#include <wick/io/direct_readers.hpp>
#include <wick/io/engine.hpp>
#include <wick/io/file.hpp>
#include <wick/io/row_check.hpp>
#include <wick/io/row_copy.hpp>
#include <wick/io/row_part.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0 {

/// Rows of one layout, lying in any number of files, numbered through. A value: copies share the files.
///
/// Every read first asks the files whether they are still the ones that were opened: up to 16 files each
/// time; of more files those that are touched, each at most once in 4 ms. What a mapping cannot catch is a
/// file that shrinks between that question and the copy: then the system ends the process by SIGBUS, where
/// `Engine::pread` still gets an Error.
class RowReader {
public:
    /// Throws: Error if a file is too short for its rows, or cannot be mapped though `Engine::mapped` is
    ///         given; std::invalid_argument if there are no parts.
    RowReader(RowLayout layout, std::vector<RowPart> parts, Engine engine = Engine::automatic);

    /// The rows of several readers, one after another.
    ///
    /// Throws: std::invalid_argument if there are none; Error if their layouts differ.
    explicit RowReader(std::span<const RowReader> readers);

    Index size() const noexcept { return plan_->size(); }
    const RowLayout& layout() const noexcept { return plan_->layout; }

    /// Puts row `rows[i]` at byte `i * layout().bytes()` of `out`, in native byte order.
    ///
    /// Throws:  Error if a file has changed or cannot be read; std::out_of_range for a row outside
    ///          [0, size()); std::invalid_argument for an `out` of another size.
    /// Threads: safe from any thread.
    void read(Rows rows, Bytes out) const;

    /// `mapped` or `direct` if all parts are read that way, else `pread`.
    Engine engine() const noexcept;

    /// The file that row 0 lies in, for messages.
    const std::filesystem::path& path() const noexcept { return plan_->parts.front().part.file->path(); }

private:
    struct Plan {
        RowLayout layout;
        std::vector<detail::OpenPart> parts{};
        std::vector<Index> firsts{};                       // number of each part's first row
        std::vector<std::shared_ptr<const File>> files{};  // each once
        Index uniform = 0;      // rows of every part but the last, or 0 if they differ
        bool together = false;  // one copy loop can serve all parts
        std::unique_ptr<detail::DirectReaders> readers{};  // if all parts are read directly

        Index size() const noexcept { return parts.empty() ? 0 : parts.back().end(); }
        void add(detail::OpenPart part);
        void finish();
        void read_directly(Rows rows, std::byte* out) const;
        const detail::OpenPart& part_of(Index row) const noexcept;
    };
    struct ManyParts;

    std::shared_ptr<const Plan> plan_;
};

// Implementation.

/// Rows lying in many mappings; each file is asked before its first row is found.
struct RowReader::ManyParts {
    const Plan& plan;
    std::int64_t now;

    const std::byte* find(Index row) const {
        const detail::OpenPart& part = plan.part_of(row);
        part.part.file->check_unchanged_since(now);
        return part.data() + static_cast<std::size_t>(row - part.first) * plan.layout.bytes();
    }
    Index together(Index row) const noexcept { return plan.part_of(row).end() - row; }
};

inline RowReader::RowReader(RowLayout layout, std::vector<RowPart> parts, Engine engine) {
    if (parts.empty()) throw std::invalid_argument("a reader of no parts");
    Plan plan{.layout = std::move(layout)};
    std::map<const File*, detail::Way> ways;
    for (RowPart& part : parts) {
        detail::check_extent(part, plan.layout);
        const auto [way, is_new] = ways.try_emplace(part.file.get());
        if (is_new) way->second = detail::open_way(*part.file, engine);
        // With one element to a row both orders are the same.
        part.fortran_order = part.fortran_order && plan.layout.elements() > 1;
        const bool turned = part.byte_order != std::endian::native;
        const std::size_t unit = turned ? swap_unit(plan.layout.dtype()) : 1;
        plan.add({.part = std::move(part), .way = way->second, .swap_unit = unit});
    }
    plan.finish();
    plan_ = std::make_shared<const Plan>(std::move(plan));
}

inline RowReader::RowReader(std::span<const RowReader> readers) {
    if (readers.empty()) throw std::invalid_argument("no sources to lay end to end");
    Plan plan{.layout = readers.front().layout()};
    for (const RowReader& reader : readers) {
        if (reader.layout() != plan.layout)
            throw Error(reader.path(), "has rows of " + to_string(reader.layout()) + ", but " +
                                           readers.front().path().string() + " has rows of " +
                                           to_string(plan.layout));
        for (const detail::OpenPart& part : reader.plan_->parts) plan.add(part);
    }
    plan.finish();
    plan_ = std::make_shared<const Plan>(std::move(plan));
}

inline void RowReader::read(Rows rows, Bytes out) const {
    const Plan& plan = *plan_;
    detail::check_read(rows, plan.size(), plan.layout, out);
    if (out.empty()) return;
    constexpr std::size_t few = 16;
    if (plan.files.size() <= few)
        for (const auto& file : plan.files) file->check_unchanged();
    if (plan.readers) return plan.read_directly(rows, out.data());
    if (plan.parts.size() == 1) return plan.parts.front().read(rows, plan.layout, out.data());

    const std::int64_t now = File::tick();
    const std::size_t row_bytes = plan.layout.bytes();
    if (plan.together)
        return detail::copy_rows(ManyParts{plan, now}, rows, row_bytes, plan.parts.front().swap_unit,
                                 out.data());
    for (std::size_t i = 0; i < rows.size();) {
        const detail::OpenPart& part = plan.part_of(rows[i]);
        std::size_t end = i + 1;
        while (end < rows.size() && rows[end] >= part.first && rows[end] < part.end()) ++end;
        part.part.file->check_unchanged_since(now);
        part.read(rows.subspan(i, end - i), plan.layout, out.data() + i * row_bytes);
        i = end;
    }
}

inline Engine RowReader::engine() const noexcept {
    const bool mapped =
        std::ranges::all_of(plan_->parts, [](const auto& part) { return part.way.mapping != nullptr; });
    return mapped ? Engine::mapped : plan_->readers ? Engine::direct : Engine::pread;
}

inline void RowReader::Plan::add(detail::OpenPart part) {
    if (part.part.rows > std::numeric_limits<Index>::max() - size())
        throw Error(part.part.file->path(), "has more rows than can be numbered after those before it");
    part.first = size();
    parts.push_back(std::move(part));
}

inline void RowReader::Plan::finish() {
    std::map<const File*, std::shared_ptr<const File>> distinct;
    uniform = parts.front().part.rows;
    together = true;
    for (const detail::OpenPart& part : parts) {
        firsts.push_back(part.first);
        if (distinct.try_emplace(part.part.file.get(), part.part.file).second)
            files.push_back(part.part.file);
        if (part.part.rows != uniform && &part != &parts.back()) uniform = 0;
        together = together && part.is_dense() && part.swap_unit == parts.front().swap_unit;
    }
    if (std::ranges::all_of(parts,
                            [](const auto& part) { return part.way.direct && !part.part.fortran_order; }))
        readers = std::make_unique<detail::DirectReaders>();
}

inline void RowReader::Plan::read_directly(Rows rows, std::byte* out) const {
    const std::size_t row_bytes = layout.bytes();
    const std::int64_t now = File::tick();
    std::vector<detail::Piece> pieces;
    pieces.reserve(rows.size());
    for (std::size_t i = 0, length = 0; i < rows.size(); i += length) {
        const detail::OpenPart& part = part_of(rows[i]);
        part.part.file->check_unchanged_since(now);
        const auto most = std::min(rows.size() - i, static_cast<std::size_t>(part.end() - rows[i]));
        for (length = 1; length < most && rows[i + length] == rows[i] + static_cast<Index>(length);) ++length;
        pieces.push_back({part.part.file.get(), part.way.direct->number(), part.offset_of(rows[i], row_bytes),
                          length * row_bytes, out + i * row_bytes});
    }
    readers->read(pieces);
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (const std::size_t unit = part_of(rows[i]).swap_unit; unit != 1)
            detail::copy_swapped(out + i * row_bytes, row_bytes, unit, out + i * row_bytes);
}

inline const detail::OpenPart& RowReader::Plan::part_of(Index row) const noexcept {
    // A part without rows begins where the next one does, so the last one that begins at or before the row is
    // the one that has it.
    if (uniform == 0)
        return parts[static_cast<std::size_t>(std::ranges::upper_bound(firsts, row) - firsts.begin()) - 1];
    return parts[std::min(static_cast<std::size_t>(row / uniform), parts.size() - 1)];
}

static_assert(Source<RowReader>);

}  // namespace wick::inline v0
