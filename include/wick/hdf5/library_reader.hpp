// SPDX-License-Identifier: MIT
#pragma once

// Rows read by the HDF5 library itself, under the lock: the way that knows everything, for all that is not
// known here.

#include <wick/core/concepts.hpp>
#include <wick/core/layout.hpp>
#include <wick/hdf5/dataset.hpp>
#include <wick/hdf5/filter.hpp>
#include <wick/hdf5/handle.hpp>
#include <wick/hdf5/library.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <hdf5.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Threads: safe from any thread, but one reads at a time, in the whole process.
class LibraryReader {
public:
    /// Throws: Error if the dataset cannot be opened again.
    explicit LibraryReader(Hdf5Dataset dataset);

    /// Requires: the rows are there and fill `out`.
    /// Throws:   Error with the library's reason.
    void read(Rows rows, Bytes out) const;

private:
    struct Open {
        Hdf5Dataset dataset;
        Hdf5Handle space;     // where the wanted rows are selected
        Hdf5Handle transfer;  // with memory to convert in: else the library clears a MiB of it for each read
        std::vector<std::byte> memory{};
    };
    void read_run(Index first, std::size_t count, std::byte* out) const;

    std::shared_ptr<const Open> open_;
};

// Implementation.

/// How the library is to open a dataset: with room for two of its chunks, since rows are asked for chunk by
/// chunk, and with files beside the HDF5 file found in its own folder, wherever the process stands.
inline Hdf5Handle dataset_access(const Hdf5Dataset& dataset) {
    Hdf5Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
    std::size_t chunk_bytes = dataset.element.stride;
    for (const std::uint64_t extent : dataset.chunk) chunk_bytes *= static_cast<std::size_t>(extent);
    if (!dataset.chunk.empty())
        H5Pset_chunk_cache(access.id(), H5D_CHUNK_CACHE_NSLOTS_DEFAULT,
                           std::max<std::size_t>(std::size_t{1} << 20, 2 * chunk_bytes),
                           H5D_CHUNK_CACHE_W0_DEFAULT);
    // Only where it is needed: of a dataset that is open elsewhere in the process, it must be the same.
    if (H5Pget_external_count(dataset.creation.id()) > 0) H5Pset_efile_prefix(access.id(), "${ORIGIN}");
    return access;
}

/// The filters that the library has no plugin for, in words that end a sentence; empty if there is none.
inline std::string missing_plugins(const Hdf5Dataset& dataset) {
    std::string text;
    for (const Filter& filter : dataset.filters)
        if (H5Zfilter_avail(static_cast<H5Z_filter_t>(filter.id)) <= 0)
            text += "; it found no " + describe(filter) + ", where HDF5_PLUGIN_PATH says";
    return text;
}

inline LibraryReader::LibraryReader(Hdf5Dataset dataset) {
    const Hdf5Lock lock;
    const Hdf5Handle access = dataset_access(dataset);
    // Closed first: the library gives one dataset only one way of access at a time.
    dataset.dataset = Hdf5Handle();
    dataset.dataset = {H5Dopen2(dataset.object.file.id(), dataset.place().dataset.c_str(), access.id()),
                       H5Dclose};
    if (!dataset.dataset) throw dataset.place().failure("cannot be opened");
    auto open = std::make_shared<Open>(Open{.dataset = std::move(dataset), .space = {}, .transfer = {}});
    open->space = {H5Scopy(open->dataset.space.id()), H5Sclose};
    open->transfer = {H5Pcreate(H5P_DATASET_XFER), H5Pclose};
    const Hdf5Element& element = open->dataset.element;
    const std::size_t half = std::max({std::size_t{65536}, element.stride, element.bytes()});
    open->memory.resize(2 * half);
    if (H5Pset_buffer(open->transfer.id(), half, open->memory.data(), open->memory.data() + half) < 0)
        throw open->dataset.place().failure("cannot be opened");
    open_ = std::move(open);
}

inline void LibraryReader::read(Rows rows, Bytes out) const {
    if (out.empty()) return;
    // In the order of the file, so that each chunk is decoded once; neighbours that stay neighbours in one
    // go.
    std::vector<std::size_t> order(rows.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return rows[i]; });
    const std::size_t row_bytes = open_->dataset.row.bytes();
    // What nothing was written to the library may leave as it is.
    std::memset(out.data(), 0, out.size());
    const Hdf5Lock lock;
    for (std::size_t i = 0, count = 0; i < order.size(); i += count) {
        const std::size_t first = order[i];
        for (count = 1; i + count < order.size() && order[i + count] == first + count &&
                        rows[first + count] == rows[first] + static_cast<Index>(count);)
            ++count;
        read_run(rows[first], count, out.data() + first * row_bytes);
    }
}

inline void LibraryReader::read_run(Index first, std::size_t count, std::byte* out) const {
    const Hdf5Dataset& dataset = open_->dataset;
    std::vector<hsize_t> start(dataset.extent.size(), 0),
        extent(dataset.extent.begin(), dataset.extent.end());
    start.front() = static_cast<hsize_t>(first);
    extent.front() = static_cast<hsize_t>(count);
    const Hdf5Handle memory(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                            H5Sclose);
    if (memory &&
        H5Sselect_hyperslab(open_->space.id(), H5S_SELECT_SET, start.data(), nullptr, extent.data(),
                            nullptr) >= 0 &&
        H5Dread(dataset.dataset.id(), dataset.element.memory.id(), memory.id(), open_->space.id(),
                open_->transfer.id(), out) >= 0)
        return;
    const std::string reason = hdf5_reason();  // before the library is asked for anything else
    throw dataset.place().error("rows " + std::to_string(first) + " to " +
                                std::to_string(first + static_cast<Index>(count) - 1) +
                                " cannot be read: " + reason + missing_plugins(dataset));
}

}  // namespace wick::inline v0::detail
