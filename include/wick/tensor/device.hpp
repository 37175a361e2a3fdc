// SPDX-License-Identifier: MIT
#pragma once

// Which devices there are. Whatever LibTorch knows is asked through c10's own interface, so that no line here names CUDA
// or any other kind.

#include <wick/core/error.hpp>

#include <c10/core/Device.h>
#include <c10/core/DeviceType.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace wick::inline v0 {

/// Whether there is such a device: LibTorch was built for it, there is a driver, and there is one of that number.
bool device_usable(c10::Device device) noexcept;

/// The device with its number: "cuda" is the calling thread's current one.
///
/// Throws: Error if this LibTorch was not built for it, or if there is none of its kind; std::invalid_argument if there
///         is none of that number, or if its tensors hold no data ("meta").
c10::Device concrete_device(c10::Device device);

namespace detail {

/// What LibTorch lets one do with devices of a kind; null if it was not built for them, and for the CPU and "meta".
const c10::impl::DeviceGuardImplInterface* device_interface(c10::DeviceType type) noexcept;

/// Waits, here on the host, for what was recorded.
template <class Event>
void wait_on_host(const Event& event);

}  // namespace detail

// Implementation.

inline const c10::impl::DeviceGuardImplInterface* detail::device_interface(c10::DeviceType type) noexcept {
    if (type == c10::DeviceType::CPU || type == c10::DeviceType::Meta || !c10::impl::hasDeviceGuardImpl(type))
        return nullptr;
    return c10::impl::getDeviceGuardImpl(type);
}

inline bool device_usable(c10::Device device) noexcept {
    if (device.is_cpu()) return true;
    const auto* interface = detail::device_interface(device.type());
    return interface != nullptr && (device.has_index() ? device.index() : 0) < interface->deviceCount();
}

inline c10::Device concrete_device(c10::Device device) {
    if (device.is_cpu()) return c10::Device(c10::DeviceType::CPU);
    if (device.type() == c10::DeviceType::Meta)
        throw std::invalid_argument("device is meta, whose tensors hold no data");
    const std::string kind = c10::DeviceTypeName(device.type(), /*lower_case=*/true);
    const auto* interface = detail::device_interface(device.type());
    if (interface == nullptr)
        throw Error(device.str(),
                    "expected a LibTorch that was built for " + kind + ", found one that was not");
    const int count = interface->deviceCount();
    if (count == 0)
        throw Error(device.str(), "expected a device that can be used, found none: there is no " + kind +
                                      " device on this machine, or no driver for it");
    if (!device.has_index()) return interface->getDevice();
    if (device.index() >= count)
        throw std::invalid_argument("device is " + device.str() + ", but the last one there is is " + kind +
                                    ":" + std::to_string(count - 1));
    return device;
}

template <class Event>
void detail::wait_on_host(const Event& event) {
    if constexpr (requires { event.synchronize(); }) {
        event.synchronize();
    } else {  // LibTorch 1.13 can only ask
        constexpr std::chrono::microseconds longest{200};
        for (std::chrono::microseconds nap{1}; !event.query(); nap = std::min(2 * nap, longest))
            std::this_thread::sleep_for(nap);
    }
}

}  // namespace wick::inline v0
