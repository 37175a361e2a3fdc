// SPDX-License-Identifier: MIT
#pragma once

// What the parts of the double share that LibTorch calls, and that a test sees as FakeDevice.

#include "support/fake_device/call.hpp"
#include "support/fake_device/device_memory.hpp"
#include "support/fake_device/pinned_memory.hpp"
#include "support/fake_device/streams.hpp"

#include <c10/core/Device.h>
#include <c10/core/Stream.h>

#include <array>
#include <atomic>
#include <cstdint>

namespace c10 {
struct Allocator;
}

namespace wick_test::fake {

constexpr auto device_type = c10::DeviceType::PrivateUse1;

/// The hardware, so to speak.
struct Devices {
    std::atomic<int> count{0};
    std::atomic<int> next_pool_stream{0};
    std::atomic<Call> ignored{Call::none};
    Streams streams;
    DeviceMemory memory{streams};
    PinnedMemory pinned{streams};

    /// Bytes copied from host to device, from device to host, and from device to device.
    std::atomic<std::size_t> to_device{0}, to_host{0}, between{0};
    /// Copies from or to memory that is not pinned, which the host had to wait for or which were staged.
    std::atomic<int> pageable{0};
};

/// The devices of this process, which outlive every tensor.
Devices& devices();

/// Which device and streams are a thread's own choice.
struct Current {
    int device = 0;
    std::array<std::int64_t, most_devices> streams{};
};
Current& current() noexcept;

inline StreamId current_stream(int device) noexcept {
    return {device, current().streams[static_cast<std::size_t>(device)]};
}

/// A device's index; of a device without one, that of the thread's current device.
inline int index_of(c10::Device device) noexcept {
    return device.has_index() ? device.index() : current().device;
}

inline StreamId id_of(const c10::Stream& stream) noexcept { return {stream.device_index(), stream.id()}; }

inline c10::Device device_at(int index) { return {device_type, static_cast<c10::DeviceIndex>(index)}; }

inline c10::Stream stream_of(StreamId id) {
    return c10::Stream(c10::Stream::UNSAFE, device_at(id.device), id.number);
}

/// Throws: c10::Error if there is no such device.
void check_device(int index);

c10::Allocator* device_allocator();

}  // namespace wick_test::fake
