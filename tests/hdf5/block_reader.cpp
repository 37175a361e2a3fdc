// SPDX-License-Identifier: MIT
#include <wick/hdf5/block_reader.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <initializer_list>
#include <vector>

using wick::detail::BlockReader;
using wick::detail::DecodeError;

namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
    std::vector<std::byte> bytes;
    for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

}  // namespace

TEST_CASE("block_reader: sizes are read highest byte first, and blocks one after another", "[hdf5]") {
    const auto stored = bytes_of({1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 1, 0, 0, 0, 0, 2, 'a', 'b', 0, 0, 0, 0, 'c'});
    BlockReader reader(stored, "LZ4");
    CHECK(reader.total_bytes() == 0x0102030405060708);
    CHECK(reader.block_bytes() == 256);
    const auto first = reader.next_block();
    CHECK(std::vector<std::byte>(first.begin(), first.end()) == bytes_of({'a', 'b'}));
    CHECK(reader.next_block().empty());
    CHECK(reader.next(1)[0] == std::byte{'c'});
    CHECK(reader.next(0).empty());
    CHECK_THROWS_WITH(reader.next(1), "LZ4: expected 1 byte more, found 0 bytes");
}

TEST_CASE("block_reader: a chunk that ends within its header is refused", "[hdf5]") {
    for (std::size_t bytes = 0; bytes < 12; ++bytes)
        CHECK_THROWS_AS(BlockReader(std::vector<std::byte>(bytes), "LZ4"), DecodeError);
    CHECK(BlockReader(std::vector<std::byte>(12), "LZ4").total_bytes() == 0);
}

TEST_CASE("block_reader: a block that would end behind the chunk is refused", "[hdf5]") {
    const auto stored = bytes_of({0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8, 255, 255, 255, 255, 'a'});
    BlockReader reader(stored, "LZ4");
    CHECK_THROWS_WITH(reader.next_block(), ContainsSubstring("4294967295 bytes more, found 1 byte"));
    const auto half = bytes_of({0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0});
    BlockReader other(half, "LZ4");
    CHECK_THROWS_AS(other.next_block(), DecodeError);
}
