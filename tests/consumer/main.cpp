// SPDX-License-Identifier: MIT
// What a project that uses wick would do: reads a file and rows in memory, side by side, in batches.

#include <wick/wick.hpp>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

int main() {
    // Six rows of two floats, 0 to 11, as NumPy writes them.
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (6, 2), }";
    header.resize(117, ' ');
    const auto file = std::filesystem::current_path() / "consumer.npy";
    std::ofstream out(file, std::ios::binary);
    out.write("\x93NUMPY\x01\x00\x76\x00", 10) << header << '\n';
    for (int i = 0; i < 12; ++i) {
        const float value = static_cast<float>(i);
        out.write(reinterpret_cast<const char*>(&value), sizeof value);
    }
    out.close();

    const std::vector<std::int64_t> labels{0, 1, 2, 3, 4, 5};
    wick::DataLoader loader(wick::ZipDataset{wick::NpySource(file), wick::MemorySource(labels)},
                            wick::RandomSampler(/*seed=*/7), {.batch_size = 4, .workers = 2});
    long long rows = 0, wrong = 0;
    for (auto& [images, numbers] : loader.epoch(0)) {
        const float* image = images.data_ptr<float>();
        const std::int64_t* number = numbers.data_ptr<std::int64_t>();
        for (std::int64_t i = 0; i < numbers.size(0); ++i, ++rows) {
            wrong += image[2 * i] != static_cast<float>(2 * number[i]);
            wrong += image[2 * i + 1] != static_cast<float>(2 * number[i] + 1);
        }
    }
    std::filesystem::remove(file);
    std::printf("wick %d.%d.%d: %lld rows, %lld wrong\n", WICK_VERSION_MAJOR, WICK_VERSION_MINOR,
                WICK_VERSION_PATCH, rows, wrong);
    return rows == 6 && wrong == 0 ? 0 : 1;
}
