// SPDX-License-Identifier: MIT
#include <wick/hdf5/lz4_block.hpp>

#include "support/catch.hpp"
#include "support/hdf5_filter_cases.hpp"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

using wick::detail::DecodeError;
using Plain = std::vector<std::byte>;

namespace {

using Decode = void (*)(std::span<const std::byte>, wick::Bytes, const char*);
constexpr Decode decoders[] = {wick::detail::decode_lz4_block, wick::detail::decode_lz4_block_here};

std::string decoded(Decode decode, std::initializer_list<int> stored, std::size_t room) {
    Plain bytes, out(room);
    for (const int value : stored) bytes.push_back(static_cast<std::byte>(value));
    decode(bytes, out, "LZ4");
    std::string text;
    for (const std::byte byte : out) text += static_cast<char>(byte);
    return text;
}

}  // namespace

TEST_CASE("lz4_block: what LZ4 compressed is decoded", "[hdf5]") {
    std::size_t blocks = 0;
    for (const auto& one : wick_test::filter_cases(32004)) {
        // One block behind 12 bytes of header and 4 of size.
        if (one.filters[0].parameters[0] != 0 || one.stored.size() - 16 == one.plain.size()) continue;
        ++blocks;
        for (const Decode decode : decoders) {
            Plain out(one.plain.size());
            decode(std::span(one.stored).subspan(16), out, "LZ4");
            CHECK(out == one.plain);
        }
    }
    CHECK(blocks >= 2);
}

TEST_CASE("lz4_block: tokens, lengths and distances mean what LZ4's format says", "[hdf5]") {
    for (const Decode decode : decoders) {
        CHECK(decoded(decode, {0x30, 'a', 'b', 'c'}, 3) == "abc");
        CHECK(decoded(decode, {0}, 0).empty());
        // 1 literal, 5 + 4 bytes from 1 back, and 5 literals at the end.
        CHECK(decoded(decode, {0x15, 'z', 1, 0, 0x50, 'a', 'b', 'c', 'd', 'e'}, 15) == "zzzzzzzzzzabcde");
        // 15 + 1 literals.
        CHECK(
            decoded(decode,
                    {0xf0, 1, '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'},
                    16) == "0123456789abcdef");
        // A match of 4 + 15 + 255 + 3 bytes.
        CHECK(decoded(decode, {0x1f, 'x', 1, 0, 255, 3, 0x50, 'a', 'b', 'c', 'd', 'e'}, 283) ==
              std::string(278, 'x') + "abcde");
    }
}

TEST_CASE("lz4_block: a match from before the block, or of no distance, is refused", "[hdf5]") {
    for (const Decode decode : decoders) {
        CHECK_THROWS_AS(decoded(decode, {0x15, 'x', 2, 0, 0x50, 'a', 'b', 'c', 'd', 'e'}, 15), DecodeError);
        CHECK_THROWS_AS(decoded(decode, {0x15, 'x', 255, 255, 0x50, 'a', 'b', 'c', 'd', 'e'}, 15),
                        DecodeError);
    }
    CHECK_THROWS_AS(decoded(decoders[1], {0x15, 'x', 0, 0, 0x50, 'a', 'b', 'c', 'd', 'e'}, 15), DecodeError);
}

TEST_CASE("lz4_block: what makes more or fewer bytes than expected is refused", "[hdf5]") {
    for (const Decode decode : decoders) {
        for (const std::size_t room : std::initializer_list<std::size_t>{0, 2, 4, 100})
            CHECK_THROWS_AS(decoded(decode, {0x30, 'a', 'b', 'c'}, room), DecodeError);
        for (const std::size_t room : std::initializer_list<std::size_t>{0, 1, 9, 14, 16, 1000})
            CHECK_THROWS_AS(decoded(decode, {0x15, 'x', 1, 0, 0x50, 'a', 'b', 'c', 'd', 'e'}, room),
                            DecodeError);
    }
}

TEST_CASE("lz4_block: a block cut short is refused", "[hdf5]") {
    for (const Decode decode : decoders) {
        CHECK_THROWS_AS(decoded(decode, {}, 0), DecodeError);
        CHECK_THROWS_AS(decoded(decode, {0x30, 'a', 'b'}, 3), DecodeError);
        CHECK_THROWS_AS(decoded(decode, {0xf0, 255}, 3), DecodeError);
        CHECK_THROWS_AS(decoded(decode, {0x15, 'x', 1}, 15), DecodeError);
        CHECK_THROWS_AS(decoded(decode, {0x1f, 'x', 1, 0, 255}, 300), DecodeError);
    }
}
