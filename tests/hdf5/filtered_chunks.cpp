// SPDX-License-Identifier: MIT
#include <wick/hdf5/filtered_chunks.hpp>
#include <wick/sampler/block_shuffle.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

using wick::Bytes;
using wick::File;
using wick::Index;
using wick::detail::ChunkedRows;
using wick::detail::ChunkGrid;
using wick::detail::ChunkIndex;
using wick::detail::DecodeBatch;
using wick::detail::DecodedChunks;
using wick::detail::DecodingTools;
using wick::detail::FilteredChunkReader;
using wick::detail::FilterPipeline;
using wick::detail::StoredBytes;

namespace {

constexpr std::size_t chunk_count = 40;

/// Rows of 2 letters, 4 to a chunk, shuffled as HDF5 does it: first letters first. Chunk 7 was never written, and chunk 9
/// ends too early.
FilteredChunkReader shuffled(const wick_test::TempDir& dir, std::optional<std::size_t> cache_bytes,
                             wick::Engine engine = wick::Engine::automatic) {
    std::string text;
    ChunkIndex index(chunk_count, chunk_count);
    for (std::size_t chunk = 0; chunk < chunk_count; ++chunk) {
        if (chunk != 7)
            index.set(
                chunk,
                {.offset = text.size(), .bytes = chunk == 9 ? 7u : 8u, .filter_mask = chunk == 8 ? 1u : 0u});
        const char first = static_cast<char>('A' + chunk % 26);
        text += chunk == 8 ? "I0I1I2I3" : std::string(4, first) + "0123";
    }
    const auto file = std::make_shared<const File>(dir.write("a", text));
    return {ChunkedRows{.stored = StoredBytes(file, {.engine = engine}),
                        .place = {"a", "/x"},
                        .grid = ChunkGrid({4 * chunk_count, 1}, {4, 1}),
                        .index = index,
                        .element = {.stride = 2, .bytes = 2},
                        .fill = {std::byte{'_'}, std::byte{'!'}},
                        .row_bytes = 2},
            FilterPipeline({{wick::detail::filter_shuffle, {2}}}, 8), cache_bytes};
}

std::string read(const FilteredChunkReader& reader, const std::vector<Index>& rows) {
    std::string out(2 * rows.size(), '?');
    reader.read(rows, std::as_writable_bytes(std::span(out)));
    return out;
}

std::string expected(const std::vector<Index>& rows) {
    std::string text;
    for (const Index row : rows) {
        const auto chunk = static_cast<std::size_t>(row) / 4;
        text += chunk == 7 ? '_' : static_cast<char>('A' + chunk % 26);
        text += chunk == 7 ? '!' : static_cast<char>('0' + row % 4);
    }
    return text;
}

std::vector<Index> good_rows(std::uint64_t seed, std::size_t count) {
    std::vector<Index> rows;
    for (std::uint64_t bits = seed + 1; rows.size() < count;) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        const auto row = static_cast<Index>((bits >> 33) % (4 * chunk_count));
        if (row / 4 != 9) rows.push_back(row);
    }
    return rows;
}

}  // namespace

TEST_CASE("hdf5/filtered_chunks: rows come in the order asked for, whatever the cache holds", "[hdf5]") {
    const wick_test::TempDir dir;
    for (const std::size_t cache : {0u, 8u, 64u, 100000u}) {
        const auto reader = shuffled(dir, cache);
        CHECK(read(reader, {33, 0, 3, 2, 1, 0, 30, 35, 28}) == "I1A0A3A2A1A0_!I3_!");
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const auto rows = good_rows(seed, 100);
            CHECK(read(reader, rows) == expected(rows));
        }
    }
}

TEST_CASE("hdf5/filtered_chunks: rows are right after each change of the order, whatever was kept before it",
          "[hdf5]") {
    const wick_test::TempDir dir;
    auto reader = shuffled(dir, 16 * 8);  // of 39 chunks
    const auto in_turn = wick::Access{.block_rows = 4 * chunk_count, .in_order = true};
    const auto by_blocks = wick::Access{.block_rows = 4, .window_blocks = 6};
    std::uint64_t seed = 0;
    for (const wick::Access& order : {in_turn, by_blocks, in_turn, wick::Access{}}) {
        wick::Access access = order;
        access.memory_bytes = 16 * 8;
        reader.prepare(access);
        for (int turn = 0; turn < 20; ++turn) {
            const auto rows = good_rows(++seed, 30);
            CHECK(read(reader, rows) == expected(rows));
        }
    }
}

TEST_CASE("hdf5/filtered_chunks: a corrupt chunk is refused every time, and the others are read", "[hdf5]") {
    const wick_test::TempDir dir;
    for (const std::size_t cache : {0u, 100000u}) {
        const auto reader = shuffled(dir, cache);
        for (int turn = 0; turn < 3; ++turn) {
            try {
                read(reader, {4, 36, 44});
                FAIL("read a corrupt chunk");
            } catch (const wick::Error& error) {
                CHECK_THAT(error.what(), ContainsSubstring("byte 72: dataset /x: chunk [9, 0]: "));
            }
            CHECK(read(reader, {4, 44}) == "B0L0");
        }
    }
}

TEST_CASE("hdf5/filtered_chunks: many threads get what one gets, errors too, and none waits for ever",
          "[hdf5]") {
    const wick_test::TempDir dir;
    for (const std::size_t cache : {0u, 64u, 100000u}) {
        const auto reader = shuffled(dir, cache);
        std::atomic<int> wrong{0}, refused{0};
        {
            std::vector<std::jthread> threads;
            for (std::uint64_t worker = 0; worker < 8; ++worker)
                threads.emplace_back([&, worker] {
                    for (std::uint64_t turn = 0; turn < 50; ++turn) {
                        auto rows = good_rows(worker * 1000 + turn, 60);
                        wrong += read(reader, rows) != expected(rows);
                        rows.push_back(37);
                        try {
                            read(reader, rows);
                        } catch (const wick::Error&) {
                            ++refused;
                        }
                    }
                });
        }
        CHECK(wrong == 0);
        CHECK(refused == 8 * 50);
    }
}

TEST_CASE("hdf5/filtered_chunks: chunks that are read ahead give the same rows and the same errors",
          "[hdf5]") {
    const wick_test::TempDir dir, other;
    for (const auto engine : {wick::Engine::pread, wick::Engine::direct}) {
        auto reader = shuffled(dir, 64, engine);
        CHECK(reader.prefetch_distance() == 0);
        // Room for ten chunks read ahead: with some rows they are not enough.
        wick::Access access{.memory_bytes = 8 * 10 * 8};
        reader.prepare(access);
        CHECK(access.memory_bytes == 8 * 10 * 8 - 80 - 64);
        // 64 chunks: a row has one of its own here, and in blocks all those of the file do.
        CHECK(reader.prefetch_distance() == 64);
        wick::Access blocks{.block_rows = 4, .window_blocks = 2, .memory_bytes = 8 * 10 * 8};
        auto by_blocks = shuffled(other, 64, engine);
        by_blocks.prepare(blocks);
        CHECK(by_blocks.prefetch_distance() == chunk_count * 4);
        std::atomic<int> wrong{0}, refused{0};
        {
            std::vector<std::jthread> threads;
            for (std::uint64_t worker = 0; worker < 3; ++worker)
                threads.emplace_back([&, worker] {
                    for (std::uint64_t turn = 0; turn < 50; ++turn) {
                        auto rows = good_rows(worker * 1000 + turn, 5 + turn % 3 * 30);
                        reader.prefetch(good_rows(worker * 1000 + turn + 1, 5));
                        wrong += read(reader, rows) != expected(rows);
                        rows.push_back(37);
                        reader.prefetch(std::vector<Index>{37, 28});
                        try {
                            read(reader, rows);
                        } catch (const wick::Error&) {
                            ++refused;
                        }
                    }
                });
        }
        CHECK(wrong == 0);
        CHECK(refused == 3 * 50);
    }
}

TEST_CASE("hdf5/filtered_chunks: it is told how often an order decodes a chunk, and what would spare that",
          "[hdf5]") {
    const wick_test::TempDir dir;
    const auto told = [&](wick::Access access) {
        auto reader = shuffled(dir, std::nullopt);
        reader.prepare(access);
        return reader.explain();
    };
    // 39 chunks of 8 bytes and 4 rows; of 13 that are kept each third row finds its chunk.
    CHECK_THAT(
        told({.memory_bytes = 13 * 8}),
        ContainsSubstring("decoded chunks are kept in up to 104 bytes; in this order an epoch decodes each "
                          "about 3 times; BlockShuffleSampler(seed, {.window_blocks = 5}), or memory for 312 "
                          "bytes of them, would decode it once"));
    CHECK_THAT(told({.block_rows = 4, .window_blocks = 6, .memory_bytes = 8}),
               ContainsSubstring("about 4 times; memory for 112 bytes of them, would decode it once"));
    // Enough memory, few rows of each chunk, or rows in turn.
    for (const wick::Access& access :
         {wick::Access{.memory_bytes = 39 * 8}, wick::Access{.share = 0.25, .density = 0.25},
          wick::Access{.block_rows = 4 * chunk_count, .in_order = true, .memory_bytes = 8},
          wick::Access{.block_rows = 4, .window_blocks = 6, .memory_bytes = 112}})
        CHECK_THAT(told(access), !ContainsSubstring("in this order"));
    CHECK_THAT(shuffled(dir, 8).explain(), !ContainsSubstring("in this order"));
    // What is advised is what there is memory for.
    CHECK_THAT(told({.block_rows = 4, .window_blocks = 5, .memory_bytes = 13 * 8}),
               !ContainsSubstring("in this order"));
    // Blocks that begin within chunks share them with others.
    CHECK_THAT(
        told({.block_rows = 4, .first_row = 1, .window_blocks = 5, .memory_bytes = 13 * 8}),
        ContainsSubstring("BlockShuffleSampler(seed, {.window_blocks = 5}) of a range that begins at a "
                          "multiple of 4 rows, or memory for 312 bytes of them"));
    CHECK_THAT(told({.block_rows = 4, .first_row = 1, .window_blocks = 5, .memory_bytes = 400}),
               !ContainsSubstring("in this order"));
}

TEST_CASE(
    "hdf5/filtered_chunks: an epoch of a block shuffle decodes each chunk once, but for the window in which "
    "its end and its beginning meet, and for a last one that is not full",
    "[hdf5]") {
    constexpr Index window = 256;
    const wick_test::TempDir dir;
    for (const Index chunk_rows : {16, 64}) {
        const Index rows = chunk_rows == 16 ? 20'000 : 75'000;
        const auto count = static_cast<std::uint64_t>((rows + chunk_rows - 1) / chunk_rows);
        const auto chunk_bytes = static_cast<std::uint32_t>(chunk_rows);
        ChunkIndex index(count, count);
        for (std::uint64_t chunk = 0; chunk < count; ++chunk)
            index.set(chunk, {.offset = chunk * chunk_bytes, .bytes = chunk_bytes});
        const auto file = std::make_shared<const File>(dir.write("a", std::string(count * chunk_bytes, 'a')));
        const auto all = [&] {
            const std::vector<std::uint64_t> one{static_cast<std::uint64_t>(rows)}, cut{chunk_bytes};
            return ChunkedRows{.stored = StoredBytes(file, {}),
                               .place = {"a", "/x"},
                               .grid = ChunkGrid(one, cut),
                               .index = index,
                               .element = {.stride = 1, .bytes = 1},
                               .row_bytes = 1};
        };
        const wick::BlockShuffleSampler sampler(7, {.block_rows = chunk_rows, .window_blocks = window});
        for (const Index batch : {16, 256, 1024}) {
            // What it takes for two batches on their way.
            wick::Access access = sampler.access(rows);
            access.memory_bytes = std::size_t{1} << 30;
            access.batch_memory_bytes = 2 * static_cast<std::size_t>(batch);
            FilteredChunkReader reader(all(), FilterPipeline({}, chunk_bytes), std::nullopt);
            reader.prepare(access);
            const std::size_t ahead_bytes = count * chunk_bytes;
            const std::size_t room = (std::size_t{1} << 30) - access.memory_bytes - ahead_bytes;
            CHECK(room < (window + 64 + 2 * 1024 / 16 + 1) * chunk_bytes);

            DecodedChunks shared(all(), FilterPipeline({}, chunk_bytes), room);
            DecodingTools tools;
            std::vector<Index> numbers(static_cast<std::size_t>(batch));
            std::vector<std::byte> out(numbers.size());
            for (const std::int64_t epoch : {0, 1}) {
                std::size_t decoded = 0;
                for (Index position = 0; position < rows; position += batch) {
                    const auto length = static_cast<std::size_t>(std::min(batch, rows - position));
                    const auto some = std::span(numbers).first(length);
                    sampler.fill(rows, epoch, position, some);
                    std::set<std::uint64_t> wanted;
                    for (const Index row : some) wanted.insert(static_cast<std::uint64_t>(row / chunk_rows));
                    std::vector<std::uint64_t> absent(wanted.begin(), wanted.end());
                    shared.cache.keep_absent(absent);
                    decoded += absent.size();
                    DecodeBatch(shared, tools, some, Bytes(out).first(length), true).read();
                }
                INFO(chunk_rows << " rows to a chunk, batches of " << batch << ", epoch " << epoch);
                // The rows of a block that is not full are spread over the whole epoch.
                CHECK(decoded <= count + window + static_cast<std::uint64_t>(rows % chunk_rows));
            }
        }
    }
}

TEST_CASE("hdf5/filtered_chunks: a copy that reads in another order takes nothing from the first", "[hdf5]") {
    const wick_test::TempDir dir;
    auto training = shuffled(dir, std::nullopt);
    wick::Access access{.memory_bytes = 1000};
    training.prepare(access);
    const std::string alone = training.explain();
    CHECK_THAT(alone, ContainsSubstring("kept in up to 312 bytes"));
    std::optional<FilteredChunkReader> validation(training);
    wick::Access in_turn{
        .block_rows = 4 * chunk_count, .in_order = true, .memory_bytes = 16, .batch_memory_bytes = 4};
    validation->prepare(in_turn);
    CHECK_THAT(validation->explain(), ContainsSubstring("kept in up to 16 bytes"));
    CHECK(training.explain() == alone);
    validation.reset();
    CHECK(training.explain() == alone);
}

TEST_CASE(
    "hdf5/filtered_chunks: rows in turn keep all chunks for the next epoch, or those of the batches alone",
    "[hdf5]") {
    const wick_test::TempDir dir;
    const auto told = [&](std::size_t memory_bytes, std::size_t batch_memory_bytes) {
        auto reader = shuffled(dir, std::nullopt);
        wick::Access access{.block_rows = 4 * chunk_count,
                            .in_order = true,
                            .memory_bytes = memory_bytes,
                            .batch_memory_bytes = batch_memory_bytes};
        reader.prepare(access);
        CHECK(read(reader, {0, 1, 2, 3, 4, 159}) == "A0A1A2A3B0N3");
        return reader.explain();
    };
    // 39 chunks of 8 bytes; batches of 8 rows touch up to 4 at a time, and the next and the ones before do so, too.
    CHECK_THAT(told(1000, 16), ContainsSubstring("kept in up to 312 bytes"));
    CHECK_THAT(told(300, 16), ContainsSubstring("kept in up to 96 bytes"));
    // It is not known how many rows are on their way; or more than there is memory for.
    CHECK_THAT(told(100, 0), ContainsSubstring("kept in up to 100 bytes"));
    CHECK_THAT(told(100, 1000), ContainsSubstring("kept in up to 100 bytes"));
}

TEST_CASE("hdf5/filtered_chunks: chunks that no memory holds are refused when they are opened", "[hdf5]") {
    const wick_test::TempDir dir;
    constexpr std::uint64_t columns = std::uint64_t{1} << 60;
    ChunkIndex index(1, 1);
    index.set(0, {.offset = 0, .bytes = 1});
    const auto file = std::make_shared<const File>(dir.write("a", "x"));
    const auto open = [&](const ChunkIndex& chunks) {
        return FilteredChunkReader(ChunkedRows{.stored = StoredBytes(file, {}),
                                               .place = {"a", "/x"},
                                               .grid = ChunkGrid({1, 1}, {1, columns}),
                                               .index = chunks},
                                   FilterPipeline({}, columns), std::nullopt);
    };
    CHECK_NOTHROW(open(ChunkIndex(1, 1)));
    CHECK_THROWS_MATCHES(open(index), wick::Error,
                         MessageMatches(ContainsSubstring("a: dataset /x: expected memory for a chunk")));
}
