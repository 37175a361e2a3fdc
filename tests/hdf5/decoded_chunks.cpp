// SPDX-License-Identifier: MIT
#include <wick/hdf5/decoded_chunks.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

using namespace std::literals;
using namespace wick::detail;

namespace {

std::unique_ptr<DecodedChunks> make(const wick_test::TempDir& dir, std::optional<std::size_t> most,
                                    ChunkIndex index = ChunkIndex(1, 1)) {
    const auto file = std::make_shared<const wick::File>(dir.write("a", "x"sv));
    return std::make_unique<DecodedChunks>(ChunkedRows{.stored = StoredBytes(file, {}),
                                                       .place = {"a", "/x"},
                                                       .grid = ChunkGrid({1}, {1}),
                                                       .index = std::move(index)},
                                           FilterPipeline({}, 8), most);
}

}  // namespace

TEST_CASE("hdf5/decoded_chunks: tools that were given back are taken again, each by one thread", "[hdf5]") {
    const wick_test::TempDir dir;
    const auto shared = make(dir, 100);
    auto first = shared->take_tools();
    auto second = shared->take_tools();
    CHECK(first != second);
    const DecodingTools* const kept = first.get();
    shared->give_tools(std::move(first));
    CHECK(shared->take_tools().get() == kept);
}

TEST_CASE("hdf5/decoded_chunks: without a limit there is a usual one", "[hdf5]") {
    const wick_test::TempDir dir;
    CHECK(make(dir, 100)->cache_bytes == 100);
    CHECK(make(dir, std::nullopt)->cache_bytes == DecodedChunks::usual_bytes);
}

TEST_CASE(
    "hdf5/decoded_chunks: there is the room of all who read, within the limit; without any, the usual one",
    "[hdf5]") {
    const wick_test::TempDir dir;
    const std::shared_ptr<DecodedChunks> free = make(dir, std::nullopt);
    {
        const DecodingRoom first(free, 100, 7);
        CHECK(free->cache_bytes == 100);
        {
            const DecodingRoom second(free, 20, 0);
            CHECK(free->cache_bytes == 120);
        }
        CHECK(free->cache_bytes == 100);
        CHECK(first.cache_bytes() == 100);
    }
    CHECK(free->cache_bytes == DecodedChunks::usual_bytes);
    const std::shared_ptr<DecodedChunks> limited = make(dir, 100);
    const DecodingRoom first(limited, 70, 0), second(limited, 60, 0);
    CHECK(limited->cache_bytes == 100);
}

TEST_CASE("hdf5/decoded_chunks: a chunk larger than the memory that is free is refused, if there is any",
          "[hdf5]") {
    const wick_test::TempDir dir;
    CHECK_NOTHROW(make(dir, 100)->check_memory(7));  // none was written
    ChunkIndex written(1, 1);
    written.set(0, {.offset = 0, .bytes = 1});
    const auto shared = make(dir, 100, written);
    CHECK_NOTHROW(shared->check_memory(8));
    CHECK_NOTHROW(shared->check_memory(0));  // it is not known
    CHECK_THROWS_MATCHES(
        shared->check_memory(7), wick::Error,
        MessageMatches(ContainsSubstring("a: dataset /x: expected memory for a chunk, which has 1 rows and 8 "
                                         "bytes, found 7 bytes free; h5repack -l CHUNK=... writes")));
}
