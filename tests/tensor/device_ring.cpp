// SPDX-License-Identifier: MIT
#include <wick/tensor/device_ring.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"

#include <ATen/ATen.h>
#include <c10/core/Event.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/StreamGuard.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using wick::DeviceBatch;
using wick::DeviceRing;
using wick_test::FakeDevice;

namespace {

constexpr std::int64_t rows = 8;

using Seen = std::shared_ptr<const wick_test::FakeReading>;

at::Tensor pinned(float value, std::int64_t count = rows) {
    return at::empty({count, 5}, at::TensorOptions(at::kFloat).pinned_memory(true)).fill_(value);
}

std::vector<float> all(float value, std::int64_t count = rows) {
    return std::vector<float>(static_cast<std::size_t>(count) * 5, value);
}

/// A ring of one field of floats, and what a loader does with it.
struct Ring {
    explicit Ring(const FakeDevice& fake, std::size_t places, bool fixed = false,
                  DeviceRing::OnDevice on_device = nullptr)
        : ring(fake.device(), places, fixed, {{rows, 5}}, {at::kFloat}, std::move(on_device)) {}

    /// Sends the next item, all of whose elements are its number.
    wick::DeviceCopy& send(std::int64_t count = rows) {
        copies.emplace_back(ring.device());
        copies.back().item = sent;
        hosts.push_back(pinned(static_cast<float>(sent++), count));
        ring.submit({hosts.back()}, copies.back());
        return copies.back();
    }

    DeviceRing ring;
    std::uint64_t sent = 0;
    std::deque<at::Tensor> hosts;
    std::deque<wick::DeviceCopy> copies;
};

}  // namespace

TEST_CASE("device ring: the consumer's stream waits for the copy, and the host for nothing") {
    FakeDevice fake;
    Ring ring(fake, 2);
    REQUIRE(ring.ring.stream() != fake.current_stream());
    fake.hold(ring.ring.stream());
    wick::DeviceCopy& copy = ring.send();
    CHECK(copy.submitted);
    CHECK_FALSE(copy.done.query());
    DeviceBatch batch = ring.ring.receive(copy);
    CHECK(batch[0].device() == fake.device());
    CHECK(batch[0].sizes() == at::IntArrayRef({rows, 5}));
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
    Ring ring(fake, 2);
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
    Ring ring(fake, 1);
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

TEST_CASE("device ring: what the consumer keeps stays as it is, and goes when he has used it up") {
    FakeDevice fake;
    {
        Ring ring(fake, 1);
        std::vector<at::Tensor> kept;
        std::vector<Seen> seen;
        for (int i = 0; i < 4; ++i) {
            at::Tensor field = ring.ring.receive(ring.send())[0];
            if (i % 2 == 0) kept.push_back(field.select(0, 3));  // a view is enough
            field.reset();
            ring.ring.release();
        }
        fake.hold(fake.current_stream());
        for (const at::Tensor& view : kept) seen.push_back(fake.read(view));
        kept.clear();  // still to be read
        for (int i = 0; i < 4; ++i) {
            ring.ring.receive(ring.send());
            ring.ring.release();
        }
        fake.release(fake.current_stream());
        fake.synchronize();
        CHECK(seen[0]->as<float>() == std::vector<float>(5, 0));
        CHECK(seen[1]->as<float>() == std::vector<float>(5, 2));
        CHECK(fake.violations().empty());
    }
    fake.synchronize();
    CHECK(fake.counters().blocks == 0);
}

TEST_CASE(
    "device ring: a batch may be used up and dropped by another thread, at the moment of its release, too") {
    FakeDevice fake;
    Ring ring(fake, 1);
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
        Ring ring(fake, 1);
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
        at::empty({rows, 5}, at::TensorOptions(at::kFloat).device(fake.device())).fill_(9);
    }
    fake.release(other);
    fake.synchronize();
    CHECK(seen->as<float>() == all(0));
    CHECK(fake.violations().empty());
}

TEST_CASE("device ring: fixed addresses come round in turn, kept or not") {
    FakeDevice fake;
    Ring ring(fake, 3, /*fixed=*/true);
    std::vector<at::Tensor> kept;
    std::vector<const void*> addresses;
    for (int i = 0; i < 9; ++i) {
        kept.push_back(ring.ring.receive(ring.send())[0]);
        addresses.push_back(kept.back().data_ptr());
        ring.ring.release();
    }
    CHECK(std::set(addresses.begin(), addresses.end()).size() == 3);
    for (std::size_t i = 3; i < 9; ++i) CHECK(addresses[i] == addresses[i - 3]);
    fake.synchronize();
    CHECK(fake.read(kept[0]) != nullptr);
    CHECK(fake.counters().peak_bytes <= 3 * 512);
}

TEST_CASE("device ring: a short batch is the beginning of its place, and the next one is whole again") {
    FakeDevice fake;
    Ring ring(fake, 1);
    for (const std::int64_t count : {rows, std::int64_t{3}, rows, std::int64_t{0}, rows}) {
        DeviceBatch batch = ring.ring.receive(ring.send(count));
        CHECK(batch[0].sizes() == at::IntArrayRef({count, 5}));
        const Seen seen = fake.read(batch[0]);
        fake.synchronize();
        CHECK(seen->as<float>() == all(static_cast<float>(ring.sent - 1), count));
        batch = {};
        ring.ring.release();
    }
}

TEST_CASE("device ring: what is done to a tensor is not done to the next one in its place") {
    FakeDevice fake;
    Ring ring(fake, 1);
    {
        DeviceBatch batch = ring.ring.receive(ring.send());
        batch[0].requires_grad_(true);
        batch[0].unsafeGetTensorImpl()->set_sizes_contiguous({2, 2});
    }
    ring.ring.release();
    {
        const c10::InferenceMode inference;  // evaluation: the consumer may be the one who submits
        ring.send();
    }
    DeviceBatch batch = ring.ring.receive(ring.copies.back());
    CHECK_FALSE(batch[0].requires_grad());
    CHECK_FALSE(batch[0].is_inference());
    CHECK(batch[0].sizes() == at::IntArrayRef({rows, 5}));
}

TEST_CASE("device ring: on_device runs after the copy, in the side stream, and what it makes is given") {
    for (const bool fixed : {false, true}) {
        FakeDevice fake;
        Ring ring(fake, 2, fixed, [&](auto& batch) {
            CHECK(fake.current_stream() != fake.default_stream());
            CHECK_FALSE(at::GradMode::is_enabled());
            batch[0] = batch[0].to(at::kDouble);
        });
        const c10::Stream before = fake.current_stream();
        std::set<const void*> addresses;
        for (int i = 0; i < 6; ++i) {
            wick::DeviceCopy& copy = ring.send(i == 3 ? 2 : rows);
            CHECK(fake.current_stream() == before);
            DeviceBatch batch = ring.ring.receive(copy);
            CHECK(batch[0].scalar_type() == at::kDouble);
            addresses.insert(batch[0].data_ptr());
            const Seen seen = fake.read(batch[0]);
            batch = {};
            ring.ring.release();
            fake.synchronize();
            CHECK(seen->as<double>() == std::vector<double>(i == 3 ? 10 : 40, i));
        }
        if (fixed) CHECK(addresses.size() == 2);
        CHECK(fake.violations().empty());
    }
}

TEST_CASE("device ring: when on_device fails, the copy that was begun is still waited for") {
    FakeDevice fake;
    Ring ring(fake, 1, false, [](auto&) { throw std::domain_error("no"); });
    fake.hold(ring.ring.stream());
    CHECK_THROWS_AS(ring.send(), std::domain_error);
    CHECK(ring.copies.back().submitted);
    CHECK_FALSE(ring.copies.back().done.query());
    fake.release(ring.ring.stream());
}

TEST_CASE("device ring: what on_device must not leave is refused") {
    FakeDevice fake;
    Ring fewer(fake, 1, false, [](auto& batch) { batch.fields.clear(); });
    CHECK_THROWS_MATCHES(fewer.send(), std::invalid_argument,
                         MessageMatches(ContainsSubstring("0 of 1 fields")));
    Ring undefined(fake, 1, false, [](auto& batch) { batch[0] = at::Tensor(); });
    CHECK_THROWS_MATCHES(undefined.send(), std::invalid_argument,
                         MessageMatches(ContainsSubstring("field 0")));
    for (const c10::Device elsewhere : {c10::Device("cpu"), fake.device(1)}) {
        Ring leaving(fake, 1, false, [&](auto& batch) { batch[0] = at::zeros({rows}, elsewhere); });
        CHECK_THROWS_MATCHES(leaving.send(), std::invalid_argument,
                             MessageMatches(ContainsSubstring("on " + fake.device().str() + ", but") &&
                                            ContainsSubstring("on " + elsewhere.str() + " in field 0")));
    }
    int calls = 0;
    Ring changing(fake, 1, true, [&](auto& batch) {
        batch[0] = at::zeros({rows, 2 + calls++}, batch[0].options());
    });
    changing.send();
    CHECK_THROWS_MATCHES(changing.send(), std::invalid_argument,
                         MessageMatches(ContainsSubstring("static_addresses") &&
                                        ContainsSubstring("[8, 3]") && ContainsSubstring("[8, 2]")));
    Ring casting(fake, 1, true, [](auto& batch) {
        batch[0] = at::zeros({rows, 5}, batch[0].options().dtype(batch.number == 0 ? at::kInt : at::kFloat));
    });
    casting.send();
    casting.copies.emplace_back(casting.ring.device());
    casting.copies.back().batch.number = 1;
    casting.hosts.push_back(pinned(1));
    CHECK_THROWS_MATCHES(casting.ring.submit({casting.hosts.back()}, casting.copies.back()),
                         std::invalid_argument,
                         MessageMatches(ContainsSubstring("Float") && ContainsSubstring("Int")));
}

TEST_CASE("device ring: it is refused without a place, and on a device that is not there") {
    const FakeDevice fake;
    CHECK_THROWS_AS(DeviceRing(fake.device(), 0, false, {}, {}), std::invalid_argument);
    CHECK_THROWS_AS(DeviceRing(c10::Device("cpu"), 1, false, {}, {}), std::invalid_argument);
    CHECK_THROWS_AS(DeviceRing(fake.device(9), 1, false, {}, {}), std::invalid_argument);
    CHECK_THROWS_AS(DeviceRing(c10::Device(c10::DeviceType::FPGA), 1, false, {}, {}), wick::Error);
}
