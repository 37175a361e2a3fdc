// SPDX-License-Identifier: MIT
// Whatever the bytes of a file are: its datasets are read, or an Error says why not.

#include <wick/source/hdf5.hpp>

#include "support/temp_dir.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <span>
#include <string>
#include <vector>

namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 22;

void require(bool holds) {
    if (!holds) std::abort();
}

/// Reads some rows, by themselves and together; both must agree.
void read(const wick::Hdf5Source& source) {
    const wick::Index size = source.size();
    const std::size_t row_bytes = source.layout().bytes();
    require(size >= 0 && source.block_rows() >= 1 && !source.access().empty());
    if (size == 0 || row_bytes > most_bytes / 8) return;
    const std::vector<wick::Index> rows{size - 1, 0, size / 2, size / 3, size - 1, std::min<wick::Index>(1, size - 1)};
    std::vector<std::byte> together(rows.size() * row_bytes), alone(row_bytes);
    source.read(rows, together);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        source.read({&rows[i], 1}, alone);
        require(std::ranges::equal(alone, std::span(together).subspan(i * row_bytes, row_bytes)));
    }
}

void open(const std::filesystem::path& path, const std::string& name, const std::string& member) {
    try {
        read(wick::Hdf5Source(path, name, {.member = member, .decoded_bytes = most_bytes}));
    } catch (const wick::Error&) {
    } catch (const std::bad_alloc&) {  // a chunk may be said to be larger than memory
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const wick_test::TempDir dir;
    const auto path = dir.write("fuzz.h5", std::as_bytes(std::span(data, size)));
    std::vector<std::string> names;
    try {
        names = wick::Hdf5Source::datasets(path);
    } catch (const wick::Error&) {
    }
    names.resize(std::min<std::size_t>(names.size(), 4));
    names.insert(names.end(), {"/x", "/link"});
    for (const std::string& name : names) open(path, name, "");
    open(path, "/x", "a");
    return 0;
}
