// SPDX-License-Identifier: MIT
#include <wick/hdf5/decode_batch.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace std::literals;
using namespace wick::detail;
using wick::Index;

namespace {

/// Two chunks of two rows of three letters, the second too short.
std::unique_ptr<DecodedChunks> make(const wick_test::TempDir& dir) {
    ChunkIndex index(2, 2);
    index.set(0, {.offset = 0, .bytes = 6});
    index.set(1, {.offset = 6, .bytes = 5});
    const auto file = std::make_shared<const wick::File>(dir.write("a", "abcdefghijk"sv));
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
    DecodeBatch(*chunks, tools, rows, std::as_writable_bytes(std::span(out))).read();
    CHECK(out == "defabcdef");
    CHECK(chunks->cache.find_or_claim(0).state == ChunkCache::State::ready);
}

TEST_CASE("hdf5/decode_batch: a batch that fails leaves no chunk that others would wait for", "[hdf5]") {
    const wick_test::TempDir dir;
    const auto chunks = make(dir);
    DecodingTools tools;
    std::string out(6, '?');
    const std::vector<Index> rows{3, 0};
    CHECK_THROWS_MATCHES(DecodeBatch(*chunks, tools, rows, std::as_writable_bytes(std::span(out))).read(),
                         wick::Error,
                         MessageMatches(ContainsSubstring("a: byte 6: dataset /x: chunk [1, 0]: ")));
    CHECK(chunks->cache.find_or_claim(0).state == ChunkCache::State::ready);
    CHECK(chunks->cache.find_or_claim(1).state == ChunkCache::State::claimed);
}
