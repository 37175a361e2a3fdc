// SPDX-License-Identifier: MIT
// What a project that reads HDF5 files would do: chunks of a file, in batches.

#include <wick/source/hdf5.hpp>
#include <wick/wick.hpp>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <hdf5.h>
#include <string>

namespace {

/// Six rows of two numbers, 0 to 11, in compressed chunks of four rows.
bool write(const std::string& path) {
    const hsize_t rows[2] = {6, 2}, chunk[2] = {4, 2};
    int values[12];
    for (int i = 0; i < 12; ++i) values[i] = i;
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(2, rows, nullptr), creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, 2, chunk);
    H5Pset_deflate(creation, 4);
    const hid_t data = H5Dcreate2(file, "x", H5T_NATIVE_INT, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    const bool written = H5Dwrite(data, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
    H5Dclose(data), H5Pclose(creation), H5Sclose(space);
    return H5Fclose(file) >= 0 && written;
}

}  // namespace

int main() {
    const auto file = std::filesystem::current_path() / "consumer.h5";
    if (!write(file.string())) return 2;
    wick::DataLoader loader(wick::Hdf5Source(file, "/x"), wick::RandomSampler(/*seed=*/7),
                            {.batch_size = 4, .workers = 2});
    long long rows = 0, sum = 0, wrong = 0;
    for (auto& [numbers] : loader.epoch(0)) {
        for (std::int64_t i = 0; i < numbers.size(0); ++i, ++rows) {
            const auto* const row = numbers.data_ptr<std::int32_t>() + 2 * i;
            sum += row[0];
            wrong += row[1] != row[0] + 1;
        }
    }
    std::filesystem::remove(file);
    std::printf("%lld rows, sum %lld, %lld wrong\n", rows, sum, wrong);
    return rows == 6 && sum == 30 && wrong == 0 ? 0 : 1;
}
