// SPDX-License-Identifier: MIT
#pragma once

// Rows out of an IDX file: MNIST, Fashion-MNIST, EMNIST and their family.

#include <wick/core/concepts.hpp>
#include <wick/core/error.hpp>
#include <wick/core/layout.hpp>
#include <wick/io/engine.hpp>
#include <wick/io/file.hpp>
#include <wick/io/row_part.hpp>
#include <wick/io/row_reader.hpp>
#include <wick/source/idx_header.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0 {

/// An array in an IDX file, row by row along its first dimension.
class IdxSource : public RowReader {
public:
    using Options = ReadOptions;

    /// Throws: Error naming file and byte if the file is no IDX file, is still gzipped, or has another length
    ///         than its header says.
    explicit IdxSource(std::filesystem::path path, ReadOptions options = {})
        : RowReader(open(std::move(path), options)) {}

private:
    static RowReader open(std::filesystem::path path, const ReadOptions& options);
};

// Implementation.

inline RowReader IdxSource::open(std::filesystem::path path, const ReadOptions& options) {
    auto file = std::make_shared<const File>(std::move(path));
    std::vector<std::byte> start(
        static_cast<std::size_t>(std::min<std::uint64_t>(idx_header_most_bytes, file->size())));
    file->read_at(0, start);
    IdxHeader header = parse_idx_header(start, file->path());
    const Index rows = header.shape.front();
    header.shape.erase(header.shape.begin());

    RowPart part{.file = file, .offset = header.data_offset, .rows = rows, .byte_order = std::endian::big};
    RowLayout layout = [&] {
        try {
            return RowLayout(header.dtype, std::move(header.shape));
        } catch (const std::invalid_argument& error) {
            throw Error(file->path(), 8, error.what());
        }
    }();
    // An array that is too long for the file is refused here, so that its bytes can be counted below.
    detail::check_extent(part, layout);
    const std::uint64_t end = part.offset + static_cast<std::uint64_t>(rows) * layout.bytes();
    if (end != file->size())
        throw Error(file->path(), end, "the end of the file",
                    std::to_string(file->size() - end) + " bytes more than the header says");
    return RowReader(std::move(layout), {std::move(part)}, options);
}

static_assert(Source<IdxSource>);

}  // namespace wick::inline v0
