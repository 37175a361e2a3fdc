// SPDX-License-Identifier: MIT
#pragma once

// Datasets whose data lie in other files, outside HDF5: raw bytes, which are read from there.

#include <wick/core/concepts.hpp>
#include <wick/hdf5/dataset.hpp>
#include <wick/hdf5/file.hpp>
#include <wick/hdf5/row_parts.hpp>
#include <wick/hdf5/stored_bytes.hpp>
#include <wick/io/file.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <hdf5.h>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// The files behind a dataset's creation property list, in order, and which bytes of them.
///
/// Requires: an Hdf5Lock is held.
/// Throws:   Error if one is missing or too short, or lies outside the folder and `outside` does not allow
///           that.
std::vector<StoredStretch> external_stretches(hid_t creation, const Hdf5Place& place, std::uint64_t bytes,
                                              bool outside);

/// The rows in those files, if no row begins in one file and ends in the next.
std::optional<std::vector<RowPart>> external_parts(const std::vector<StoredStretch>& stretches,
                                                   std::uint64_t bytes, RowParts parts,
                                                   std::size_t row_bytes);

// Implementation.

#if H5_VERSION_GE(2, 0, 0)
using ExternalOffset = HDoff_t;
#else
using ExternalOffset = off_t;
#endif

inline std::shared_ptr<const File> external_file(const std::filesystem::path& path, const Hdf5Place& place) {
    std::error_code unknown;
    if (!std::filesystem::exists(path, unknown))
        throw place.error("its data lie in " + path.string() + ", which does not exist");
    return std::make_shared<const File>(path);
}

inline std::vector<StoredStretch> external_stretches(hid_t creation, const Hdf5Place& place,
                                                     std::uint64_t bytes, bool outside) {
    std::vector<StoredStretch> stretches;
    std::map<std::filesystem::path, std::shared_ptr<const File>> files;
    std::uint64_t start = 0;
    const int count = H5Pget_external_count(creation);
    for (int i = 0; i < count && start < bytes; ++i) {
        std::array<char, 4096> name{};
        ExternalOffset offset = 0;
        hsize_t size = 0;
        if (H5Pget_external(creation, static_cast<unsigned>(i), name.size() - 1, name.data(), &offset,
                            &size) < 0)
            throw place.failure("its external files cannot be listed");
        const std::filesystem::path path =
            outside_file(place.file, name.data(), outside, place, "its external storage");
        auto& file = files[path];
        if (!file) file = external_file(path, place);
        const std::uint64_t wanted = std::min<std::uint64_t>(size, bytes - start);
        const auto from = static_cast<std::uint64_t>(offset);
        if (offset < 0 || from > file->size() || wanted > file->size() - from)
            throw Error(path, file->size(),
                        std::to_string(wanted) + " bytes from byte " + std::to_string(offset) +
                            " on, as dataset " + place.dataset + " of " + place.file.string() +
                            " has them here",
                        "its end");
        stretches.push_back({.file = file, .offset = from, .start = start});
        start += wanted;
    }
    if (start < bytes)
        throw place.error("expected " + std::to_string(bytes) +
                          " bytes in its external files, found room for " + std::to_string(start));
    return stretches;
}

inline std::optional<std::vector<RowPart>> external_parts(const std::vector<StoredStretch>& stretches,
                                                          std::uint64_t bytes, RowParts parts,
                                                          std::size_t row_bytes) {
    for (std::size_t i = 0; i < stretches.size(); ++i) {
        const std::uint64_t end = i + 1 < stretches.size() ? stretches[i + 1].start : bytes;
        if (end % row_bytes != 0) return std::nullopt;
        parts.add(stretches[i].file, stretches[i].offset,
                  static_cast<Index>((end - stretches[i].start) / row_bytes));
    }
    return parts.take();
}

}  // namespace wick::inline v0::detail
