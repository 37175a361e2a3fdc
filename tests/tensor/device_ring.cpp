// SPDX-License-Identifier: MIT
#include <wick/tensor/device_ring.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"
#include "support/float_ring.hpp"

#include <ATen/ATen.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

using wick::DeviceBatch;
using wick::DeviceRing;
using namespace wick_test;

namespace {

using Seen = std::shared_ptr<const FakeReading>;

}  // namespace

TEST_CASE("device ring: the consumer's stream waits for the copy, and the host for nothing") {
    FakeDevice fake;
    FloatRing ring(fake, 2);
    REQUIRE(ring.ring.stream() != fake.current_stream());
    fake.hold(ring.ring.stream());
    wick::DeviceCopy& copy = ring.send();
    CHECK(copy.submitted);
    CHECK_FALSE(copy.done.query());
    DeviceBatch batch = ring.ring.receive(copy);
    CHECK(batch[0].device() == fake.device());
    CHECK(batch[0].sizes() == at::IntArrayRef({ring_rows, 5}));
    const Seen seen = fake.read(batch[0]);
    fake.release(ring.ring.stream());
    fake.synchronize();
    CHECK(copy.done.query());
    CHECK(seen->as<float>() == all(0));
    CHECK(fake.violations().empty());
    CHECK(fake.counters().pageable_copies == 0);
}

TEST_CASE(
    "device ring: a place is overwritten only after the consumer's stream is through with what was there") {
    FakeDevice fake;
    FloatRing ring(fake, 2);
    const c10::Stream consumer = fake.current_stream();
    fake.hold(consumer);
    std::vector<Seen> seen;
    for (int i = 0; i < 12; ++i) {
        wick::DeviceCopy& copy = ring.send();
        seen.push_back(fake.read(ring.ring.receive(copy)[0]));
        ring.ring.release();
    }
    fake.release(consumer);
    fake.synchronize();
    for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i]->as<float>() == all(static_cast<float>(i)));
    CHECK(fake.violations().empty());
    CHECK(fake.counters().peak_bytes <= 2 * 512);  // two places, however far the host is ahead
}

TEST_CASE(
    "device ring: what ran on another stream than the one that is current at the release is waited for, "
    "too") {
    FakeDevice fake;
    FloatRing ring(fake, 1);
    const c10::Stream other(c10::Stream::UNSAFE, fake.device(), 7);
    fake.hold(other);
    std::vector<Seen> seen;
    {
        const c10::StreamGuard guard(other);
        seen.push_back(fake.read(ring.ring.receive(ring.send())[0]));
    }
    ring.ring.release();
    ring.send();
    fake.release(other);
    fake.synchronize();
    CHECK(seen[0]->as<float>() == all(0));
    CHECK(fake.violations().empty());
}

TEST_CASE(
    "device ring: a batch may be used up and dropped by another thread, at the moment of its release, too") {
    FakeDevice fake;
    FloatRing ring(fake, 1);
    for (int i = 0; i < 400; ++i) {
        at::Tensor field = ring.ring.receive(ring.send())[0];
        std::atomic<bool> go{false};
        Seen seen;
        std::thread other([&, theirs = std::move(field)]() mutable {
            while (!go) {
            }
            seen = fake.read(theirs);
            theirs.reset();
        });
        go = true;
        ring.ring.release();
        ring.send();
        other.join();
        ring.ring.receive(ring.copies.back());
        ring.ring.release();
        fake.synchronize();
        REQUIRE(seen->as<float>() == all(static_cast<float>(2 * i)));
        REQUIRE(fake.violations().empty());
    }
}

TEST_CASE(
    "device ring: its memory goes back after all streams that were current when batches were released") {
    FakeDevice fake;
    const c10::Stream other(c10::Stream::UNSAFE, fake.device(), 7);
    std::optional<c10::Stream> side;
    Seen seen;
    {
        FloatRing ring(fake, 1);
        side.emplace(ring.ring.stream());
        DeviceBatch batch = ring.ring.receive(ring.send());
        c10::Event given(FakeDevice::type);
        given.record(fake.current_stream());
        given.block(other);
        fake.synchronize();
        fake.hold(other);
        const c10::StreamGuard guard(other);
        seen = fake.read(batch[0]);
        batch = {};
        ring.ring.release();
    }
    {
        c10::Event passed(FakeDevice::type);
        passed.record(fake.default_stream());
        while (!passed.query()) std::this_thread::yield();
        const c10::StreamGuard guard(*side);
        at::empty({ring_rows, 5}, at::TensorOptions(at::kFloat).device(fake.device())).fill_(9);
    }
    fake.release(other);
    fake.synchronize();
    CHECK(seen->as<float>() == all(0));
    CHECK(fake.violations().empty());
}

TEST_CASE("device ring: it is refused without a place, and on a device that is not there") {
    const FakeDevice fake;
    CHECK_THROWS_AS(DeviceRing(fake.device(), 0, false, {}, {}), std::invalid_argument);
    CHECK_THROWS_AS(DeviceRing(c10::Device("cpu"), 1, false, {}, {}), std::invalid_argument);
    CHECK_THROWS_AS(DeviceRing(fake.device(9), 1, false, {}, {}), std::invalid_argument);
    CHECK_THROWS_AS(DeviceRing(c10::Device(c10::DeviceType::FPGA), 1, false, {}, {}), wick::Error);
}
