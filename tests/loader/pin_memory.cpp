// SPDX-License-Identifier: MIT
// Batches on the CPU, in memory that devices read by themselves.

#include <wick/dataset/zip.hpp>
#include <wick/loader/data_loader.hpp>
#include <wick/sampler/random.hpp>
#include <wick/sampler/sequential.hpp>
#include <wick/tensor/tensor_source.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"
#include "support/telling_rows.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

using wick::Index;
using namespace wick_test;

TEST_CASE(
    "loader with pin_memory: batches are pinned where there is a device, and ordinary where there is none") {
    {
        FakeDevice fake;
        std::vector<Seen> seen;
        wick::DataLoader loader(TellingRows(fake, 200), wick::RandomSampler(3),
                                {.batch_size = 10, .workers = 2, .pin_memory = true});
        CHECK(loader.pinned());
        CHECK(loader.device().is_cpu());
        for (int epoch = 0; epoch < 2; ++epoch)
            for (auto& batch : loader.epoch(epoch)) {
                CHECK(batch.get<0>().is_cpu());
                CHECK(batch.get<0>().is_pinned(fake.device()));
                // The user's own copy, which is not waited for when the batch goes.
                const at::Tensor there = batch.get<0>().to(fake.device(), /*non_blocking=*/true);
                seen.push_back({fake.read(there), TellingRows::bytes(batch.rows())});
            }
        CHECK(all_right(fake, seen));
        CHECK(fake.counters().pageable_copies == 0);
        CHECK(loader.peak_bytes() % 2048 == 0);
    }
    wick::DataLoader loader(wick::TensorSource(at::arange(100)), wick::SequentialSampler(),
                            {.batch_size = 10, .pin_memory = true});
    CHECK_FALSE(loader.pinned());
    Index sum = 0;
    for (auto& [values] : loader.epoch(0)) sum += values.sum().item<Index>();
    CHECK(sum == 4950);
}

TEST_CASE("loader: large fields begin at a page, so that reads past the page cache end in the batch itself") {
    FakeDevice fake;
    const at::Tensor small = at::arange(64), large = at::zeros({64, 4096}, at::kByte);
    for (const bool pin : {false, true}) {
        wick::DataLoader loader(wick::ZipDataset{wick::TensorSource(small), wick::TensorSource(large)},
                                wick::SequentialSampler(),
                                {.batch_size = 32, .workers = 0, .pin_memory = pin});
        for (auto& [a, b] : loader.epoch(0)) {
            CHECK(reinterpret_cast<std::uintptr_t>(a.data_ptr()) % 64 == 0);
            CHECK(reinterpret_cast<std::uintptr_t>(b.data_ptr()) % 4096 == 0);
        }
    }
}
