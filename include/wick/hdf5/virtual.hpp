// SPDX-License-Identifier: MIT
#pragma once

// Virtual datasets are put together by the HDF5 library, which takes a source that is missing for one that
// was never written. Here they are looked for before anything is read.

#include <wick/hdf5/file.hpp>
#include <wick/hdf5/handle.hpp>
#include <wick/hdf5/library.hpp>
#include <wick/hdf5/object.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <hdf5.h>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Looks for every source of a virtual dataset, and for those of a source that is virtual itself.
///
/// Requires: an Hdf5Lock is held; the dataset is not open, else gaps between sources named by a pattern are
///           not seen.
/// Throws:   Error naming the source that is missing, that lies outside the folder where `outside` does not
///           allow it, or that would have to be read through files of its own.
void check_virtual_sources(hid_t file, const Hdf5Place& place, bool outside, int depth = 0);

// Implementation.

/// One of the library's names, whose length it tells first.
template <class Get>
std::string hdf5_text(const Get& get, const Hdf5Place& place) {
    const ssize_t length = get(nullptr, std::size_t{0});
    if (length < 0) throw place.failure("its sources cannot be listed");
    std::string text(static_cast<std::size_t>(length) + 1, '\0');
    if (get(text.data(), text.size()) < 0) throw place.failure("its sources cannot be listed");
    text.pop_back();
    return text;
}

/// The name that is written for a source, in which "%%" stands for one per cent sign. Nothing if it is a pattern: if "%b" in
/// it stands for a number.
inline std::optional<std::string> source_name(const std::string& written) {
    std::string name;
    for (std::size_t i = 0; i < written.size(); ++i) {
        name += written[i];
        if (written[i] != '%' || i + 1 == written.size()) continue;
        if (written[i + 1] == 'b') return std::nullopt;
        if (written[i + 1] == '%') ++i;
    }
    return name;
}

/// A source named by a pattern, `part_%b.h5`, stands for as many as there are; none may be missing in
/// between.
inline void check_no_gap(hid_t file, const Hdf5Place& place) {
    constexpr hsize_t most_gap = 256;
    std::vector<hsize_t> extents[2];
    for (const bool gaps : {false, true}) {
        const Hdf5Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
        // How many missing ones the library looks past; by itself it looks past none.
        if (gaps) H5Pset_virtual_printf_gap(access.id(), most_gap);
        H5Pset_virtual_view(access.id(), gaps ? H5D_VDS_LAST_AVAILABLE : H5D_VDS_FIRST_MISSING);
        const Hdf5Handle dataset(H5Dopen2(file, place.dataset.c_str(), access.id()), H5Dclose);
        const Hdf5Handle space(H5Dget_space(dataset.id()), H5Sclose);
        extents[gaps].resize(static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space.id()))));
        H5Sget_simple_extent_dims(space.id(), extents[gaps].data(), nullptr);
    }
    if (extents[0] != extents[1])
        throw place.error("one of the sources of this virtual dataset is missing between others");
}

inline Hdf5Handle creation_of(hid_t file, const Hdf5Place& place) {
    const Hdf5Handle dataset = open_hdf5_dataset(file, place.dataset.c_str());
    if (!dataset) throw place.failure("cannot be opened");
    return {H5Dget_create_plist(dataset.id()), H5Pclose};
}

inline void check_virtual_source(const Hdf5Place& place, const std::string& file, const std::string& dataset,
                                 bool outside, int depth) {
    const std::filesystem::path path =
        file == "." ? place.file
                    : outside_file(place.file, file, outside, place, "a source of this virtual dataset");
    std::error_code unknown;
    if (!std::filesystem::exists(path, unknown))
        throw place.error("its source " + path.string() + " does not exist");
    const Hdf5Object source = find_dataset(path, dataset, outside);
    const Hdf5Handle creation = creation_of(source.file.id(), source.place);
    if (H5Pget_external_count(creation.id()) > 0)
        throw place.error(
            "its source " + source.place.dataset + " in " + path.string() +
            " has its data in other files, which the HDF5 library would look for in the working directory");
    check_virtual_sources(source.file.id(), source.place, outside, depth + 1);
}

inline void check_virtual_sources(hid_t file, const Hdf5Place& place, bool outside, int depth) {
    const Hdf5Handle list = creation_of(file, place);
    const hid_t creation = list.id();
    if (H5Pget_layout(creation) != H5D_VIRTUAL) return;
    constexpr int deepest = 16;
    if (depth > deepest) throw place.error("virtual datasets are nested more than 16 deep");
    std::size_t count = 0;
    if (H5Pget_virtual_count(creation, &count) < 0) throw place.failure("its sources cannot be listed");
    std::set<std::pair<std::string, std::string>> seen;
    bool patterns = false;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string source = hdf5_text(
            [&](char* out, std::size_t size) { return H5Pget_virtual_filename(creation, i, out, size); },
            place);
        const std::string name = hdf5_text(
            [&](char* out, std::size_t size) { return H5Pget_virtual_dsetname(creation, i, out, size); },
            place);
        if (!seen.emplace(source, name).second) continue;
        const std::optional<std::string> one_source = source_name(source), one_name = source_name(name);
        if (one_source && one_name)
            check_virtual_source(place, *one_source, *one_name, outside, depth);
        else if (patterns = true; source != ".")
            outside_file(place.file, source, outside, place, "a source of this virtual dataset");
    }
    if (patterns) check_no_gap(file, place);
}

}  // namespace wick::inline v0::detail
