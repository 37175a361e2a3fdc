// SPDX-License-Identifier: MIT
// How far the host runs ahead of the device, and what it waits for then.

#include <wick/dataset/zip.hpp>
#include <wick/loader/data_loader.hpp>
#include <wick/sampler/random.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"
#include "support/telling_rows.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

using wick::Index;
using namespace wick_test;

namespace {

using Loader = wick::DataLoader<wick::ZipDataset<TellingRows>, wick::RandomSampler>;

constexpr Index slots = 8, places = 3;
constexpr std::size_t batch_bytes = 10 * TellingRows::row_bytes, slot_bytes = 2048, place_bytes = 1536;

Loader loader_of(FakeDevice& fake, Index workers) {
    return {TellingRows(fake, 400),
            wick::RandomSampler(3),
            {.batch_size = 10,
             .workers = workers,
             .device = fake.device(),
             .memory_budget = slots * (slot_bytes + 10 * sizeof(Index)),
             .device_batches = places}};
}

/// Takes an epoch's batches in a thread of its own, and waits for nothing itself.
struct Consumer {
    Consumer(FakeDevice& fake, Loader& loader)
        : thread([&] {
              for (auto& batch : loader.epoch(0)) {
                  seen.push_back(look(fake, batch));
                  ++taken;
              }
          }) {}
    /// How many batches it has at last, while the device stands still; at least so many are waited for.
    Index stops_at(Index batches) const {
        const auto late = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (taken < batches && std::chrono::steady_clock::now() < late) std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return taken;
    }

    std::vector<Seen> seen;
    std::atomic<Index> taken{0};
    std::thread thread;  // last: it uses the above
};

}  // namespace

TEST_CASE(
    "loader to a device: while no slot is free the consumer waits for a copy, and no slot is written to "
    "before") {
    FakeDevice fake({.pause = std::chrono::microseconds(200)});  // copies are slow
    for (const std::size_t slots : {1, 2, 3}) {
        std::vector<Seen> seen;
        const std::size_t budget = slots * (slot_bytes + 10 * sizeof(Index));
        wick::DataLoader loader(
            TellingRows(fake, 300), wick::RandomSampler(3),
            {.batch_size = 10, .workers = 2, .device = fake.device(), .memory_budget = budget});
        for (auto& batch : loader.epoch(0)) seen.push_back(look(fake, batch));
        CHECK(all_right(fake, seen));
        CHECK(loader.peak_bytes() <= budget);
    }
}

TEST_CASE(
    "loader to a device: while copies stand still there are batches for each slot that is not being filled, "
    "and the next waits until another thread lets the copies go on") {
    for (const Index workers : {0, 2}) {
        FakeDevice fake;
        Loader loader = loader_of(fake, workers);
        fake.hold(side_stream(fake));
        Consumer consumer(fake, loader);
        const Index given = workers == 0 ? slots : 2;
        CHECK(consumer.stops_at(given) == given);
        const auto counters = fake.counters();
        CHECK(counters.pinned_blocks == slots);
        CHECK(counters.peak_bytes <= places * place_bytes);
        // Beside what was given, workers send as many as may lie ready on the device.
        const Index most_sent = workers == 0 ? given : given + places;
        CHECK(counters.bytes_to_device <= static_cast<std::size_t>(most_sent) * batch_bytes);
        fake.release(side_stream(fake));
        consumer.thread.join();
        CHECK(consumer.taken == 40);
        CHECK(all_right(fake, consumer.seen));
        CHECK(loader.peak_bytes() >= slots * slot_bytes);
        CHECK(loader.peak_bytes() <= loader.options().memory_budget);
        CHECK(fake.counters().bytes_to_device >= 40 * batch_bytes);
    }
}

TEST_CASE(
    "loader to a device: while the consumer's stream stands still there are as many batches more as there "
    "are places on the device, and no more memory is taken") {
    for (const Index workers : {0, 2}) {
        FakeDevice fake;
        Loader loader = loader_of(fake, workers);
        fake.hold(fake.default_stream());
        Consumer consumer(fake, loader);
        // Workers may send a batch before the one that comes before it, whose copy then stands still with its slot; and
        // where that copy is the one that the consumer waits for, a later one that is done is not seen.
        const Index most = places + (workers == 0 ? slots : 2), least = workers == 0 ? most : most - 2;
        const Index given = consumer.stops_at(least);
        CHECK((given >= least && given <= most));
        for (int i = 0; i < 6000 && fake.counters().pinned_blocks < slots; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        CHECK(fake.counters().pinned_blocks == slots);
        CHECK(fake.counters().peak_bytes == places * place_bytes);
        fake.release(fake.default_stream());
        consumer.thread.join();
        CHECK(consumer.taken == 40);
        CHECK(all_right(fake, consumer.seen));
        CHECK(loader.peak_bytes() <= loader.options().memory_budget);
    }
}
