// SPDX-License-Identifier: MIT
#include <wick/io/direct_reader.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <span>
#include <vector>

using wick::detail::DirectReader;
using wick::detail::OpenFile;
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

bool reads_right(DirectReader& reader, const Data& data, const OpenFile& file,
                 const std::vector<Wanted>& wanted) {
    std::vector<std::vector<std::byte>> outs;
    for (const Wanted& one : wanted) outs.emplace_back(one.bytes + 1, std::byte{0xEE});
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        pieces.push_back({&file, wanted[i].offset, wanted[i].bytes, outs[i].data()});
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
    const OpenFile file(std::make_shared<const wick::File>(data.path), wick::Engine::direct);
    for (const unsigned depth : {64u, 3u, 1u}) {
        DirectReader reader(depth);
        for (int again = 0; again < 2; ++again) CHECK(reads_right(reader, data, file, some_of_everything()));
        CHECK(reads_right(reader, data, file, {{128, 4096}, {9000, 4096}}));
        CHECK(reads_right(reader, data, file, {}));
    }
}

TEST_CASE("direct reader: where the system refuses its queue, or direct reads, the bytes are the same") {
    const Data data;
    const OpenFile file(std::make_shared<const wick::File>(data.path), wick::Engine::direct);
    DirectReader without_queue(0);
    CHECK(reads_right(without_queue, data, file, some_of_everything()));
    DirectReader reader;
    const OpenFile not_direct(std::make_shared<const wick::File>(data.path), wick::Engine::pread);
    CHECK(reads_right(reader, data, not_direct, some_of_everything()));
}

TEST_CASE("direct reader: files that are read directly and files that are not can be asked for together") {
    const Data data;
    const auto file = std::make_shared<const wick::File>(data.path);
    const OpenFile direct(file, wick::Engine::direct), buffered(file, wick::Engine::pread);
    std::vector<std::byte> out(200 * 1000);
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < 200; ++i)
        pieces.push_back({i % 2 == 0 ? &direct : &buffered, i * 7001, 1000, out.data() + i * 1000});
    DirectReader reader;
    reader.read(pieces);
    bool same = true;
    for (std::size_t i = 0; i < 200; ++i)
        same = same && std::equal(out.begin() + static_cast<std::ptrdiff_t>(i * 1000),
                                  out.begin() + static_cast<std::ptrdiff_t>(i * 1000 + 1000),
                                  data.bytes.begin() + static_cast<std::ptrdiff_t>(i * 7001));
    CHECK(same);
}

TEST_CASE(
    "direct reader: what is to be done meanwhile is done once, and never more reads are under way than asked "
    "for") {
    const Data data;
    const OpenFile file(std::make_shared<const wick::File>(data.path), wick::Engine::direct);
    std::vector<std::byte> out(100 * 4096);
    for (const unsigned depth : {1u, 2u, 64u}) {
        std::vector<Piece> pieces;
        for (std::size_t i = 0; i < 100; ++i)
            pieces.push_back({&file, i * 20'000, 4096, out.data() + i * 4096});
        int calls = 0;
        DirectReader reader;
        reader.read(pieces, depth, [&] { ++calls; });
        CHECK(calls == 1);
        CHECK(std::equal(pieces[99].out, pieces[99].out + 4096, data.bytes.data() + 99 * 20'000));
    }
}

TEST_CASE(
    "direct reader: whole pages to the start of a page are put there by the disk, beside pieces that are "
    "copied") {
    const Data data;
    const OpenFile file(std::make_shared<const wick::File>(data.path), wick::Engine::direct);
    alignas(4096) static std::array<std::byte, 4 * 65536> out;
    std::vector<Piece> pieces{{&file, 65536, 65536, out.data()},
                              {&file, 5 * 65536, 65536, out.data() + 65536},
                              {&file, 5 * 65536 + 1, 65536, out.data() + 2 * 65536},
                              {&file, 9 * 65536, 65536 - 1, out.data() + 3 * 65536}};
    DirectReader reader;
    reader.read(pieces);
    for (const Piece& piece : pieces)
        CHECK(std::equal(piece.out, piece.out + piece.bytes, data.bytes.data() + piece.offset));
}

TEST_CASE(
    "direct reader: a file that ends early is an Error with its byte, and the reader can be used again") {
    const Data data;
    const OpenFile file(std::make_shared<const wick::File>(data.path), wick::Engine::direct);
    DirectReader reader;
    std::vector<std::byte> out(8192);
    std::vector<Piece> pieces(100, Piece{&file, 0, 4096, out.data()});
    pieces[37] = {&file, 3'000'000, 4096, out.data() + 4096};
    CHECK_THROWS_MATCHES(reader.read(pieces), wick::Error, MessageMatches(ContainsSubstring("byte 3000017")));
    std::filesystem::resize_file(data.path, 5000);
    pieces.assign(3, Piece{&file, 4096, 4096, out.data()});
    CHECK_THROWS_MATCHES(reader.read(pieces), wick::Error, MessageMatches(ContainsSubstring("byte 5000")));
    CHECK(reads_right(reader, data, file, {{0, 5000}}));
}
