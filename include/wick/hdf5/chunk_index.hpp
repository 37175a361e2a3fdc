// SPDX-License-Identifier: MIT
#pragma once

// Where every chunk of a dataset lies, asked of the HDF5 library once.

#include <wick/core/error.hpp>
#include <wick/hdf5/capture.hpp>
#include <wick/hdf5/chunk_grid.hpp>
#include <wick/hdf5/dataset.hpp>
#include <wick/hdf5/library.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <hdf5.h>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// One chunk as it is stored.
struct StoredChunk {
    std::uint64_t offset = 0;       ///< byte of the file, user block included
    std::uint32_t bytes = 0;        ///< as stored, so encoded; not used without filters
    std::uint32_t filter_mask = 0;  ///< bit i: filter i was left out
};

/// Where the chunks of a dataset lie, by their number.
///
/// Cost: 16 bytes a chunk.
class ChunkIndex {
public:
    explicit ChunkIndex(std::uint64_t chunks)
        : chunks_(static_cast<std::size_t>(chunks), StoredChunk{.offset = nowhere}) {}

    std::uint64_t size() const noexcept { return chunks_.size(); }
    bool has(std::uint64_t chunk) const noexcept { return (*this)[chunk].offset != nowhere; }
    const StoredChunk& operator[](std::uint64_t chunk) const noexcept {
        return chunks_[static_cast<std::size_t>(chunk)];
    }
    void set(std::uint64_t chunk, const StoredChunk& stored) noexcept {
        chunks_[static_cast<std::size_t>(chunk)] = stored;
    }

    /// Adds to every offset.
    void shift(std::uint64_t bytes) noexcept;

    /// Whether that filter was left out for every chunk.
    bool all_skip(std::size_t filter) const noexcept;

    /// Chunks that were written.
    std::uint64_t written() const noexcept;

private:
    static constexpr std::uint64_t nowhere = std::numeric_limits<std::uint64_t>::max();
    std::vector<StoredChunk> chunks_;
};

/// The index, or why there is none.
struct FoundChunks {
    std::optional<ChunkIndex> index{};
    std::string problem{};
};

/// Asks the library where the chunks lie.
///
/// Requires: an Hdf5Lock is held.
/// Throws:   Error if the library fails, or a chunk lies outside the file.
/// Cost:     under a microsecond a chunk.
FoundChunks find_chunks(const Hdf5Dataset& dataset, const ChunkGrid& grid, std::uint64_t file_bytes);

// Implementation.

inline void ChunkIndex::shift(std::uint64_t bytes) noexcept {
    for (StoredChunk& chunk : chunks_)
        if (chunk.offset != nowhere) chunk.offset += bytes;
}

inline bool ChunkIndex::all_skip(std::size_t filter) const noexcept {
    return std::ranges::all_of(chunks_, [filter](const StoredChunk& chunk) {
        return chunk.offset == nowhere || (filter < 32 && (chunk.filter_mask >> filter & 1) != 0);
    });
}

inline std::uint64_t ChunkIndex::written() const noexcept {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(chunks_, [](const StoredChunk& chunk) { return chunk.offset != nowhere; }));
}

/// Takes chunks as the library names them, and puts them into an index.
class ChunkCollector {
public:
    ChunkCollector(const Hdf5Dataset& dataset, const ChunkGrid& grid)
        : grid_(grid), filtered_(!dataset.filters.empty()), index_(grid.chunks()) {
        unsigned options = 0;
        H5Pget_chunk_opts(dataset.creation.id(), &options);
        raw_at_the_edge_ = (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0;
    }

    /// The first element may lie beyond a dataset that was shrunk; such a chunk is left out.
    void add(std::span<const hsize_t> first_element, std::uint64_t offset, std::uint64_t bytes,
             std::uint32_t mask) {
        std::array<std::uint64_t, most_rank> element{};
        std::ranges::copy(first_element, element.begin());
        const std::span<const std::uint64_t> at(element.data(), first_element.size());
        if (!grid_.contains(at)) return;
        const std::uint64_t chunk = grid_.chunk_of(at);
        std::array<std::uint64_t, most_rank> again{};
        grid_.first_element(chunk, again);
        if (!std::ranges::equal(at, std::span(again).first(at.size())))
            return complain("the library gives chunks in between those that there are");
        if (index_.has(chunk)) return complain("the library gives a chunk twice");
        if (!filtered_) {
            // Without filters all have the same size, and older releases leave size and mask as they find them.
            bytes = 0;
            mask = 0;
        }
        // Neither the mask nor the index says that chunks at the edge were left as they are.
        if (filtered_ && raw_at_the_edge_ && grid_.is_partial(chunk)) mask = ~std::uint32_t{0};
        if (bytes > std::numeric_limits<std::uint32_t>::max())
            return complain("its chunks have more than 4 GiB");
        index_.set(chunk, {offset, static_cast<std::uint32_t>(bytes), mask});
        ++found_;
    }

    std::uint64_t found() const noexcept { return found_; }

    FoundChunks finish() {
        if (!problem_.empty()) return {.problem = std::move(problem_)};
        return {.index = std::move(index_)};
    }

private:
    void complain(const char* problem) {
        if (problem_.empty()) problem_ = problem;
    }

    const ChunkGrid& grid_;
    bool filtered_;
    bool raw_at_the_edge_ = false;
    std::uint64_t found_ = 0;
    ChunkIndex index_;
    std::string problem_;
};

#if H5_VERSION_GE(1, 14, 0)

inline void collect_chunks(const Hdf5Dataset& dataset, const ChunkGrid& grid, std::uint64_t,
                           ChunkCollector& chunks) {
    struct Both {
        ChunkCollector& chunks;
        std::size_t rank;
    } both{chunks, grid.rank()};
    const auto add = [](const hsize_t* first, unsigned mask, haddr_t offset, hsize_t bytes,
                        void* data) -> int {
        auto& all = *static_cast<Both*>(data);
        all.chunks.add({first, all.rank}, offset, bytes, mask);
        return 0;
    };
    if (H5Dchunk_iter(dataset.dataset.id(), H5P_DEFAULT, add, &both) < 0)
        throw dataset.place().failure("its chunks cannot be listed");
}

#else

inline void collect_chunks(const Hdf5Dataset& dataset, const ChunkGrid& grid, std::uint64_t expected,
                           ChunkCollector& chunks) {
    const Hdf5Capture capture(dataset.place());
    std::array<std::uint64_t, most_rank> element{};
    std::array<hsize_t, most_rank> first{};
    for (std::uint64_t chunk = 0; chunk < grid.chunks() && chunks.found() < expected; ++chunk) {
        grid.first_element(chunk, element);
        std::ranges::copy(element, first.begin());
        if (const std::optional<CapturedChunk> found = capture.find(first.data()))
            chunks.add(std::span<const hsize_t>(first).first(grid.rank()), found->offset, found->bytes,
                       found->filter_mask);
    }
}

#endif

/// Throws: Error if a chunk does not lie in the file.
inline void check_chunks(const ChunkIndex& index, const ChunkGrid& grid, const Hdf5Dataset& dataset,
                         std::uint64_t file_bytes) {
    const std::uint64_t plain_bytes = grid.chunk_elements() * dataset.element.stride;
    for (std::uint64_t chunk = 0; chunk < index.size(); ++chunk) {
        if (!index.has(chunk)) continue;
        const StoredChunk& stored = index[chunk];
        const std::uint64_t bytes = dataset.filters.empty() ? plain_bytes : stored.bytes;
        if (stored.offset > file_bytes || bytes > file_bytes - stored.offset)
            throw dataset.place().error(
                stored.offset, "chunk " + grid.name_of(chunk) + ": expected " + std::to_string(bytes) +
                                   " bytes, found the file's end at byte " + std::to_string(file_bytes));
    }
}

inline FoundChunks find_chunks(const Hdf5Dataset& dataset, const ChunkGrid& grid, std::uint64_t file_bytes) {
    hsize_t expected = 0;
    if (H5Dget_num_chunks(dataset.dataset.id(), dataset.space.id(), &expected) < 0)
        throw dataset.place().failure("its chunks cannot be counted");
    // The table has a place for each chunk that could be; where most never were written, it would be mostly empty.
    if (grid.chunks() > (std::uint64_t{1} << 20) + 64 * expected)
        return {.problem = "only " + std::to_string(expected) + " of its " + std::to_string(grid.chunks()) +
                           " chunks were written"};
    ChunkCollector chunks(dataset, grid);
    collect_chunks(dataset, grid, expected, chunks);
    if (chunks.found() != expected)
        return {.problem = "the library counts " + std::to_string(expected) + " chunks and finds " +
                           std::to_string(chunks.found())};
    FoundChunks found = chunks.finish();
    if (found.index) check_chunks(*found.index, grid, dataset, file_bytes);
    return found;
}

}  // namespace wick::inline v0::detail
