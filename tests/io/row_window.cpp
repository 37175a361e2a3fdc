// SPDX-License-Identifier: MIT
#include <wick/io/row_window.hpp>

#include "support/catch.hpp"
#include "support/page_cache.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <thread>
#include <vector>

using wick::Index;
using wick::detail::FileReader;
using wick::detail::OpenFile;
using wick::detail::RowPlan;
using wick::detail::RowWindow;

namespace {

constexpr std::size_t row_bytes = 12;

/// 3000 rows of 12 bytes that are their number, in three files behind headers of odd lengths, read past the cache.
struct Data {
    explicit Data(wick::Engine engine, std::uint8_t swap_unit = 1)
        : plan{.layout = wick::RowLayout(wick::Dtype::u32, {3})} {
        Index row = 0;
        FileReader::Files open;
        for (const Index rows : {1000, 1, 1999}) {
            std::string bytes(static_cast<std::size_t>(rows) / 10 + 3, 'h');
            const std::size_t header = bytes.size();
            for (const Index end = row + rows; row < end; ++row)
                for (std::uint32_t i = 0; i < 3; ++i) {
                    std::uint32_t value = static_cast<std::uint32_t>(row) * 3 + i;
                    if (swap_unit == 4) value = __builtin_bswap32(value);
                    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
                }
            paths.push_back(dir.write(std::to_string(rows), bytes));
            wick_test::drop_pages(paths.back());
            open.push_back(
                std::make_shared<const OpenFile>(std::make_shared<const wick::File>(paths.back()), engine));
            plan.add({.file = open.back().get(),
                      .offset = header,
                      .first = 0,
                      .rows = rows,
                      .swap_unit = swap_unit,
                      .fortran_order = false});
        }
        plan.finish();
        files = std::make_unique<FileReader>(std::move(open), 0);
    }
    bool reads_right(RowWindow& window, const std::vector<Index>& rows) const {
        std::vector<std::uint32_t> out(rows.size() * 3);
        window.read(rows, reinterpret_cast<std::byte*>(out.data()));
        for (std::size_t i = 0; i < out.size(); ++i)
            if (out[i] != static_cast<std::uint32_t>(rows[i / 3]) * 3 + i % 3) return false;
        return true;
    }
    wick_test::TempDir dir;
    std::vector<std::filesystem::path> paths;
    RowPlan plan;
    std::unique_ptr<FileReader> files;
};

std::vector<Index> some_rows(std::mt19937& random, std::size_t count, Index from = 0) {
    std::vector<Index> rows(count);
    for (Index& row : rows) row = from + static_cast<Index>(random()) % (3000 - from);
    return rows;
}

}  // namespace

TEST_CASE("row window: rows are the same whatever the blocks and however few are held, announced or not") {
    const wick::Engine engine = GENERATE(wick::Engine::direct, wick::Engine::pread, wick::Engine::automatic);
    const std::uint8_t swap_unit = GENERATE(std::uint8_t{1}, std::uint8_t{4});
    const Data data(engine, swap_unit);
    std::mt19937 random(1);
    for (const wick::detail::WindowShape& shape : {wick::detail::WindowShape{0, 1, 2, 4},
                                                   {0, 7, 1, 1},
                                                   {0, 64, 9, 100},
                                                   {13, 50, 2, 3},
                                                   {2999, 5, 1, 2},
                                                   {0, 5000, 1, 1}}) {
        RowWindow window(nullptr, data.plan, *data.files, shape);
        for (int i = 0; i < 10; ++i) {
            const auto rows = some_rows(random, 1 + random() % 200);
            if (i % 2 == 0) window.prefetch(rows);
            REQUIRE(data.reads_right(window, rows));
        }
        REQUIRE(data.reads_right(window, {2999, 0, 0, 1000, 999, 1001}));
    }
}

TEST_CASE(
    "row window: what all windows may come to hold is counted, so that the next one leaves room for it") {
    const Data data(wick::Engine::direct);
    const std::size_t before = RowWindow::bytes_of_all();
    {
        const wick::detail::WindowShape shape{0, 100, 4, 9};
        const RowWindow window(nullptr, data.plan, *data.files, shape);
        CHECK(RowWindow::bytes_of_all() >= before + 9 * shape.slot_bytes(data.plan.layout.bytes()));
    }
    CHECK(RowWindow::bytes_of_all() == before);
}

TEST_CASE(
    "row window: many threads read and announce at a time, also where they wait for one another's blocks") {
    const Data data(wick::Engine::direct);
    RowWindow window(nullptr, data.plan, *data.files, {0, 100, 4, 9});
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            std::mt19937 random(t);
            for (int i = 0; i < 100; ++i) {
                const auto rows = some_rows(random, 40);
                window.prefetch(some_rows(random, 10));
                wrong += !data.reads_right(window, rows);
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
}

TEST_CASE(
    "row window: a block that cannot be read is an Error for who asks for its rows, and for nobody else") {
    const Data data(wick::Engine::direct);
    RowWindow window(nullptr, data.plan, *data.files, {0, 100, 4, 9});
    CHECK(data.reads_right(window, {5}));
    std::filesystem::resize_file(data.paths[2], 12'000);
    const std::vector<Index> lost{2950, 2951};
    window.prefetch(lost);
    CHECK(data.reads_right(window, {5, 300, 999}));
    std::vector<std::byte> out(2 * row_bytes);
    for (int again = 0; again < 3; ++again) CHECK_THROWS_AS(window.read(lost, out.data()), wick::Error);
    CHECK(data.reads_right(window, {1500, 5, 1000}));
}

TEST_CASE(
    "row window: a row that cannot be read is no Error for the others of its block, whoever loads that") {
    const Data data(wick::Engine::direct);
    RowWindow window(nullptr, data.plan, *data.files, {0, 100, 4, 9});
    std::filesystem::resize_file(data.paths[2], 12'000);  // within row 1984
    if (GENERATE(true, false)) window.prefetch(std::vector<Index>{1950});
    std::vector<std::byte> out(row_bytes);
    for (int again = 0; again < 3; ++again) {
        CHECK(data.reads_right(window, {1950, 1983, 1900}));
        CHECK_THROWS_MATCHES(window.read(std::vector<Index>{1984}, out.data()), wick::Error,
                             MessageMatches(ContainsSubstring("byte 11998")));
    }
}
