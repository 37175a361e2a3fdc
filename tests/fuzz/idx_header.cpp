// SPDX-License-Identifier: MIT
// Whatever the bytes are, the parser says what they mean or throws an Error with a byte among them.

#include <wick/source/idx_header.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto require = [](bool holds) {
        if (!holds) std::abort();
    };
    try {
        const wick::IdxHeader header = wick::parse_idx_header(std::as_bytes(std::span(data, size)), "fuzz");
        require(header.data_offset <= size && header.data_offset <= wick::idx_header_most_bytes);
        require(header.data_offset == 4 + 4 * header.shape.size() && !header.shape.empty());
        for (const wick::Index extent : header.shape) require(extent >= 0 && extent < wick::Index{1} << 32);
    } catch (const wick::Error& error) {
        require(error.offset().has_value() && *error.offset() <= size);
    }
    return 0;
}
