// SPDX-License-Identifier: MIT
// The double itself: what is wrong goes wrong on it, and what is right does not.

#include "support/fake_device/fake_device.hpp"

#include "fake_device/copy.hpp"
#include "support/catch.hpp"

#include <ATen/ATen.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>

#include <atomic>
#include <span>
#include <thread>
#include <vector>

using namespace wick_test::by_hand;
using wick_test::FakeDevice;

TEST_CASE("fake device: tensors go there and back, and operators do there what they do on the CPU") {
    const FakeDevice fake;
    const at::Tensor host = at::arange(12, at::kFloat).reshape({3, 4});
    const at::Tensor there = host.to(fake.device(1));
    CHECK(there.device() == fake.device(1));
    CHECK(at::equal(there.cpu(), host));
    CHECK(at::equal((there + 1).cpu(), host + 1));
    CHECK(at::equal(there[1].cpu(), host[1]));
    CHECK(at::equal(there.t().cpu(), host.t()));
    CHECK(at::equal(there.view({2, -1}).cpu(), host.view({2, 6})));
    CHECK(at::equal(there.to(at::kDouble).cpu(), host.to(at::kDouble)));
    CHECK(at::equal(there.to(fake.device(0)).cpu(), host));
    CHECK(at::equal(at::cat({there, there}).cpu(), at::cat({host, host})));
    CHECK(at::zeros({5}, fake.device()).sum().item<float>() == 0.0F);
    CHECK(at::empty({0}, fake.device()).cpu().numel() == 0);
    CHECK(fake.violations().empty());
}

TEST_CASE("fake device: streams run at the same time") {
    FakeDevice fake;
    const at::Tensor tensor = at::zeros({1}, fake.device());
    std::atomic<int> met{0};
    const auto meet = [&met](std::span<std::byte>) {
        ++met;
        while (met < 2) std::this_thread::yield();
    };
    for (const c10::Stream stream : {side_stream(), side_stream()}) {
        const c10::StreamGuard guard(stream);
        fake.launch(tensor, meet);
    }
    fake.synchronize();
    CHECK(met == 2);
}

TEST_CASE(
    "fake device: a copy from pinned memory is on its way when it returns, and a kernel behind it waits") {
    FakeDevice fake({.log = true});
    const c10::Stream side = side_stream();
    CHECK(side != fake.current_stream());
    const at::Tensor host = pinned(2);
    fake.hold(side);
    const Copy copy(host, side);
    CHECK_FALSE(copy.event.query());
    copy.event.block(fake.current_stream());
    const auto seen = fake.read(copy.tensor);
    CHECK_FALSE(backend().queryStream(fake.current_stream()));
    CHECK(fake.log_places("copy to device").empty());
    fake.release(side);
    backend().synchronizeStream(fake.current_stream());
    CHECK(seen->as<float>() == all(2));
    CHECK(copy.event.query());
    CHECK(fake.log_places("copy to device").at(0) < fake.log_places("kernel").at(0));
    CHECK(fake.violations().empty());
}

TEST_CASE("fake device: a kernel that does not wait for the copy's event reads what was there before") {
    FakeDevice fake;
    const c10::Stream side = side_stream();
    const at::Tensor host = pinned(2);
    fake.hold(side);
    const Copy copy(host, side);
    const auto seen = fake.read(copy.tensor);
    backend().synchronizeStream(fake.current_stream());
    fake.release(side);
    CHECK(seen->as<float>() != all(2));
    CHECK(says(fake.violations(), "\"kernel\" on stream 0 of device 0 reads what \"copy to device\""));
}

TEST_CASE("fake device: an event is of one device, but any may wait for it") {
    FakeDevice fake;
    c10::Event event(FakeDevice::type);
    event.record(fake.default_stream(0));
    event.block(fake.default_stream(1));
    CHECK_THROWS_WITH(event.record(fake.default_stream(1)),
                      ContainsSubstring("an event of device 0 is recorded on a stream of device 1"));
    event.record(side_stream(0));
}

TEST_CASE("fake device: each thread has its own current device and streams") {
    FakeDevice fake;
    const c10::StreamGuard guard(side_stream(1));
    CHECK(backend().getDevice() == fake.device(1));
    CHECK(fake.current_stream(1) != fake.default_stream(1));
    std::thread([&] {
        CHECK(backend().getDevice() == fake.device(0));
        CHECK(fake.current_stream(1) == fake.default_stream(1));
    }).join();
}
