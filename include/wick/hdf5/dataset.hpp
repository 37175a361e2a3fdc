// SPDX-License-Identifier: MIT
#pragma once

// What the HDF5 library knows of a dataset, asked once: all that has to be known to read it without the
// library.

#include <wick/core/layout.hpp>
#include <wick/hdf5/element.hpp>
#include <wick/hdf5/filter.hpp>
#include <wick/hdf5/handle.hpp>
#include <wick/hdf5/library.hpp>
#include <wick/hdf5/object.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <hdf5.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// A dataset, open in the HDF5 library.
///
/// Lifetime: one that is given up must be given up under an Hdf5Lock or on its own; nothing of it is shared.
struct Hdf5Dataset {
    Hdf5Object object;
    Hdf5Handle dataset;
    Hdf5Handle space;
    Hdf5Handle creation;  ///< its creation property list
    Hdf5Element element{};
    std::vector<std::uint64_t> extent{};  ///< rows first
    std::vector<std::uint64_t> chunk{};   ///< extent of a chunk; empty if it is not chunked
    H5D_layout_t storage = H5D_LAYOUT_ERROR;
    std::vector<Filter> filters{};
    std::vector<std::byte> fill{};  ///< the element that stands where nothing was written
    RowLayout row;
    bool outside = false;  ///< names that lead out of the file's folder are followed

    const Hdf5Place& place() const noexcept { return object.place; }
    Index rows() const noexcept { return static_cast<Index>(extent.front()); }

    /// Elements in a row, each of `element.bytes()`.
    std::uint64_t row_elements() const noexcept;
};

/// How a dataset is named and what is wanted of it.
struct Hdf5Request {
    std::filesystem::path file;
    std::string dataset;
    Hdf5Wanted wanted{};
    bool outside = false;  ///< names that lead out of the file's folder are followed
};

/// Throws: Error if there is no such dataset, or it has no rows of numbers.
Hdf5Dataset open_dataset(const Hdf5Request& request);

// Implementation.

inline std::uint64_t Hdf5Dataset::row_elements() const noexcept {
    std::uint64_t count = 1;
    for (std::size_t i = 1; i < extent.size(); ++i) count *= extent[i];
    return count;
}

inline std::vector<std::uint64_t> hdf5_extent(hid_t space, const Hdf5Place& place) {
    switch (H5Sget_simple_extent_type(space)) {
        case H5S_SCALAR: throw place.error("is a scalar, which has no rows");
        case H5S_NULL: throw place.error("is empty by its type (a null dataspace), and has no rows");
        default: break;
    }
    const int rank = H5Sget_simple_extent_ndims(space);
    if (rank < 1) throw place.failure("its shape cannot be read");
    std::vector<hsize_t> dimensions(static_cast<std::size_t>(rank));
    if (H5Sget_simple_extent_dims(space, dimensions.data(), nullptr) < 0)
        throw place.failure("its shape cannot be read");
    for (const hsize_t extent : dimensions)
        if (extent > static_cast<hsize_t>(std::numeric_limits<Index>::max()))
            throw place.error("has a dimension of " + std::to_string(extent) + ", more than can be counted");
    return {dimensions.begin(), dimensions.end()};
}

inline std::vector<Filter> hdf5_filters(hid_t creation, const Hdf5Place& place) {
    std::vector<Filter> filters;
    const int count = H5Pget_nfilters(creation);
    for (int i = 0; i < count; ++i) {
        unsigned flags = 0, config = 0;
        std::size_t parameters = 0;
        const auto number = static_cast<unsigned>(i);
        // Asked twice: how many parameters there are, and which.
        if (H5Pget_filter2(creation, number, &flags, &parameters, nullptr, 0, nullptr, &config) < 0)
            throw place.failure("its filters cannot be read");
        std::vector<unsigned> values(parameters);
        const H5Z_filter_t id =
            H5Pget_filter2(creation, number, &flags, &parameters, values.data(), 0, nullptr, &config);
        if (id < 0) throw place.failure("its filters cannot be read");
        filters.push_back({static_cast<unsigned>(id), std::move(values)});
    }
    return filters;
}

inline std::vector<std::byte> hdf5_fill(hid_t creation, const Hdf5Element& element, const Hdf5Place& place) {
    std::vector<std::byte> fill(element.bytes());
    H5D_fill_value_t defined = H5D_FILL_VALUE_UNDEFINED;
    H5D_fill_time_t time = H5D_FILL_TIME_NEVER;
    // A damaged file can have any number there, which the enumeration may not.
    const auto is_never = [&] { return std::bit_cast<int>(time) == H5D_FILL_TIME_NEVER; };
    // Where the file leaves it undefined, zeros are as good as anything, and the same every time.
    if (H5Pfill_value_defined(creation, &defined) < 0 || H5Pget_fill_time(creation, &time) < 0 ||
        defined == H5D_FILL_VALUE_UNDEFINED || is_never() || fill.empty())
        return fill;
    if (H5Pget_fill_value(creation, element.memory.id(), fill.data()) < 0)
        throw place.failure("its fill value cannot be read");
    return fill;
}

/// The dtype and shape of a row: the dimensions behind the first, then those of the element.
inline RowLayout hdf5_row(const std::vector<std::uint64_t>& extent, const Hdf5Element& element,
                          const Hdf5Place& place) {
    std::vector<Index> shape;
    for (std::size_t i = 1; i < extent.size(); ++i) shape.push_back(static_cast<Index>(extent[i]));
    shape.insert(shape.end(), element.shape.begin(), element.shape.end());
    try {
        return RowLayout(element.dtype, std::move(shape));
    } catch (const std::invalid_argument& error) {
        throw place.error(error.what());
    }
}

inline Hdf5Dataset open_dataset(const Hdf5Request& request) {
    const Hdf5Lock lock;
    Hdf5Object object = find_dataset(request.file, request.dataset, request.outside);
    const Hdf5Place place = object.place;
    const hid_t file = object.file.id();
    Hdf5Handle dataset = open_hdf5_dataset(file, place.dataset.c_str());
    if (!dataset) throw place.failure("cannot be opened");
    Hdf5Handle space(H5Dget_space(dataset.id()), H5Sclose),
        creation(H5Dget_create_plist(dataset.id()), H5Pclose);
    const Hdf5Handle type(H5Dget_type(dataset.id()), H5Tclose);
    if (!space || !creation || !type) throw place.failure("cannot be examined");
    Hdf5Element element = hdf5_element(type.id(), request.wanted, place);
    std::vector<std::uint64_t> extent = hdf5_extent(space.id(), place);
    RowLayout row = hdf5_row(extent, element, place);

    Hdf5Dataset result{.object = std::move(object),
                       .dataset = std::move(dataset),
                       .space = std::move(space),
                       .creation = std::move(creation),
                       .row = std::move(row)};
    result.outside = request.outside;
    result.element = std::move(element);
    result.extent = std::move(extent);
    result.storage = H5Pget_layout(result.creation.id());
    result.filters = hdf5_filters(result.creation.id(), place);
    result.fill = hdf5_fill(result.creation.id(), result.element, place);
    if (result.storage == H5D_CHUNKED) {
        std::vector<hsize_t> chunk(result.extent.size());
        if (H5Pget_chunk(result.creation.id(), static_cast<int>(chunk.size()), chunk.data()) < 0)
            throw place.failure("its chunks cannot be read");
        result.chunk.assign(chunk.begin(), chunk.end());
    }
    return result;
}

}  // namespace wick::inline v0::detail
