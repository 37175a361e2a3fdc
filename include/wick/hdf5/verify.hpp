// SPDX-License-Identifier: MIT
#pragma once

// A direct way of reading is believed only if it gives what the HDF5 library gives: releases of the library
// differ in what they say of chunks, and the next one may differ again.

#include <wick/core/concepts.hpp>
#include <wick/core/error.hpp>
#include <wick/hdf5/chunk_grid.hpp>
#include <wick/hdf5/chunk_index.hpp>
#include <wick/hdf5/dataset.hpp>
#include <wick/hdf5/handle.hpp>
#include <wick/io/file.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <hdf5.h>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace wick::inline v0::detail {

/// Compares the first, the middle and the last chunk with what the library reads as chunks, and moves all of
/// them by the user block if that makes them agree. Returns what does not agree, or nothing.
///
/// Requires: an Hdf5Lock is held.
std::string verify_chunks(const Hdf5Dataset& dataset, const ChunkGrid& grid, const File& file,
                          ChunkIndex& index);

/// Compares the first, the middle and the last row. `read(row, out)` is the way that is judged; where it
/// throws an Error there is nothing to compare, and whoever reads that row will get the Error. Returns what
/// does not agree, or nothing.
///
/// Requires: an Hdf5Lock is held.
template <class Read>
std::string verify_rows(const Hdf5Dataset& dataset, const Read& read);

// Implementation.

// What is longer is not compared: it would be felt when a file is opened.
inline constexpr std::size_t most_compared = std::size_t{32} << 20;

/// A chunk as the library reads it; nothing if it cannot.
///
/// Requires: the index gives the chunk so many bytes.
inline std::optional<std::vector<std::byte>> library_chunk(const Hdf5Dataset& dataset,
                                                           const hsize_t* first_element, std::size_t bytes) {
    std::vector<std::byte> chunk(bytes);
    std::uint32_t mask = 0;
#if H5_VERSION_GE(2, 0, 0)
    const herr_t result =
        H5Dread_chunk2(dataset.dataset.id(), H5P_DEFAULT, first_element, &mask, chunk.data(), &bytes);
#else
    // Older releases write as many bytes as the index says, whatever room there is.
    const herr_t result =
        H5Dread_chunk(dataset.dataset.id(), H5P_DEFAULT, first_element, &mask, chunk.data());
#endif
    if (result < 0) return std::nullopt;
    return chunk;
}

/// Whether the index itself was asked how long each chunk is: 1.14 names the chunks without filters by the size that
/// they should have.
inline bool sizes_are_known(const Hdf5Dataset& dataset) noexcept {
    constexpr bool is_captured = !H5_VERSION_GE(1, 14, 0), has_room = H5_VERSION_GE(2, 0, 0);
    return is_captured || has_room || !dataset.filters.empty();
}

/// Whether the file has these bytes there.
inline bool file_has(const File& file, std::uint64_t offset, std::span<const std::byte> bytes) {
    if (offset > file.size() || bytes.size() > file.size() - offset) return false;
    std::vector<std::byte> found(bytes.size());
    file.read_at(offset, found);
    return std::ranges::equal(found, bytes);
}

inline std::string verify_chunks(const Hdf5Dataset& dataset, const ChunkGrid& grid, const File& file,
                                 ChunkIndex& index) {
    if (index.written() == 0 || !sizes_are_known(dataset)) return "";
    std::vector<std::uint64_t> written;
    written.reserve(static_cast<std::size_t>(index.written()));
    index.for_each([&](std::uint64_t chunk, const StoredChunk&) { written.push_back(chunk); });
    std::ranges::sort(written);
    bool shifted = false;
    for (const std::uint64_t chunk :
         std::set<std::uint64_t>{written.front(), written[written.size() / 2], written.back()}) {
        const StoredChunk stored = *index.find(chunk);
        std::array<std::uint64_t, most_rank> element{};
        std::array<hsize_t, most_rank> first{};
        grid.first_element(chunk, element);
        std::ranges::copy(element, first.begin());
        const std::uint64_t size =
            dataset.filters.empty() ? grid.chunk_elements() * dataset.element.stride : stored.bytes;
        hsize_t said = 0;
        if (size > most_compared || H5Dget_chunk_storage_size(dataset.dataset.id(), first.data(), &said) < 0)
            continue;
        if (said != size)
            return "the library says that chunk " + grid.name_of(chunk) + " has " + std::to_string(said) +
                   " bytes, and its index says " + std::to_string(size);
        const std::optional<std::vector<std::byte>> bytes =
            library_chunk(dataset, first.data(), static_cast<std::size_t>(size));
        if (!bytes) continue;
        const std::uint64_t user_block = dataset.object.file.user_block();
        if (file_has(file, stored.offset, *bytes)) continue;
        // Some releases give places that do not count the user block.
        if (shifted || user_block == 0 || !file_has(file, stored.offset + user_block, *bytes))
            return "the library reads other bytes for chunk " + grid.name_of(chunk) +
                   " than lie where it says that the chunk is";
        index.shift(user_block);
        shifted = true;
    }
    return "";
}

/// A row as the library reads it; nothing if it cannot.
inline std::optional<std::vector<std::byte>> library_row(const Hdf5Dataset& dataset, Index row) {
    std::vector<std::byte> bytes(dataset.row.bytes());
    std::vector<hsize_t> start(dataset.extent.size(), 0), count(dataset.extent.begin(), dataset.extent.end());
    start.front() = static_cast<hsize_t>(row);
    count.front() = 1;
    const Hdf5Handle space(H5Scopy(dataset.space.id()), H5Sclose);
    const Hdf5Handle memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr),
                            H5Sclose);
    if (H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) < 0 ||
        H5Dread(dataset.dataset.id(), dataset.element.memory.id(), memory.id(), space.id(), H5P_DEFAULT,
                bytes.data()) < 0)
        return std::nullopt;
    return bytes;
}

template <class Read>
std::string verify_rows(const Hdf5Dataset& dataset, const Read& read) {
    if (dataset.row.bytes() > most_compared) return "";
    for (const Index row : std::set<Index>{0, dataset.rows() / 2, dataset.rows() - 1}) {
        std::vector<std::byte> ours(dataset.row.bytes());
        try {
            // First: a chunk that is no chunk is refused here in little memory, where the library would take
            // much.
            read(row, Bytes(ours));
        } catch (const Error&) {
            continue;
        }
        const std::optional<std::vector<std::byte>> theirs = library_row(dataset, row);
        if (theirs && *theirs != ours) return "row " + std::to_string(row) + " is not what the library reads";
    }
    return "";
}

}  // namespace wick::inline v0::detail
