// SPDX-License-Identifier: MIT
// The double one step at a time: interleavings that a seed draws.

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"

#include <ATen/ATen.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

using wick_test::FakeDevice;

namespace {

constexpr std::size_t elements = 64;

const c10::impl::DeviceGuardImplInterface& backend() {
    return *c10::impl::getDeviceGuardImpl(FakeDevice::type);
}

/// Six copies on a side stream, each read by a kernel on the current stream; without waiting, if so wished.
/// Gives the names of what ran in order, and whether all were right.
struct Run {
    Run(std::uint64_t seed, bool waits) {
        FakeDevice fake({.seed = seed, .log = true});
        const c10::Stream side = backend().getStreamFromGlobalPool(fake.device());
        std::vector<at::Tensor> hosts, tensors;
        std::vector<std::shared_ptr<const wick_test::FakeReading>> seen;
        for (int i = 0; i < 6; ++i) {
            hosts.push_back(
                at::empty({elements}, at::TensorOptions(at::kFloat).pinned_memory(true)).fill_(i));
            c10::Event event(FakeDevice::type);
            {
                const c10::StreamGuard guard(side);
                tensors.push_back(at::empty({elements}, at::TensorOptions(at::kFloat).device(fake.device())));
                tensors.back().copy_(hosts.back(), true);
                event.record(side);
            }
            if (waits) event.block(fake.current_stream());
            seen.push_back(fake.read(tensors.back()));
        }
        fake.synchronize();
        for (std::size_t i = 0; i < seen.size(); ++i)
            right = right && seen[i]->as<float>() == std::vector<float>(elements, static_cast<float>(i));
        for (const auto& line : fake.log())
            order += line.name + " on " + std::to_string(line.stream.number) + "; ";
        ordered = fake.violations().empty();
    }
    bool right = true;
    bool ordered = true;
    std::string order;
};

}  // namespace

TEST_CASE("fake device, in steps: the same seed gives the same order, other seeds give others") {
    std::set<std::string> orders;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        orders.insert(Run(seed, true).order);
        CHECK(Run(seed, true).order == Run(seed, true).order);
    }
    CHECK(orders.size() > 10);
}

TEST_CASE("fake device, in steps: what waits is right with every seed, what does not is wrong with some") {
    int wrong = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const Run right(seed, true);
        CHECK((right.right && right.ordered));
        const Run hasty(seed, false);
        wrong += hasty.right ? 0 : 1;
        CHECK_FALSE(hasty.ordered);  // even if it went well this time
    }
    CHECK(wrong > 10);
    CHECK(wrong < 100);
}

TEST_CASE("fake device, in steps: waiting for what cannot come is a deadlock, and said to be one") {
    FakeDevice fake({.seed = 3});
    const c10::Stream side = backend().getStreamFromGlobalPool(fake.device());
    fake.hold(side);
    c10::Event event(FakeDevice::type);
    event.record(side);
    event.block(fake.current_stream());
    CHECK_THROWS_WITH(backend().synchronizeStream(fake.current_stream()),
                      ContainsSubstring("deadlock") &&
                          ContainsSubstring("stream 0 of device 0 waits for an event before \"wait\"") &&
                          ContainsSubstring("stream 1 of device 0 is held before \"record\""));
    const auto ask = [&] {
        while (!event.query()) {
        }
    };
    CHECK_THROWS_WITH(ask(), ContainsSubstring("asked for over and over"));
    fake.release(side);
    ask();
    fake.synchronize();
}

TEST_CASE("fake device, in steps: nothing goes on by itself") {
    FakeDevice fake({.seed = 5});
    const at::Tensor tensor = at::zeros({1}, at::TensorOptions(at::kFloat).device(fake.device()));
    while (fake.step()) {
    }
    const c10::Stream side = backend().getStreamFromGlobalPool(fake.device());
    fake.hold(side);
    const c10::StreamGuard guard(side);
    const auto seen = fake.read(tensor);
    fake.release(side);
    CHECK(seen->bytes.empty());
    CHECK(fake.step());
    CHECK(seen->bytes.size() == sizeof(float));
    CHECK_FALSE(fake.step());
}
