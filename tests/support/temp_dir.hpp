// SPDX-License-Identifier: MIT
#pragma once

// A directory of a test's own, gone when the test ends.

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace wick_test {

/// A new, empty directory; it and all it holds are removed by the destructor.
class TempDir {
public:
    TempDir() {
        std::random_device random;
        do {
            path_ = std::filesystem::temp_directory_path() / ("wick-" + std::to_string(random()));
        } while (!std::filesystem::create_directory(path_));
    }

    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& path() const noexcept { return path_; }

    /// Where a file of that name would stand in here.
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

    /// Writes a file of exactly these bytes and gives its path.
    std::filesystem::path write(std::string_view name, std::span<const std::byte> bytes) const {
        const std::filesystem::path file = path_ / name;
        std::ofstream out(file, std::ios::binary | std::ios::trunc);
        out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        out.close();
        if (!out) throw std::runtime_error("cannot write " + file.string());
        return file;
    }

    /// The same for text, or for bytes written as text: "\x93NUMPY\x01\x00"sv.
    std::filesystem::path write(std::string_view name, std::string_view text) const {
        return write(name, std::as_bytes(std::span(text.data(), text.size())));
    }

private:
    std::filesystem::path path_;
};

}  // namespace wick_test
