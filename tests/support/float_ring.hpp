// SPDX-License-Identifier: MIT
#pragma once

// A ring of places on a fake device, with as much around it as a loader has.

#include <wick/tensor/device_ring.hpp>

#include "support/fake_device/fake_device.hpp"

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace wick_test {

/// Rows of 5 floats in a whole batch.
constexpr std::int64_t ring_rows = 8;

/// A batch on the host, all of whose elements are the same.
inline at::Tensor pinned(float value, std::int64_t count = ring_rows) {
    return at::empty({count, 5}, at::TensorOptions(at::kFloat).pinned_memory(true)).fill_(value);
}

inline std::vector<float> all(float value, std::int64_t count = ring_rows) {
    return std::vector<float>(static_cast<std::size_t>(count) * 5, value);
}

/// A ring of one field of floats, and what a loader does with it.
struct FloatRing {
    explicit FloatRing(const FakeDevice& fake, std::size_t places, bool fixed = false,
                       wick::DeviceRing::OnDevice on_device = nullptr)
        : ring(fake.device(), places, fixed, {{ring_rows, 5}}, {at::kFloat}, std::move(on_device)) {}

    /// Sends the next item, all of whose elements are its number.
    wick::DeviceCopy& send(std::int64_t count = ring_rows) {
        copies.emplace_back(ring.device());
        copies.back().item = sent;
        hosts.push_back(pinned(static_cast<float>(sent++), count));
        ring.submit({hosts.back()}, copies.back());
        return copies.back();
    }

    wick::DeviceRing ring;
    std::uint64_t sent = 0;
    std::deque<at::Tensor> hosts;
    std::deque<wick::DeviceCopy> copies;
};

}  // namespace wick_test
