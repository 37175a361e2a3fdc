// SPDX-License-Identifier: MIT
#include <wick/tensor/device.hpp>
#include <wick/tensor/pinned.hpp>
#include <wick/tensor/slot_tensor.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

using wick_test::FakeDevice;

namespace {

wick::Pool::Allocate pinned_for(c10::Device device) {
    return [device](std::size_t bytes) { return wick::pinned_bytes(bytes, device); };
}

}  // namespace

TEST_CASE("pinned: without a device there is none, and asking for it is an Error that names the bytes") {
    CHECK_FALSE(wick::pinned_usable(c10::DeviceType::CPU));
    CHECK_FALSE(wick::pinned_usable(c10::Device(FakeDevice::type, 0)));
    CHECK_THROWS_MATCHES(wick::pinned_bytes(1000, c10::DeviceType::CPU), wick::Error,
                         MessageMatches(ContainsSubstring("1024 bytes of pinned memory")));
}

TEST_CASE("pinned: memory comes in powers of two, begins at a page, and goes with its owner") {
    const FakeDevice fake;
    CHECK(wick::pinned_usable(fake.device()));
    CHECK(wick::pinned_usable(c10::DeviceType::CPU));
    CHECK(wick::pinned_size(1) == 1);
    CHECK(wick::pinned_size(65536) == 65536);
    CHECK(wick::pinned_size(65537) == 131072);
    const std::size_t before = fake.counters().pinned_bytes;
    {
        const wick::OwnedBytes bytes = wick::pinned_bytes(65537, fake.device());
        CHECK(reinterpret_cast<std::uintptr_t>(bytes.data) % 4096 == 0);
        CHECK(fake.counters().pinned_bytes == before + 131072);
        bytes.data[131071] = std::byte{1};
    }
    CHECK(fake.counters().pinned_bytes == before);
}

TEST_CASE(
    "pinned: a tensor lies in the slot where it is told to, and keeps the memory when the slot is gone") {
    const FakeDevice fake;
    const auto pool = wick::Pool::make(wick::pinned_size(5000), 0, pinned_for(fake.device()));
    at::Tensor tensor, empty;
    {
        const wick::Slot slot = pool->lease();
        tensor = wick::pinned_tensor(slot, slot.data() + 64, {3, 5}, at::kFloat);
        CHECK(tensor.data_ptr() == slot.data() + 64);
        empty = wick::pinned_tensor(slot, slot.data() + 128, {0, 5}, at::kLong);
    }
    CHECK(fake.counters().pinned_blocks == 1);
    CHECK(tensor.scalar_type() == at::kFloat);
    CHECK(tensor.is_contiguous());
    tensor.fill_(2.5);
    CHECK(tensor.sum().item<float>() == 37.5f);
    CHECK(empty.sizes() == at::IntArrayRef({0, 5}));
    const at::Tensor view = tensor.select(0, 1);
    tensor.reset();
    empty.reset();
    CHECK(fake.counters().pinned_blocks == 1);
    CHECK(view[0].item<float>() == 2.5f);
}

TEST_CASE("pinned: LibTorch knows a tensor to be pinned wherever in its slot it lies, and others not to be") {
    const FakeDevice fake;
    const auto pinned = wick::Pool::make(4096, 0, pinned_for(fake.device())),
               ordinary = wick::Pool::make(4096, 0);
    const wick::Slot slot = pinned->lease(), other = ordinary->lease();
    for (const std::ptrdiff_t offset : {0, 64, 4032})
        CHECK(wick::pinned_tensor(slot, slot.data() + offset, {16}, at::kFloat).is_pinned(fake.device()));
    CHECK_FALSE(wick::slot_tensor(other, other.data() + 64, {16}, at::kFloat).is_pinned(fake.device()));
}

TEST_CASE("pinned: memory that the user copies from is not given out again before his copy is done") {
    FakeDevice fake;
    const auto pool = wick::Pool::make(4096, 0, pinned_for(fake.device()));
    const auto copied_and_dropped = [&](float value) {
        const wick::Slot slot = pool->lease();
        const at::Tensor host = wick::pinned_tensor(slot, slot.data() + 64, {100}, at::kFloat).fill_(value);
        return host.to(fake.device(), /*non_blocking=*/true);
    };
    fake.hold(fake.default_stream());
    const at::Tensor first = copied_and_dropped(1), second = copied_and_dropped(2);
    const auto seen_first = fake.read(first), seen_second = fake.read(second);
    fake.release(fake.default_stream());
    fake.synchronize();
    CHECK(seen_first->as<float>() == std::vector<float>(100, 1));
    CHECK(seen_second->as<float>() == std::vector<float>(100, 2));
    CHECK(fake.counters().pageable_copies == 0);
}

TEST_CASE(
    "pinned: it is asked for while the device is current that will read it, and none other is touched") {
    const FakeDevice fake({.log = true});
    CHECK(wick::pinned_usable(fake.device(1)));
    const wick::OwnedBytes first = wick::pinned_bytes(100, fake.device(1));
    const wick::OwnedBytes second = wick::pinned_bytes(5000, fake.device(1));
    CHECK(fake.log_places("pin").size() + fake.log_places("pin again").size() == 3);
    for (const auto& line : fake.log())
        if (line.name.starts_with("pin")) CHECK(line.stream.device == 1);
    CHECK(wick::concrete_device(c10::Device(FakeDevice::type)) == fake.device(0));
}
