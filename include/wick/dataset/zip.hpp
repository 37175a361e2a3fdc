// SPDX-License-Identifier: MIT
#pragma once

// Images beside labels: several sources as the fields of one dataset.

#include <wick/core/access.hpp>
#include <wick/core/check.hpp>
#include <wick/core/concepts.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace wick::inline v0 {

/// Sources side by side, one field each: row i of the dataset is row i of every source.
template <Source... Sources>
    requires(sizeof...(Sources) > 0)
class ZipDataset {
public:
    static constexpr std::size_t field_count = sizeof...(Sources);

    /// Takes the sources over. One alone converts without a word, for it is a dataset of one field.
    ///
    /// Throws: std::invalid_argument if the sources do not have the same number of rows.
    explicit(sizeof...(Sources) > 1) ZipDataset(Sources... sources);

    /// The number of rows, the same in every field.
    Index size() const noexcept { return size_; }

    /// Throws: std::out_of_range if `field` is not below field_count.
    const RowLayout& layout(std::size_t field) const;

    /// Fills outs[f] with field f of `rows`, one after another in the given order.
    ///
    /// Throws: std::invalid_argument if `outs` has not one part for each field; what the sources throw.
    void read(Rows rows, std::span<const Bytes> outs) const;

    /// Tells the sources that want to know how they will be read.
    void prepare(Access& access);

    /// Tells the sources that want to know which rows come next.
    void prefetch(Rows rows) const;
    Index prefetch_distance() const;

    /// The largest block of rows that a source keeps together.
    Index block_rows() const;

    /// How those sources read that can say it, a line each.
    std::string explain() const;

private:
    std::array<double, field_count> page_cache_parts() const;

    std::tuple<Sources...> sources_;
    std::array<RowLayout, field_count> layouts_;  // a source may give its own by value
    Index size_;
};

template <class... Sources>
ZipDataset(Sources...) -> ZipDataset<Sources...>;

// Implementation.

template <Source... Sources>
    requires(sizeof...(Sources) > 0)
ZipDataset<Sources...>::ZipDataset(Sources... sources)
    : sources_(std::move(sources)...),
      layouts_(std::apply([](const auto&... source) { return std::array{RowLayout(source.layout())...}; },
                          sources_)),
      size_(std::get<0>(sources_).size()) {
    std::apply(
        [this](const auto&... source) {
            const Index sizes[] = {source.size()...};
            for (std::size_t field = 1; field < field_count; ++field)
                if (sizes[field] != size_)
                    throw std::invalid_argument("field 0 has " + std::to_string(size_) + " rows, but field " +
                                                std::to_string(field) + " has " +
                                                std::to_string(sizes[field]));
        },
        sources_);
}

template <Source... Sources>
    requires(sizeof...(Sources) > 0)
const RowLayout& ZipDataset<Sources...>::layout(std::size_t field) const {
    if (field >= field_count) detail::throw_outside("field", static_cast<Index>(field), field_count);
    return layouts_[field];
}

template <Source... Sources>
    requires(sizeof...(Sources) > 0)
void ZipDataset<Sources...>::read(Rows rows, std::span<const Bytes> outs) const {
    if (outs.size() != field_count)
        throw std::invalid_argument(std::to_string(outs.size()) + " parts of memory for " +
                                    std::to_string(field_count) + " fields");
    std::apply(
        [&](const auto&... source) {
            std::size_t field = 0;
            (source.read(rows, outs[field++]), ...);
        },
        sources_);
}

template <Source... Sources>
    requires(sizeof...(Sources) > 0)
void ZipDataset<Sources...>::prepare(Access& access) {
    const std::array<double, field_count> cache_parts = page_cache_parts();
    double bytes_left = 0;  // of those that are still to be told
    double sources_left = 0;
    const auto count = [&](const auto& source) {
        if constexpr (Preparable<std::remove_cvref_t<decltype(source)>>) {
            bytes_left += static_cast<double>(source.layout().bytes());
            ++sources_left;
        }
    };
    std::apply([&](const auto&... source) { (count(source), ...); }, sources_);
    const auto tell = [&](auto& source, std::size_t field) {
        if constexpr (Preparable<std::remove_reference_t<decltype(source)>>) {
            const auto bytes = static_cast<double>(source.layout().bytes());
            Access inner = access;
            inner.page_cache_share *= cache_parts[field];
            // By their bytes short rows would not get enough to be held at all.
            const double part = std::max(1 / sources_left, bytes_left > 0 ? bytes / bytes_left : 0);
            const std::size_t offered = part_of_memory(access.memory_bytes, part);
            inner.memory_bytes = offered;
            source.prepare(inner);
            access.memory_bytes -= offered - inner.memory_bytes;
            bytes_left -= bytes;
            --sources_left;
        }
    };
    // The shortest rows first: it takes little to have them all, and what they leave is for the others.
    std::array<std::size_t, field_count> order;
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [this](std::size_t field) { return layouts_[field].bytes(); });
    for (const std::size_t next : order)
        std::apply(
            [&](auto&... source) {
                std::size_t field = 0;
                ((field == next ? tell(source, field) : void(), ++field), ...);
            },
            sources_);
}

/// Of the page cache, what each field may fill: its part of all bytes, but more for short rows. To read one of them from the
/// disk costs what a long one costs, and it takes little to have them all.
template <Source... Sources>
    requires(sizeof...(Sources) > 0)
std::array<double, ZipDataset<Sources...>::field_count> ZipDataset<Sources...>::page_cache_parts()
const {
    constexpr double more = 16;
    double all_bytes = 0, sum = 0;
    for (const RowLayout& layout : layouts_) all_bytes += static_cast<double>(layout.bytes());
    std::array<double, field_count> parts;
    for (std::size_t field = 0; field < field_count; ++field) {
        const auto bytes = static_cast<double>(layouts_[field].bytes());
        parts[field] = std::max(bytes, std::min(more * bytes, all_bytes / more));
        sum += parts[field];
    }
    for (double& part : parts) part = sum > 0 ? part / sum : 1;
    return parts;
}

template <Source... Sources>
    requires(sizeof...(Sources) > 0)
void ZipDataset<Sources...>::prefetch(Rows rows) const {
    const auto tell = [&](const auto& source) {
        if constexpr (Prefetchable<std::remove_cvref_t<decltype(source)>>) source.prefetch(rows);
    };
    std::apply([&](const auto&... source) { (tell(source), ...); }, sources_);
}

template <Source... Sources>
    requires(sizeof...(Sources) > 0)
std::string ZipDataset<Sources...>::explain()
const {
    std::string lines;
    const auto ask = [&](const auto& source) {
        if constexpr (Explainable<std::remove_cvref_t<decltype(source)>>)
            lines = joined_lines(std::move(lines), source.explain());
    };
    std::apply([&](const auto&... source) { (ask(source), ...); }, sources_);
    return lines;
}

template <Source... Sources>
    requires(sizeof...(Sources) > 0)
Index ZipDataset<Sources...>::prefetch_distance()
const {
    Index distance = 0;
    const auto ask = [&](const auto& source) {
        if constexpr (Prefetchable<std::remove_cvref_t<decltype(source)>>)
            distance = common_distance(distance, source.prefetch_distance());
    };
    std::apply([&](const auto&... source) { (ask(source), ...); }, sources_);
    return distance;
}

template <Source... Sources>
    requires(sizeof...(Sources) > 0)
Index ZipDataset<Sources...>::block_rows()
const {
    Index most = 1;
    const auto ask = [&](const auto& source) {
        if constexpr (Blocked<std::remove_cvref_t<decltype(source)>>)
            most = std::max(most, source.block_rows());
    };
    std::apply([&](const auto&... source) { (ask(source), ...); }, sources_);
    return most;
}

}  // namespace wick::inline v0
