// SPDX-License-Identifier: MIT
// How LibTorch reaches the devices, their streams and their events.

#include "support/fake_device/devices.hpp"

#include <c10/core/Allocator.h>
#include <c10/core/Event.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/util/Exception.h>

#include <memory>
#include <utility>

namespace wick_test::fake {

Devices& devices() {
    static auto* all = new Devices;
    return *all;
}

Current& current() noexcept {
    static thread_local Current chosen;
    return chosen;
}

void check_device(int index) {
    const int count = devices().count;
    TORCH_CHECK(count > 0, "fake device: there is no driver");
    TORCH_CHECK(index >= 0 && index < count, "fake device: there is no device ", index, " among ", count);
}

namespace {

constexpr int pool_streams = 8;

/// An event as it was recorded last. LibTorch's events are not safe from two threads at a time, nor is this.
struct Event {
    int device;
    std::shared_ptr<const Mark> mark;
};

bool ignores(Call call) { return devices().ignored == call; }

const Mark& mark_of(void* event) { return *static_cast<const Event*>(event)->mark; }

/// Members without `override` are virtual in some versions of LibTorch and unknown to others.
struct Guard final : c10::impl::DeviceGuardImplInterface {
    c10::DeviceType type() const override { return device_type; }
    c10::DeviceIndex deviceCount() const noexcept override {
        return static_cast<c10::DeviceIndex>(devices().count.load());
    }

    c10::Device getDevice() const override {
        check_device(current().device);
        return device_at(current().device);
    }
    void setDevice(c10::Device device) const override {
        check_device(device.index());
        current().device = device.index();
    }
    void uncheckedSetDevice(c10::Device device) const noexcept override { current().device = device.index(); }
    c10::Device exchangeDevice(c10::Device device) const override {
        const c10::Device before = getDevice();
        setDevice(device);
        return before;
    }

    c10::Stream getStream(c10::Device device) const noexcept override {
        return stream_of(current_stream(index_of(device)));
    }
    c10::Stream getDefaultStream(c10::Device device) const override {
        return stream_of({index_of(device), 0});
    }
    c10::Stream getStreamFromGlobalPool(c10::Device device, bool = false) const override {
        check_device(index_of(device));
        return stream_of({index_of(device), 1 + devices().next_pool_stream++ % pool_streams});
    }
    c10::Stream getNewStream(c10::Device device, int = 0) const { return getStreamFromGlobalPool(device); }
    c10::Stream exchangeStream(c10::Stream stream) const noexcept override {
        auto& chosen = current().streams[static_cast<std::size_t>(stream.device_index())];
        return stream_of({stream.device_index(), std::exchange(chosen, stream.id())});
    }
    bool queryStream(const c10::Stream& stream) const override {
        return devices().streams.idle(id_of(stream));
    }
    void synchronizeStream(const c10::Stream& stream) const override {
        devices().streams.wait(id_of(stream));
    }
    void synchronizeDevice(c10::DeviceIndex device) const { devices().streams.wait_device(device); }

    void record(void** event, const c10::Stream& stream, const c10::DeviceIndex device,
                const c10::EventFlag) const override {
        check_device(stream.device_index());
        if (*event == nullptr) *event = new Event{stream.device_index(), nullptr};
        auto* recorded = static_cast<Event*>(*event);
        TORCH_CHECK((device == -1 || device == recorded->device) && recorded->device == stream.device_index(),
                    "fake device: an event of device ", recorded->device,
                    " is recorded on a stream of device ", static_cast<int>(stream.device_index()));
        recorded->mark = devices().streams.mark(id_of(stream));
    }
    void block(void* event, const c10::Stream& stream) const override {
        const bool other = stream.id() != 0;
        if (event == nullptr || ignores(other ? Call::wait_of_other_stream : Call::wait_of_default_stream))
            return;
        devices().streams.submit(id_of(stream), {"wait", [] {}, static_cast<const Event*>(event)->mark});
    }
    bool queryEvent(void* event) const override {
        return event == nullptr || ignores(Call::wait_on_host) || devices().streams.reached(mark_of(event));
    }
    void synchronizeEvent(void* event) const {
        if (event != nullptr && !ignores(Call::wait_on_host)) devices().streams.wait(mark_of(event));
    }
    void destroyEvent(void* event, const c10::DeviceIndex) const noexcept override {
        delete static_cast<Event*>(event);
    }

    void recordDataPtrOnStream(const c10::DataPtr& memory, const c10::Stream& stream) const override {
        if (memory.get() != nullptr && !ignores(Call::record_on_stream))
            devices().memory.use(memory.get(), id_of(stream));
    }
};

const c10::impl::DeviceGuardImplRegistrar registered(device_type, new Guard);

}  // namespace

}  // namespace wick_test::fake
