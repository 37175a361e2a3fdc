// SPDX-License-Identifier: MIT
#pragma once

// Opens datasets to be read without the HDF5 library, whichever layout they have.

#include <wick/core/concepts.hpp>
#include <wick/hdf5/chunk_grid.hpp>
#include <wick/hdf5/chunk_index.hpp>
#include <wick/hdf5/dataset.hpp>
#include <wick/hdf5/element_copy.hpp>
#include <wick/hdf5/external.hpp>
#include <wick/hdf5/filter_pipeline.hpp>
#include <wick/hdf5/filtered_chunks.hpp>
#include <wick/hdf5/find_chunks.hpp>
#include <wick/hdf5/library_reader.hpp>
#include <wick/hdf5/loaded_rows.hpp>
#include <wick/hdf5/plain_chunks.hpp>
#include <wick/hdf5/row_parts.hpp>
#include <wick/hdf5/stored_bytes.hpp>
#include <wick/hdf5/verify.hpp>
#include <wick/io/engine.hpp>
#include <wick/io/file.hpp>
#include <wick/io/row_reader.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <hdf5.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace wick::inline v0::detail {

/// How the rows of a dataset are reached.
using Hdf5Reader = std::variant<RowReader, PlainChunkReader, FilteredChunkReader, LoadedRows, LibraryReader>;

/// A way to read a dataset, and why it is this one.
struct Hdf5Access {
    Hdf5Reader reader;
    std::string how;
};

struct Hdf5AccessOptions {
    ReadOptions file{};
    std::optional<std::size_t> decoded_bytes = std::nullopt;
    bool through_library = false;
};

/// Reads rows that are there.
void read_rows(const Hdf5Reader& reader, Rows rows, Bytes out);

/// The dataset's chunks. What is not chunked is one chunk. Nothing if its numbers are larger than can be
/// counted.
std::optional<ChunkGrid> grid_of(const Hdf5Dataset& dataset);

// Implementation.

inline void read_rows(const Hdf5Reader& reader, Rows rows, Bytes out) {
    std::visit([&](const auto& way) { way.read(rows, out); }, reader);
}

inline ElementCopy element_copy(const Hdf5Element& element) {
    return {.stride = element.stride,
            .offset = element.offset,
            .bytes = element.bytes(),
            .swap_unit = element.swap_unit};
}

inline std::optional<ChunkGrid> grid_of(const Hdf5Dataset& dataset) {
    std::vector<std::uint64_t> chunk = dataset.chunk.empty() ? dataset.extent : dataset.chunk;
    std::uint64_t bytes = dataset.element.stride, chunks = 1;
    for (std::size_t i = 0; i < chunk.size(); ++i) {
        if (chunk[i] == 0) return std::nullopt;
        const std::uint64_t count = dataset.extent[i] / chunk[i] + 1;
        std::uint64_t end = 0;
        if (__builtin_mul_overflow(bytes, chunk[i], &bytes) ||
            __builtin_mul_overflow(chunks, count, &chunks) || __builtin_mul_overflow(count, chunk[i], &end))
            return std::nullopt;
    }
    return ChunkGrid(dataset.extent, std::move(chunk));
}

inline ChunkedRows chunked_rows(const Hdf5Dataset& dataset, StoredBytes stored, ChunkGrid grid,
                                ChunkIndex index) {
    return {.stored = std::move(stored),
            .place = dataset.place(),
            .grid = std::move(grid),
            .index = std::move(index),
            .element = element_copy(dataset.element),
            .fill = dataset.fill,
            .row_bytes = dataset.row.bytes()};
}

/// The dataset's rows, all of them, by the library.
inline LoadedRows load_rows(const Hdf5Dataset& dataset) {
    const std::size_t row_bytes = dataset.row.bytes();
    std::vector<std::byte> bytes(row_bytes * static_cast<std::size_t>(dataset.rows()));
    if (H5Dread(dataset.dataset.id(), dataset.element.memory.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                bytes.data()) < 0)
        throw dataset.place().failure("cannot be read");
    return LoadedRows(std::move(bytes), row_bytes);
}

/// Whether that filter was left out for every chunk.
inline bool all_skip(const ChunkIndex& index, std::size_t filter) {
    bool all = true;
    index.for_each([&](std::uint64_t, const StoredChunk& stored) {
        all = all && filter < 32 && (stored.filter_mask >> filter & 1) != 0;
    });
    return all;
}

/// Opens one dataset, by the way that its layout asks for.
class DirectOpening {
public:
    DirectOpening(const Hdf5Dataset& dataset, const Hdf5AccessOptions& options, ChunkGrid grid)
        : dataset_(dataset),
          options_(options),
          grid_(std::move(grid)),
          element_(element_copy(dataset.element)) {}

    /// The direct way, or none: then `problem` says why.
    std::optional<Hdf5Access> open(std::string& problem) {
        if (dataset_.storage == H5D_COMPACT)
            return Hdf5Access{load_rows(dataset_), "in memory: it is compact"};
        if (H5Pget_external_count(dataset_.creation.id()) > 0) return open_external();
        file_ = std::make_shared<const File>(dataset_.object.file.path());
        Hdf5Access access = dataset_.storage == H5D_CONTIGUOUS ? open_contiguous() : open_chunked(problem);
        if (problem.empty())
            problem = verify_rows(dataset_, [&](Index row, Bytes out) {
                read_rows(access.reader, {&row, 1}, out);
            });
        if (!problem.empty()) return std::nullopt;
        return access;
    }

private:
    Hdf5Access open_external() {
        const std::uint64_t bytes = grid_.chunk_elements() * element_.stride;
        std::vector<StoredStretch> stretches =
            external_stretches(dataset_.creation.id(), dataset_.place(), bytes, dataset_.outside);
        const RowParts none(dataset_.row.bytes(), element_);
        if (element_.is_whole())
            if (auto parts = external_parts(stretches, bytes, none, dataset_.row.bytes()))
                return {RowReader(dataset_.row, std::move(*parts), options_.file),
                        "directly: its rows lie end to end in external files"};
        ChunkIndex index(1, 1);
        index.set(0, {.offset = 0});
        return plain(StoredBytes(std::move(stretches), options_.file), std::move(index),
                     "its rows lie in pieces in external files");
    }

    Hdf5Access open_contiguous() {
        const haddr_t offset = H5Dget_offset(dataset_.dataset.id());
        ChunkIndex index(1, 1);
        // Some releases add the user block to the offset of what has none.
        H5D_space_status_t space = H5D_SPACE_STATUS_ERROR;
        if (H5Dget_space_status(dataset_.dataset.id(), &space) < 0)
            throw dataset_.place().failure("it cannot be told whether it was written");
        if (offset == HADDR_UNDEF || space == H5D_SPACE_STATUS_NOT_ALLOCATED)
            return plain(StoredBytes(file_, options_.file), std::move(index),
                         "it was never written, so every row is the fill value");
        if (element_.is_whole()) {
            RowParts parts(dataset_.row.bytes(), element_);
            parts.add(file_, offset, dataset_.rows());
            return {RowReader(dataset_.row, parts.take(), options_.file),
                    "directly: its rows lie end to end"};
        }
        index.set(0, {.offset = offset});
        check_chunks(index, grid_, dataset_, file_->size());
        return plain(StoredBytes(file_, options_.file), std::move(index),
                     "one member is taken out of each element");
    }

    Hdf5Access open_chunked(std::string& problem) {
        FoundChunks chunks = find_chunks(dataset_, grid_, file_->size());
        problem = chunks.problem;
        if (problem.empty()) problem = verify_chunks(dataset_, grid_, *file_, *chunks.index);
        if (const Filter* const filter = problem.empty() ? unknown_filter(*chunks.index) : nullptr) {
            problem = "no decoder here for " + describe(*filter);
            if (H5Zfilter_avail(static_cast<H5Z_filter_t>(filter->id)) <= 0)
                throw dataset_.place().error(
                    "its chunks went through " + describe(*filter) +
                    "; the HDF5 library looks for plugins where HDF5_PLUGIN_PATH says, and "
                    "found none for it");
        }
        if (!problem.empty()) return {LoadedRows({}, 1), {}};
        if (!dataset_.filters.empty()) return filtered(std::move(*chunks.index));
        if (!grid_.has_whole_rows() || !element_.is_whole() ||
            chunks.index->written() != chunks.index->size())
            return plain(StoredBytes(file_, options_.file), std::move(*chunks.index),
                         "its chunks are stored as they are");
        RowParts parts(dataset_.row.bytes(), element_);
        const auto band_rows = static_cast<Index>(grid_.band_rows());
        for (std::uint64_t chunk = 0; chunk < chunks.index->size(); ++chunk)
            parts.add(file_, chunks.index->find(chunk)->offset,
                      std::min(band_rows, dataset_.rows() - static_cast<Index>(chunk) * band_rows));
        return {RowReader(dataset_.row, parts.take(), options_.file),
                "directly: its chunks hold whole rows, stored as they are"};
    }

    Hdf5Access plain(StoredBytes stored, ChunkIndex index, const std::string& why) {
        return {PlainChunkReader(chunked_rows(dataset_, std::move(stored), grid_, std::move(index))),
                "directly: " + why};
    }

    Hdf5Access filtered(ChunkIndex index) {
        const auto chunk_bytes = static_cast<std::size_t>(grid_.chunk_elements() * element_.stride);
        FilterPipeline pipeline(used_filters(index), chunk_bytes);
        return {FilteredChunkReader(
                    chunked_rows(dataset_, StoredBytes(file_, options_.file), grid_, std::move(index)),
                    std::move(pipeline), options_.decoded_bytes),
                "directly: its chunks are decoded here"};
    }

    /// The first filter that was used and is not known here; nothing if there is none.
    const Filter* unknown_filter(const ChunkIndex& index) const {
        for (std::size_t i = 0; i < dataset_.filters.size(); ++i)
            if (!FilterPipeline::knows(dataset_.filters[i]) && !all_skip(index, i))
                return &dataset_.filters[i];
        return nullptr;
    }

    /// The filters, but with one that does nothing in place of those that are not known and were never used.
    std::vector<Filter> used_filters(const ChunkIndex& index) const {
        std::vector<Filter> filters = dataset_.filters;
        for (std::size_t i = 0; i < filters.size(); ++i)
            if (!FilterPipeline::knows(filters[i]) && all_skip(index, i))
                filters[i] = {filter_fletcher32, {}};
        return filters;
    }

    const Hdf5Dataset& dataset_;
    const Hdf5AccessOptions& options_;
    ChunkGrid grid_;
    ElementCopy element_;
    std::shared_ptr<const File> file_;
};

}  // namespace wick::inline v0::detail
