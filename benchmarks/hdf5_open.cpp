// SPDX-License-Identifier: MIT
// How long does it take to open a dataset of a million chunks?
//
// Each chunk has an entry in the file's index, and all of them are read once. The file is in the page cache, as it has
// just been written. Beside it what one question to the HDF5 library costs (H5Dget_chunk_info of a chunk in the middle),
// which would have to be asked for each chunk.

#include <wick/source/hdf5.hpp>

#include "compare.hpp"
#include "hdf5_dataset_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <hdf5.h>
#include <string>
#include <vector>

namespace {

using wick_bench::checked;
using wick_bench::Handle;
using wick_bench::now;

double library_seconds(const std::filesystem::path& path, hsize_t chunk) {
    const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    const Handle data(H5Dopen2(file, "x", H5P_DEFAULT), H5Dclose);
    const Handle space(H5Dget_space(data), H5Sclose);
    hsize_t offset[2], bytes = 0;
    unsigned mask = 0;
    haddr_t address = 0;
    checked(H5Dget_chunk_info(data, space, chunk, offset, &mask, &address, &bytes));
    const double begin = now();
    checked(H5Dget_chunk_info(data, space, chunk, offset, &mask, &address, &bytes));
    return now() - begin;
}

void measure(const std::string& title, const std::filesystem::path& path, std::size_t chunks, int turns) {
    std::vector<double> seconds;
    for (int turn = 0; turn < turns; ++turn) {
        const double begin = now();
        const wick::Hdf5Source source(path, "/x");
        seconds.push_back(now() - begin);
        if (turn == 0) std::printf("\n%s (%s)\n", title.c_str(), source.access().c_str());
    }
    const double each = library_seconds(path, chunks / 2);
    std::printf("  wick opens it in %.3f s (%.3f to %.3f); H5Dget_chunk_info for each would take %.0f s\n",
                wick_bench::median(seconds), *std::ranges::min_element(seconds),
                *std::ranges::max_element(seconds), each * static_cast<double>(chunks));
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    const wick_bench::Options options(argc, argv, {{"chunks", 1e6}, {"turns", 5}});
    const auto chunks = static_cast<std::size_t>(options["chunks"]);
    constexpr std::size_t columns = 8;
    const std::vector<float> values = wick_bench::make_values(static_cast<std::int64_t>(chunks), columns);
    using wick_bench::ChunkLookup;
    const auto measure_one = [&](const std::string& what, bool compressed, ChunkLookup lookup) {
        const wick_bench::DatasetFile file(
            values, {.columns = columns, .chunk_rows = 1, .compressed = compressed, .lookup = lookup});
        measure(std::to_string(chunks) + " chunks, " + what, file.path(), chunks,
                static_cast<int>(options["turns"]));
    };
    measure_one("B-tree", false, ChunkLookup::btree);
    measure_one("B-tree, compressed", true, ChunkLookup::btree);
    measure_one("fixed array, compressed", true, ChunkLookup::fixed_array);
    measure_one("extensible array, compressed", true, ChunkLookup::extensible_array);
}
