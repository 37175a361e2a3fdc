// SPDX-License-Identifier: MIT
#pragma once

// Rows out of a .npy file, as NumPy writes it.

#include <wick/core/concepts.hpp>
#include <wick/core/layout.hpp>
#include <wick/io/engine.hpp>
#include <wick/io/file.hpp>
#include <wick/io/row_part.hpp>
#include <wick/io/row_reader.hpp>
#include <wick/source/npy_header.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace wick::inline v0 {

/// How a .npy file is read.
struct NpyOptions {
    Engine engine = Engine::automatic;
    std::optional<std::uint64_t> cache_bytes = std::nullopt;  ///< as ReadOptions::cache_bytes

    /// What the data must be. Void data of that width is taken for it: NumPy writes bf16 as `V2`.
    std::optional<Dtype> dtype = std::nullopt;
};

/// An array in a .npy file, row by row along its first dimension.
///
/// Both byte orders, both element orders and data at any alignment are read; bytes after the array are left
/// alone. Fortran order is slower: each element of a row lies elsewhere.
class NpySource : public RowReader {
public:
    using Options = NpyOptions;

    /// Throws: Error naming file and byte if the file is no .npy file, or too short for the array it
    ///         describes.
    explicit NpySource(std::filesystem::path path, NpyOptions options = {})
        : RowReader(open(std::move(path), options)) {}

private:
    static RowReader open(std::filesystem::path path, const NpyOptions& options);
};

// Implementation.

inline RowReader NpySource::open(std::filesystem::path path, const NpyOptions& options) {
    auto file = std::make_shared<const File>(std::move(path));
    const auto start_of = [&](std::size_t bytes) {
        std::vector<std::byte> start(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, file->size())));
        file->read_at(0, start);
        return start;
    };
    const std::size_t header_bytes = npy_header_bytes(start_of(12), file->path());
    NpyHeader header = parse_npy_header(start_of(header_bytes), file->path(), options.dtype);
    const Index rows = header.shape.front();
    header.shape.erase(header.shape.begin());
    return RowReader(RowLayout(header.dtype, std::move(header.shape)),
                     {{.file = std::move(file),
                       .offset = header.data_offset,
                       .rows = rows,
                       .byte_order = header.byte_order,
                       .fortran_order = header.fortran_order}},
                     {options.engine, options.cache_bytes});
}

static_assert(Source<NpySource>);

}  // namespace wick::inline v0
