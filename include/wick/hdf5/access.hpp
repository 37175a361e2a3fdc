// SPDX-License-Identifier: MIT
#pragma once

// Decides how a dataset is read: without the HDF5 library wherever all is known that has to be, else through
// it. Every decision is kept in words.

#include <wick/core/concepts.hpp>
#include <wick/hdf5/chunk_grid.hpp>
#include <wick/hdf5/dataset.hpp>
#include <wick/hdf5/direct.hpp>
#include <wick/hdf5/external.hpp>
#include <wick/hdf5/library.hpp>
#include <wick/hdf5/library_reader.hpp>
#include <wick/hdf5/loaded_rows.hpp>
#include <wick/hdf5/virtual.hpp>

#include <hdf5.h>
#include <optional>
#include <string>
#include <utility>

namespace wick::inline v0::detail {

/// Throws: Error if the dataset cannot be read.
Hdf5Access open_access(Hdf5Dataset dataset, const Hdf5AccessOptions& options);

// Implementation.

/// Why a dataset can only be read by the library; empty if it is not so.
inline std::string only_library(const Hdf5Dataset& dataset, const Hdf5AccessOptions& options) {
    if (options.through_library) return "the option .through_library says so";
    if (!dataset.element.conversion.empty()) return "it has to be converted: " + dataset.element.conversion;
    if (!dataset.object.file.is_plain()) return "it lies in a file of several parts";
    if (dataset.object.file.is_written()) return "this process has the file open for writing";
    switch (dataset.storage) {
        case H5D_VIRTUAL: return "it is a virtual dataset";
        case H5D_COMPACT:
        case H5D_CONTIGUOUS:
        case H5D_CHUNKED: return "";
        default: return "its layout is not known here";
    }
}

/// Throws: Error if a compact dataset does not have its bytes in the header, where the library takes them to be.
inline void check_compact(const Hdf5Dataset& dataset) {
    constexpr std::uint64_t most = 65536;  // what a header has room for
    if (dataset.row_elements() > most || dataset.extent.front() > most ||
        dataset.row_elements() * dataset.extent.front() * dataset.element.stride > most)
        throw dataset.place().error("is compact, but has more than 64 KiB");
    const std::uint64_t expected = dataset.row_elements() * dataset.extent.front() * dataset.element.stride;
    const std::uint64_t found = H5Dget_storage_size(dataset.dataset.id());
    if (found < expected)
        throw dataset.place().error("is compact: expected " + std::to_string(expected) +
                                    " bytes in its header, found " + std::to_string(found));
}

/// Throws: Error if a filter of the library's that is told how much it decodes to would give another chunk than this
///         dataset has: the library reads on behind what it gave.
inline void check_library_filters(const Hdf5Dataset& dataset) {
    std::uint64_t elements = 1;
    for (const std::uint64_t extent : dataset.chunk)
        if (__builtin_mul_overflow(elements, extent, &elements)) elements = UINT64_MAX;
    for (const Filter& filter : dataset.filters) {
        if (filter.id != filter_nbit && filter.id != filter_scaleoffset) continue;
        const bool told = filter.parameters.size() > 4;
        if (told && filter.parameters[2] == elements && filter.parameters[4] == dataset.element.stride)
            continue;
        throw dataset.place().error(
            filter_name(filter.id) + ": expected chunks of " + std::to_string(elements) + " elements of " +
            std::to_string(dataset.element.stride) + " bytes, found " +
            (told ? std::to_string(filter.parameters[2]) + " of " + std::to_string(filter.parameters[4])
                  : std::to_string(filter.parameters.size()) + " parameters"));
    }
}

inline Hdf5Access open_access(Hdf5Dataset dataset, const Hdf5AccessOptions& options) {
    const Hdf5Lock lock;
    if (dataset.rows() == 0 || dataset.row.bytes() == 0)
        return {LoadedRows({}, dataset.row.bytes()), "not at all: there are no bytes to read"};
    if (dataset.storage == H5D_VIRTUAL) {
        dataset.dataset = Hdf5Handle();  // the library reader opens it again
        check_virtual_sources(dataset.object.file.id(), dataset.place(), dataset.outside);
    }
    if (dataset.storage == H5D_COMPACT) check_compact(dataset);
    std::string problem = only_library(dataset, options);
    if (problem.empty()) {
        std::optional<ChunkGrid> grid = grid_of(dataset);
        if (!grid) problem = "it has more elements than can be counted";
        if (grid)
            if (auto access = DirectOpening(dataset, options, std::move(*grid)).open(problem))
                return std::move(*access);
    }
    // The library looks for external files, too, and is no more to be led astray.
    if (H5Pget_external_count(dataset.creation.id()) > 0)
        external_stretches(dataset.creation.id(), dataset.place(),
                           dataset.element.stride * dataset.row_elements() * dataset.extent.front(),
                           dataset.outside);
    check_library_filters(dataset);
    return {LibraryReader(std::move(dataset)), "through the HDF5 library, one reader at a time: " + problem};
}

}  // namespace wick::inline v0::detail
