// SPDX-License-Identifier: MIT
#pragma once

// Rows out of a dump without a header, such as the `.dat` of NumPy's `memmap` or an `fwrite`.

#include <wick/core/concepts.hpp>
#include <wick/core/error.hpp>
#include <wick/core/layout.hpp>
#include <wick/io/engine.hpp>
#include <wick/io/file.hpp>
#include <wick/io/row_part.hpp>
#include <wick/io/row_reader.hpp>

#include <bit>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace wick::inline v0 {

/// How a dump is read.
struct RawOptions {
    /// Byte of the file where the first row begins.
    std::uint64_t offset = 0;

    /// How many rows to read; left out, the rows reach to the end of the file and must end there exactly.
    std::optional<Index> rows = std::nullopt;

    std::endian byte_order = std::endian::native;
    Engine engine = Engine::automatic;
    std::optional<std::uint64_t> cache_bytes = std::nullopt;  ///< as ReadOptions::cache_bytes
};

/// Rows of a given layout, end to end in a file.
class RawSource : public RowReader {
public:
    using Options = RawOptions;

    /// Throws: Error if the file ends within a row, or before the rows asked for; std::invalid_argument if
    ///         the rows are negative, or have no bytes to count them by.
    RawSource(std::filesystem::path path, RowLayout layout, RawOptions options = {})
        : RowReader(open(std::move(path), std::move(layout), options)) {}

private:
    static RowReader open(std::filesystem::path path, RowLayout layout, const RawOptions& options);
};

// Implementation.

inline RowReader RawSource::open(std::filesystem::path path, RowLayout layout, const RawOptions& options) {
    auto file = std::make_shared<const File>(std::move(path));
    if (options.offset > file->size())
        throw Error(file->path(), file->size(), "the first row at byte " + std::to_string(options.offset),
                    "the end of the file");
    Index rows = options.rows.value_or(0);
    if (!options.rows) {
        if (layout.bytes() == 0)
            throw std::invalid_argument("rows of " + to_string(layout) +
                                        " have no bytes to count them by; say .rows");
        const std::uint64_t bytes = file->size() - options.offset;
        const std::uint64_t left = bytes % layout.bytes();
        if (left != 0)
            throw Error(file->path(), file->size() - left,
                        "a row of " + std::to_string(layout.bytes()) + " bytes, " + to_string(layout),
                        std::to_string(left) + " bytes up to the end of the file");
        rows = static_cast<Index>(bytes / layout.bytes());
    }
    return RowReader(
        std::move(layout),
        {{.file = std::move(file), .offset = options.offset, .rows = rows, .byte_order = options.byte_order}},
        {options.engine, options.cache_bytes});
}

static_assert(Source<RawSource>);

}  // namespace wick::inline v0
