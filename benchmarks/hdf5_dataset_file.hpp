// SPDX-License-Identifier: MIT
#pragma once

// The HDF5 files that benchmarks read, written and closed by the HDF5 library itself.

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

/// One dataset [rows, columns] f32 in a file of its own, removed at the end.
class DatasetFile {
public:
    DatasetFile(const std::vector<float>& values, std::size_t columns, std::size_t chunk_rows,
                bool compressed)
        : path_(std::filesystem::temp_directory_path() /
                ("wick-benchmark-" + std::to_string(::getpid()) + "-" + std::to_string(columns) + ".h5")) {
        const hsize_t shape[] = {values.size() / columns, columns}, chunk[] = {chunk_rows, columns};
        const Handle file(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
        const Handle space(H5Screate_simple(2, shape, nullptr), H5Sclose);
        const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
        if (chunk_rows > 0) checked(H5Pset_chunk(creation, 2, chunk));
        if (compressed) checked(H5Pset_shuffle(creation)), checked(H5Pset_deflate(creation, 4));
        const Handle data(H5Dcreate2(file, "x", H5T_IEEE_F32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT),
                          H5Dclose);
        checked(H5Dwrite(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()));
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

}  // namespace wick_bench
