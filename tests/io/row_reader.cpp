// SPDX-License-Identifier: MIT
#include <wick/io/bus_guard.hpp>
#include <wick/io/row_reader.hpp>

#include "contract/source.hpp"
#include "support/catch.hpp"
#include "support/faults.hpp"
#include "support/page_cache.hpp"
#include "support/scarce.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace std::literals;
using wick::Engine;
using wick::File;
using wick::Index;
using wick::RowLayout;
using wick::RowPart;
using wick::RowReader;

namespace {

const RowLayout pairs(wick::Dtype::u16, {2});

/// Rows of 4 bytes that tell their number.
std::vector<std::byte> numbered(Index first, Index count) {
    std::vector<std::byte> bytes;
    for (Index row = first; row < first + count; ++row)
        for (const Index digit : {row & 255, row >> 8, 0xabL, row * 7 & 255})
            bytes.push_back(static_cast<std::byte>(digit));
    return bytes;
}

std::vector<std::byte> swapped_pairs(std::vector<std::byte> bytes) {
    for (std::size_t i = 0; i < bytes.size(); i += 2) std::swap(bytes[i], bytes[i + 1]);
    return bytes;
}

/// N rows of two elements lie as all first elements, then all second ones.
std::vector<std::byte> columns_first(const std::vector<std::byte>& rows) {
    std::vector<std::byte> bytes;
    for (const std::size_t column : {0u, 2u})
        for (std::size_t at = column; at < rows.size(); at += 4)
            bytes.insert(bytes.end(), {rows[at], rows[at + 1]});
    return bytes;
}

constexpr std::endian other =
    std::endian::native == std::endian::little ? std::endian::big : std::endian::little;

void next_tick() {
    for (const auto now = File::tick(); File::tick() == now;) std::this_thread::sleep_for(1ms);
}

}  // namespace

TEST_CASE("row reader: parts in any mixture of files, byte orders and element orders are one run of rows") {
    const wick_test::TempDir dir;
    const auto whole = numbered(0, 300);
    const auto rows_of = [&](Index first, Index count) { return numbered(first, count); };
    const auto file = [&](const char* name, const std::vector<std::byte>& bytes) {
        return std::make_shared<const File>(dir.write(name, bytes));
    };
    std::vector<std::byte> two_arrays = rows_of(0, 100);
    two_arrays.insert(two_arrays.end(), 3, std::byte{0x55});
    const auto late = rows_of(130, 70);
    two_arrays.insert(two_arrays.end(), late.begin(), late.end());
    const auto first = file("first", two_arrays);
    const std::vector<RowPart> parts{
        {.file = first, .rows = 100},
        {.file = file("none", {std::byte{1}}), .rows = 0},
        {.file = file("turned", swapped_pairs(rows_of(100, 30))), .rows = 30, .byte_order = other},
        {.file = first, .offset = 403, .rows = 70},
        {.file = file("columns", columns_first(rows_of(200, 60))), .rows = 60, .fortran_order = true},
        {.file = file("both", columns_first(swapped_pairs(rows_of(260, 40)))),
         .rows = 40,
         .byte_order = other,
         .fortran_order = true},
    };
    for (const Engine engine : {Engine::automatic, Engine::mapped, Engine::pread, Engine::direct})
        wick_test::check_source(RowReader(pairs, parts, engine), pairs, whole);
}

TEST_CASE(
    "row reader: many dense parts are read in one go, equal ones or not, the last one longer or shorter") {
    const wick_test::TempDir dir;
    const std::vector<Index> sizes = GENERATE(
        std::vector<Index>{10, 10, 10, 10}, std::vector<Index>{10, 10, 3}, std::vector<Index>{10, 10, 35},
        std::vector<Index>{1, 0, 20, 0, 0, 7, 0}, std::vector<Index>{0, 0, 5}, std::vector<Index>(40, 6));
    const Engine engine = GENERATE(Engine::mapped, Engine::pread, Engine::direct);
    const bool turned = GENERATE(false, true);
    std::vector<RowPart> parts;
    Index first = 0;
    for (const Index rows : sizes) {
        auto bytes = numbered(first, rows);
        if (turned) bytes = swapped_pairs(bytes);
        bytes.push_back(std::byte{9});
        const auto path = dir.write(std::to_string(parts.size()), bytes);
        parts.push_back({.file = std::make_shared<const File>(path),
                         .rows = rows,
                         .byte_order = turned ? other : std::endian::native});
        first += rows;
    }
    wick_test::check_source(RowReader(pairs, parts, engine), pairs, numbered(0, first));
}

TEST_CASE("row reader: long Fortran columns are read right, in stretches and element by element") {
    const wick_test::TempDir dir;
    const Index count = 60'000;
    const auto whole = numbered(0, count);
    const auto file = std::make_shared<const File>(dir.write("a", columns_first(whole)));
    for (const Engine engine : {Engine::mapped, Engine::pread, Engine::direct}) {
        const RowReader reader(pairs, {{.file = file, .rows = count, .fortran_order = true}}, engine);
        wick_test::check_source(reader, pairs, whole);
        // 8192 elements fill the buffer that a stretch of a column is read into.
        for (const Index last : {8190, 8191, 8192, 8193})
            CHECK(wick_test::read_rows(reader, {last, 0}) == wick_test::cut_rows(whole, 4, {last, 0}));
    }
}

TEST_CASE(
    "row reader: a file that cannot be mapped is read by pread, or refused if a mapping was asked for") {
    // What the kernel shows as files is made while it is read.
    const std::filesystem::path path = "/sys/devices/system/cpu/possible";
    if (!std::filesystem::exists(path)) return;
    const RowLayout layout(wick::Dtype::u8, {});
    const std::vector<RowPart> parts{{.file = std::make_shared<const File>(path), .rows = 2}};
    const RowReader reader(layout, parts);
    CHECK(reader.engine() == Engine::pread);
    auto expected = wick_test::bytes_of(path);
    expected.resize(2);
    CHECK(wick_test::read_rows(reader, {0, 1}) == expected);
    CHECK_THROWS_MATCHES(RowReader(layout, parts, Engine::mapped), wick::Error,
                         MessageMatches(ContainsSubstring("cannot be mapped: ")));
}

TEST_CASE("row reader: a part that its file is too short for is refused with the byte") {
    const wick_test::TempDir dir;
    const auto file = std::make_shared<const File>(dir.write("a", numbered(0, 10)));
    const auto refuses = [&](std::uint64_t offset, Index rows, const std::string& words) {
        CHECK_THROWS_MATCHES(RowReader(pairs, {{.file = file, .offset = offset, .rows = rows}}), wick::Error,
                             MessageMatches(ContainsSubstring(words)));
    };
    CHECK_NOTHROW(RowReader(pairs, {{.file = file, .offset = 40, .rows = 0}}));
    refuses(1, 10, "byte 40: expected the file to end at byte 41");
    refuses(0, 11, "byte 40: expected the file to end at byte 44");
    refuses(41, 0, "byte 40: expected the file to end at byte 41");
    refuses(0, std::numeric_limits<Index>::max(), "expected 9223372036854775807 rows of u16 [2]");
    refuses(~std::uint64_t{0}, 1, "a file of 40 bytes");
    CHECK_THROWS_AS(RowReader(pairs, {{.file = file, .rows = -1}}), std::invalid_argument);
    CHECK_THROWS_AS(RowReader(pairs, std::vector<RowPart>{}), std::invalid_argument);
    CHECK_THROWS_AS(RowReader(std::span<const RowReader>{}), std::invalid_argument);
}

TEST_CASE("row reader: a file shrunk or written to after opening is an Error, not a signal") {
    const wick_test::TempDir dir;
    const auto path = dir.write("a", std::vector<std::byte>(1 << 20));
    const Engine engine = GENERATE(Engine::mapped, Engine::pread, Engine::direct);
    const RowReader reader(pairs, {{.file = std::make_shared<const File>(path), .rows = 1 << 18}}, engine);
    wick_test::read_rows(reader, {0, 200'000});
    std::filesystem::resize_file(path, 8192);
    CHECK_THROWS_MATCHES(wick_test::read_rows(reader, {200'000}), wick::Error,
                         MessageMatches(ContainsSubstring(
                             "a: changed since it was opened: expected size 1048576, found 8192")));
}

TEST_CASE("row reader: a file replaced after opening is an Error; a deleted one is still read") {
    const wick_test::TempDir dir;
    const auto path = dir.write("a", numbered(0, 10));
    const Engine engine = GENERATE(Engine::mapped, Engine::pread, Engine::direct);
    const RowReader reader(pairs, {{.file = std::make_shared<const File>(path), .rows = 10}}, engine);
    std::filesystem::remove(path);
    next_tick();
    CHECK(wick_test::read_rows(reader, {7}) == numbered(7, 1));
    dir.write("a", numbered(3, 10));
    next_tick();
    CHECK_THROWS_MATCHES(wick_test::read_rows(reader, {7}), wick::Error,
                         MessageMatches(ContainsSubstring("since it was opened")));
}

TEST_CASE("row reader: of many files the one that is touched is asked, and only that one") {
    const wick_test::TempDir dir;
    const Engine engine = GENERATE(Engine::mapped, Engine::pread, Engine::direct);
    std::vector<RowPart> parts;
    for (Index i = 0; i < 20; ++i)
        parts.push_back(
            {.file = std::make_shared<const File>(dir.write(std::to_string(i), numbered(10 * i, 10))),
             .rows = 10});
    const RowReader reader(pairs, parts, engine);
    wick_test::read_rows(reader, {5, 195});
    next_tick();
    std::filesystem::resize_file(dir / "19", 4);
    CHECK(wick_test::read_rows(reader, {5, 15}) == wick_test::cut_rows(numbered(0, 200), 4, {5, 15}));
    CHECK_THROWS_MATCHES(wick_test::read_rows(reader, {5, 195}), wick::Error,
                         MessageMatches(ContainsSubstring("19: changed since it was opened")));
}

TEST_CASE("row reader: 3000 files are read under a limit of 256 descriptors, mapped and by pread") {
    const wick_test::TempDir dir;
    const wick_test::DescriptorLimit limit(256);
    const Engine engine = GENERATE(Engine::mapped, Engine::pread, Engine::direct);
    std::vector<RowPart> parts;
    for (Index i = 0; i < 3000; ++i)
        parts.push_back(
            {.file = std::make_shared<const File>(dir.write(std::to_string(i), numbered(3 * i, 3))),
             .rows = 3});
    const RowReader reader(pairs, parts, engine);
    CHECK(reader.engine() == engine);
    wick_test::check_source(reader, pairs, numbered(0, 9000));
}

TEST_CASE(
    "row reader: with a guard, a file that shrinks between the question and the copy is an Error with its "
    "byte") {
    const wick_test::TempDir dir;
    const auto path = dir.write("a", std::vector<std::byte>(1 << 20));
    const auto kept = dir.write("b", numbered(0, 100));
    const RowReader reader(pairs,
                           {{.file = std::make_shared<const File>(path), .rows = 1 << 18},
                            {.file = std::make_shared<const File>(kept), .rows = 100}},
                           Engine::mapped);
    const wick::BusGuard guard;
    wick_test::read_rows(reader, {200'000, 1 << 18});
    // Every file is asked before any is copied from: while the second is, the first is cut off.
    wick_test::Faults faults;
    faults.before(
        wick_test::Call::fstat, [&] { std::filesystem::resize_file(path, 8192); }, 1);
    try {
        wick_test::read_rows(reader, {200'000, 1 << 18});
        FAIL("read what is not there");
    } catch (const wick::Error& error) {
        CHECK(error.offset() == 800'000);
        CHECK_THAT(error.what(),
                   ContainsSubstring("a: byte 800000: expected a byte that its mapping can give"));
    }
}

TEST_CASE(
    "row reader: told how it will be read, it gives the same rows; blocks are held if the memory allows it") {
    const wick_test::TempDir dir;
    const RowLayout wide(wick::Dtype::u8, {1000});
    std::vector<std::byte> bytes(3 * 1000 * 1000);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 2654435761u >> 15);
    const auto path = dir.write("a", bytes);
    const Engine engine = GENERATE(Engine::automatic, Engine::pread, Engine::direct);
    for (const wick::Access& told : {wick::Access{},
                                     {.block_rows = 3000, .in_order = true},
                                     {.block_rows = 64, .window_blocks = 4},
                                     {.share = 0.01},
                                     {.batch_memory_bytes = std::size_t{1} << 30}}) {
        RowReader reader(wide, {{.file = std::make_shared<const File>(path), .rows = 3000}},
                         {.engine = engine, .cache_bytes = 0});
        wick_test::drop_pages(path);
        wick::Access access = told;
        access.memory_bytes = std::size_t{1} << 30;
        reader.prepare(access);
        CHECK((access.memory_bytes < std::size_t{1} << 30) == (told.block_rows > 1));
        for (Index first = 0; first < 3000; first += 750) {
            std::vector<Index> rows;
            for (Index row = first; row < first + 750; ++row) rows.push_back(row);
            reader.prefetch(rows);
            CHECK(wick_test::read_rows(reader, rows) == wick_test::cut_rows(bytes, 1000, rows));
        }
        CHECK_THAT(reader.explain(), ContainsSubstring("a (3.0 MB): "));
    }
    RowReader reader(wide, {{.file = std::make_shared<const File>(path), .rows = 3000}}, engine);
    wick::Access little{.block_rows = 64, .window_blocks = 256, .memory_bytes = 1000};
    reader.prepare(little);
    CHECK(little.memory_bytes == 1000);
    if (engine == Engine::direct)
        CHECK_THAT(reader.explain(), ContainsSubstring("ahead of time, would take 3.5 MB, for which"));
}

TEST_CASE("row reader: told anew how it will be read, a copy forgets what it was told before") {
    const wick_test::TempDir dir;
    const auto file = std::make_shared<const File>(dir.write("a", numbered(0, 20'000)));
    RowReader reader(pairs, {{.file = file, .rows = 20'000}}, Engine::direct);
    const std::string before = reader.explain();
    wick::Access blocks{.block_rows = 64, .window_blocks = 4, .memory_bytes = 1 << 30};
    reader.prepare(blocks);
    CHECK_THAT(reader.explain(), ContainsSubstring("64 neighbouring rows"));
    wick::Access told =
        GENERATE(wick::Access{}, wick::Access{.density = 0.01, .block_rows = 64, .memory_bytes = 1 << 30});
    RowReader copy = reader;
    copy.prepare(told);
    CHECK(copy.explain() == before);
    CHECK_THAT(reader.explain(), ContainsSubstring("64 neighbouring rows"));
}

TEST_CASE(
    "row reader: blocks are read whole for a small range of the rows, but not for rows here and there") {
    const wick_test::TempDir dir;
    const auto file = std::make_shared<const File>(dir.write("a", numbered(0, 20'000)));
    for (const double density : {1.0, 0.01}) {
        RowReader reader(pairs, {{.file = file, .rows = 20'000}}, Engine::direct);
        wick::Access told{
            .share = 0.01, .density = density, .block_rows = 64, .window_blocks = 4, .memory_bytes = 1 << 30};
        reader.prepare(told);
        CHECK((told.memory_bytes < 1 << 30) == (density == 1));
        if (density == 1) CHECK(reader.prefetch_distance() > 64);
    }
}

TEST_CASE("row reader: long rows are read ahead one by one, and come out right whatever their order") {
    const wick_test::TempDir dir;
    const RowLayout wide(wick::Dtype::u8, {40'000});
    std::vector<std::byte> bytes(60 * 40'000);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 2654435761u >> 15);
    const auto path = dir.write("a", bytes);
    RowReader reader(wide, {{.file = std::make_shared<const File>(path), .rows = 60}}, Engine::direct);
    wick::Access access{.memory_bytes = std::size_t{1} << 30};
    reader.prepare(access);
    CHECK(access.memory_bytes < std::size_t{1} << 30);
    CHECK(reader.prefetch_distance() > 1);
    CHECK_THAT(reader.explain(), ContainsSubstring("; ahead of time, held in "));
    for (Index i = 0; i < 60; ++i) {
        const std::vector<Index> next{(i * 7 + 21) % 60, (i * 7 + 28) % 60},
            rows{i * 7 % 60, (i * 7 + 7) % 60, i * 7 % 60};
        reader.prefetch(next);
        CHECK(wick_test::read_rows(reader, rows) == wick_test::cut_rows(bytes, 40'000, rows));
    }
}

TEST_CASE(
    "row reader: announcing rows that are not there is refused; rows of no bytes are prepared for and read") {
    const wick_test::TempDir dir;
    const auto file = std::make_shared<const File>(dir.write("a", numbered(0, 100)));
    RowReader reader(pairs, {{.file = file, .rows = 100}}, {.cache_bytes = 0});
    wick::Access access{.block_rows = 10, .window_blocks = 2, .memory_bytes = 1 << 30};
    reader.prepare(access);
    for (const Index row : {Index{-1}, Index{100}, std::numeric_limits<Index>::max()})
        CHECK_THROWS_AS(reader.prefetch(std::vector<Index>{row}), std::out_of_range);
    RowReader empty(RowLayout(wick::Dtype::u8, {0}), {{.file = file, .rows = 100}});
    wick::Access pass{.block_rows = 100, .in_order = true, .memory_bytes = 1 << 30};
    empty.prepare(pass);
    empty.prefetch(std::vector<Index>{5});
    CHECK(wick_test::read_rows(empty, {5, 99}).empty());
}

TEST_CASE(
    "row reader: short rows take a window of few bytes, and a shard's distance is counted in its own "
    "positions") {
    const wick_test::TempDir dir;
    const auto file = std::make_shared<const File>(dir.write("a", numbered(0, 20'000)));
    const auto prepared = [&](wick::Access access) {
        RowReader reader(pairs, {{.file = file, .rows = 20'000}}, Engine::direct);
        access.memory_bytes = 1 << 30;
        reader.prepare(access);
        CHECK((1 << 30) - access.memory_bytes < 8 << 20);
        return reader.prefetch_distance();
    };
    const Index all = prepared({.block_rows = 63, .window_blocks = 256});
    CHECK(all == 256 * 63);
    CHECK(prepared({.density = 0.25, .block_rows = 63, .window_blocks = 256}) == all / 4);
}

TEST_CASE("row reader: one of several sources may be told of a long block that begins behind its last row") {
    const wick_test::TempDir dir;
    const auto bytes = numbered(0, 20'000);
    RowReader reader(pairs, {{.file = std::make_shared<const File>(dir.write("a", bytes)), .rows = 20'000}},
                     Engine::direct);
    wick::Access pass{
        .block_rows = 2'000'000, .first_row = 1'500'000, .in_order = true, .memory_bytes = 1 << 30};
    REQUIRE_NOTHROW(reader.prepare(pass));
    CHECK(pass.memory_bytes < 1 << 30);
    CHECK(wick_test::read_rows(reader, {0, 19'999}) == wick_test::cut_rows(bytes, 4, {0, 19'999}));
}
