// SPDX-License-Identifier: MIT
// Whole loaders whose batches are on a device: each batch is what it would be on the CPU.

#include <wick/loader/data_loader.hpp>
#include <wick/sampler/random.hpp>
#include <wick/sampler/sequential.hpp>
#include <wick/tensor/tensor_source.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"
#include "support/telling_rows.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

using wick::Index;
using namespace wick_test;

TEST_CASE("loader to a device: batches are the same bytes for any number of workers, places and slots") {
    for (const Index workers : {0, 1, 3})
        for (const Index places : {1, 2, 5})
            for (const std::size_t slots : {1, 2, 3, 20}) {
                FakeDevice fake;
                std::vector<Seen> seen;
                wick::DataLoader loader(TellingRows(fake, 205), wick::RandomSampler(3),
                                        {.batch_size = 10,
                                         .workers = workers,
                                         .device = fake.device(),
                                         .memory_budget = slots * (2048 + 10 * sizeof(Index)),
                                         .device_batches = places});
                CHECK(loader.device() == fake.device());
                CHECK(loader.pinned());
                for (int epoch = 0; epoch < 2; ++epoch)
                    for (auto& batch : loader.epoch(epoch)) {
                        CHECK(batch.epoch() == epoch);
                        CHECK(batch.get<0>().device() == fake.device());
                        seen.push_back(look(fake, batch));
                    }
                CHECK(seen.size() == 42);
                CHECK(all_right(fake, seen));
                CHECK(loader.peak_bytes() <= loader.options().memory_budget);
                const auto counters = fake.counters();
                CHECK(counters.peak_bytes <= static_cast<std::size_t>(places) * 1536);
                CHECK(counters.pageable_copies == 0);
            }
}

TEST_CASE("loader to a device: each row goes over the bus once") {
    FakeDevice fake;
    wick::DataLoader loader(TellingRows(fake, 100), wick::SequentialSampler(),
                            {.batch_size = 10, .workers = 0, .device = fake.device()});
    for (auto& batch : loader.epoch(0)) CHECK(batch.rows().size() == 10);
    fake.synchronize();
    CHECK(fake.counters().bytes_to_device == 100 * TellingRows::row_bytes);
}

TEST_CASE("loader to a device: in any order of steps the device sees what the CPU would") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        FakeDevice fake({.seed = seed});
        std::vector<Seen> seen;
        const bool fixed = seed % 2 == 0;
        wick::DataLoader loader(TellingRows(fake, 95), wick::RandomSampler(seed),
                                {.batch_size = 10,
                                 .workers = 0,
                                 .device = fake.device(),
                                 .memory_budget = (1 + seed % 3) * (2048 + 10 * sizeof(Index)),
                                 .device_batches = static_cast<Index>(1 + seed % 4),
                                 .static_addresses = fixed});
        for (int epoch = 0; epoch < 2; ++epoch)
            for (auto& batch : loader.epoch(epoch)) {
                seen.push_back(look(fake, batch));
                if (seed % 5 == 0) seen.push_back(look(fake, batch));
            }
        REQUIRE(all_right(fake, seen));
    }
}

TEST_CASE(
    "loader to a device: static addresses are as many as device_batches, and each is whole when it comes") {
    FakeDevice fake;
    std::vector<Seen> seen;
    std::vector<const void*> addresses;
    wick::DataLoader loader(TellingRows(fake, 200), wick::RandomSampler(3),
                            {.batch_size = 10,
                             .workers = 2,
                             .device = fake.device(),
                             .device_batches = 2,
                             .static_addresses = true});
    std::vector<wick::Batch<1>> kept;
    for (int epoch = 0; epoch < 3; ++epoch)
        for (auto& batch : loader.epoch(epoch)) {
            addresses.push_back(batch.get<0>().data_ptr());
            seen.push_back(look(fake, batch));
            if (batch.number() == 7) kept.push_back(batch);
            if (batch.number() == 11 && epoch == 1) break;
        }
    CHECK(std::set(addresses.begin(), addresses.end()).size() == 2);
    CHECK(all_right(fake, seen));
}

TEST_CASE("loader to a device: on_device turns bytes into numbers there, and the same on the CPU") {
    FakeDevice fake;
    const at::Tensor bytes = at::arange(240, at::kByte).reshape({40, 6});
    for (const c10::Device device : {c10::Device("cpu"), fake.device()})
        for (const bool fixed : {false, true}) {
            wick::DataLoader loader(
                wick::TensorSource(bytes), wick::SequentialSampler(),
                {.batch_size = 16, .device = device, .static_addresses = fixed, .on_device = [](auto& batch) {
                     batch[0] = batch[0].to(at::kFloat) / 255;
                 }});
            Index row = 0;
            for (auto& [numbers] : loader.epoch(0)) {
                CHECK(numbers.device() == device);
                const Index end = std::min<Index>(40, row + 16);
                CHECK(at::equal(numbers.cpu(), bytes.slice(0, row, end).to(at::kFloat) / 255));
                row = end;
            }
            CHECK(row == 40);
        }
    CHECK(fake.violations().empty());
}
