// SPDX-License-Identifier: MIT
// Batches on a device, whatever the consumer does: each is what it would be on the CPU.

#include <wick/loader/data_loader.hpp>
#include <wick/sampler/random.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"
#include "support/telling_rows.hpp"

#include <c10/core/DeviceGuard.h>
#include <c10/core/StreamGuard.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

using wick::Index;
using namespace wick_test;

TEST_CASE("loader to a device: the consumer may change streams from batch to batch") {
    FakeDevice fake;
    std::vector<Seen> seen;
    wick::DataLoader loader(TellingRows(fake, 300), wick::RandomSampler(3),
                            {.batch_size = 10, .workers = 2, .device = fake.device()});
    auto epoch = loader.epoch(0);
    std::optional<decltype(epoch.begin())> at;
    for (int i = 0;; ++i) {
        // The batch is given, used and let go while another stream is current than before and after.
        const c10::StreamGuard guard(c10::Stream(c10::Stream::UNSAFE, fake.device(), 20 + i % 3));
        if (!at)
            at.emplace(epoch.begin());
        else
            ++*at;
        if (*at == epoch.end()) break;
        seen.push_back(look(fake, **at));
    }
    CHECK(seen.size() == 30);
    CHECK(all_right(fake, seen));
}

TEST_CASE("loader to a device: batches that are kept stay as they are, until after the loader has died") {
    FakeDevice fake;
    std::vector<Seen> seen;
    {
        std::vector<wick::Batch<1>> kept;
        {
            wick::DataLoader loader(TellingRows(fake, 200), wick::RandomSampler(3),
                                    {.batch_size = 10, .workers = 2, .device = fake.device()});
            for (auto& batch : loader.epoch(0)) {
                if (batch.number() % 3 == 0) kept.push_back(batch);
                if (batch.number() % 6 == 5) kept.erase(kept.begin());  // late
            }
        }
        CHECK(fake.counters().pinned_blocks == 0);  // row numbers hold no pinned memory
        CHECK(kept.size() == 4);
        for (const auto& batch : kept) seen.push_back(look(fake, batch));
    }
    CHECK(all_right(fake, seen));
    CHECK(fake.counters().blocks == 0);
}

TEST_CASE(
    "loader to a device: leaving an epoch early, by break or by an exception, leaves the next one whole") {
    FakeDevice fake;
    std::vector<Seen> seen;
    wick::DataLoader loader(TellingRows(fake, 200), wick::RandomSampler(3),
                            {.batch_size = 10, .workers = 2, .device = fake.device()});
    for (int round = 0; round < 10; ++round) {
        try {
            for (auto& batch : loader.epoch(2 * round)) {
                seen.push_back(look(fake, batch));
                if (batch.number() == round) {
                    if (round % 2 == 0) break;
                    throw std::runtime_error("the user's own");
                }
            }
        } catch (const std::runtime_error&) {
        }
        Index batches = 0;
        for (auto& batch : loader.epoch(2 * round + 1)) {
            seen.push_back(look(fake, batch));
            ++batches;
        }
        CHECK(batches == 20);
    }
    CHECK(all_right(fake, seen));
}

TEST_CASE("loader to a device: two loaders on two devices, whichever of them is current") {
    FakeDevice fake;
    std::vector<Seen> seen;
    const auto loader_on = [&](int device) {
        return wick::DataLoader(TellingRows(fake, 100),
                                wick::RandomSampler(static_cast<std::uint64_t>(device)),
                                {.batch_size = 10, .workers = 2, .device = fake.device(device)});
    };
    auto first = loader_on(0), second = loader_on(1);
    auto of_first = first.epoch(0);
    auto of_second = second.epoch(0);
    auto one = of_first.begin();
    auto two = of_second.begin();
    for (int i = 0; one != of_first.end(); ++i) {
        const c10::DeviceGuard guard(fake.device(i % 2));
        CHECK(one->get<0>().device() == fake.device(0));
        CHECK(two->get<0>().device() == fake.device(1));
        seen.push_back(look(fake, *one));
        seen.push_back(look(fake, *two));
        ++one;
        ++two;
    }
    CHECK(seen.size() == 20);
    CHECK(all_right(fake, seen));
}

TEST_CASE(
    "loader to a device: one that is not the current one has its pinned memory made for it, and no other") {
    for (const Index workers : {0, 2}) {
        FakeDevice fake({.log = true});
        std::vector<Seen> seen;
        wick::DataLoader loader(TellingRows(fake, 100), wick::RandomSampler(3),
                                {.batch_size = 10, .workers = workers, .device = fake.device(1)});
        for (auto& batch : loader.epoch(0)) seen.push_back(look(fake, batch));
        CHECK(all_right(fake, seen));
        CHECK(fake.log_places("pin").size() + fake.log_places("pin again").size() > 1);
        for (const auto& line : fake.log())
            if (line.name.starts_with("pin") || line.name == "copy to device") CHECK(line.stream.device == 1);
    }
}

TEST_CASE("loader to a device: it may be moved in the middle, and dropped with copies on their way") {
    FakeDevice fake;
    std::vector<Seen> seen;
    std::thread opener;
    {
        wick::DataLoader loader(TellingRows(fake, 200), wick::RandomSampler(3),
                                {.batch_size = 10, .workers = 2, .device = fake.device()});
        auto epoch = loader.epoch(0);
        auto at = epoch.begin();
        seen.push_back(look(fake, *at));
        const auto moved = std::move(loader);
        fake.hold(side_stream(fake));
        ++at;
        seen.push_back(look(fake, *at));
        opener = std::thread([&] { fake.release(side_stream(fake)); });
    }
    opener.join();
    CHECK(all_right(fake, seen));
    CHECK(fake.counters().blocks == 0);
    CHECK(fake.counters().pinned_blocks == 0);
}
