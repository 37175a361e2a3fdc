// SPDX-License-Identifier: MIT
// Whatever the bytes are, the parser says what they mean or throws an Error with a byte among them.

#include <wick/source/npy_header.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <span>

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void parse(std::span<const std::byte> start, std::optional<wick::Dtype> wanted) {
    try {
        const wick::NpyHeader header = wick::parse_npy_header(start, "fuzz", wanted);
        require(header.data_offset == wick::npy_header_bytes(start, "fuzz"));
        require(header.data_offset <= start.size());
        require(!header.shape.empty());
        require(!wanted || header.dtype == *wanted);
        for (const wick::Index extent : header.shape) require(extent >= 0);
        const wick::RowLayout row(header.dtype, {header.shape.begin() + 1, header.shape.end()});
        const auto most = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
        const auto rows = static_cast<std::size_t>(header.shape.front());
        require(row.bytes() == 0 || rows <= most / row.bytes());
    } catch (const wick::Error& error) {
        require(error.offset().has_value() && *error.offset() <= start.size());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto start = std::as_bytes(std::span(data, size));
    parse(start, std::nullopt);
    parse(start, wick::Dtype::bf16);
    return 0;
}
