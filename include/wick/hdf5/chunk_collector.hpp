// SPDX-License-Identifier: MIT
#pragma once

// Makes an index of chunks that are named one by one.

#include <wick/hdf5/chunk_grid.hpp>
#include <wick/hdf5/chunk_index.hpp>
#include <wick/hdf5/dataset.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <hdf5.h>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace wick::inline v0::detail {

/// The index, or why there is none.
struct FoundChunks {
    std::optional<ChunkIndex> index{};
    std::string problem{};
};

/// Takes chunks as the library names them, and puts them into an index.
class ChunkCollector {
public:
    ChunkCollector(const Hdf5Dataset& dataset, const ChunkGrid& grid, std::uint64_t expected)
        : grid_(grid), filtered_(!dataset.filters.empty()), index_(grid.chunks(), expected) {
        unsigned options = 0;
        H5Pget_chunk_opts(dataset.creation.id(), &options);
        raw_at_the_edge_ = (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0;
    }

    /// Leaves out what is no chunk of the grid, or is there already.
    void add(std::span<const hsize_t> first_element, std::uint64_t offset, std::uint64_t bytes,
             std::uint32_t mask) {
        std::array<std::uint64_t, most_rank> element{};
        std::ranges::copy(first_element, element.begin());
        const std::span<const std::uint64_t> at(element.data(), first_element.size());
        if (!grid_.contains(at)) return;
        const std::uint64_t chunk = grid_.chunk_of(at);
        std::array<std::uint64_t, most_rank> again{};
        grid_.first_element(chunk, again);
        if (!std::ranges::equal(at, std::span(again).first(at.size())) || index_.find(chunk) != nullptr)
            return;
        ++found_;
        if (!filtered_) {
            // Without filters all have the same size, and older releases leave size and mask as they find
            // them.
            bytes = 0;
            mask = 0;
        }
        // Neither the mask nor the index says that chunks at the edge were left as they are.
        if (filtered_ && raw_at_the_edge_ && grid_.is_partial(chunk)) mask = ~std::uint32_t{0};
        if (bytes > std::numeric_limits<std::uint32_t>::max())
            problem_ = "its chunks have more than 4 GiB";
        else
            index_.set(chunk, {offset, static_cast<std::uint32_t>(bytes), mask});
    }

    std::uint64_t found() const noexcept { return found_; }

    FoundChunks finish() {
        if (!problem_.empty()) return {.problem = std::move(problem_)};
        return {.index = std::move(index_)};
    }

private:
    const ChunkGrid& grid_;
    bool filtered_;
    bool raw_at_the_edge_ = false;
    std::uint64_t found_ = 0;
    ChunkIndex index_;
    std::string problem_;
};

}  // namespace wick::inline v0::detail
