// SPDX-License-Identifier: MIT
#include <wick/thread/workers.hpp>

#include "support/catch.hpp"

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

TEST_CASE("workers: every thread runs once for each start, on threads that stay the same") {
    std::mutex mutex;
    std::set<std::thread::id> ids;
    std::atomic<int> runs{0};
    wick::Workers workers(3, [&] {
        ++runs;
        const std::lock_guard lock(mutex);
        ids.insert(std::this_thread::get_id());
    });
    for (int i = 1; i <= 50; ++i) {
        workers.start();
        workers.wait();
        REQUIRE(runs == 3 * i);
    }
    CHECK(ids.size() == 3);
    CHECK(ids.count(std::this_thread::get_id()) == 0);
}

TEST_CASE("workers: what was written before the start is seen, and what they write is seen after the wait") {
    int before = 0, after = 0;  // not atomic: the hand-over itself must order them
    wick::Workers workers(1, [&] { after = before + 1; });
    for (int i = 0; i < 100; ++i) {
        before = i;
        workers.start();
        workers.wait();
        REQUIRE(after == i + 1);
    }
}

TEST_CASE("workers: none at all, and never started, both end") {
    wick::Workers none(0, [] {});
    none.start();
    none.wait();
    const wick::Workers idle(2, [] {});
}
