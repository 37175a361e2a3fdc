// SPDX-License-Identifier: MIT
#include <wick/memory/pool.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

TEST_CASE("pool: the slot that came back last is leased first") {
    const auto pool = wick::Pool::make(100, 3);
    auto a = pool->lease(), b = pool->lease();
    const std::byte *memory_a = a.data(), *memory_b = b.data();
    REQUIRE(memory_a != memory_b);
    a = wick::Slot();
    b = wick::Slot();
    CHECK(pool->lease().data() == memory_b);
    const auto first = pool->lease(), second = pool->lease();
    CHECK(first.data() == memory_b);
    CHECK(second.data() == memory_a);
}

TEST_CASE("pool: a slot comes back when its last share is dropped, however it was shared") {
    const auto pool = wick::Pool::make(100, 2);
    wick::Slot slot = pool->lease();
    const std::byte* memory = slot.data();
    wick::Slot copy = slot;
    void* released = wick::Slot(copy).release();
    slot = wick::Slot();
    copy = std::move(slot);
    CHECK(pool->lease().data() != memory);
    wick::Slot::drop(released);
    CHECK(pool->lease().data() == memory);
    wick::Slot::drop(nullptr);
}

TEST_CASE("pool: slots that a user kept are not hoarded when they come back") {
    const auto pool = wick::Pool::make(100, 2);
    std::vector<wick::Slot> kept;
    for (int i = 0; i < 10; ++i) kept.push_back(pool->lease());
    CHECK(pool->bytes() == 1000);
    kept.clear();
    CHECK(pool->bytes() == 200);
    CHECK(pool->peak_bytes() == 1000);
}

TEST_CASE("pool: for who always keeps some slots beside those in use, none is made anew") {
    const int kept_before = GENERATE(1, 2, 5);
    int made = 0;
    const auto pool = wick::Pool::make(100, 2, [&](std::size_t bytes) {
        ++made;
        return wick::ordinary_bytes(bytes);
    });
    std::deque<wick::Slot> in_use;
    for (int i = 0; i < 2; ++i) in_use.push_back(pool->lease());
    std::deque<wick::Slot> kept;
    for (int batch = 0; batch < 50; ++batch) {
        kept.push_back(std::move(in_use.front()));
        in_use.pop_front();
        in_use.push_back(pool->lease());
        if (static_cast<int>(kept.size()) > kept_before) kept.pop_front();
    }
    CHECK(made == 2 + kept_before + 1);
    kept.clear();
    CHECK(pool->bytes() <= 300);  // two in use, and the next
    in_use.clear();
    CHECK(pool->bytes() == 200);
}

TEST_CASE("pool: once it is closed it keeps no slot, neither those that were free nor those that come back") {
    const auto pool = wick::Pool::make(100, 3);
    wick::Slot kept = pool->lease();
    { const auto a = pool->lease(), b = pool->lease(); }
    CHECK(pool->bytes() == 300);
    pool->close();
    CHECK(pool->bytes() == 100);
    std::memset(kept.data(), 7, 100);
    kept = wick::Slot();
    CHECK(pool->bytes() == 0);
    CHECK(pool->peak_bytes() == 300);
}

TEST_CASE("pool: a slot outlives the pool that leased it") {
    auto pool = wick::Pool::make(100, 2);
    wick::Slot slot = pool->lease();
    pool.reset();
    for (int i = 0; i < 100; ++i) slot.data()[i] = std::byte{1};
    CHECK(slot.data()[99] == std::byte{1});
}

TEST_CASE(
    "pool: its slots lie in the memory it is given, which knows its owner and goes when the slot is freed") {
    std::vector<std::weak_ptr<void>> owners;
    auto pool = wick::Pool::make(100, 1, [&](std::size_t bytes) {
        if (owners.size() == 2) throw std::length_error("no third one");
        const auto memory = std::make_shared<std::vector<std::byte>>(bytes);
        owners.push_back(memory);
        return wick::OwnedBytes{memory->data(), memory};
    });
    wick::Slot first = pool->lease(), second = pool->lease();
    CHECK(first.owner() == owners[0].lock().get());
    CHECK(second.data() == static_cast<std::vector<std::byte>*>(second.owner())->data());
    CHECK_THROWS_AS(pool->lease(), std::length_error);
    CHECK(pool->bytes() == 200);
    CHECK(wick::Slot().owner() == nullptr);
    first = wick::Slot();
    CHECK_FALSE(owners[0].expired());
    second = wick::Slot();
    CHECK(owners[1].expired());
    pool.reset();
    CHECK(owners[0].expired());
}

TEST_CASE("pool: slots may be leased and dropped by many threads at once, and none is leased twice") {
    const auto pool = wick::Pool::make(sizeof(int), 4);
    std::vector<std::thread> threads;
    std::vector<int> wrong(4, 0);
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 2000; ++i) {
                const wick::Slot slot = pool->lease();
                auto* value = reinterpret_cast<int*>(slot.data());
                *value = t;
                const wick::Slot copy = slot;
                wrong[static_cast<std::size_t>(t)] += *reinterpret_cast<int*>(copy.data()) != t;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == std::vector<int>(4, 0));
    CHECK(pool->bytes() <= 4 * sizeof(int));
}
