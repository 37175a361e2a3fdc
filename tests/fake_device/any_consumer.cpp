// SPDX-License-Identifier: MIT
// Two loaders on two devices and a consumer who does with their batches whatever he likes, one step at a
// time.

#include <wick/loader/data_loader.hpp>
#include <wick/sampler/random.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"
#include "support/telling_rows.hpp"

#include <c10/core/StreamGuard.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

using wick::Index;
using wick_test::FakeDevice;
using wick_test::TellingRows;

namespace {

using Loader = wick::DataLoader<wick::ZipDataset<TellingRows>, wick::RandomSampler>;
using Epoch = decltype(std::declval<Loader&>().epoch(0));

/// A loader, the epoch that is being read, and what was kept of it.
struct Reading {
    struct Kept {
        wick::Batch<1> batch;
        c10::Stream stream;  // on which it was received
    };

    Reading(FakeDevice& fake, int index, std::mt19937_64& random)
        : loader(TellingRows(fake, 85), wick::RandomSampler(random()),
                 {.batch_size = 10,
                  .workers = 0,
                  .drop_last = random() % 2 == 0,
                  .device = fake.device(index),
                  .memory_budget = (1 + random() % 3) * (2048 + 10 * sizeof(Index)),
                  .device_batches = static_cast<Index>(1 + random() % 4)}),
          device(fake.device(index)) {}

    Loader loader;
    c10::Device device;
    std::optional<Epoch> epoch;
    std::int64_t number = 0;
    std::vector<Kept> kept;
};

class Consumer {
public:
    Consumer(FakeDevice& fake, std::uint64_t seed) : fake_(fake), random_(seed) {
        for (int device = 0; device < 2; ++device)
            readings_.push_back(std::make_unique<Reading>(fake, device, random_));
    }

    void act() {
        Reading& reading = *readings_[random_() % 2];
        switch (random_() % 12) {
            case 0: reading.epoch.reset(); break;  // in the middle
            case 1:
            case 2:
                if (!reading.kept.empty()) reading.kept.erase(reading.kept.begin());
                break;
            case 3:
            case 4:
                if (!reading.kept.empty()) look(reading.kept.back().batch, reading.kept.back().stream);
                break;
            default: next(reading);
        }
    }

    /// Some loaders go before what was kept of theirs, and some after; all of it while the devices are at
    /// work.
    void leave() {
        for (const auto& reading : readings_) {
            std::vector<Reading::Kept> kept;
            if (random_() % 2 == 0) kept.swap(reading->kept);
            reading->epoch.reset();
            const Loader gone = std::move(reading->loader);
        }
        readings_.clear();
    }

    /// Batches that the devices saw, all of them as they should be.
    std::size_t right() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(seen_, [](const Seen& one) { return one.reading->bytes == one.expected; }));
    }
    std::size_t seen() const { return seen_.size(); }

private:
    struct Seen {
        std::shared_ptr<const wick_test::FakeReading> reading;
        std::vector<std::byte> expected;
    };

    void look(const wick::Batch<1>& batch, c10::Stream stream) {
        const c10::StreamGuard guard(stream);
        seen_.push_back({fake_.read(batch.get<0>()), TellingRows::bytes(batch.rows())});
    }

    void next(Reading& reading) {
        // The default stream, or one of two others.
        const c10::Stream stream(c10::Stream::UNSAFE, reading.device,
                                 std::vector<int>{0, 6, 7}[random_() % 3]);
        const c10::StreamGuard guard(stream);
        const bool begins = !reading.epoch;
        if (begins) reading.epoch.emplace(reading.loader.epoch(reading.number++));
        auto at = reading.epoch->begin();
        if (!begins) ++at;
        if (at == reading.epoch->end()) {
            reading.epoch.reset();
            return;
        }
        look(*at, stream);
        if (random_() % 3 == 0) reading.kept.push_back({*at, stream});
    }

    FakeDevice& fake_;
    std::mt19937_64 random_;
    std::vector<std::unique_ptr<Reading>> readings_;
    std::vector<Seen> seen_;
};

}  // namespace

TEST_CASE(
    "any consumer: whatever he does, and in whatever order the devices work, they see the right batches") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        FakeDevice fake({.seed = seed});
        Consumer consumer(fake, seed);
        for (int i = 0; i < 100; ++i) consumer.act();
        consumer.leave();
        fake.synchronize();
        CAPTURE(seed, fake.violations());
        CHECK(consumer.seen() > 40);
        CHECK(consumer.right() == consumer.seen());
        CHECK(fake.violations().empty());
        CHECK(fake.counters().blocks == 0);
        CHECK(fake.counters().pinned_blocks == 0);
        CHECK(fake.counters().pageable_copies == 0);
    }
}

TEST_CASE("any consumer: in threads, too") {
    FakeDevice fake;
    Consumer consumer(fake, 11);
    for (int i = 0; i < 1000; ++i) consumer.act();
    consumer.leave();
    fake.synchronize();
    CHECK(consumer.right() == consumer.seen());
    CHECK(fake.violations().empty());
}
