// SPDX-License-Identifier: MIT
#include <wick/hdf5/decode_batch.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace std::literals;
using namespace wick::detail;
using wick::Index;

namespace {

/// Two chunks of two rows of three letters, the second too short, or of another length than it has.
std::unique_ptr<DecodedChunks> make(const wick_test::TempDir& dir, std::uint32_t second = 5) {
    ChunkIndex index(2, 2);
    index.set(0, {.offset = 0, .bytes = 6});
    index.set(1, {.offset = 6, .bytes = second});
    const auto file = std::make_shared<const wick::File>(dir.write("a", "abcdef" + std::string(second, 'g')));
    return std::make_unique<DecodedChunks>(ChunkedRows{.stored = StoredBytes(file, {}),
                                                       .place = {"a", "/x"},
                                                       .grid = ChunkGrid({4, 3}, {2, 3}),
                                                       .index = index,
                                                       .element = {.stride = 1, .bytes = 1},
                                                       .fill = {std::byte{'_'}},
                                                       .row_bytes = 3},
                                           FilterPipeline({}, 6), 100);
}

}  // namespace

TEST_CASE("hdf5/decode_batch: rows are put where they are wanted, and their chunk stays", "[hdf5]") {
    const wick_test::TempDir dir;
    const auto chunks = make(dir);
    DecodingTools tools;
    std::string out(9, '?');
    const std::vector<Index> rows{1, 0, 1};
    DecodeBatch(*chunks, tools, rows, std::as_writable_bytes(std::span(out)), false).read();
    CHECK(out == "defabcdef");
    CHECK(chunks->cache.find_or_claim(0).state == ChunkCache::State::ready);
}

TEST_CASE("hdf5/decode_batch: a batch that fails leaves no chunk that others would wait for", "[hdf5]") {
    const wick_test::TempDir dir;
    const auto chunks = make(dir);
    DecodingTools tools;
    std::string out(6, '?');
    const std::vector<Index> rows{3, 0};
    CHECK_THROWS_MATCHES(
        DecodeBatch(*chunks, tools, rows, std::as_writable_bytes(std::span(out)), false).read(), wick::Error,
        MessageMatches(ContainsSubstring("a: byte 6: dataset /x: chunk [1, 0]: ")));
    CHECK(chunks->cache.find_or_claim(0).state == ChunkCache::State::ready);
    CHECK(chunks->cache.find_or_claim(1).state == ChunkCache::State::claimed);
}

TEST_CASE("hdf5/decode_batch: a chunk longer than any filter makes it is refused before it is read",
          "[hdf5]") {
    const wick_test::TempDir dir;
    constexpr std::uint32_t most = 8 * 6 + 65536;
    for (const std::uint32_t longer : {0u, 1u}) {
        const auto chunks = make(dir, most + longer);
        DecodingTools tools;
        std::string out(3, '?');
        const std::vector<Index> rows{3};
        DecodeBatch batch(*chunks, tools, rows, std::as_writable_bytes(std::span(out)), false);
        const std::string words = longer == 0 ? "expected 6 bytes, found 65584"
                                              : "expected at most 65584 bytes for its 6, found 65585";
        CHECK_THROWS_MATCHES(batch.read(), wick::Error,
                             MessageMatches(ContainsSubstring("a: byte 6: dataset /x: chunk [1, 0]: ") &&
                                            ContainsSubstring(words)));
    }
}

TEST_CASE("hdf5/decode_batch: where there is no memory for a chunk it is told how long it is", "[hdf5]") {
    constexpr std::uint64_t columns = std::uint64_t{1} << 60;
    const wick_test::TempDir dir;
    ChunkIndex index(1, 1);
    index.set(0, {.offset = 0, .bytes = 5});
    const auto file = std::make_shared<const wick::File>(dir.write("a", "abcde"sv));
    DecodedChunks chunks(ChunkedRows{.stored = StoredBytes(file, {}),
                                     .place = {"a", "/x"},
                                     .grid = ChunkGrid({2, 1}, {2, columns}),
                                     .index = index,
                                     .element = {.stride = 1, .bytes = 1},
                                     .fill = {std::byte{'_'}},
                                     .row_bytes = 1},
                         FilterPipeline({{filter_deflate, {}}}, 2 * columns), 100);
    DecodingTools tools;
    std::string out(1, '?');
    const std::vector<Index> rows{1};
    CHECK_THROWS_MATCHES(
        DecodeBatch(chunks, tools, rows, std::as_writable_bytes(std::span(out)), false).read(), wick::Error,
        MessageMatches(ContainsSubstring("a: dataset /x: expected memory for a chunk, which has 2 rows and "
                                         "2305843009213693952 bytes, found none; h5repack -l CHUNK=")));
    CHECK(chunks.cache.find_or_claim(0).state == ChunkCache::State::claimed);
}
