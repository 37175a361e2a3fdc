// SPDX-License-Identifier: MIT
// Batches on a device, and what goes wrong on the way: it is said at its place, and the others are whole.

#include <wick/loader/data_loader.hpp>
#include <wick/sampler/sequential.hpp>
#include <wick/tensor/tensor_source.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"
#include "support/telling_rows.hpp"

#include <ATen/ATen.h>

#include <stdexcept>
#include <vector>

using wick::Index;
using namespace wick_test;

TEST_CASE(
    "loader to a device: an exception in a worker or in on_device comes at its batch's place, others are "
    "whole") {
    for (const Index workers : {0, 2}) {
        FakeDevice fake;
        std::vector<Seen> seen;
        wick::DataLoader loader(TellingRows(fake, 100, /*bad_row=*/25), wick::SequentialSampler(),
                                {.batch_size = 10,
                                 .workers = workers,
                                 .device = fake.device(),
                                 .memory_budget = 4 * (2048 + 10 * sizeof(Index)),
                                 .on_device = [](auto& batch) {
                                     if (batch.number == 6) throw std::length_error("not this one");
                                 }});
        for (int round = 0; round < 3; ++round) {
            std::vector<Index> numbers;
            int bad_rows = 0, not_these = 0;
            auto epoch = loader.epoch(round);
            for (bool over = false; !over;) try {
                    for (auto& batch : epoch) {
                        numbers.push_back(batch.number());
                        seen.push_back(look(fake, batch));
                    }
                    over = true;
                } catch (const std::domain_error&) {
                    ++bad_rows;
                } catch (const std::length_error&) {
                    ++not_these;
                }
            CHECK(numbers == std::vector<Index>{0, 1, 3, 4, 5, 7, 8, 9});
            CHECK((bad_rows == 1 && not_these == 1));
        }
        CHECK(all_right(fake, seen));
    }
}

TEST_CASE("loader: what on_device must not leave is refused at its batch's place, without a device, too") {
    FakeDevice fake;
    for (const c10::Device device : {c10::Device("cpu"), fake.device()})
        for (const Index workers : {0, 2}) {
            wick::DataLoader loader(
                wick::TensorSource(at::arange(60)), wick::SequentialSampler(),
                {.batch_size = 10, .workers = workers, .device = device, .on_device = [&](auto& batch) {
                     if (batch.number == 1) batch.fields.resize(2);
                     if (batch.number == 2) batch[0] = at::ones(10).to_sparse();
                     if (batch.number == 4) batch[0] = batch[0].to(fake.device(1));
                 }});
            std::vector<Index> numbers;
            int refused = 0;
            auto epoch = loader.epoch(0);
            for (bool over = false; !over;) try {
                    for (auto& batch : epoch) numbers.push_back(batch.number());
                    over = true;
                } catch (const std::invalid_argument&) {
                    ++refused;
                }
            CHECK(numbers == std::vector<Index>{0, 3, 5});
            CHECK(refused == 3);
        }
}

TEST_CASE(
    "loader to a device: where the device's memory is full, that is an error at the batch, and others are "
    "whole") {
    FakeDevice fake({.memory_bytes = 2 * 1536});  // of three batches, the third has no room
    std::vector<Seen> seen;
    wick::DataLoader loader(TellingRows(fake, 100), wick::SequentialSampler(),
                            {.batch_size = 10, .workers = 1, .device = fake.device()});
    std::vector<Index> numbers;
    int errors = 0;
    auto epoch = loader.epoch(0);
    for (bool over = false; !over;) try {
            for (auto& batch : epoch) {
                numbers.push_back(batch.number());
                seen.push_back(look(fake, batch));
            }
            over = true;
        } catch (const c10::Error&) {
            ++errors;
        }
    CHECK(errors == 3);
    CHECK(numbers == std::vector<Index>{0, 1, 3, 4, 6, 7, 9});
    CHECK(all_right(fake, seen));
}

TEST_CASE("loader to a device: one that cannot be used is a clear error") {
    const wick::TensorSource source(at::arange(10));
    const wick::SequentialSampler order;
    CHECK_THROWS_MATCHES(wick::DataLoader(source, order, {.device = c10::Device(FakeDevice::type)}),
                         wick::Error, MessageMatches(ContainsSubstring("no driver")));
    CHECK_THROWS_MATCHES(wick::DataLoader(source, order, {.device = c10::DeviceType::FPGA}), wick::Error,
                         MessageMatches(ContainsSubstring("built for fpga")));
    const FakeDevice fake;
    CHECK_THROWS_AS(wick::DataLoader(source, order, {.device = fake.device(5)}), std::invalid_argument);
    CHECK_THROWS_MATCHES(
        wick::DataLoader(source, order,
                         {.batch_size = 10, .device = fake.device(), .device_memory_budget = 100}),
        std::invalid_argument, MessageMatches(ContainsSubstring("device_memory_budget is 100 bytes")));
}
