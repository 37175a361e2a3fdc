// SPDX-License-Identifier: MIT
#pragma once

// An asynchronous device for LibTorch, played by the CPU: what is wrong with a copy goes wrong here, every
// time. Link the test program with wick_fake_device, and say for how long the devices are there:
//
//     wick_test::FakeDevice fake;               // two devices, a thread for each stream
//     wick_test::FakeDevice fake({.seed = 7});  // one step at a time, in an order that the seed draws
//     at::Tensor tensor = host.to(fake.device());
//     fake.hold(stream);                        // what is submitted to it waits for fake.release(stream)
//     auto seen = fake.read(tensor);            // a kernel on the current stream, which reads the bytes
//     fake.synchronize();                       // now seen->bytes is what the kernel has read
//
// Device addresses fault when the host looks at them. A block of device memory is free for its own stream as
// soon as its tensor is gone, and filled with 0xDD then. `at::empty(..., pinned_memory(true))` gives pinned
// memory.

#include "support/fake_device/call.hpp"
#include "support/fake_device/streams.hpp"

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/Stream.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace wick_test {

/// How the devices are.
struct FakeDeviceOptions {
    /// Up to 4. Without any, it is as if there were no driver.
    int devices = 2;

    /// One step at a time, in an order that is drawn from this: for tests with one thread.
    std::optional<std::uint64_t> seed = std::nullopt;

    /// What each operation takes at least, where streams have threads.
    std::chrono::microseconds pause{0};

    /// Of each device, up to 1 GiB.
    std::size_t memory_bytes = std::size_t{1} << 30;

    /// Keeps a log.
    bool log = false;

    /// What the devices do not hear.
    fake::Call ignored = fake::Call::none;
};

/// What is and was there.
struct FakeDeviceCounters {
    std::size_t blocks;           ///< of device memory, allocated now
    std::size_t bytes;            ///< in these
    std::size_t peak_bytes;       ///< the most at a time
    std::size_t pinned_blocks;    ///< allocated now
    std::size_t pinned_bytes;     ///< in these
    std::size_t bytes_to_device;  ///< copied
    std::size_t bytes_to_host;    ///< copied
    std::size_t bytes_between;    ///< copied from device to device, or within one
    int pageable_copies;          ///< from or to memory that was not pinned
};

/// What a kernel has read, once its stream has come so far.
struct FakeReading {
    std::vector<std::byte> bytes;

    /// The bytes as elements.
    template <class Element>
    std::vector<Element> as() const {
        const auto* elements = reinterpret_cast<const Element*>(bytes.data());
        return {elements, elements + bytes.size() / sizeof(Element)};
    }
};

/// The devices of this process, for the time of a test; tensors and loaders must be gone before. One lives at
/// a time. While none does, there is no device, and what is submitted is done at once.
///
/// Threads: safe from any number of threads, but where a seed is given.
class FakeDevice {
public:
    static constexpr auto type = c10::DeviceType::PrivateUse1;

    explicit FakeDevice(const FakeDeviceOptions& options = {});
    FakeDevice(const FakeDevice&) = delete;
    FakeDevice& operator=(const FakeDevice&) = delete;
    ~FakeDevice();

    c10::Device device(int index = 0) const;

    /// The calling thread's current stream, or a device's default stream.
    c10::Stream current_stream(int index = 0) const;
    c10::Stream default_stream(int index = 0) const;

    /// From when this returns until `release`, nothing on the stream begins.
    void hold(const c10::Stream& stream);
    void release(const c10::Stream& stream);

    /// Waits for all streams.
    ///
    /// Throws: c10::Error if that would never end, in steps.
    void synchronize();

    /// Runs one operation of some stream; false if none can run. In steps only.
    bool step();

    /// Runs `kernel`, which may write, over the tensor's bytes in the turn of the calling thread's current
    /// stream. Like a kernel, it keeps no tensor alive, and must not call LibTorch.
    void launch(const at::Tensor& tensor, std::function<void(std::span<std::byte>)> kernel);

    /// Reads the tensor's bytes in the turn of the current stream.
    std::shared_ptr<const FakeReading> read(const at::Tensor& tensor);

    /// Says that the host is about to write to these bytes of its own.
    void host_writes(std::span<const std::byte> bytes);

    /// Two operations on the same bytes that nothing orders, found whether or not it went well this time;
    /// none is right.
    std::vector<std::string> violations() const;

    FakeDeviceCounters counters() const;

    /// What ran, and what was allocated and freed, in that order.
    std::vector<fake::Record> log() const;

    /// The places in the log of lines of this name.
    std::vector<std::size_t> log_places(const std::string& name) const;
};

}  // namespace wick_test
