// SPDX-License-Identifier: MIT
#include <wick/thread/gate.hpp>

#include "support/catch.hpp"

#include <atomic>
#include <thread>
#include <vector>

TEST_CASE("gate: a condition that holds already needs no wake") {
    wick::Gate gate;
    gate.wait([] { return true; });
    gate.wake();
}

TEST_CASE("gate: two threads that wait for one another in turn always get on") {
    wick::Gate gate;
    std::atomic<int> turn{0};
    constexpr int rounds = 5000;
    const auto play = [&](int parity) {
        for (int i = parity; i < rounds; i += 2) {
            gate.wait([&] { return turn.load() == i; });
            turn.store(i + 1);
            gate.wake();
        }
    };
    std::thread odd(play, 1);
    play(0);
    odd.join();
    CHECK(turn.load() == rounds);
}

TEST_CASE("gate: one wake lets every waiter look again") {
    wick::Gate gate;
    std::atomic<int> open{0}, through{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int round = 1; round <= 500; ++round) {
                gate.wait([&] { return open.load() >= round; });
                through.fetch_add(1);
                gate.wake();
            }
        });
    for (int round = 1; round <= 500; ++round) {
        open.store(round);
        gate.wake();
        gate.wait([&] { return through.load() >= 4 * round; });
    }
    for (auto& thread : threads) thread.join();
    CHECK(through.load() == 2000);
}

TEST_CASE("gate: a wake that came too early does not swallow the next one") {
    wick::Gate gate;
    std::atomic<int> count{0}, seen{0};
    constexpr int rounds = 200000;
    std::thread waiter([&] {
        for (int round = 1; round <= rounds; ++round) {
            gate.wait([&] { return count.load() >= 2 * round; });
            seen.store(round);
        }
    });
    for (int round = 1; round <= rounds; ++round) {
        count.store(2 * round - 1);
        gate.wake();
        count.store(2 * round);
        gate.wake();
        // Awake, so that the two run side by side; but not for long, since they may have to share one processor.
        for (int looks = 0; seen.load() < round; ++looks)
            if (looks > 1000) std::this_thread::yield();
    }
    waiter.join();
    CHECK(seen.load() == rounds);
}
