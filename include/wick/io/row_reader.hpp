// SPDX-License-Identifier: MIT
#pragma once

// Rows at a fixed stride in files. A format only says where its rows lie; how they are fetched is decided behind this,
// for all formats alike.

#include <wick/core/access.hpp>
#include <wick/core/concepts.hpp>
#include <wick/core/layout.hpp>
#include <wick/io/engine.hpp>
#include <wick/io/file.hpp>
#include <wick/io/free_memory.hpp>
#include <wick/io/row_check.hpp>
#include <wick/io/row_files.hpp>
#include <wick/io/row_part.hpp>
#include <wick/io/row_plan.hpp>
#include <wick/io/row_window.hpp>
#include <wick/io/window_shape.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <set>
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
///
/// Threads: after a fork, read in one of the two processes only: what is on its way belongs to both.
class RowReader {
public:
    /// Throws: Error if a file is too short for its rows, or cannot be mapped though `Engine::mapped` is
    ///         given; std::invalid_argument if there are no parts.
    RowReader(RowLayout layout, std::vector<RowPart> parts, ReadOptions options = {});
    RowReader(RowLayout layout, std::vector<RowPart> parts, Engine engine)
        : RowReader(std::move(layout), std::move(parts), ReadOptions{.engine = engine}) {}

    /// The rows of several readers, one after another.
    ///
    /// Throws: std::invalid_argument if there are none; Error if their layouts differ.
    explicit RowReader(std::span<const RowReader> readers);

    Index size() const noexcept { return plan().size(); }
    const RowLayout& layout() const noexcept { return plan().layout; }

    /// Puts row `rows[i]` at byte `i * layout().bytes()` of `out`, in native byte order.
    ///
    /// Throws:  Error if a file has changed or cannot be read; std::out_of_range for a row outside
    ///          [0, size()); std::invalid_argument for an `out` of another size.
    /// Threads: safe from any thread.
    void read(Rows rows, Bytes out) const;

    /// Is told how the rows will be asked for. Of other copies of this reader nothing changes but that their files may be
    /// brought into memory.
    void prepare(Access& access);

    /// Is told which rows will be read soon.
    ///
    /// Throws: std::out_of_range for a row outside [0, size()).
    void prefetch(Rows rows) const;

    /// How many rows ahead that is best done; 0 if there is nothing to gain.
    Index prefetch_distance() const;

    /// How rows are read at this moment: `mapped`, `direct` or `pread`.
    Engine engine() const { return shared_->files.engine(); }

    /// How rows are read at this moment, and why, in one sentence.
    std::string explain() const;

    /// The file that row 0 lies in, for messages.
    const std::filesystem::path& path() const noexcept { return plan().parts.front().file->file().path(); }

private:
    const detail::RowPlan& plan() const noexcept { return shared_->plan; }
    std::size_t prepare_window(Access& access);

    std::shared_ptr<detail::RowFiles> shared_;
    std::shared_ptr<detail::RowWindow>
        window_;                    // if blocks of rows are worth reading whole; the memory is this copy's
    std::size_t window_lacks_ = 0;  // bytes of memory that it would have taken, and that there are not
    Index distance_ = 1;
    bool streaming_ = false;  // past the caches
};

// Implementation.

inline RowReader::RowReader(RowLayout layout, std::vector<RowPart> parts, ReadOptions options) {
    if (parts.empty()) throw std::invalid_argument("a reader of no parts");
    detail::RowPlan plan{.layout = std::move(layout)};
    detail::FileReader::Files files;
    std::map<const File*, const detail::OpenFile*> opened;
    plan.parts.reserve(parts.size());
    for (RowPart& part : parts) {
        detail::check_extent(part, plan.layout);
        // With one element to a row both orders are the same.
        const bool in_columns = part.fortran_order && plan.layout.elements() > 1;
        const auto [file, is_new] = opened.try_emplace(part.file.get());
        if (is_new)
            file->second = files
                               .emplace_back(std::make_shared<const detail::OpenFile>(
                                   part.file, options.engine, in_columns))
                               .get();
        const bool turned = part.byte_order != std::endian::native;
        plan.add({.file = file->second,
                  .offset = part.offset,
                  .first = 0,
                  .rows = part.rows,
                  .swap_unit = static_cast<std::uint8_t>(turned ? swap_unit(plan.layout.dtype()) : 1),
                  .fortran_order = in_columns});
    }
    plan.finish();
    shared_ = std::make_shared<detail::RowFiles>(std::move(plan), std::move(files), options.cache_bytes);
}

inline RowReader::RowReader(std::span<const RowReader> readers) {
    if (readers.empty()) throw std::invalid_argument("no sources to lay end to end");
    detail::RowPlan plan{.layout = readers.front().layout()};
    detail::FileReader::Files files;
    std::set<const detail::OpenFile*> seen;  // the same reader may have been given more than once
    std::optional<std::uint64_t> cache_bytes;
    for (const RowReader& reader : readers) {
        if (reader.layout() != plan.layout)
            throw Error(reader.path(), "has rows of " + to_string(reader.layout()) + ", but " +
                                           readers.front().path().string() + " has rows of " +
                                           to_string(plan.layout));
        for (const detail::OpenPart& part : reader.plan().parts) plan.add(part);
        for (const auto& file : reader.shared_->files.files())
            if (seen.insert(file.get()).second) files.push_back(file);
        if (const auto most = reader.shared_->files.cache_bytes())
            cache_bytes = cache_bytes.value_or(0) + *most;
    }
    plan.finish();
    shared_ = std::make_shared<detail::RowFiles>(std::move(plan), std::move(files), cache_bytes);
}

inline void RowReader::read(Rows rows, Bytes out) const {
    detail::check_read(rows, size(), layout(), out);
    if (out.empty()) return;
    if (shared_->files.begin_read())
        shared_->copy(rows, out.data(), streaming_);
    else if (window_)
        window_->read(rows, out.data());
    else
        shared_->read(rows, out.data());
}

inline void RowReader::prepare(Access& access) {
    constexpr std::size_t streamed = std::size_t{128} << 20;
    streaming_ = access.batch_memory_bytes >= streamed;
    window_lacks_ = 0;
    window_.reset();  // of a way of reading that this copy may have been told before
    distance_ = 1;
    if (layout().bytes() == 0) return;
    const std::size_t window_bytes = plan().dense ? prepare_window(access) : 0;
    shared_->files.prepare(access, window_bytes);
}

/// Reads blocks ahead where that pays; returns how many bytes of memory are for it.
inline std::size_t RowReader::prepare_window(Access& access) {
    Access room = access;
    if (std::uint64_t free = detail::free_memory(); free != 0) {
        free -= std::min<std::uint64_t>(free, detail::RowWindow::bytes_of_all());
        room.memory_bytes = std::min<std::size_t>(room.memory_bytes, free / 4);
    }
    const auto shape = detail::window_shape(room, layout().bytes(), size());
    if (!shape) {
        room.memory_bytes = SIZE_MAX;
        if (const auto wanted = detail::window_shape(room, layout().bytes(), size()))
            window_lacks_ = wanted->bytes(layout().bytes(), size());
        return 0;
    }
    const std::size_t bytes = shape->bytes(layout().bytes(), size());
    try {
        window_ = std::make_shared<detail::RowWindow>(shared_, plan(), shared_->files, *shape);
    } catch (const std::bad_alloc&) {  // then rows are read one by one
        return 0;
    }
    access.memory_bytes -= bytes;
    // In positions of the order, of which a shard has fewer than its blocks have rows.
    const double dense = shape->block_rows > 1 ? std::min(1.0, access.density) : 1;
    distance_ = std::max<Index>(1, static_cast<Index>(static_cast<double>(shape->rows_ahead()) * dense));
    return bytes + detail::RowWindow::reader_bytes;
}

inline Index RowReader::prefetch_distance() const {
    return shared_->files.is_all_in_memory() || !(window_ || shared_->files.gains_by_expecting()) ? 0
                                                                                                  : distance_;
}

inline void RowReader::prefetch(Rows rows) const {
    detail::check_rows(rows, size());
    if (layout().bytes() == 0) return;
    if (window_) return window_->prefetch(rows);
    const std::size_t row_bytes = layout().bytes();
    for (std::size_t i = 0, length = 0; i < rows.size(); i += length) {
        const detail::OpenPart& part = plan().part_of(rows[i]);
        length = plan().run(rows, i, part);
        if (!part.fortran_order)
            shared_->files.expect(
                {part.file, part.offset_of(rows[i], row_bytes), length * row_bytes, nullptr});
    }
}

inline std::string RowReader::explain() const {
    std::string what = shared_->files.explain();
    if (window_ && !shared_->files.is_all_in_memory())
        what += (window_->shape().block_rows > 1
                     ? "; " + std::to_string(window_->shape().block_rows) + " neighbouring rows at a time"
                     : std::string("; ahead of time")) +
                ", held in " + detail::bytes_in_words(window_->shape().bytes(layout().bytes(), size())) +
                " until they are asked for";
    if (window_lacks_ > 0 && !shared_->files.is_all_in_memory())
        what += "; to read neighbouring rows together, ahead of time, would take " +
                detail::bytes_in_words(window_lacks_) +
                ", for which memory_budget or free memory is too small";
    return what;
}

static_assert(Source<RowReader> && Preparable<RowReader> && Prefetchable<RowReader> &&
              Explainable<RowReader>);

}  // namespace wick::inline v0
