// SPDX-License-Identifier: MIT
#pragma once

// Where chunks lie, asked of HDF5 libraries older than H5Dchunk_iter. Their H5Dget_chunk_info walks through
// the whole index for each chunk; H5Dread_chunk finds one at once, but reads it. So it is called on a file
// opened by a driver of ours, which on demand notes where the library wants to read instead of reading.

#include <wick/core/concepts.hpp>
#include <wick/core/error.hpp>
#include <wick/hdf5/handle.hpp>
#include <wick/io/file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <hdf5.h>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <utility>

// The driver's interface changed in 1.14, which has H5Dchunk_iter.
#if !H5_VERSION_GE(1, 14, 0)

namespace wick::inline v0::detail {

/// Where a chunk lies in the file, user block included.
struct CapturedChunk {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    std::uint32_t filter_mask = 0;
};

/// A dataset opened once more, to ask where its chunks lie.
///
/// Requires: an Hdf5Lock is held throughout; nothing writes to the file.
class Hdf5Capture {
public:
    /// Throws: Error if the dataset cannot be opened so.
    explicit Hdf5Capture(const Hdf5Place& place);

    /// Where the chunk with that first element lies; nothing if it was never written.
    std::optional<CapturedChunk> find(const hsize_t* first_element) const;

private:
    Hdf5Handle driver_;
    Hdf5Handle file_;
    Hdf5Handle dataset_;
    struct CaptureFile* captured_ = nullptr;
};

// Implementation.

struct CaptureFile : H5FD_t {
    explicit CaptureFile(const char* name) : H5FD_t{}, source(std::filesystem::path(name)) {}

    File source;
    haddr_t end = 0;      // of what is allocated, which the library keeps here
    bool noting = false;  // whether the next read of raw data is noted
    unsigned reads = 0;
    haddr_t noted_offset = 0;
    std::size_t noted_bytes = 0;

    static CaptureFile& of(H5FD_t* file) { return *static_cast<CaptureFile*>(file); }
    static const CaptureFile& of(const H5FD_t* file) { return *static_cast<const CaptureFile*>(file); }
    static H5FD_class_t driver();
};

inline H5FD_class_t CaptureFile::driver() {
    H5FD_class_t type{};
    type.name = "wick_capture";
    type.maxaddr = (haddr_t{1} << 63) - 1;
    type.fc_degree = H5F_CLOSE_WEAK;
    type.open = [](const char* name, unsigned flags, hid_t, haddr_t) -> H5FD_t* {
        if ((flags & (H5F_ACC_RDWR | H5F_ACC_CREAT | H5F_ACC_TRUNC)) != 0) return nullptr;
        try {
            return new CaptureFile(name);
        } catch (...) {
            return nullptr;
        }
    };
    type.close = [](H5FD_t* file) -> herr_t {
        delete &of(file);
        return 0;
    };
    type.query = [](const H5FD_t*, unsigned long* flags) -> herr_t {
        // Metadata read in larger pieces, as by the ordinary driver.
        if (flags) *flags = H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_AGGREGATE_METADATA;
        return 0;
    };
    type.get_eoa = [](const H5FD_t* file, H5FD_mem_t) { return of(file).end; };
    type.set_eoa = [](H5FD_t* file, H5FD_mem_t, haddr_t eoa) -> herr_t {
        of(file).end = eoa;
        return 0;
    };
    type.get_eof = [](const H5FD_t* file, H5FD_mem_t) -> haddr_t { return of(file).source.size(); };
    type.get_handle = [](H5FD_t* file, hid_t, void** handle) -> herr_t {
        *handle = &of(file);
        return 0;
    };
    type.read = [](H5FD_t* file, H5FD_mem_t kind, hid_t, haddr_t offset, std::size_t size,
                   void* out) -> herr_t {
        CaptureFile& capture = of(file);
        if (capture.noting && kind == H5FD_MEM_DRAW) {
            capture.noted_offset = offset;
            capture.noted_bytes = size;
            ++capture.reads;
            return 0;
        }
        try {
            // The library may ask beyond the end of a file, and expects zeros there.
            const std::uint64_t whole = capture.source.size();
            const auto there =
                static_cast<std::size_t>(offset < whole ? std::min<std::uint64_t>(size, whole - offset) : 0);
            const Bytes all(static_cast<std::byte*>(out), size);
            if (there > 0) capture.source.read_at(offset, all.first(there));
            std::ranges::fill(all.subspan(there), std::byte{});
            return 0;
        } catch (...) {
            return -1;
        }
    };
    type.write = [](H5FD_t*, H5FD_mem_t, hid_t, haddr_t, std::size_t, const void*) -> herr_t { return -1; };
    const H5FD_mem_t kinds[] = H5FD_FLMAP_DICHOTOMY;
    std::ranges::copy(kinds, type.fl_map);
    return type;
}

inline Hdf5Capture::Hdf5Capture(const Hdf5Place& place) {
    const H5FD_class_t type = CaptureFile::driver();
    driver_ = {H5FDregister(&type), H5FDunregister};
    const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    void* handle = nullptr;
    if (!driver_ || H5Pset_driver(access.id(), driver_.id(), nullptr) < 0)
        throw place.failure("its chunks cannot be asked for");
    file_ = {H5Fopen(place.file.string().c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose};
    if (!file_ || H5Fget_vfd_handle(file_.id(), H5P_DEFAULT, &handle) < 0)
        throw place.failure("its chunks cannot be asked for");
    captured_ = static_cast<CaptureFile*>(handle);
    dataset_ = {H5Dopen2(file_.id(), place.dataset.c_str(), H5P_DEFAULT), H5Dclose};
    if (!dataset_) throw place.failure("its chunks cannot be asked for");
}

inline std::optional<CapturedChunk> Hdf5Capture::find(const hsize_t* first_element) const {
    CapturedChunk chunk;
    std::byte untouched{};  // the driver notes and writes nothing
    captured_->noting = true;
    captured_->reads = 0;
    const herr_t result =
        H5Dread_chunk(dataset_.id(), H5P_DEFAULT, first_element, &chunk.filter_mask, &untouched);
    captured_->noting = false;
    if (result < 0 || captured_->reads != 1) return std::nullopt;
    chunk.offset = captured_->noted_offset;
    chunk.bytes = captured_->noted_bytes;
    return chunk;
}

}  // namespace wick::inline v0::detail

#endif
