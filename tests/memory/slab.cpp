// SPDX-License-Identifier: MIT
#include <wick/memory/slab.hpp>

#include "support/catch.hpp"
#include "support/scarce.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

using wick::OwnedBytes;
using wick::Slab;

namespace {

const std::size_t page = wick::page_bytes(), huge_page = wick::huge_page;

std::size_t address(const OwnedBytes& bytes) { return reinterpret_cast<std::uintptr_t>(bytes.data); }

}  // namespace

TEST_CASE("slab: pieces lie side by side in whole pages, from a huge page on") {
    const std::size_t bytes = 300'000, whole = (bytes + page - 1) / page * page;
    CHECK(Slab::size(bytes) == whole);
    CHECK(Slab::size(whole) == whole);
    Slab slab(bytes, 10);
    std::vector<OwnedBytes> pieces;
    for (int i = 0; i < 10; ++i) pieces.push_back(slab.take());
    std::ranges::sort(pieces, {}, address);
    CHECK(address(pieces[0]) % huge_page == 0);
    for (std::size_t i = 0; i < 10; ++i) {
        CHECK(pieces[i].data == pieces[0].data + i * whole);
        std::memset(pieces[i].data, static_cast<int>(i), whole);
    }
    for (std::size_t i = 0; i < 10; ++i) CHECK(pieces[i].data[whole - 1] == static_cast<std::byte>(i));
}

TEST_CASE(
    "slab: a piece beyond those there are, a short one and one of a huge page have memory of their own") {
    Slab slab(std::size_t{1} << 20, 1);
    const OwnedBytes inside = slab.take(), beyond = slab.take();
    CHECK(beyond.owner != inside.owner);
    std::memset(beyond.data, 7, std::size_t{1} << 20);
    for (const std::size_t bytes : {std::size_t{65'535}, huge_page, huge_page + 1}) {
        CHECK(Slab::size(bytes) == bytes);
        Slab other(bytes, 2);
        const OwnedBytes first = other.take(), second = other.take();
        CHECK(first.owner != second.owner);
        std::memset(first.data, 7, bytes);
    }
}

TEST_CASE("slab: many pieces lie in several blocks, and each stays for as long as one piece of it does") {
    std::optional<Slab> slab(std::in_place, std::size_t{1} << 20, 40);
    std::vector<OwnedBytes> pieces;
    for (int i = 0; i < 40; ++i) pieces.push_back(slab->take());
    // Within a block each lies right before the one that was given out before it.
    int blocks = 1;
    for (std::size_t i = 1; i < 40; ++i)
        blocks += pieces[i].data + (std::size_t{1} << 20) != pieces[i - 1].data;
    CHECK(blocks == 3);
    slab.reset();
    const OwnedBytes kept = pieces[20];
    std::memset(kept.data, 7, std::size_t{1} << 20);
    pieces.clear();
    CHECK(kept.owner.use_count() == 1);
    CHECK(kept.data[(std::size_t{1} << 20) - 1] == std::byte{7});
}

TEST_CASE(
    "slab: the memory of a piece that is dropped goes back to the system, that of its neighbours stays") {
    const std::size_t bytes = std::size_t{256} << 10;
    Slab slab(bytes, 16);
    std::vector<OwnedBytes> pieces;
    for (int i = 0; i < 16; ++i) {
        pieces.push_back(slab.take());
        std::memset(pieces.back().data, i + 1, bytes);
    }
    std::ranges::sort(pieces, {}, address);
    const std::byte around[] = {pieces[4].data[bytes - 1], pieces[6].data[0]};
    std::byte* const dropped = pieces[5].data;
    pieces[5] = {};
#if defined(__linux__)
    // The block is still there, and what was given back reads as zeros.
    CHECK(std::all_of(dropped, dropped + bytes, [](std::byte one) { return one == std::byte{0}; }));
#endif
    CHECK(pieces[4].data[bytes - 1] == around[0]);
    CHECK(pieces[6].data[0] == around[1]);
}

TEST_CASE(
    "slab: a piece that was dropped is taken again before memory of its own, also when its block has gone") {
    const std::size_t bytes = std::size_t{1} << 20;
    Slab slab(bytes, 20);
    std::vector<OwnedBytes> pieces;
    for (int i = 0; i < 20; ++i) pieces.push_back(slab.take());
    const std::byte* const dropped = pieces[3].data;
    pieces[3] = {};
    pieces[3] = slab.take();
    CHECK(pieces[3].data == dropped);
    std::memset(pieces[3].data, 7, bytes);
    pieces.clear();
    // Side by side again: between blocks of their own the GNU C library has words of its own.
    for (int i = 0; i < 20; ++i) pieces.push_back(slab.take());
    std::ranges::sort(pieces, {}, address);
    int blocks = 1;
    for (std::size_t i = 1; i < 20; ++i) blocks += address(pieces[i]) != address(pieces[i - 1]) + bytes;
    CHECK(blocks <= 2);
    for (const OwnedBytes& piece : pieces) std::memset(piece.data, 7, bytes);
}

TEST_CASE("slab: a piece may be dropped when the slab has gone") {
    std::optional<Slab> slab(std::in_place, std::size_t{1} << 20, 3);
    OwnedBytes first = slab->take(), second = slab->take();
    std::memset(second.data, 7, std::size_t{1} << 20);
    slab.reset();
    first = {};
    CHECK(second.data[0] == std::byte{7});
    CHECK(second.data[(std::size_t{1} << 20) - 1] == std::byte{7});
}

TEST_CASE("slab: pieces that many threads take and drop at once are each of one thread alone") {
    constexpr std::size_t bytes = std::size_t{64} << 10;
    Slab slab(bytes, 10);
    std::atomic<int> wrong{0};
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&slab, &wrong, thread] {
                std::vector<OwnedBytes> mine(4);
                for (std::size_t round = 0; round < 300; ++round) {
                    OwnedBytes& piece = mine[round * 7 % 4];
                    piece = slab.take();
                    const auto mark = static_cast<std::byte>(thread + 1);
                    piece.data[0] = piece.data[bytes - 1] = mark;
                    for (const OwnedBytes& one : mine)
                        wrong += one.data != nullptr && (one.data[0] != mark || one.data[bytes - 1] != mark);
                }
            });
    }
    CHECK(wrong == 0);
}

TEST_CASE("slab: no memory is an Error that names the bytes") {
    Slab slab(std::size_t{1} << 60, 2);
    CHECK_THROWS_MATCHES(slab.take(), wick::Error,
                         MessageMatches(ContainsSubstring("1152921504606846976 bytes")));
}

TEST_CASE("slab: where there is memory for a piece and none for a block, a piece is had all the same") {
    constexpr std::size_t bytes = std::size_t{1} << 20;
    Slab slab(bytes, 33);
    {
        const wick_test::AllocationSizeLimit limit(bytes);
        const OwnedBytes piece = slab.take();
        std::memset(piece.data, 7, bytes);
        CHECK(address(piece) % page == 0);
    }
    {
        const wick_test::AllocationSizeLimit limit(bytes - 1);
        CHECK_THROWS_MATCHES(slab.take(), wick::Error, MessageMatches(ContainsSubstring("1048576 bytes")));
    }
    CHECK(address(slab.take()) % huge_page % bytes == 0);
}

TEST_CASE("slab: whatever many threads take, no piece is given twice") {
    Slab slab(std::size_t{64} << 10, 64);
    std::vector<std::vector<OwnedBytes>> taken(4);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : taken)
            threads.emplace_back([&slab, &mine] {
                for (int i = 0; i < 16; ++i) mine.push_back(slab.take());
            });
    }
    std::vector<std::size_t> places;
    for (const auto& mine : taken)
        for (const OwnedBytes& piece : mine) places.push_back(address(piece));
    std::ranges::sort(places);
    for (std::size_t i = 1; i < places.size(); ++i)
        CHECK(places[i] == places[i - 1] + (std::size_t{64} << 10));
}
