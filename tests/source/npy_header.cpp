// SPDX-License-Identifier: MIT
#include <wick/source/npy_header.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <fstream>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::literals;

std::vector<std::byte> from_hex(std::string_view hex) {
    std::vector<std::byte> bytes;
    if (hex == "-") return bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    return bytes;
}

/// A whole version 1 header round the text.
std::vector<std::byte> with_header(std::string_view text) {
    std::string file = "\x93NUMPY\x01\x00"s;
    file += static_cast<char>(text.size() & 255);
    file += static_cast<char>(text.size() >> 8);
    file += text;
    const auto bytes = std::as_bytes(std::span(file.data(), file.size()));
    return {bytes.begin(), bytes.end()};
}

/// The header as the table writes it.
std::string described(const wick::NpyHeader& header) {
    std::string text(wick::name_of(header.dtype));
    text += wick::size_of(header.dtype) == 1 ? " |" : header.byte_order == std::endian::little ? " <" : " >";
    text += header.fortran_order ? " F" : " C";
    for (const wick::Index extent : header.shape) text += " " + std::to_string(extent);
    return text;
}

std::string verdict_of(std::span<const std::byte> start) {
    try {
        const wick::NpyHeader header = wick::parse_npy_header(start, "x.npy");
        CHECK(header.data_offset == start.size());
        return described(header);
    } catch (const wick::Error& error) {
        CHECK(error.path() == "x.npy");
        CHECK(error.offset().has_value());
        CHECK(error.offset().value_or(0) <= start.size());
        return "error";
    }
}

}  // namespace

TEST_CASE("npy header: NumPy's verdict is ours, for every header of the table") {
    std::ifstream table(WICK_TEST_DATA "/npy/headers.txt");
    REQUIRE(table);
    int accepted = 0;
    int refused = 0;
    for (std::string line; std::getline(table, line);) {
        const std::size_t space = line.find(' ');
        const std::vector<std::byte> start = from_hex(std::string_view(line).substr(0, space));
        const std::string numpy = line.substr(space + 1);
        const bool accepts = numpy != "refused" && numpy != "unsupported";
        INFO(std::string(reinterpret_cast<const char*>(start.data()), start.size()));
        CHECK(verdict_of(start) == (accepts ? numpy : "error"));
        ++(accepts ? accepted : refused);
    }
    CHECK(accepted > 300);
    CHECK(refused > 300);
}

TEST_CASE("npy header: what is refused is named, with its byte") {
    const auto [header, byte, words] = GENERATE(table<std::string, unsigned, std::string>({
        {"{'descr': '|O', 'fortran_order': False, 'shape': (3,)}", 20, "pickled Python objects"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}", 20, "structured"},
        {"{'descr': ('<f4', (2,)), 'fortran_order': False, 'shape': (3,)}", 20, "sub-array"},
        {"{'descr': '<U4', 'fortran_order': False, 'shape': (3,)}", 20, "string arrays"},
        {"{'descr': '<M8[s]', 'fortran_order': False, 'shape': (3,)}", 20, "dates and times"},
        {"{'descr': '<f16', 'fortran_order': False, 'shape': (3,)}", 20, "long double"},
        {"{'descr': '|V2', 'fortran_order': False, 'shape': (3,)}", 20, "void"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': ()}", 60, "no dimension"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, -2)}", 64, "negative"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 9223372036854775808)}", 64,
         "larger than any"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", 60,
         "more bytes than any"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'x': 1}", 66, "a key other than"},
        {"{'descr': '<f4', 'fortran_order': False}", 10, "shape is missing"},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}", 44, "neither True nor False"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': [3]}", 60, "no tuple"},
        {"{'descr': '<f4' 'fortran_order'", 41, "expected a comma or }"},
    }));
    const std::vector<std::byte> start = with_header(header);
    INFO(header);
    try {
        wick::parse_npy_header(start, "x.npy");
        FAIL("accepted");
    } catch (const wick::Error& error) {
        CHECK(error.offset() == byte);
        CHECK_THAT(error.what(), ContainsSubstring(words));
    }
}

TEST_CASE("npy header: another kind of file is called by its name") {
    const auto [start, words] = GENERATE(table<std::string, std::string>({
        {"PK\x03\x04 and so on", "zip archive"},
        {"\x1f\x8b\x08 and so on", "gunzip"},
        {"\x80\x04\x95 and so on", "pickle"},
        {"\x89HDF\r\n\x1a\n and so on", "HDF5"},
        {"hello, world", "68 65 6c 6c 6f 2c"},
    }));
    CHECK_THROWS_MATCHES(
        wick::npy_header_bytes(std::as_bytes(std::span(start.data(), start.size())), "x.npy"), wick::Error,
        MessageMatches(ContainsSubstring(words)));
}

TEST_CASE("npy header: an unknown version of the format is refused with its number") {
    const auto [version, words] = GENERATE(table<std::string, std::string>(
        {{"\0\0"s, "0.0"}, {"\1\1"s, "1.1"}, {"\4\0"s, "4.0"}, {"\xff\xff"s, "255.255"}}));
    const std::string start = "\x93NUMPY"s + version + "\x05\0{}   "s;
    CHECK_THROWS_MATCHES(
        wick::npy_header_bytes(std::as_bytes(std::span(start.data(), start.size())), "x.npy"), wick::Error,
        MessageMatches(ContainsSubstring("byte 6: expected format 1.0, 2.0 or 3.0, found format " + words)));
}

TEST_CASE("npy header: it may be cut off anywhere, and is refused there") {
    const auto whole = with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        try {
            wick::parse_npy_header(part, "x.npy");
            FAIL("accepted " << size << " bytes");
        } catch (const wick::Error& error) {
            CHECK(error.offset() == size);
            CHECK_THAT(error.what(), ContainsSubstring("end of the file"));
        }
    }
    CHECK(wick::parse_npy_header(whole, "x.npy").shape == std::vector<wick::Index>{3, 2});
}

TEST_CASE("npy header: brackets and signs nested without end are refused, not followed") {
    for (const char* const open : {"(", "[", "{", "-", "{1:", "-("}) {
        std::string text;
        while (text.size() < 60'000) text += open;
        CHECK(verdict_of(with_header(text)) == "error");
    }
}

TEST_CASE("npy header: one of more than 1 MiB is refused before it is read") {
    std::string start = "\x93NUMPY\x02\x00\x00\x00\x10\x00"s;
    const auto bytes = [&] { return std::as_bytes(std::span(start.data(), start.size())); };
    CHECK(wick::npy_header_bytes(bytes(), "x.npy") == (1 << 20) + 12);
    start[8] = 1;
    CHECK_THROWS_MATCHES(wick::npy_header_bytes(bytes(), "x.npy"), wick::Error,
                         MessageMatches(ContainsSubstring("at most 1 MiB")));
}

TEST_CASE("npy header: void data is what the caller says it is, if it is as wide") {
    const auto as = [](std::string descr, wick::Dtype wanted) {
        return wick::parse_npy_header(
            with_header("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (3,)}"), "x.npy",
            wanted);
    };
    CHECK(as("<V2", wick::Dtype::bf16).dtype == wick::Dtype::bf16);
    CHECK(as("<V2", wick::Dtype::bf16).byte_order == std::endian::little);
    CHECK(as(">V2", wick::Dtype::bf16).byte_order == std::endian::big);
    CHECK(as("|V2", wick::Dtype::bf16).byte_order == std::endian::native);
    CHECK(as("bfloat16", wick::Dtype::bf16).dtype == wick::Dtype::bf16);
    CHECK(as("<f4", wick::Dtype::f32).dtype == wick::Dtype::f32);
    CHECK_THROWS_AS(as("<V4", wick::Dtype::bf16), wick::Error);
    CHECK_THROWS_MATCHES(as("<f4", wick::Dtype::f64), wick::Error,
                         MessageMatches(ContainsSubstring("expected the dtype f64, found dtype '<f4'")));
}
