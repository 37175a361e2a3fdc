// SPDX-License-Identifier: MIT
#pragma once

// A copy by hand, without any of this library.

#include "support/fake_device/fake_device.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wick_test::by_hand {

constexpr std::int64_t elements = 1000;

inline const c10::impl::DeviceGuardImplInterface& backend() {
    return *c10::impl::getDeviceGuardImpl(FakeDevice::type);
}

inline at::Tensor pinned(float value, std::int64_t count = elements) {
    return at::empty({count}, at::TensorOptions(at::kFloat).pinned_memory(true)).fill_(value);
}

inline std::vector<float> all(float value, std::int64_t count = elements) {
    return std::vector<float>(static_cast<std::size_t>(count), value);
}

inline c10::Stream side_stream(int device = 0) {
    return backend().getStreamFromGlobalPool({FakeDevice::type, static_cast<c10::DeviceIndex>(device)});
}

/// A copy on a side stream and the event behind it.
struct Copy {
    Copy(const at::Tensor& host, c10::Stream side) {
        const c10::StreamGuard guard(side);
        tensor = at::empty(host.sizes(), host.options().device(side.device()).pinned_memory(false));
        tensor.copy_(host, true);
        event.record(side);
    }
    at::Tensor tensor;
    c10::Event event{FakeDevice::type};
};

inline bool says(const std::vector<std::string>& texts, const std::string& part) {
    for (const std::string& text : texts)
        if (text.find(part) != std::string::npos) return true;
    return false;
}

}  // namespace wick_test::by_hand
