// SPDX-License-Identifier: MIT
#include <wick/hdf5/decoded_chunks.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <memory>
#include <string_view>
#include <utility>

using namespace std::literals;
using namespace wick::detail;

namespace {

std::unique_ptr<DecodedChunks> make(const wick_test::TempDir& dir, std::optional<std::size_t> most) {
    const auto file = std::make_shared<const wick::File>(dir.write("a", "x"sv));
    return std::make_unique<DecodedChunks>(ChunkedRows{.stored = StoredBytes(file, {}),
                                                       .place = {"a", "/x"},
                                                       .grid = ChunkGrid({1}, {1}),
                                                       .index = ChunkIndex(1, 1)},
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
