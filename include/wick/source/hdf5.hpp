// SPDX-License-Identifier: MIT
#pragma once

// Rows out of an HDF5 file. Needs the HDF5 library, and so is not part of <wick/wick.hpp>: link the target
// wick::hdf5.

#include <wick/core/access.hpp>
#include <wick/core/check.hpp>
#include <wick/core/concepts.hpp>
#include <wick/core/layout.hpp>
#include <wick/hdf5/access.hpp>
#include <wick/hdf5/dataset.hpp>
#include <wick/hdf5/direct.hpp>
#include <wick/hdf5/file.hpp>
#include <wick/hdf5/library.hpp>
#include <wick/hdf5/object.hpp>
#include <wick/io/engine.hpp>
#include <wick/io/row_check.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace wick::inline v0 {

/// How a dataset of an HDF5 file is read.
struct Hdf5Options {
    Engine engine = Engine::automatic;
    std::optional<std::uint64_t> cache_bytes = std::nullopt;  ///< as ReadOptions::cache_bytes

    /// The member of a compound that is wanted; "outer.inner" if it stands within another one.
    std::string member = {};

    /// What the data must be. 16-bit integers, and opaque data of that width, are taken for bf16 if that is
    /// said here.
    std::optional<Dtype> dtype = std::nullopt;

    /// Most memory for decoded chunks, which all threads share, in bytes. Left out, what a loader's memory
    /// budget has room for, and 256 MiB without a loader. A block shuffle decodes each chunk once an epoch if its
    /// window fits in here, with what the batches on their way begin; those of the window in which the epoch's end
    /// and its beginning meet it decodes twice.
    std::optional<std::size_t> decoded_bytes = std::nullopt;

    /// Whether links and external storage may lead to files outside the folder of the file that names them.
    bool outside = false;

    /// Reads by the HDF5 library in any case: to compare, or where the direct way should ever go wrong.
    bool through_library = false;
};

/// A dataset of an HDF5 file, row by row along its first dimension.
///
/// The HDF5 library is asked where the bytes lie, when the dataset is opened; they are read and decoded
/// without it, so any number of threads read at the same time. What is not known here is read by the library,
/// by one thread at a time; `access()` says so.
///
/// A file that another process has open for writing, SWMR or not, is refused: HDF5 marks it, or locks it
/// where its format is an old one and the file system knows locks (without them, or with
/// HDF5_USE_FILE_LOCKING=FALSE, such a writer cannot be noticed). One that is written to after it was opened
/// is refused by the next read. What this very process has open for writing is read through the library, so
/// that what it wrote is seen, flushed or not; the source keeps the number of rows that there was when it was
/// made.
///
/// A damaged file is refused, or its damaged chunks are, by an Error. But metadata are read by the HDF5
/// library, and some of its releases crash or never end on metadata made for that (1.10.8 in the global heap
/// of a virtual dataset, in a group's local heap, on the size of an enumeration, and on a chunk without extent).
/// Where it reads the data, too, as access() tells, 1.10.8 reads on behind a chunk that its filters make too
/// short, and a damaged chunk of szip's may give any data. Open files from strangers in a process of their own.
///
/// Copies share what they have decoded, and each adds to the memory for it what it was given by `prepare`.
///
/// Threads: safe from any number of threads, also beside other users of the HDF5 library if that was built
///          thread-safe; a copy is prepared before it is read.
class Hdf5Source {
public:
    using Options = Hdf5Options;

    /// Throws: Error if the file is missing, no HDF5 file, or damaged; if there is no such dataset, naming
    ///         what is there; or if the dataset has no rows of numbers.
    Hdf5Source(const std::filesystem::path& file, std::string dataset, Hdf5Options options = {});

    Index size() const noexcept { return size_; }
    const RowLayout& layout() const noexcept { return layout_; }

    /// As every Source.
    ///
    /// Throws: Error if the file has changed or cannot be read, or if its bytes are corrupt: then it names
    ///         the chunk.
    void read(Rows rows, Bytes out) const;

    /// Rows that are stored, and so best read, together: those of a chunk, or 1.
    Index block_rows() const noexcept { return block_rows_; }

    /// Reads ahead, or keeps memory for chunks, as that suits how the rows will be asked for.
    void prepare(Access& access);

    /// Throws: std::out_of_range for a row outside [0, size()).
    void prefetch(Rows rows) const;
    Index prefetch_distance() const;

    /// How the dataset is read and why, in one sentence.
    const std::string& access() const noexcept { return access_.how; }

    /// The same, and how its files are read at this moment.
    std::string explain() const;

    /// The datasets that the file holds, by their paths, sorted.
    static std::vector<std::string> datasets(const std::filesystem::path& file);

private:
    Hdf5Source(detail::Hdf5Dataset dataset, const Hdf5Options& options);

    Index size_;
    RowLayout layout_;
    Index block_rows_;
    detail::Hdf5Access access_;
};

// Implementation.

inline Hdf5Source::Hdf5Source(const std::filesystem::path& file, std::string dataset, Hdf5Options options)
    : Hdf5Source(detail::open_dataset({.file = file,
                                       .dataset = std::move(dataset),
                                       .wanted = {.member = options.member, .dtype = options.dtype},
                                       .outside = options.outside}),
                 options) {}

inline Hdf5Source::Hdf5Source(detail::Hdf5Dataset dataset, const Hdf5Options& options)
    : size_(dataset.rows()),
      layout_(dataset.row),
      block_rows_(dataset.chunk.empty() ? 1 : static_cast<Index>(dataset.chunk.front())),
      access_(detail::open_access(std::move(dataset), {.file = {options.engine, options.cache_bytes},
                                                       .decoded_bytes = options.decoded_bytes,
                                                       .through_library = options.through_library})) {}

inline void Hdf5Source::read(Rows rows, Bytes out) const {
    detail::check_read(rows, size_, layout_, out);
    if (!out.empty()) detail::read_rows(access_.reader, rows, out);
}

inline void Hdf5Source::prepare(Access& access) {
    std::visit(
        [&](auto& way) {
            if constexpr (Preparable<std::remove_cvref_t<decltype(way)>>) way.prepare(access);
        },
        access_.reader);
}

inline void Hdf5Source::prefetch(Rows rows) const {
    detail::check_rows(rows, size_);
    std::visit(
        [&](const auto& way) {
            if constexpr (Prefetchable<std::remove_cvref_t<decltype(way)>>) way.prefetch(rows);
        },
        access_.reader);
}

inline Index Hdf5Source::prefetch_distance() const {
    return std::visit(
        [&](const auto& way) -> Index {
            if constexpr (Prefetchable<std::remove_cvref_t<decltype(way)>>) return way.prefetch_distance();
            return 0;
        },
        access_.reader);
}

inline std::string Hdf5Source::explain() const {
    return access_.how + std::visit(
                             [&](const auto& way) -> std::string {
                                 if constexpr (requires { way.explain(); }) return "; " + way.explain();
                                 return "";
                             },
                             access_.reader);
}

inline std::vector<std::string> Hdf5Source::datasets(const std::filesystem::path& file) {
    const detail::Hdf5Lock lock;
    return detail::hdf5_datasets_in(detail::Hdf5OpenFile(file).id(), std::numeric_limits<std::size_t>::max());
}

static_assert(Source<Hdf5Source> && Preparable<Hdf5Source> && Prefetchable<Hdf5Source> &&
              Blocked<Hdf5Source>);

}  // namespace wick::inline v0
