// SPDX-License-Identifier: MIT
#include <wick/loader/data_loader.hpp>
#include <wick/loader/pause.hpp>
#include <wick/sampler/sequential.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"
#include "support/fake_source.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <thread>

using wick_test::FakeDevice;
using wick_test::FakeSource;

namespace {

/// Rows that wait at the gate once they have come to a certain one.
struct GatedSource : FakeSource {
    explicit GatedSource(wick::Index gate_row) : FakeSource(400), gate(gate_row) {}
    void read(wick::Rows rows, wick::Bytes out) const {
        if (rows.front() >= gate) {
            ++*arrived;
            while (!*open) std::this_thread::yield();
        }
        FakeSource::read(rows, out);
        ++*read_through;
    }
    wick::Index gate;
    std::shared_ptr<std::atomic<int>> arrived = std::make_shared<std::atomic<int>>(0);
    std::shared_ptr<std::atomic<int>> read_through = std::make_shared<std::atomic<int>>(0);
    std::shared_ptr<std::atomic<bool>> open = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

TEST_CASE("pause: while it lives the workers read on and call no device, and no batch can be asked for") {
    FakeDevice fake;
    const GatedSource source(50);
    wick::DataLoader loader(source, wick::SequentialSampler(),
                            {.batch_size = 10, .workers = 1, .device = fake.device(), .device_batches = 20});
    auto epoch = loader.epoch(0);
    auto at = epoch.begin();
    while (*source.arrived == 0) std::this_thread::yield();
    {
        const wick::Pause pause = loader.pause();
        fake.synchronize();
        const std::size_t before = fake.counters().bytes_to_device;
        CHECK(before == 5 * 240);
        *source.open = true;
        while (*source.read_through < 6) std::this_thread::yield();
        for (int i = 0; i < 1000; ++i)
            std::this_thread::yield();  // a worker that waits for nothing submits meanwhile
        fake.synchronize();
        CHECK(fake.counters().bytes_to_device == before);
        CHECK_THROWS_MATCHES(++at, std::invalid_argument, MessageMatches(ContainsSubstring("paused")));
        CHECK_THROWS_AS(loader.pause(), std::invalid_argument);
    }
    wick::Index batches = 1;
    for (auto& batch : epoch) batches += batch.number() > 0;
    CHECK(batches == 40);
}

TEST_CASE("pause: a loader may be dropped while it is paused") {
    FakeDevice fake;
    auto loader = std::make_unique<wick::DataLoader<wick::ZipDataset<FakeSource>, wick::SequentialSampler>>(
        FakeSource(400), wick::SequentialSampler(),
        wick::LoaderOptions{.batch_size = 10, .workers = 2, .device = fake.device()});
    loader->epoch(0).begin();
    {
        const wick::Pause pause = loader->pause();
        loader.reset();
    }
    CHECK(fake.counters().pinned_blocks == 0);
}

TEST_CASE("pause: without a device there is nothing to wait for") {
    wick::DataLoader loader(FakeSource(40), wick::SequentialSampler(), {.batch_size = 10});
    { const wick::Pause pause = loader.pause(); }
    wick::Index batches = 0;
    for (auto& batch : loader.epoch(0)) batches += !batch.rows().empty();
    CHECK(batches == 4);
}
