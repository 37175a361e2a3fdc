// SPDX-License-Identifier: MIT
#include <wick/io/row_part.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace std::literals;
using wick::Index;
using wick::RowLayout;
using wick::detail::OpenPart;

namespace {

/// Bytes of which no two neighbours, and no two rows, look alike.
std::vector<std::byte> pattern(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((i * 2654435761u) >> 13);
    return bytes;
}

/// Row 100 of the source is the first of a part that begins at byte 3 of its file.
struct Part {
    Part(const wick_test::TempDir& dir, const std::vector<std::byte>& bytes, Index rows)
        : file(std::make_shared<const wick::File>(dir.write("a", bytes)), wick::Engine::mapped),
          part{.file = &file,
               .offset = 3,
               .first = 100,
               .rows = rows,
               .swap_unit = 1,
               .fortran_order = false} {}

    std::vector<std::byte> copy(const std::vector<Index>& rows, const RowLayout& layout) const {
        std::vector<std::byte> out(rows.size() * layout.bytes());
        part.copy(rows, layout, out.data(), false);
        return out;
    }

    wick::detail::OpenFile file;
    OpenPart part;
};

}  // namespace

TEST_CASE("row part: rows are numbered from its first one, and lie from its offset on") {
    const wick_test::TempDir dir;
    const auto bytes = pattern(3 + 5 * 2);
    const Part part(dir, bytes, 5);
    CHECK(part.part.end() == 105);
    CHECK(part.part.offset_of(104, 2) == 11);
    const auto out = part.copy({104, 100, 101, 102, 100}, {wick::Dtype::u8, {2}});
    const std::vector<std::byte> expected{bytes[11], bytes[12], bytes[3], bytes[4], bytes[5],
                                          bytes[6],  bytes[7],  bytes[8], bytes[3], bytes[4]};
    CHECK(out == expected);
}

TEST_CASE("row part: bytes of rows longer than one piece are turned round to the last one") {
    const wick_test::TempDir dir;
    const RowLayout layout(wick::Dtype::c64, {40'001});
    const auto bytes = pattern(3 + 3 * layout.bytes());
    Part part(dir, bytes, 3);
    part.part.swap_unit = 4;
    std::vector<std::byte> expected(bytes.begin() + 3, bytes.end());
    for (auto at = expected.begin(); at != expected.end(); at += 4) std::reverse(at, at + 4);
    const bool same = part.copy({100, 101, 102}, layout) == expected;
    CHECK(same);
}

TEST_CASE("row part: rows that are far apart in Fortran order are found in every column") {
    const wick_test::TempDir dir;
    const RowLayout layout(wick::Dtype::u16, {2, 2});
    constexpr std::size_t rows = 20'000;
    const auto bytes = pattern(3 + rows * layout.bytes());
    Part part(dir, bytes, rows);
    part.part.fortran_order = true;
    // Row 0 and the last, so that no single read holds both; then some that are close together.
    for (const std::vector<Index>& asked : {std::vector<Index>{100, 20'099, 100}, {250, 251, 249, 8000}}) {
        std::vector<std::byte> expected;
        for (const Index row : asked)
            for (const std::size_t column : {0u, 2u, 1u, 3u}) {
                const std::size_t at = 3 + 2 * (column * rows + static_cast<std::size_t>(row - 100));
                expected.insert(expected.end(), {bytes[at], bytes[at + 1]});
            }
        CHECK(part.copy(asked, layout) == expected);
        std::vector<std::byte> read(expected.size());
        part.part.read_columns(asked, layout, read.data());
        CHECK(read == expected);
    }
}

TEST_CASE("row part: one that leaves its file is refused with the byte, whatever the numbers") {
    const wick_test::TempDir dir;
    const auto file = std::make_shared<const wick::File>(dir.write("a", "0123456789"sv));
    const RowLayout layout(wick::Dtype::u16, {2});
    const auto refuses = [&](std::uint64_t offset, Index rows, std::uint64_t byte, const std::string& words) {
        try {
            wick::detail::check_extent({.file = file, .offset = offset, .rows = rows}, layout);
            FAIL("accepted");
        } catch (const wick::Error& error) {
            CHECK(error.offset() == byte);
            CHECK_THAT(error.what(), ContainsSubstring(words));
        }
    };
    CHECK_NOTHROW(wick::detail::check_extent({.file = file, .offset = 2, .rows = 2}, layout));
    CHECK_NOTHROW(wick::detail::check_extent({.file = file, .offset = 10, .rows = 0}, layout));
    refuses(3, 2, 10,
            "expected the file to end at byte 11 (2 rows of u16 [2] from byte 3 on), found its end");
    refuses(11, 0, 10, "expected the file to end at byte 11");
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    refuses(most, 1, most, "a file of 10 bytes");
    refuses(0, std::numeric_limits<Index>::max(), 0, "expected 9223372036854775807 rows");
    CHECK_THROWS_MATCHES(wick::detail::check_extent({.file = file, .rows = -1}, layout),
                         std::invalid_argument, MessageMatches(ContainsSubstring("-1 rows")));
}
