// SPDX-License-Identifier: MIT
#pragma once

// Shards end to end, numbered through as one source.

#include <wick/core/access.hpp>
#include <wick/core/check.hpp>
#include <wick/core/concepts.hpp>
#include <wick/core/layout.hpp>
#include <wick/io/row_check.hpp>
#include <wick/io/row_reader.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0 {

/// The rows of several sources, one after another.
///
/// Cost: rows that stand side by side in a batch and lie in the same source are one call of its `read`.
template <Source S>
class ConcatSource {
public:
    /// Throws: std::invalid_argument if there are no sources, their layouts differ, or they have more rows
    ///         together than can be numbered.
    explicit ConcatSource(std::vector<S> sources);

    Index size() const noexcept { return ends_.back(); }
    const RowLayout& layout() const noexcept { return sources_.front().layout(); }

    /// Puts row `rows[i]` at byte `i * layout().bytes()` of `out`.
    ///
    /// Throws:  what the sources throw; std::out_of_range for a row outside [0, size());
    ///          std::invalid_argument for an `out` of another size.
    /// Threads: safe from any thread.
    void read(Rows rows, Bytes out) const;

    /// Tells the sources how their rows will be asked for.
    void prepare(Access& access) requires Preparable<S>;

    /// Tells the sources which of their rows come next.
    ///
    /// Throws: std::out_of_range for a row outside [0, size()); what the sources throw.
    void prefetch(Rows rows) const requires Prefetchable<S>;
    Index prefetch_distance() const requires Prefetchable<S>;

    /// The largest block of rows that a source keeps together.
    Index block_rows() const requires Blocked<S>;

    /// How the sources read, a line each.
    std::string explain() const requires Explainable<S>;

private:
    template <class Use>
    void for_each_stretch(Rows rows, const Use& use) const;
    Index first_of(std::size_t source) const noexcept { return source == 0 ? 0 : ends_[source - 1]; }
    double part_of(std::size_t source, Index first = 0) const noexcept;

    std::vector<S> sources_;
    std::vector<Index> ends_;  // one past the last row of each source
    bool mixed_ = false;       // rows of all sources are asked for at nearly the same time
};

namespace detail {

/// What a source takes beside its path; a concatenation, for one, has nothing of that kind.
template <class S>
struct OptionsOf {
    struct type {};
};
template <class S>
    requires requires { typename S::Options; }
struct OptionsOf<S> {
    using type = typename S::Options;
};

}  // namespace detail

/// Rows at a fixed stride in many files: one engine reads all of them, a batch over many files is one call.
///
/// Thousands of files are fine: a file whose descriptor is not needed is closed. A process has some 65 thousand
/// mappings, though, all told: tens of thousands of files want `Engine::pread`.
///
/// Each file keeps the engine that its source was given. What some sources were given as .cache_bytes is added up, and is the
/// most for all of them.
template <Source S>
    requires std::derived_from<S, RowReader>
class ConcatSource<S> : public RowReader {
    using OpenOptions = typename detail::OptionsOf<S>::type;

public:
    /// Throws: std::invalid_argument if there are no sources; Error naming both files if their layouts
    ///         differ.
    explicit ConcatSource(const std::vector<S>& sources)
        : RowReader(std::vector<RowReader>(sources.begin(), sources.end())) {}

    /// Opens `S(path, arguments...)` for each path: `ConcatSource<NpySource>(glob("shard-*.npy"))`.
    ///
    /// Throws: what S throws; std::invalid_argument if there are no paths; Error naming both files if their
    ///         layouts differ.
    template <class... Arguments>
        requires std::constructible_from<S, std::filesystem::path, const Arguments&...>
    explicit ConcatSource(const std::vector<std::filesystem::path>& paths, const Arguments&... arguments)
        : RowReader(opened(paths, arguments...)) {}

    /// The same for paths written in place: `ConcatSource<NpySource>({"a.npy", "b.npy"})`.
    explicit ConcatSource(std::initializer_list<std::filesystem::path> paths) requires
        std::constructible_from<S, std::filesystem::path>
        : ConcatSource(std::vector<std::filesystem::path>(paths)) {}

    /// The same with the options written in place: `{.engine = Engine::pread}`.
    ConcatSource(const std::vector<std::filesystem::path>& paths, const OpenOptions& options) requires
        std::constructible_from<S, std::filesystem::path, const OpenOptions&>
        : RowReader(opened(paths, options)) {}

private:
    template <class... Arguments>
    static std::vector<RowReader> opened(const std::vector<std::filesystem::path>& paths,
                                         const Arguments&... arguments) {
        std::vector<RowReader> readers;
        readers.reserve(paths.size());
        for (const std::filesystem::path& path : paths) readers.push_back(S(path, arguments...));
        return readers;
    }
};

// Implementation.

template <Source S>
ConcatSource<S>::ConcatSource(std::vector<S> sources) : sources_(std::move(sources)) {
    if (sources_.empty()) throw std::invalid_argument("no sources to lay end to end");
    Index end = 0;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        const RowLayout& layout = sources_[i].layout();
        if (layout != this->layout())
            throw std::invalid_argument("sources of different rows: number 0 has " +
                                        to_string(this->layout()) + ", number " + std::to_string(i) +
                                        " has " + to_string(layout));
        const Index rows = sources_[i].size();
        if (rows > std::numeric_limits<Index>::max() - end)
            throw std::invalid_argument("the sources up to number " + std::to_string(i) +
                                        " have more rows than can be numbered");
        ends_.push_back(end += rows);
    }
}

/// Calls `use(source, numbers within it, place in rows)` for stretches of rows of one source.
///
/// Requires: the rows are there.
template <Source S>
template <class Use>
void ConcatSource<S>::for_each_stretch(Rows rows, const Use& use) const {
    std::array<Index, 256> inside;
    for (std::size_t i = 0; i < rows.size();) {
        const auto which = static_cast<std::size_t>(std::ranges::upper_bound(ends_, rows[i]) - ends_.begin());
        const Index first = first_of(which);
        std::size_t count = 0;
        while (count < inside.size() && i + count < rows.size() && rows[i + count] >= first &&
               rows[i + count] < ends_[which]) {
            inside[count] = rows[i + count] - first;
            ++count;
        }
        use(sources_[which], Rows(inside.data(), count), i);
        i += count;
    }
}

template <Source S>
void ConcatSource<S>::read(Rows rows, Bytes out) const {
    detail::check_read(rows, size(), layout(), out);
    const std::size_t row_bytes = layout().bytes();
    for_each_stretch(rows, [&](const S& source, Rows inside, std::size_t at) {
        source.read(inside, out.subspan(at * row_bytes, inside.size() * row_bytes));
    });
}

/// The part that a source has of all rows from `first` on.
template <Source S>
double ConcatSource<S>::part_of(std::size_t source, Index first) const noexcept {
    return static_cast<double>(ends_[source] - first_of(source)) /
           static_cast<double>(std::max<Index>(1, size() - first));
}

template <Source S>
void ConcatSource<S>::prepare(Access& access) requires Preparable<S> {
    mixed_ = !access.in_order;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        Access inner = access;
        // The first block that begins in this source.
        const Index into = (first_of(i) - access.first_row) % access.block_rows;
        inner.first_row = into <= 0 ? -into : access.block_rows - into;
        inner.page_cache_share *= part_of(i);
        if (mixed_) {
            // Of a window's blocks, drawn from all sources, some more than its part may well lie in this one.
            const double blocks = part_of(i) * static_cast<double>(access.window_blocks);
            inner.window_blocks =
                std::min(access.window_blocks, static_cast<Index>(blocks + 3 * std::sqrt(blocks)) + 1);
            inner.memory_bytes = part_of_memory(access.memory_bytes, part_of(i, first_of(i)));
        }
        const std::size_t offered = inner.memory_bytes;
        sources_[i].prepare(inner);
        access.memory_bytes -= offered - inner.memory_bytes;
    }
}

template <Source S>
void ConcatSource<S>::prefetch(Rows rows) const requires Prefetchable<S> {
    detail::check_rows(rows, size());
    for_each_stretch(rows, [](const S& source, Rows inside, std::size_t) { source.prefetch(inside); });
}

template <Source S>
Index ConcatSource<S>::prefetch_distance() const requires Prefetchable<S> {
    Index distance = 0;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        Index rows = sources_[i].prefetch_distance();
        // In positions of an order that is this source's only in part.
        if (mixed_ && rows > 1 && part_of(i) > 0)
            rows = static_cast<Index>(
                std::min(static_cast<double>(rows) / part_of(i), static_cast<double>(size())));
        distance = common_distance(distance, rows);
    }
    return distance;
}

template <Source S>
std::string ConcatSource<S>::explain() const requires Explainable<S> {
    std::string lines;
    for (const S& source : sources_) lines = joined_lines(std::move(lines), source.explain());
    return lines;
}

template <Source S>
Index ConcatSource<S>::block_rows() const requires Blocked<S> {
    Index most = 1;
    for (const S& source : sources_) most = std::max(most, source.block_rows());
    return most;
}

}  // namespace wick::inline v0
