// SPDX-License-Identifier: MIT
#include <wick/loader/device_delivery.hpp>
#include <wick/tensor/pinned.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"

#include <c10/core/Event.h>
#include <c10/util/Exception.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

using wick::detail::DeviceDelivery;
using wick_test::FakeDevice;

namespace {

constexpr std::size_t slot_bytes = 4096;

/// A delivery of one field of 10 floats, of at most `most` slots.
struct Fixture {
    Fixture(const FakeDevice& fake, std::size_t most)
        : pool(wick::Pool::make(slot_bytes, most, [device = fake.device()](std::size_t bytes) {
              return wick::pinned_bytes(bytes, device);
          })) {
        auto ring = std::make_unique<wick::DeviceRing>(fake.device(), 1, false,
                                                       std::vector<std::vector<std::int64_t>>{{10}},
                                                       std::vector<at::ScalarType>{at::kFloat});
        side.emplace(ring->stream());
        delivery = std::make_unique<DeviceDelivery>(pool, most, std::move(ring));
    }
    void send(DeviceDelivery::Transfer& transfer) {
        delivery->submit({wick::pinned_tensor(transfer.slot, transfer.slot.data(), {10}, at::kFloat)},
                         transfer);
    }
    std::shared_ptr<wick::Pool> pool;
    std::optional<c10::Stream> side;
    std::unique_ptr<DeviceDelivery> delivery;
};

}  // namespace

TEST_CASE("device delivery: a slot that no copy reads comes back at once, the last one first") {
    const FakeDevice fake;
    Fixture fixture(fake, 4);
    const std::byte* memory = fixture.delivery->lease()->slot.data();
    auto again = fixture.delivery->lease();
    CHECK(again->slot.data() == memory);
    CHECK(fixture.delivery->lease()->slot.data() != memory);
    CHECK(fixture.pool->bytes() == 2 * slot_bytes);
}

TEST_CASE(
    "device delivery: a slot is not lent again before its copy is done, nor waited for while there are "
    "others") {
    FakeDevice fake;
    Fixture fixture(fake, 2);
    fake.hold(*fixture.side);
    const std::byte* memory = nullptr;
    {
        auto first = fixture.delivery->lease();
        memory = first->slot.data();
        fixture.send(*first);
    }
    auto second = fixture.delivery->lease();
    CHECK(second->slot.data() != memory);
    std::atomic<bool> opened{false};
    std::thread opener([&] {
        opened = true;
        fake.release(*fixture.side);
    });
    auto third = fixture.delivery->lease();  // waits: there may be two, and one is lent, one is read
    CHECK(opened);
    CHECK(third->slot.data() == memory);
    CHECK_FALSE(third->copy.submitted);
    opener.join();
    CHECK(fixture.pool->bytes() == 2 * slot_bytes);
}

TEST_CASE(
    "device delivery: when a device fails to say whether copies are done, none of their slots is lost or "
    "lent twice") {
    // In steps, the device fails when it is asked a certain number of times in vain.
    for (int asked = 9'990; asked < 10'002; ++asked) {
        FakeDevice fake({.seed = 3});
        Fixture fixture(fake, 3);
        std::vector<DeviceDelivery::Handle> handles;
        for (int i = 0; i < 3; ++i) handles.push_back(fixture.delivery->lease());
        fixture.send(*handles[0]);
        fake.synchronize();
        fake.hold(*fixture.side);
        fixture.send(*handles[1]);
        fixture.send(*handles[2]);
        const c10::Event& last = handles[2]->copy.done;
        try {
            for (int i = 0; i < asked; ++i) last.query();
        } catch (const c10::Error&) {
        }
        handles.clear();
        try {
            handles.push_back(fixture.delivery->lease());
        } catch (const c10::Error&) {
        }
        fake.release(*fixture.side);
        fake.synchronize();
        while (handles.size() < 3) handles.push_back(fixture.delivery->lease());
        std::set<const std::byte*> slots;
        for (const auto& handle : handles) slots.insert(handle->slot.data());
        CHECK(slots.size() == 3);
        CHECK(fixture.pool->bytes() == 3 * slot_bytes);
    }
}

TEST_CASE("device delivery: it ends when the copies from its slots have, and not before") {
    FakeDevice fake;
    std::atomic<bool> opened{false};
    std::thread opener;
    {
        Fixture fixture(fake, 2);
        fake.hold(*fixture.side);
        auto transfer = fixture.delivery->lease();
        fixture.send(*transfer);
        transfer.reset();
        opener = std::thread([&, side = *fixture.side] {
            opened = true;
            fake.release(side);
        });
    }
    CHECK(opened);
    opener.join();
    CHECK(fake.counters().pinned_blocks == 0);
}
