// SPDX-License-Identifier: MIT
#include <wick/io/file_reader.hpp>

#include "support/catch.hpp"
#include "support/page_cache.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using wick::Engine;
using wick::detail::FileReader;
using wick::detail::OpenFile;
using wick::detail::Piece;

namespace {

/// Two files of random bytes, the second of a length that is a multiple of nothing.
struct Data {
    Data() {
        std::mt19937 random(5);
        for (std::vector<std::byte>& one : bytes) {
            one.resize(&one == &bytes[0] ? 4 << 20 : 2'345'679);
            for (std::byte& byte : one) byte = static_cast<std::byte>(random());
            paths.push_back(dir.write(std::to_string(paths.size()), std::span<const std::byte>(one)));
        }
    }
    FileReader::Files open(Engine engine) const {
        FileReader::Files files;
        for (const auto& path : paths)
            files.push_back(
                std::make_shared<const OpenFile>(std::make_shared<const wick::File>(path), engine));
        return files;
    }
    wick_test::TempDir dir;
    std::vector<std::byte> bytes[2];
    std::vector<std::filesystem::path> paths;
};

/// Reads 300 pieces at random places and looks whether each is right.
bool reads_right(FileReader& reader, const Data& data, std::mt19937& random) {
    std::vector<std::vector<std::byte>> outs;
    std::vector<Piece> pieces;
    std::vector<const std::byte*> expected;
    for (int i = 0; i < 300; ++i) {
        const std::size_t which = random() % 2;
        const std::size_t bytes = random() % (i % 50 == 0 ? 700'000 : 5000);
        const std::uint64_t offset = random() % (data.bytes[which].size() - bytes);
        outs.emplace_back(bytes);
        pieces.push_back({reader.files()[which].get(), offset, bytes, outs.back().data()});
    }
    const auto asked = pieces;
    reader.begin_read();
    reader.read(pieces);
    return std::ranges::all_of(asked, [&](const Piece& piece) {
        const auto& whole = data.bytes[piece.file == reader.files()[0].get() ? 0 : 1];
        return std::equal(piece.out, piece.out + piece.bytes, whole.data() + piece.offset);
    });
}

}  // namespace

TEST_CASE("file reader: the bytes are the same by every engine, cold and hot and while they are brought in") {
    const Data data;
    const Engine engine = GENERATE(Engine::automatic, Engine::mapped, Engine::pread, Engine::direct);
    const std::optional<std::uint64_t> cache_bytes =
        GENERATE(std::optional<std::uint64_t>(), std::optional<std::uint64_t>(0),
                 std::optional<std::uint64_t>(3 << 20));
    for (const auto& path : data.paths) wick_test::drop_pages(path);
    FileReader reader(data.open(engine), cache_bytes);
    std::mt19937 random(6);
    CHECK(reads_right(reader, data, random));
    reader.prepare({});
    for (int i = 0; i < 10; ++i) REQUIRE(reads_right(reader, data, random));
    CHECK(reader.explain().find("0 and 1 more") != std::string::npos);
}

TEST_CASE("file reader: read by many threads at a time, it ends with all of it in memory") {
    const Data data;
    for (const auto& path : data.paths) wick_test::drop_pages(path);
    FileReader reader(data.open(Engine::automatic), std::nullopt);
    if (!reader.files()[0]->can_be_warmed()) return;
    reader.prepare({});
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (unsigned t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            std::mt19937 random(t);
            for (int i = 0; i < 8; ++i) wrong += !reads_right(reader, data, random);
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
    for (int i = 0; i < 60'000 && !reader.begin_read(); ++i) std::this_thread::sleep_for(1ms);
    CHECK(reader.engine() == Engine::mapped);
    CHECK(!reader.gains_by_expecting());
}

TEST_CASE("file reader: it is worth telling what comes where that is read through the page cache") {
    const Data data;
    FileReader buffered(data.open(Engine::pread), std::nullopt),
        mapped(data.open(Engine::mapped), std::nullopt);
    CHECK(buffered.gains_by_expecting());
    CHECK(!mapped.gains_by_expecting());
    buffered.expect({buffered.files()[0].get(), 0, 4096, nullptr});
    CHECK(buffered.engine() == Engine::pread);
}

TEST_CASE("file reader: a file that has changed is an Error before a byte of it is read") {
    const Data data;
    FileReader reader(data.open(Engine::automatic), std::nullopt);
    reader.begin_read();
    std::filesystem::resize_file(data.paths[1], 100);
    CHECK_THROWS_AS(reader.begin_read(), wick::Error);
}

TEST_CASE("file reader: bytes behind the end of a file are an Error, also where it lies in memory") {
    const Data data;
    const Engine engine = GENERATE(Engine::automatic, Engine::mapped, Engine::pread, Engine::direct);
    FileReader reader(data.open(engine), std::nullopt);
    const wick::detail::OpenFile* const file = reader.files()[0].get();
    for (int i = 0; i < 2; ++i) {
        for (const std::uint64_t offset : {file->file().size() - 5, file->file().size() + 5}) {
            std::vector<std::byte> out(10);
            std::vector<wick::detail::Piece> pieces{{file, offset, out.size(), out.data()}};
            CHECK_THROWS_AS(reader.read(pieces), wick::Error);
        }
        reader.begin_read();  // from here on it is known where the bytes lie
    }
}
