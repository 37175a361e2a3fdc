// SPDX-License-Identifier: MIT
#include <wick/io/row_stream.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <new>
#include <vector>

namespace {

/// Bytes of which no two neighbours look alike.
std::vector<std::byte> pattern(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((i * 2654435761u) >> 13);
    return bytes;
}

using Copy = std::function<void(const std::byte*, std::size_t, std::byte*)>;

/// Whether exactly the bytes asked for arrive, and nothing on either side of them changes.
bool copies_exactly(const Copy& copy, std::size_t bytes, std::size_t from_shift, std::size_t to_shift) {
    constexpr std::size_t margin = 128;
    struct alignas(64) Line {
        std::byte bytes[64];
    };
    // Ends where the last byte read lies, so that a sanitizer sees one too many.
    const std::vector<std::byte> source = pattern(from_shift + bytes);
    std::vector<Line> memory((margin + to_shift + bytes + margin) / 64 + 1);
    std::byte* const out = memory.front().bytes;
    std::byte* const end = memory.back().bytes + 64;
    std::fill(out, end, std::byte{0xEE});
    copy(source.data() + from_shift, bytes, out + margin + to_shift);
    wick::detail::finish_streaming();
    const auto untouched = [](std::byte byte) { return byte == std::byte{0xEE}; };
    return std::equal(source.begin() + static_cast<std::ptrdiff_t>(from_shift), source.end(),
                      out + margin + to_shift) &&
           std::all_of(out, out + margin + to_shift, untouched) &&
           std::all_of(out + margin + to_shift + bytes, end, untouched);
}

}  // namespace

TEST_CASE("row stream: every length and alignment of either side arrives, and nothing beside it changes") {
    for (const std::size_t bytes : {0u, 1u, 15u, 16u, 63u, 64u, 65u, 127u, 128u, 200u, 4096u, 4097u, 70'001u})
        for (const std::size_t from_shift : {0u, 1u, 16u, 37u})
            for (const std::size_t to_shift : {0u, 1u, 8u, 16u, 32u, 63u}) {
                INFO(bytes << " bytes from " << from_shift << " to " << to_shift);
                REQUIRE(copies_exactly(wick::detail::copy_streaming, bytes, from_shift, to_shift));
            }
}

#if defined(__x86_64__)
TEST_CASE("row stream: a machine without AVX2 copies the same bytes") {
    // Called by its name, since a machine that runs the tests nearly always has AVX2.
    for (const std::size_t bytes : {0u, 64u, 128u, 4096u})
        for (const std::size_t from_shift : {0u, 1u, 16u, 37u})
            REQUIRE(copies_exactly(wick::detail::stream_lines_sse2, bytes, from_shift, 0));
}
#endif
