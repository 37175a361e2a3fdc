// SPDX-License-Identifier: MIT
#pragma once

// Says in words how a dataset is stored, for people who want to know why it is read as it is.

#include <wick/hdf5/dataset.hpp>
#include <wick/hdf5/filter.hpp>
#include <wick/hdf5/library.hpp>

#include <cstdint>
#include <hdf5.h>
#include <string>
#include <vector>

namespace wick::inline v0::detail {

/// "in chunks of [16, 28, 28] through shuffle, deflate", "end to end", "in the file's header", ...
std::string storage_of(const Hdf5Dataset& dataset);

// Implementation.

inline std::string extent_in_words(const std::vector<std::uint64_t>& extent) {
    std::string text;
    for (const std::uint64_t length : extent) text += (text.empty() ? "" : ", ") + std::to_string(length);
    return "[" + text + "]";
}

inline std::string filters_in_words(const std::vector<Filter>& filters) {
    std::string text;
    for (const Filter& filter : filters) {
        const FilterName* known = find_filter_name(filter.id);
        text += text.empty() ? " through " : ", ";
        text += known != nullptr ? known->name : filter_name(filter.id);
    }
    return text;
}

inline std::string storage_of(const Hdf5Dataset& dataset) {
    const Hdf5Lock lock;
    switch (dataset.storage) {
        case H5D_COMPACT: return "in the header of the dataset";
        case H5D_CHUNKED:
            return "in chunks of " + extent_in_words(dataset.chunk) + filters_in_words(dataset.filters);
        case H5D_VIRTUAL: return "in other datasets (a virtual dataset)";
        case H5D_CONTIGUOUS: break;
        default: return "in a layout that is not known here";
    }
    const int files = H5Pget_external_count(dataset.creation.id());
    if (files > 0) return "in " + std::to_string(files) + (files == 1 ? " other file" : " other files");
    return "end to end";
}

}  // namespace wick::inline v0::detail
