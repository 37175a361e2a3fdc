// SPDX-License-Identifier: MIT
#pragma once

// The HDF5 files that benchmarks read, written and closed by the HDF5 library itself, and that library as a reader.

#include <wick/core/concepts.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <hdf5.h>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace wick_bench {

inline hid_t checked(hid_t id) {
    if (id < 0) throw std::runtime_error("the HDF5 library refuses");
    return id;
}

struct Handle {
    hid_t id;
    herr_t (*close)(hid_t);

    Handle(hid_t opened, herr_t (*closed_by)(hid_t)) : id(checked(opened)), close(closed_by) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { close(id); }
    operator hid_t() const { return id; }
};

/// Rows that compress to a quarter, as measurements do: waves with noise in their last bits. Each begins with
/// its number.
inline std::vector<float> make_values(std::int64_t rows, std::size_t columns) {
    std::vector<float> values(static_cast<std::size_t>(rows) * columns);
    std::uint32_t noise = 1;
    for (std::size_t i = 0; i < values.size(); ++i) {
        noise = noise * 1'664'525 + 1'013'904'223;
        const auto phase = static_cast<float>(i % 100'000) / 50;
        values[i] = i % columns == 0 ? static_cast<float>(i / columns)
                                     : std::round(100 * std::sin(phase)) + static_cast<float>(noise >> 29);
    }
    return values;
}

/// How a file finds its chunks: as the oldest releases do, or in the newer ways for datasets of a fixed size and for
/// those that may grow.
enum class ChunkLookup { btree, fixed_array, extensible_array };

/// How rows are stored.
struct DatasetForm {
    std::size_t columns;
    std::size_t chunk_rows = 0;  ///< 0: not in chunks
    bool compressed = false;     ///< by shuffle and deflate
    ChunkLookup lookup = ChunkLookup::btree;
};

/// Writes a file of one dataset "x" [rows, columns] f32.
inline void write_dataset(const std::filesystem::path& path, const std::vector<float>& values,
                          const DatasetForm& form) {
    const hsize_t shape[] = {values.size() / form.columns, form.columns};
    const hsize_t chunk[] = {form.chunk_rows, form.columns}, most[] = {H5S_UNLIMITED, form.columns};
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    if (form.lookup != ChunkLookup::btree)
        checked(H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST));
    const Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access), H5Fclose);
    const bool grows = form.lookup == ChunkLookup::extensible_array;
    const Handle space(H5Screate_simple(2, shape, grows ? most : nullptr), H5Sclose);
    const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    if (form.chunk_rows > 0) checked(H5Pset_chunk(creation, 2, chunk));
    if (form.compressed) checked(H5Pset_shuffle(creation)), checked(H5Pset_deflate(creation, 4));
    const Handle data(H5Dcreate2(file, "x", H5T_IEEE_F32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT),
                      H5Dclose);
    checked(H5Dwrite(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()));
}

/// Such a file, removed at the end.
class DatasetFile {
public:
    DatasetFile(const std::vector<float>& values, const DatasetForm& form)
        : path_(std::filesystem::temp_directory_path() /
                ("wick-benchmark-" + std::to_string(::getpid()) + ".h5")) {
        write_dataset(path_, values, form);
    }
    DatasetFile(const DatasetFile&) = delete;
    DatasetFile& operator=(const DatasetFile&) = delete;
    ~DatasetFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// The library, used as well as it can be for rows in any order.
class Library {
public:
    explicit Library(const std::filesystem::path& path)
        : file_(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose),
          data_(H5Dopen2(file_, "x", H5P_DEFAULT), H5Dclose),
          space_(H5Dget_space(data_), H5Sclose) {
        hsize_t shape[2] = {};
        checked(H5Sget_simple_extent_dims(space_, shape, nullptr));
        columns_ = shape[1];
    }

    void read_each(wick::Rows rows, wick::Bytes out) const {
        const Handle memory(H5Screate_simple(1, &columns_, nullptr), H5Sclose);
        std::byte* to = out.data();
        for (const wick::Index row : rows) {
            select(row, H5S_SELECT_SET);
            checked(H5Dread(data_, H5T_NATIVE_FLOAT, memory, space_, H5P_DEFAULT, to));
            to += columns_ * sizeof(float);
        }
    }

    /// All of a batch in one call: the library gives them in the order of the file.
    void read_together(wick::Rows rows, wick::Bytes out) const {
        std::vector<wick::Index> sorted(rows.begin(), rows.end());
        std::sort(sorted.begin(), sorted.end());
        const hsize_t count = rows.size() * columns_;
        const Handle memory(H5Screate_simple(1, &count, nullptr), H5Sclose);
        H5S_seloper_t how = H5S_SELECT_SET;
        for (const wick::Index row : sorted) {
            select(row, how);
            how = H5S_SELECT_OR;
        }
        checked(H5Dread(data_, H5T_NATIVE_FLOAT, memory, space_, H5P_DEFAULT, out.data()));
    }

    /// Where the first of a dataset's bytes lies.
    haddr_t offset() const {
        hsize_t at[2] = {}, bytes = 0;
        unsigned mask = 0;
        haddr_t address = H5Dget_offset(data_);
        if (address == HADDR_UNDEF) checked(H5Dget_chunk_info_by_coord(data_, at, &mask, &address, &bytes));
        return address;
    }

private:
    void select(wick::Index row, H5S_seloper_t how) const {
        const hsize_t start[] = {static_cast<hsize_t>(row), 0}, count[] = {1, columns_};
        checked(H5Sselect_hyperslab(space_, how, start, nullptr, count, nullptr));
    }

    Handle file_;
    Handle data_;
    Handle space_;
    hsize_t columns_ = 0;
};

}  // namespace wick_bench
