// SPDX-License-Identifier: MIT
// Prints what data files hold, how they are stored, and how wick reads them: inspect FILE...

#include <wick/hdf5/storage.hpp>
#include <wick/source/hdf5.hpp>
#include <wick/source/idx.hpp>
#include <wick/source/npy.hpp>
#include <wick/source/npy_header.hpp>

#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

namespace {

using Path = std::filesystem::path;

std::string start_of(const Path& path, std::size_t bytes) {
    std::ifstream in(path, std::ios::binary);
    std::string start(bytes, '\0');
    in.read(start.data(), static_cast<std::streamsize>(bytes));
    start.resize(static_cast<std::size_t>(in.gcount()));
    return start;
}

bool is_npy(const std::string& start) { return start.starts_with("\x93NUMPY"); }

/// Two zero bytes, one of IDX's types, and at least one dimension.
bool is_idx(const std::string& start) {
    return start.size() >= 4 && start.starts_with(std::string(2, '\0')) &&
           std::string("\x08\x09\x0b\x0c\x0d\x0e").find(start[2]) != std::string::npos && start[3] != '\0';
}

/// "60000 rows of u8 [28, 28], 784 bytes each".
std::string rows_in_words(wick::Index rows, const wick::RowLayout& row) {
    std::string shape;
    for (const wick::Index length : row.shape())
        shape += (shape.empty() ? "" : ", ") + std::to_string(length);
    return std::to_string(rows) + " rows of " + std::string(name_of(row.dtype())) +
           (shape.empty() ? "" : " [" + shape + "]") + ", " + std::to_string(row.bytes()) + " bytes each";
}

void print(const char* label, const std::string& text) { std::printf("    %-7s %s\n", label, text.c_str()); }

void inspect_npy(const Path& path) {
    const wick::NpySource source(path);
    std::printf("%s: an array of NumPy's\n", path.c_str());
    const auto bytes = [](const std::string& text) { return std::as_bytes(std::span(text)); };
    const std::string header = start_of(path, wick::npy_header_bytes(bytes(start_of(path, 12)), path));
    const bool fortran = wick::parse_npy_header(bytes(header), path).fortran_order;
    print("holds", rows_in_words(source.size(), source.layout()));
    print("stored", fortran ? "column by column (in Fortran order)" : "end to end");
    print("read", fortran ? "directly, element by element, which is slower" : "directly");
}

void inspect_idx(const Path& path) {
    const wick::IdxSource source(path);
    std::printf("%s: an array in MNIST's format (IDX)\n", path.c_str());
    print("holds", rows_in_words(source.size(), source.layout()));
    print("stored", "end to end, the highest byte first");
    print("read", "directly");
}

std::string storage_of(const Path& path, const std::string& dataset) {
    return wick::detail::storage_of(wick::detail::open_dataset({.file = path, .dataset = dataset}));
}

void inspect_dataset(const Path& path, const std::string& dataset) {
    std::printf("  %s\n", dataset.c_str());
    try {
        const wick::Hdf5Source source(path, dataset);
        print("holds", rows_in_words(source.size(), source.layout()));
        print("stored", storage_of(path, dataset));
        if (source.block_rows() > 1)
            print("blocks", std::to_string(source.block_rows()) + " rows are best read together");
        print("read", source.access());
    } catch (const std::exception& error) {
        print("refused", error.what());
    }
}

void inspect_hdf5(const Path& path) {
    const auto datasets = wick::Hdf5Source::datasets(path);
    std::printf("%s: an HDF5 file of %zu %s\n", path.c_str(), datasets.size(),
                datasets.size() == 1 ? "dataset" : "datasets");
    for (const std::string& dataset : datasets) inspect_dataset(path, dataset);
}

/// Returns whether the file is of a format that wick knows.
bool inspect(const Path& path) {
    try {
        const std::string start = start_of(path, 6);
        if (is_npy(start))
            inspect_npy(path);
        else if (is_idx(start))
            inspect_idx(path);
        else
            inspect_hdf5(path);
        return true;
    } catch (const std::exception& error) {
        std::printf("%s\n", error.what());
        if (std::filesystem::is_regular_file(path))
            std::printf(
                "    wick knows .npy, IDX and HDF5 by how they begin. Plain numbers have no beginning of "
                "their\n"
                "    own: wick::RawSource(path, layout) reads them once it is told what they are.\n");
        return false;
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "usage: %s FILE...\n", argv[0]), 2;
    bool all = true;
    for (int i = 1; i < argc; ++i) all &= inspect(argv[i]);
    return all ? 0 : 1;
}
