// SPDX-License-Identifier: MIT
#include <wick/hdf5/chunks_ahead.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

using wick::File;
using namespace wick::detail;

namespace {

constexpr std::uint64_t chunk_count = 100;

/// Chunks of 8 letters in a file, the last of them behind its end.
struct Chunks {
    explicit Chunks(const wick_test::TempDir& dir) : stored(write(dir), {}), index(chunk_count, chunk_count) {
        for (std::uint64_t chunk = 0; chunk < chunk_count; ++chunk)
            index.set(chunk, {.offset = 8 * chunk, .bytes = 8});
    }

    static std::string text(std::uint64_t chunk) {
        return std::string(8, static_cast<char>('!' + chunk % 90));
    }
    static std::shared_ptr<const File> write(const wick_test::TempDir& dir) {
        std::string all;
        for (std::uint64_t chunk = 0; chunk + 1 < chunk_count; ++chunk) all += text(chunk);
        return std::make_shared<const File>(dir.write("a", all));
    }

    StoredBytes stored;
    ChunkIndex index;
};

std::string text(const ChunksAhead::Stored& stored) {
    return stored ? std::string(reinterpret_cast<const char*>(stored.get()), 8) : "none";
}

void note(ChunksAhead& ahead, const std::vector<std::uint64_t>& chunks) { ahead.note(chunks); }

/// Notes a chunk as often as it takes to find room.
void insist(ChunksAhead& ahead, std::uint64_t chunk) {
    while (!ahead.has(chunk)) {
        note(ahead, {chunk});
        std::this_thread::yield();
    }
}

/// Notes a chunk until it was not taken before its turn.
std::string fetch(ChunksAhead& ahead, std::uint64_t chunk) {
    for (;;) {
        note(ahead, {chunk});
        std::this_thread::yield();
        if (const auto stored = ahead.take(chunk)) return text(stored);
    }
}

}  // namespace

TEST_CASE("hdf5/chunks_ahead: a chunk that was noted is given away once, and others are not there",
          "[hdf5]") {
    const wick_test::TempDir dir;
    const Chunks chunks(dir);
    ChunksAhead ahead(chunks.stored, chunks.index);
    ahead.resize(1000);
    CHECK_FALSE(ahead.has(3));
    CHECK(text(ahead.take(3)) == "none");
    CHECK(fetch(ahead, 3) == Chunks::text(3));
    CHECK_FALSE(ahead.has(3));
    CHECK(text(ahead.take(3)) == "none");
    CHECK(fetch(ahead, 3) == Chunks::text(3));
}

TEST_CASE("hdf5/chunks_ahead: nothing is read ahead before there is memory for it", "[hdf5]") {
    const wick_test::TempDir dir;
    const Chunks chunks(dir);
    ChunksAhead ahead(chunks.stored, chunks.index);
    note(ahead, {1, 2});
    CHECK_FALSE(ahead.has(1));
    ahead.resize(7);
    note(ahead, {1, 2});
    CHECK_FALSE(ahead.has(1));
}

TEST_CASE("hdf5/chunks_ahead: there is never more than fits, and what nobody asked for makes room",
          "[hdf5]") {
    const wick_test::TempDir dir;
    const Chunks chunks(dir);
    ChunksAhead ahead(chunks.stored, chunks.index);
    ahead.resize(17);
    note(ahead, {0, 1});
    insist(ahead, 2);
    CHECK_FALSE(ahead.has(0));  // it and the next were read together
    CHECK(ahead.has(1));
    insist(ahead, 3);
    CHECK_FALSE(ahead.has(1));
    insist(ahead, 4);  // in place of whichever was there first: two threads read them
    CHECK(ahead.has(2) != ahead.has(3));
}

TEST_CASE("hdf5/chunks_ahead: a chunk that cannot be read is not there, and the next ones are", "[hdf5]") {
    const wick_test::TempDir dir;
    const Chunks chunks(dir);
    ChunksAhead ahead(chunks.stored, chunks.index);
    ahead.resize(1000);
    for (int turn = 0; turn < 20; ++turn) {
        note(ahead, {chunk_count - 1});
        if (turn % 2 == 0) std::this_thread::yield();
        CHECK(text(ahead.take(chunk_count - 1)) == "none");
    }
    CHECK(fetch(ahead, 5) == Chunks::text(5));
}

TEST_CASE("hdf5/chunks_ahead: whatever many threads note and take, each chunk has its own bytes", "[hdf5]") {
    const wick_test::TempDir dir;
    const Chunks chunks(dir);
    ChunksAhead ahead(chunks.stored, chunks.index);
    ahead.resize(200);
    std::atomic<int> wrong{0}, given{0};
    {
        std::vector<std::jthread> threads;
        for (std::uint64_t first = 0; first < 4; ++first)
            threads.emplace_back([&, first] {
                for (std::uint64_t i = 0; i < 3000 || given == 0; ++i) {
                    const std::uint64_t chunk = (first * 7 + i) % (chunk_count - 1);
                    note(ahead, {(chunk + 3) % (chunk_count - 1), (chunk + 5) % (chunk_count - 1)});
                    const auto stored = ahead.take(chunk);
                    wrong += stored && text(stored) != Chunks::text(chunk);
                    given += stored != nullptr;
                }
            });
    }
    CHECK(wrong == 0);
    CHECK(given > 0);
}

TEST_CASE("hdf5/chunks_ahead: it ends with chunks still noted, and what was given away stays", "[hdf5]") {
    const wick_test::TempDir dir;
    const Chunks chunks(dir);
    std::vector<std::uint64_t> all(chunk_count);
    std::iota(all.begin(), all.end(), 0);
    ChunksAhead::Stored kept;
    {
        ChunksAhead ahead(chunks.stored, chunks.index);
        ahead.resize(1000);
        while (!kept) {
            ahead.note(all);
            kept = ahead.take(7);
        }
        ahead.note(all);
    }
    CHECK(text(kept) == Chunks::text(7));
}
