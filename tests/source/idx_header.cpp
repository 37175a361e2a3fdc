// SPDX-License-Identifier: MIT
#include <wick/source/idx_header.hpp>

#include "support/catch.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace std::literals;

namespace {

wick::IdxHeader parse(std::string_view start) {
    return wick::parse_idx_header(std::as_bytes(std::span(start.data(), start.size())), "x");
}

}  // namespace

TEST_CASE("idx header: every type and any number of dimensions are read, big-endian") {
    const auto [type, dtype] = GENERATE(table<char, wick::Dtype>({{'\x08', wick::Dtype::u8},
                                                                  {'\x09', wick::Dtype::i8},
                                                                  {'\x0b', wick::Dtype::i16},
                                                                  {'\x0c', wick::Dtype::i32},
                                                                  {'\x0d', wick::Dtype::f32},
                                                                  {'\x0e', wick::Dtype::f64}}));
    const auto header = parse("\0\0"s + type + "\3\1\2\3\4\0\0\0\0\xff\xff\xff\xff"s + "data");
    CHECK(header.dtype == dtype);
    CHECK(header.shape == std::vector<wick::Index>{0x01020304, 0, 0xffffffff});
    CHECK(header.data_offset == 16);
    const auto most = parse("\0\0"s + type + "\xff" + std::string(4 * 255, '\1'));
    CHECK(most.data_offset == wick::idx_header_most_bytes);
    CHECK(most.shape.size() == 255);
}

TEST_CASE("idx header: what is none is refused with its byte") {
    const auto [start, byte, words] = GENERATE(table<std::string, unsigned, std::string>({
        {""s, 0, "end of the file"},
        {"\0"s, 1, "end of the file"},
        {"\0\0\x08"s, 3, "end of the file"},
        {"\0\0\x08\2\0\0\0\5\0\0\0"s, 11, "an IDX header of 12 bytes"},
        {"\0\0\x08\0"s, 3, "at least one dimension"},
        {"\0\0\x0a\1\0\0\0\1"s, 2, "found 10"},
        {"\0\1\x08\1\0\0\0\1"s, 0, "found 0 and 1"},
        {"\x1f\x8b\x08\0"s, 0, "gunzip it first"},
    }));
    try {
        parse(start);
        FAIL("accepted");
    } catch (const wick::Error& error) {
        CHECK(error.offset() == byte);
        CHECK_THAT(error.what(), ContainsSubstring(words));
    }
}
