// SPDX-License-Identifier: MIT
#include <wick/hdf5/chunk_cache.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <thread>
#include <vector>

using wick::detail::ChunkCache;
using wick::detail::DecodedChunk;
using State = ChunkCache::State;

namespace {

DecodedChunk chunk_of(ChunkCache& cache, std::uint64_t number) {
    auto memory = cache.memory();
    std::memcpy(memory.get(), &number, sizeof number);
    return {.memory = memory};
}

std::uint64_t number_in(const std::byte* chunk) {
    std::uint64_t number = 0;
    std::memcpy(&number, chunk, sizeof number);
    return number;
}

void put(ChunkCache& cache, std::uint64_t number) {
    REQUIRE(cache.find_or_claim(number).state == State::claimed);
    cache.publish(number, chunk_of(cache, number));
}

}  // namespace

TEST_CASE("hdf5/chunk_cache: a claimed chunk is busy until it is published, then it is there", "[hdf5]") {
    ChunkCache cache(80, 8);
    CHECK(cache.find_or_claim(3).state == State::claimed);
    CHECK(cache.find_or_claim(3).state == State::busy);
    CHECK(cache.find_or_claim(4).state == State::claimed);
    cache.publish(3, chunk_of(cache, 3));
    const auto found = cache.find_or_claim(3);
    CHECK(found.state == State::ready);
    CHECK(number_in(found.chunk) == 3);
    CHECK(cache.find_or_claim(4).state == State::busy);
    cache.give_up(4);
    CHECK(cache.find_or_claim(4).state == State::claimed);
}

TEST_CASE("hdf5/chunk_cache: who finds a chunk is told whether it was published shuffled", "[hdf5]") {
    ChunkCache cache(80, 8);
    for (const bool is_shuffled : {true, false}) {
        REQUIRE(cache.find_or_claim(is_shuffled).state == State::claimed);
        DecodedChunk chunk = chunk_of(cache, is_shuffled);
        chunk.is_shuffled = is_shuffled;
        cache.publish(is_shuffled, chunk);
    }
    const std::vector<std::uint64_t> chunks{1, 0};
    std::vector<ChunkCache::Found> found(2);
    cache.find(chunks, found);
    CHECK(found[0].is_shuffled);
    CHECK_FALSE(found[1].is_shuffled);
    CHECK(cache.find_or_claim(1).is_shuffled);
    CHECK_FALSE(cache.wait_or_claim(0).is_shuffled);
}

TEST_CASE("hdf5/chunk_cache: to look for many claims none, and counts as their use", "[hdf5]") {
    ChunkCache cache(16, 8);
    for (const std::uint64_t number : {1u, 2u}) put(cache, number);
    REQUIRE(cache.find_or_claim(3).state == State::claimed);
    const std::vector<std::uint64_t> chunks{4, 3, 1};
    std::vector<ChunkCache::Found> found(3);
    cache.find(chunks, found);
    CHECK(found[0].state == State::absent);
    CHECK(found[1].state == State::busy);
    REQUIRE(found[2].state == State::ready);
    CHECK(number_in(found[2].chunk) == 1);
    std::vector<std::uint64_t> absent{1, 4, 3, 2, 5};
    cache.keep_absent(absent);
    CHECK(absent == std::vector<std::uint64_t>{4, 5});
    put(cache, 4);
    CHECK(cache.find_or_claim(1).state == State::ready);
    CHECK(cache.find_or_claim(2).state == State::claimed);
}

TEST_CASE("hdf5/chunk_cache: those used last are kept, as many as fit", "[hdf5]") {
    ChunkCache cache(31, 8);  // three, and not quite four
    for (const std::uint64_t number : {1u, 2u, 3u}) put(cache, number);
    CHECK(cache.find_or_claim(1).state == State::ready);
    put(cache, 4);
    CHECK(cache.find_or_claim(1).state == State::ready);
    CHECK(cache.find_or_claim(3).state == State::ready);
    CHECK(cache.find_or_claim(4).state == State::ready);
    CHECK(cache.find_or_claim(2).state == State::claimed);
}

TEST_CASE(
    "hdf5/chunk_cache: the chunk whose last use is the longest ago is dropped, however often it was used",
    "[hdf5]") {
    constexpr std::size_t most = 8;
    ChunkCache cache(8 * most, 8);
    std::vector<std::uint64_t> kept;  // the one used last at the end
    std::uint64_t bits = 1;
    for (int turn = 0; turn < 5000; ++turn) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        const std::uint64_t number = (bits >> 33) % (turn % 100 < 50 ? 6 : 12);
        INFO("turn " << turn);
        const ChunkCache::Reading reading(cache);
        const State state = cache.find_or_claim(number).state;
        REQUIRE((state == State::ready) == (std::erase(kept, number) == 1));
        if (state == State::claimed) cache.publish(number, chunk_of(cache, number));
        kept.push_back(number);
        if (kept.size() > most) kept.erase(kept.begin());
    }
}

TEST_CASE("hdf5/chunk_cache: what is dropped goes at once if nobody has used it since the readers began",
          "[hdf5]") {
    ChunkCache cache(4 * 8, 8);
    std::vector<std::weak_ptr<const std::byte>> before, since;
    const auto fill = [&](std::uint64_t first, std::vector<std::weak_ptr<const std::byte>>& chunks) {
        for (std::uint64_t number = first; number < first + 4; ++number) {
            REQUIRE(cache.find_or_claim(number).state == State::claimed);
            DecodedChunk chunk = chunk_of(cache, number);
            chunks.push_back(chunk.memory);
            cache.publish(number, std::move(chunk));
        }
    };
    const auto expired = [](const auto& chunk) { return chunk.expired(); };
    fill(1, before);
    {
        const ChunkCache::Reading slow(cache);
        REQUIRE(cache.find_or_claim(1).state == State::ready);
        fill(5, since);
        CHECK(std::ranges::count_if(before, expired) == 3);
        CHECK_FALSE(before.front().expired());
    }
    CHECK(std::ranges::all_of(before, expired));
    CHECK(std::ranges::none_of(since, expired));
}

TEST_CASE(
    "hdf5/chunk_cache: an order with little room takes no chunk of one that has enough, nor keeps more than "
    "that",
    "[hdf5]") {
    constexpr std::uint64_t many = 8;
    ChunkCache cache(10 * 8, 8);
    wick::detail::ChunkRoom& large = cache.open_room(many * 8);
    wick::detail::ChunkRoom& small = cache.open_room(2 * 8);
    const auto read = [&](std::uint64_t number, wick::detail::ChunkRoom& room) {
        const ChunkCache::Reading reading(cache);
        const State state = cache.find_or_claim(number).state;
        if (state == State::claimed) cache.publish(number, chunk_of(cache, number), &room);
        return state;
    };
    for (std::uint64_t number = 1000; number < 1010; ++number) read(number, small);  // while there is room
    for (std::uint64_t number = 0; number < many; ++number) CHECK(read(number, large) == State::claimed);
    for (std::uint64_t number = 100; number < 200; ++number) {
        CHECK(read(number, small) == State::claimed);
        CHECK(read(number, small) == State::ready);
    }
    for (std::uint64_t number = 0; number < many; ++number) CHECK(read(number, large) == State::ready);
    // With its room go the chunks that it leaves.
    cache.close_room(large);
    cache.resize(2 * 8);
    for (const std::uint64_t number : {198u, 199u}) CHECK(read(number, small) == State::ready);
    CHECK(read(0, small) == State::claimed);
    cache.close_room(small);
}

TEST_CASE("hdf5/chunk_cache: a cache that shrinks drops at once, and one that grows keeps more", "[hdf5]") {
    ChunkCache cache(24, 8);
    for (const std::uint64_t number : {1u, 2u, 3u}) put(cache, number);
    cache.resize(8);
    CHECK(cache.find_or_claim(3).state == State::ready);
    CHECK(cache.find_or_claim(1).state == State::claimed);
    CHECK(cache.find_or_claim(2).state == State::claimed);
    cache.resize(24);
    cache.publish(1, chunk_of(cache, 1));
    cache.publish(2, chunk_of(cache, 2));
    for (const std::uint64_t number : {1u, 2u, 3u}) CHECK(cache.find_or_claim(number).state == State::ready);
}

TEST_CASE("hdf5/chunk_cache: one chunk is kept even if none fits", "[hdf5]") {
    ChunkCache cache(0, 8);
    put(cache, 1);
    CHECK(cache.find_or_claim(1).state == State::ready);
    put(cache, 2);
    CHECK(cache.find_or_claim(1).state == State::claimed);
}

TEST_CASE("hdf5/chunk_cache: what somebody reads stays until he ends, and its memory is not given away",
          "[hdf5]") {
    ChunkCache cache(8, 8);
    put(cache, 1);
    const auto first = std::make_unique<ChunkCache::Reading>(cache);
    const std::byte* const one = cache.find_or_claim(1).chunk;
    put(cache, 2);
    auto second = std::make_unique<ChunkCache::Reading>(cache);
    const std::byte* const two = cache.find_or_claim(2).chunk;
    for (std::uint64_t number = 3; number < 50; ++number) put(cache, number);
    second.reset();
    for (std::uint64_t number = 50; number < 100; ++number) put(cache, number);
    CHECK(number_in(one) == 1);
    CHECK(number_in(two) == 2);
}

TEST_CASE("hdf5/chunk_cache: what nobody reads any more is used again", "[hdf5]") {
    ChunkCache cache(8, 8);
    std::set<const std::byte*> places;
    for (std::uint64_t number = 0; number < 100; ++number) {
        const ChunkCache::Reading reading(cache);
        put(cache, number);
        places.insert(cache.find_or_claim(number).chunk);
    }
    CHECK(places.size() <= 3);
}

TEST_CASE("hdf5/chunk_cache: who reads for long does not make it hold all that was dropped meanwhile",
          "[hdf5]") {
    ChunkCache cache(4 * 8, 8);
    put(cache, 0);
    std::vector<std::weak_ptr<const std::byte>> all;
    const auto most_alive = [&] {
        std::size_t most = 0;
        for (std::uint64_t number = 1; number < 200; ++number) {
            const ChunkCache::Reading reading(cache);
            REQUIRE(cache.find_or_claim(number).state == State::claimed);
            DecodedChunk chunk = chunk_of(cache, number);
            all.push_back(chunk.memory);
            cache.publish(number, std::move(chunk));
            std::size_t alive = 0;
            for (const auto& one : all) alive += !one.expired();
            most = std::max(most, alive);
        }
        return most;
    };
    {
        const ChunkCache::Reading slow(cache);
        const std::byte* const first = cache.find_or_claim(0).chunk;
        CHECK(most_alive() <= 4 + 1 + 3);
        CHECK(number_in(first) == 0);
    }
    all.clear();
    put(cache, 300);  // and afterwards it keeps the last ones again
    CHECK(cache.find_or_claim(300).state == State::ready);
}

TEST_CASE("hdf5/chunk_cache: memory of dropped chunks is used again", "[hdf5]") {
    ChunkCache cache(8, 8);
    const std::byte* const first = cache.memory().get();
    CHECK(cache.memory().get() == first);
}

TEST_CASE("hdf5/chunk_cache: of many threads one decodes, and the others wait for it", "[hdf5]") {
    constexpr std::uint64_t chunks = 100;
    ChunkCache cache(8 * chunks, 8);
    std::atomic<int> decoded{0}, wrong{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&] {
                for (std::uint64_t number = 0; number < chunks; ++number) {
                    const ChunkCache::Reading reading(cache);
                    const auto found = cache.wait_or_claim(number);
                    if (found.state == State::ready) {
                        wrong += number_in(found.chunk) != number;
                        continue;
                    }
                    ++decoded;
                    std::this_thread::yield();
                    cache.publish(number, chunk_of(cache, number));
                }
            });
    }
    CHECK(decoded == chunks);
    CHECK(wrong == 0);
}

TEST_CASE("hdf5/chunk_cache: who waits for a chunk that is given up gets it to decode", "[hdf5]") {
    ChunkCache cache(80, 8);
    REQUIRE(cache.find_or_claim(1).state == State::claimed);
    State state = State::busy;
    std::jthread waiter([&] { state = cache.wait_or_claim(1).state; });
    std::this_thread::yield();
    cache.give_up(1);
    waiter.join();
    CHECK(state == State::claimed);
}

TEST_CASE("hdf5/chunk_cache: a chunk that is published stays, even if who did so gives it up after all",
          "[hdf5]") {
    ChunkCache cache(16, 8);
    put(cache, 1);
    cache.give_up(1);
    CHECK(cache.find_or_claim(1).state == State::ready);
    for (const std::uint64_t number : {2u, 3u, 4u}) put(cache, number);
    CHECK(cache.find_or_claim(1).state == State::claimed);
}
