// SPDX-License-Identifier: MIT
#include <wick/tensor/device.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"

#include <c10/core/DeviceGuard.h>
#include <c10/core/Event.h>

#include <stdexcept>
#include <thread>

using c10::Device;
using c10::DeviceType;
using wick_test::FakeDevice;

TEST_CASE("device: the CPU is always there, and has no number") {
    CHECK(wick::device_usable(Device("cpu")));
    CHECK(wick::concrete_device(Device("cpu:0")) == Device("cpu"));
    CHECK(wick::detail::device_interface(DeviceType::CPU) == nullptr);
}

TEST_CASE("device: one whose tensors hold no data is not usable, and refused") {
    CHECK_FALSE(wick::device_usable(Device("meta")));
    CHECK_THROWS_MATCHES(wick::concrete_device(Device("meta")), std::invalid_argument,
                         MessageMatches(ContainsSubstring("device is meta")));
}

TEST_CASE("device: one that LibTorch was not built for is not usable, and an Error that says so") {
    const Device device(DeviceType::FPGA);
    CHECK_FALSE(wick::device_usable(device));
    CHECK_THROWS_MATCHES(
        wick::concrete_device(device), wick::Error,
        MessageMatches(ContainsSubstring("fpga: expected a LibTorch that was built for fpga")));
}

TEST_CASE("device: CUDA without a GPU is an Error, whether LibTorch was built with CUDA or not") {
    const Device cuda(DeviceType::CUDA);
    if (wick::device_usable(cuda)) {
        CHECK(wick::concrete_device(cuda).has_index());
        return;
    }
    CHECK_THROWS_MATCHES(
        wick::concrete_device(cuda), wick::Error,
        MessageMatches(ContainsSubstring("built for cuda") || ContainsSubstring("there is no cuda device")));
}

TEST_CASE("device: one without a driver is an Error that says so") {
    const FakeDevice fake({.devices = 0});
    const Device device(FakeDevice::type);
    CHECK_FALSE(wick::device_usable(device));
    CHECK_THROWS_MATCHES(wick::concrete_device(device), wick::Error,
                         MessageMatches(ContainsSubstring("no driver")));
}

TEST_CASE(
    "device: a number beyond the last one is refused with both, and without a number it is the thread's "
    "own") {
    const FakeDevice fake({.devices = 2});
    CHECK(wick::device_usable(fake.device(1)));
    CHECK_FALSE(wick::device_usable(fake.device(2)));
    CHECK_THROWS_MATCHES(wick::concrete_device(fake.device(2)), std::invalid_argument,
                         MessageMatches(ContainsSubstring(":2") && ContainsSubstring(":1")));
    CHECK(wick::concrete_device(Device(FakeDevice::type)) == fake.device(0));
    const c10::DeviceGuard guard(fake.device(1));
    CHECK(wick::concrete_device(Device(FakeDevice::type)) == fake.device(1));
}

TEST_CASE("device: the host waits for an event until its stream has come there") {
    FakeDevice fake;
    c10::Event event(FakeDevice::type);
    wick::detail::wait_on_host(event);  // never recorded: nothing to wait for
    fake.hold(fake.default_stream());
    event.record(fake.default_stream());
    CHECK_FALSE(event.query());
    std::thread opener([&] { fake.release(fake.default_stream()); });
    wick::detail::wait_on_host(event);
    CHECK(event.query());
    opener.join();
}
