// SPDX-License-Identifier: MIT
#include <wick/io/direct_reader.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <vector>

using wick::detail::DirectFile;
using wick::detail::DirectReader;
using wick::detail::Piece;

namespace {

// A file of random bytes, of a length that is a multiple of nothing.
struct Data {
    Data() : bytes(3'000'017) {
        std::mt19937 random(7);
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
        path = dir.write("data", std::span<const std::byte>(bytes));
    }
    wick_test::TempDir dir;
    std::vector<std::byte> bytes;
    std::filesystem::path path;
};

struct Wanted {
    std::uint64_t offset;
    std::size_t bytes;
};

bool reads_right(DirectReader& reader, const Data& data, int direct, const wick::File& file,
                 const std::vector<Wanted>& wanted) {
    std::vector<std::vector<std::byte>> outs;
    for (const Wanted& one : wanted) outs.emplace_back(one.bytes + 1, std::byte{0xEE});
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        pieces.push_back({&file, direct, wanted[i].offset, wanted[i].bytes, outs[i].data()});
    reader.read(pieces);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto* expected = data.bytes.data() + wanted[i].offset;
        if (!std::equal(expected, expected + wanted[i].bytes, outs[i].data())) return false;
        if (outs[i].back() != std::byte{0xEE}) return false;
    }
    return true;
}

std::vector<Wanted> some_of_everything() {
    std::vector<Wanted> wanted{
        {0, 1},        {0, 0},       {4095, 2},         {4096, 4096}, {1, 3'000'016},     {3'000'016, 1},
        {128, 4096},   {8191, 4097}, {2'999'000, 1017}, {5, 262'144}, {100'000, 262'145}, {0, 3'000'017},
        {700, 700'000}};
    std::mt19937 random(1);
    for (int i = 0; i < 500; ++i) {
        const std::size_t bytes = random() % 20'000;
        wanted.push_back({random() % (3'000'017 - bytes), bytes});
    }
    return wanted;
}

}  // namespace

TEST_CASE(
    "direct reader: every piece is read exactly, whatever its offset and length, and nothing beside it") {
    const Data data;
    const wick::File file(data.path);
    const DirectFile direct(file);
    for (const unsigned depth : {64u, 3u, 1u}) {
        DirectReader reader(depth);
        for (int again = 0; again < 2; ++again)
            CHECK(reads_right(reader, data, direct.number(), file, some_of_everything()));
        CHECK(reads_right(reader, data, direct.number(), file, {{128, 4096}, {9000, 4096}}));
        CHECK(reads_right(reader, data, direct.number(), file, {}));
    }
}

TEST_CASE("direct reader: where the system refuses its queue, or direct reads, the bytes are the same") {
    const Data data;
    const wick::File file(data.path);
    const DirectFile direct(file);
    DirectReader without_queue(0);
    CHECK(reads_right(without_queue, data, direct.number(), file, some_of_everything()));
    DirectReader reader;
    CHECK(reads_right(reader, data, -1, file, some_of_everything()));
}

TEST_CASE("direct reader: a descriptor that fails in the middle costs time, but no byte") {
    const Data data;
    const wick::File file(data.path);
    const int closed = 1'000'000;
    DirectReader reader;
    CHECK(reads_right(reader, data, closed, file, some_of_everything()));
    CHECK(reads_right(reader, data, DirectFile(file).number(), file, some_of_everything()));
}

TEST_CASE(
    "direct reader: a file that ends early is an Error with its byte, and the reader can be used again") {
    const Data data;
    const wick::File file(data.path);
    const DirectFile direct(file);
    DirectReader reader;
    std::vector<std::byte> out(8192);
    std::vector<Piece> pieces(100, Piece{&file, direct.number(), 0, 4096, out.data()});
    pieces[37].offset = 3'000'000;
    CHECK_THROWS_MATCHES(reader.read(pieces), wick::Error, MessageMatches(ContainsSubstring("byte 3000017")));
    std::filesystem::resize_file(data.path, 5000);
    pieces.assign(3, Piece{&file, direct.number(), 4096, 4096, out.data()});
    CHECK_THROWS_MATCHES(reader.read(pieces), wick::Error, MessageMatches(ContainsSubstring("byte 5000")));
    CHECK(reads_right(reader, data, direct.number(), file, {{0, 5000}}));
}
