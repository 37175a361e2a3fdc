// SPDX-License-Identifier: MIT
#include "support/fake_device/fake_device.hpp"

#include "support/fake_device/devices.hpp"
#include "support/fake_device/unseen.hpp"

#include <c10/util/Exception.h>

#include <utility>

namespace wick_test {

using fake::device_at;
using fake::devices;
using fake::id_of;
using fake::stream_of;

FakeDevice::FakeDevice(const FakeDeviceOptions& options) {
    TORCH_CHECK(options.devices >= 0 && options.devices <= fake::most_devices, "0 to ", fake::most_devices,
                " fake devices, not ", options.devices);
    fake::Devices& all = devices();
    all.memory.limit(options.memory_bytes);
    all.streams.order().clear();  // of what was just collected, whose addresses begin anew
    all.count = options.devices;
    all.ignored = options.ignored;
    all.next_pool_stream = 0;
    all.to_device = all.to_host = all.between = 0;
    all.pageable = 0;
    fake::current() = {};
    all.streams.keep_log(options.log);
    if (options.seed)
        all.streams.run_in_steps(*options.seed);
    else
        all.streams.run_in_threads(options.pause);
}

FakeDevice::~FakeDevice() {
    devices().streams.rest();
    devices().streams.keep_log(false);
    devices().count = 0;
    devices().ignored = fake::Call::none;
    fake::current() = {};
}

c10::Device FakeDevice::device(int index) const { return device_at(index); }

c10::Stream FakeDevice::current_stream(int index) const { return stream_of(fake::current_stream(index)); }

c10::Stream FakeDevice::default_stream(int index) const { return stream_of({index, 0}); }

void FakeDevice::hold(const c10::Stream& stream) { devices().streams.hold(id_of(stream)); }

void FakeDevice::release(const c10::Stream& stream) { devices().streams.release(id_of(stream)); }

void FakeDevice::synchronize() { devices().streams.wait_all(); }

bool FakeDevice::step() { return devices().streams.step(); }

namespace {

void submit_kernel(const at::Tensor& tensor, bool writes, std::function<void(std::span<std::byte>)> kernel) {
    TORCH_CHECK(tensor.device().type() == FakeDevice::type && tensor.is_contiguous(),
                "a kernel takes a contiguous tensor of a fake device");
    const auto bytes =
        static_cast<std::size_t>(tensor.numel()) * static_cast<std::size_t>(tensor.element_size());
    std::byte* memory = bytes == 0 ? nullptr : devices().memory.reach(tensor.data_ptr(), bytes);
    devices().streams.submit(fake::current_stream(tensor.device().index()),
                             {.name = "kernel",
                              .run =
                                  [kernel = std::move(kernel), memory, bytes] {
                                      kernel({memory, bytes});
                                  },
                              .accesses = {{memory, bytes, writes}}});
}

}  // namespace

void FakeDevice::launch(const at::Tensor& tensor, std::function<void(std::span<std::byte>)> kernel) {
    submit_kernel(tensor, true, std::move(kernel));
}

std::shared_ptr<const FakeReading> FakeDevice::read(const at::Tensor& tensor) {
    // It is dropped unseen: who drops it may never have waited for it.
    const std::shared_ptr<FakeReading> reading(new FakeReading, [](const FakeReading* dropped) {
        const fake::Unseen unseen;
        delete dropped;
    });
    submit_kernel(tensor, false, [reading](std::span<std::byte> bytes) {
        reading->bytes.assign(bytes.begin(), bytes.end());
    });
    return reading;
}

void FakeDevice::host_writes(std::span<const std::byte> bytes) {
    devices().streams.order().touch("the host", {bytes.data(), bytes.size(), true});
}

std::vector<std::string> FakeDevice::violations() const { return devices().streams.order().violations(); }

FakeDeviceCounters FakeDevice::counters() const {
    const fake::Devices& all = devices();
    return {.blocks = all.memory.blocks(),
            .bytes = all.memory.bytes(),
            .peak_bytes = all.memory.peak_bytes(),
            .pinned_blocks = all.pinned.blocks(),
            .pinned_bytes = all.pinned.bytes(),
            .bytes_to_device = all.to_device,
            .bytes_to_host = all.to_host,
            .bytes_between = all.between,
            .pageable_copies = all.pageable};
}

std::vector<fake::Record> FakeDevice::log() const { return devices().streams.log(); }

std::vector<std::size_t> FakeDevice::log_places(const std::string& name) const {
    std::vector<std::size_t> places;
    const auto lines = log();
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (lines[i].name == name) places.push_back(i);
    return places;
}

}  // namespace wick_test
