// SPDX-License-Identifier: MIT
#pragma once

// Where every chunk of a dataset lies, asked of the HDF5 library once.

#include <wick/core/error.hpp>
#include <wick/hdf5/capture.hpp>
#include <wick/hdf5/chunk_collector.hpp>
#include <wick/hdf5/chunk_grid.hpp>
#include <wick/hdf5/chunk_index.hpp>
#include <wick/hdf5/dataset.hpp>
#include <wick/hdf5/library.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <hdf5.h>
#include <optional>
#include <span>
#include <string>

namespace wick::inline v0::detail {

/// Asks the library where the chunks lie.
///
/// Requires: an Hdf5Lock is held.
/// Throws:   Error if the library fails, if it counts more chunks than there are at places of the grid, or if a
///           chunk lies outside the file.
/// Cost:     under a microsecond a chunk.
FoundChunks find_chunks(const Hdf5Dataset& dataset, const ChunkGrid& grid, std::uint64_t file_bytes);

// Implementation.

/// A chunk as the library lists it. The first element may be wrong: 1.10.8 mistakes the order of the dimensions
/// where a later one than the first is unlimited.
struct ListedChunk {
    std::array<hsize_t, most_rank> first{};  // element
    haddr_t offset = 0;
    hsize_t bytes = 0;
};

/// Chunk `i` of those that were written; the library takes the longer for it the more there are.
inline ListedChunk listed_chunk(const Hdf5Dataset& dataset, hsize_t i) {
    ListedChunk chunk;
    unsigned mask = 0;
    if (H5Dget_chunk_info(dataset.dataset.id(), dataset.space.id(), i, chunk.first.data(), &mask,
                          &chunk.offset, &chunk.bytes) < 0)
        throw dataset.place().failure("its chunks cannot be listed");
    return chunk;
}

/// The first element of a chunk.
inline std::array<hsize_t, most_rank> place_of(std::uint64_t chunk, const ChunkGrid& grid) {
    std::array<std::uint64_t, most_rank> element{};
    std::array<hsize_t, most_rank> first{};
    grid.first_element(chunk, element);
    std::ranges::copy(element, first.begin());
    return first;
}

/// As many places can be asked for one by one, in some 15 seconds.
inline constexpr std::uint64_t most_places = std::uint64_t{1} << 25;

#if H5_VERSION_GE(1, 14, 0)

/// Whether it would take too long to find the chunks that were written; here each is told at once.
inline bool are_scattered(std::uint64_t, std::uint64_t) noexcept { return false; }

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

/// How long the library takes to list the chunks that were written, in questions for one place, of half a
/// microsecond each: for each chunk it walks past those in front of it.
inline std::uint64_t listing_in_questions(std::uint64_t written) noexcept {
    constexpr std::uint64_t walked_in_a_question = 64;
    return written * (1 + written / walked_in_a_question);
}

/// Whether it would take too long to find the chunks that were written: so many, scattered over so many more
/// places, that neither a list nor asking for each place ends within some 15 seconds.
inline bool are_scattered(std::uint64_t written, std::uint64_t places) noexcept {
    return places / 64 > written && std::min(listing_in_questions(written), places) > most_places;
}

inline void collect_chunks(const Hdf5Dataset& dataset, const ChunkGrid& grid, std::uint64_t expected,
                           ChunkCollector& chunks) {
    const Hdf5Capture capture(dataset.place());
    const std::uint64_t plain_bytes = grid.chunk_elements() * dataset.element.stride;
    const auto add = [&](const std::array<hsize_t, most_rank>& first) {
        const std::optional<CapturedChunk> found = capture.find(first.data());
        if (!found) return;
        // The library would write as many into memory for one chunk of the size that all have.
        if (dataset.filters.empty() && found->bytes != plain_bytes)
            throw dataset.place().error(found->offset, "expected a chunk of " + std::to_string(plain_bytes) +
                                                           " bytes, found one of " +
                                                           std::to_string(found->bytes));
        chunks.add(std::span<const hsize_t>(first).first(grid.rank()), found->offset, found->bytes,
                   found->filter_mask);
    };
    if (listing_in_questions(expected) < grid.chunks()) {
        for (hsize_t i = 0; i < expected; ++i) add(listed_chunk(dataset, i).first);
        if (grid.chunks() > most_places) return;
    }
    for (std::uint64_t chunk = 0; chunk < grid.chunks() && chunks.found() < expected; ++chunk)
        add(place_of(chunk, grid));
}

#endif

/// Throws: Error if a chunk does not lie in the file.
inline void check_chunks(const ChunkIndex& index, const ChunkGrid& grid, const Hdf5Dataset& dataset,
                         std::uint64_t file_bytes) {
    const std::uint64_t plain_bytes = grid.chunk_elements() * dataset.element.stride;
    index.for_each([&](std::uint64_t chunk, const StoredChunk& stored) {
        const std::uint64_t bytes = dataset.filters.empty() ? plain_bytes : stored.bytes;
        if (stored.offset > file_bytes || bytes > file_bytes - stored.offset)
            throw dataset.place().error(
                stored.offset, "chunk " + grid.name_of(chunk) + ": expected " + std::to_string(bytes) +
                                   " bytes, found the file's end at byte " + std::to_string(file_bytes));
    });
}

/// Asks for the first chunks once more, by the library's slow way.
///
/// Throws: Error if one of them is no chunk of this size, or does not lie in the file: the library would not
///         notice.
inline void check_first_chunks(const Hdf5Dataset& dataset, const ChunkGrid& grid, std::uint64_t count,
                               std::uint64_t file_bytes) {
    const std::uint64_t plain_bytes = grid.chunk_elements() * dataset.element.stride;
    constexpr std::uint64_t few = 256;
    for (hsize_t i = 0; i < std::min(count, few); ++i) {
        const auto [first, offset, bytes] = listed_chunk(dataset, i);
        const std::string expected = "expected a chunk of " +
                                     std::to_string(dataset.filters.empty() ? plain_bytes : bytes) +
                                     " bytes, ";
        if (dataset.filters.empty() && bytes != plain_bytes)
            throw dataset.place().error(offset, expected + "found one of " + std::to_string(bytes));
        if (offset == HADDR_UNDEF || offset > file_bytes || bytes > file_bytes - offset)
            throw dataset.place().error(
                offset, expected + "found the file's end at byte " + std::to_string(file_bytes));
    }
}

/// How many places of the grid have a chunk, asked one by one.
inline std::uint64_t written_places(const Hdf5Dataset& dataset, const ChunkGrid& grid) {
    std::uint64_t count = 0;
    for (std::uint64_t chunk = 0; chunk < grid.chunks(); ++chunk) {
        hsize_t bytes = 0;
        count += H5Dget_chunk_storage_size(dataset.dataset.id(), place_of(chunk, grid).data(), &bytes) >= 0 &&
                 bytes > 0;
    }
    return count;
}

inline FoundChunks find_chunks(const Hdf5Dataset& dataset, const ChunkGrid& grid, std::uint64_t file_bytes) {
    hsize_t expected = 0;
    if (H5Dget_num_chunks(dataset.dataset.id(), dataset.space.id(), &expected) < 0)
        throw dataset.place().failure("its chunks cannot be counted");
    if (are_scattered(expected, grid.chunks())) {
        check_first_chunks(dataset, grid, expected, file_bytes);
        return {.problem = "its " + std::to_string(expected) + " chunks are scattered over " +
                           std::to_string(grid.chunks()) + " places, too many to ask for each"};
    }
    ChunkCollector chunks(dataset, grid, expected);
    collect_chunks(dataset, grid, expected, chunks);
    if (chunks.found() != expected) {
        check_first_chunks(dataset, grid, expected, file_bytes);
        // Where a chunk is at no place the library, too, would give the fill value for its rows.
        const std::uint64_t places = grid.chunks() <= most_places ? written_places(dataset, grid) : expected;
        if (places < expected)
            throw dataset.place().error("expected " + std::to_string(expected) +
                                        " chunks, as many as the library counts, found " +
                                        std::to_string(places) + " at places of its grid");
        return {.problem = "the library counts " + std::to_string(expected) + " chunks and names " +
                           std::to_string(chunks.found())};
    }
    FoundChunks found = chunks.finish();
    if (found.index) check_chunks(*found.index, grid, dataset, file_bytes);
    return found;
}

}  // namespace wick::inline v0::detail
