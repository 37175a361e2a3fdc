// SPDX-License-Identifier: MIT
#pragma once

// What the elements of a dataset are in this library's words, and whether the bytes of the file mean what
// they say or have to be converted by the HDF5 library.

#include <wick/core/layout.hpp>
#include <wick/hdf5/handle.hpp>
#include <wick/hdf5/library.hpp>
#include <wick/hdf5/number.hpp>

#include <cstddef>
#include <cstdint>
#include <hdf5.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// One element of a dataset, or the member of it that is wanted.
struct Hdf5Element {
    Dtype dtype = Dtype::u8;
    std::vector<Index> shape{};  ///< of an array type: the last dimensions of a row
    std::size_t stride = 0;      ///< bytes of a whole element in the file
    std::size_t offset = 0;      ///< where in it the wanted member begins
    std::size_t swap_unit = 1;   ///< 1: the file's byte order is this machine's
    std::string
        conversion{};     ///< why only the HDF5 library can read it; empty if its bytes are as they should be
    Hdf5Handle memory{};  ///< the type to ask the HDF5 library for

    RowLayout layout() const { return RowLayout(dtype, shape); }
    std::size_t bytes() const { return layout().bytes(); }
};

/// What the caller wants of each element.
struct Hdf5Wanted {
    std::string member{};  ///< of a compound, "outer.inner" within another one; empty for all of it
    std::optional<Dtype> dtype = std::nullopt;  ///< what it must be, if that is known
};

/// Throws: Error naming the type if it is no number, or not the one that is wanted.
Hdf5Element hdf5_element(hid_t file_type, const Hdf5Wanted& wanted, const Hdf5Place& place);

// Implementation.

/// The number of a compound's member, or -1 if there is none of that name.
inline int hdf5_member_index(hid_t type, const std::string& name) {
    return H5Tget_class(type) == H5T_COMPOUND ? H5Tget_member_index(type, name.c_str()) : -1;
}

/// Goes from a compound to the member of that name: its type, and how far in it begins.
inline Hdf5Handle hdf5_member(hid_t type, const std::string& name, std::size_t& offset,
                              const Hdf5Place& place) {
    const int member = hdf5_member_index(type, name);
    if (member < 0)
        throw place.error(
            "expected a member \"" + name + "\", as the option .member says, found " +
            (H5Tget_class(type) == H5T_COMPOUND ? "only " + joined(hdf5_member_names(type)) : "no compound"));
    Hdf5Handle member_type(H5Tget_member_type(type, static_cast<unsigned>(member)), H5Tclose);
    const std::size_t begin = H5Tget_member_offset(type, static_cast<unsigned>(member));
    const std::size_t bytes = H5Tget_size(member_type.id()), all = H5Tget_size(type);
    if (begin > all || bytes > all - begin)
        throw place.error("expected the member \"" + name + "\" within the " + std::to_string(all) +
                          " bytes of its compound, found " + std::to_string(bytes) + " bytes at " +
                          std::to_string(begin));
    offset += begin;
    return member_type;
}

/// Throws: Error if an array in a damaged file does not have the bytes of its elements.
inline void check_array(hid_t array, const std::vector<hsize_t>& dimensions, hid_t base,
                        const Hdf5Place& place) {
    std::size_t bytes = H5Tget_size(base);
    for (const hsize_t extent : dimensions)
        if (__builtin_mul_overflow(bytes, extent, &bytes)) bytes = SIZE_MAX;
    if (bytes != H5Tget_size(array))
        throw place.error("expected arrays of " + std::to_string(bytes) +
                          " bytes, as many as their elements have, found " +
                          std::to_string(H5Tget_size(array)));
}

inline Hdf5Element hdf5_element(hid_t file_type, const Hdf5Wanted& wanted, const Hdf5Place& place) {
    Hdf5Element element{.stride = H5Tget_size(file_type)};
    Hdf5Handle type(H5Tcopy(file_type), H5Tclose);
    std::vector<std::string> path;
    std::string rest = wanted.member;
    for (bool more = !rest.empty(); more;) {
        // A name may have dots of its own.
        const std::size_t dot = hdf5_member_index(type.id(), rest) >= 0 ? std::string::npos : rest.find('.');
        more = dot != std::string::npos;
        path.push_back(rest.substr(0, dot));
        if (more) rest.erase(0, dot + 1);
        type = hdf5_member(type.id(), path.back(), element.offset, place);
    }
    std::vector<std::vector<hsize_t>> arrays;
    while (H5Tget_class(type.id()) == H5T_ARRAY) {
        std::vector<hsize_t> dimensions(static_cast<std::size_t>(H5Tget_array_ndims(type.id())));
        H5Tget_array_dims2(type.id(), dimensions.data());
        for (const hsize_t extent : dimensions) element.shape.push_back(static_cast<Index>(extent));
        Hdf5Handle base(H5Tget_super(type.id()), H5Tclose);
        check_array(type.id(), dimensions, base.id(), place);
        arrays.push_back(std::move(dimensions));
        type = std::move(base);
    }
    const Hdf5Number number = hdf5_number(type.id(), wanted.dtype, place);
    element.dtype = number.dtype;
    element.swap_unit = number.swapped ? swap_unit(number.dtype) : 1;
    element.conversion = number.conversion;
    if (number.conversion.empty() && H5Tget_size(type.id()) != size_of(number.dtype))
        throw place.error("expected " + std::to_string(size_of(number.dtype)) + " bytes for each " +
                          std::string(name_of(number.dtype)) + ", found " +
                          std::to_string(H5Tget_size(type.id())));

    element.memory = hdf5_memory_number(type.id(), number.dtype);
    for (auto array = arrays.rbegin(); array != arrays.rend(); ++array)
        element.memory = {
            H5Tarray_create2(element.memory.id(), static_cast<unsigned>(array->size()), array->data()),
            H5Tclose};
    for (auto name = path.rbegin(); name != path.rend(); ++name) {
        Hdf5Handle compound(H5Tcreate(H5T_COMPOUND, H5Tget_size(element.memory.id())), H5Tclose);
        H5Tinsert(compound.id(), name->c_str(), 0, element.memory.id());
        element.memory = std::move(compound);
    }
    if (!element.memory || H5Tget_size(element.memory.id()) != element.bytes())
        throw place.error("expected elements of " + std::to_string(element.bytes()) +
                          " bytes in memory, found a type of " +
                          std::to_string(H5Tget_size(element.memory.id())));
    return element;
}

}  // namespace wick::inline v0::detail
