// SPDX-License-Identifier: MIT
#pragma once

// The files that benchmarks read: rows whose first eight bytes are the row's number, and labels beside them.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace wick_bench {

/// Two .npy files of their own directory, removed at the end: x u8 [rows, row_bytes] and y i64 [rows].
class RowsFile {
public:
    RowsFile(std::int64_t rows, std::size_t row_bytes)
        : directory_(std::filesystem::temp_directory_path() /
                     ("wick-benchmark-" + std::to_string(::getpid()) + "-" + std::to_string(row_bytes))) {
        std::filesystem::create_directories(directory_);
        std::vector<std::byte> row(row_bytes, std::byte{1});
        write(x(), "|u1", std::to_string(rows) + ", " + std::to_string(row_bytes), rows, row);
        std::vector<std::byte> label(sizeof(std::int64_t));
        write(y(), "<i8", std::to_string(rows) + ",", rows, label);
    }
    RowsFile(const RowsFile&) = delete;
    RowsFile& operator=(const RowsFile&) = delete;
    ~RowsFile() {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    std::filesystem::path x() const { return directory_ / "x.npy"; }
    std::filesystem::path y() const { return directory_ / "y.npy"; }

    /// Bytes before row 0 in either file.
    static constexpr std::size_t header_bytes = 128;

private:
    static void write(const std::filesystem::path& path, const std::string& descr, const std::string& shape,
                      std::int64_t rows, std::vector<std::byte>& row) {
        std::string header = "\x93NUMPY\x01" + std::string(1, '\0') + "\x76" + std::string(1, '\0') +
                             "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }";
        header.resize(header_bytes - 1, ' ');
        header += '\n';
        std::FILE* file = std::fopen(path.c_str(), "wb");
        if (file == nullptr) throw std::runtime_error("cannot write " + path.string());
        bool written = std::fwrite(header.data(), 1, header.size(), file) == header.size();
        for (std::int64_t i = 0; i < rows; ++i) {
            std::memcpy(row.data(), &i, sizeof i);
            written = written && std::fwrite(row.data(), 1, row.size(), file) == row.size();
        }
        if (std::fclose(file) != 0 || !written) throw std::runtime_error("cannot write " + path.string());
    }

    std::filesystem::path directory_;
};

}  // namespace wick_bench
