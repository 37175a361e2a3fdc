// SPDX-License-Identifier: MIT
#include <wick/loader/options.hpp>

#include "support/catch.hpp"

#include <cstddef>

TEST_CASE("options: they are an aggregate to be filled by name, and what is not named keeps its default") {
    const wick::LoaderOptions options{.batch_size = 256, .drop_last = true};
    CHECK(options.batch_size == 256);
    CHECK(options.workers == 2);
    CHECK(options.drop_last);
    CHECK(options.device.is_cpu());
    CHECK(options.memory_budget == std::size_t{1} << 30);
    CHECK(options.device_batches == 3);
    CHECK_FALSE(options.on_device);
    CHECK_FALSE(wick::LoaderOptions{}.drop_last);
}

TEST_CASE("options: a device is named as LibTorch names it, and a generic lambda is an on_device") {
    CHECK(wick::LoaderOptions{.device = c10::kCUDA}.device == c10::Device("cuda"));
    CHECK(wick::LoaderOptions{.device = c10::Device("cuda:1")}.device.index() == 1);
    const wick::LoaderOptions options{.on_device = [](auto& batch) { batch.number += 1; }};
    wick::DeviceBatch batch;
    options.on_device(batch);
    CHECK(batch.number == 1);
}
