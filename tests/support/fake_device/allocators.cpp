// SPDX-License-Identifier: MIT
// Where LibTorch gets a fake device's memory, and pinned memory, from.

#include "support/fake_device/devices.hpp"

#include <c10/core/Allocator.h>
#include <c10/util/Exception.h>

#include <cstddef>
#include <cstring>

// LibTorch asks a device's hooks for pinned memory; before they existed, it asked CUDA's, which a CPU build
// leaves free.
#if __has_include(<ATen/detail/PrivateUse1HooksInterface.h>)
#define WICK_TEST_HAS_OWN_HOOKS 1
#include <ATen/detail/PrivateUse1HooksInterface.h>
#else
#define WICK_TEST_HAS_OWN_HOOKS 0
#include <ATen/detail/CUDAHooksInterface.h>
#endif

namespace wick_test::fake {

namespace {

/// Members without `override` differ between versions of LibTorch: `allocate` was const once.
struct DeviceAllocator final : c10::Allocator {
    c10::DataPtr allocate(std::size_t bytes) { return make(bytes); }
    c10::DataPtr allocate(std::size_t bytes) const { return make(bytes); }
    c10::DeleterFnPtr raw_deleter() const override { return &drop; }
    void copy_data(void*, const void*, std::size_t) const {
        TORCH_CHECK(false, "fake device: no raw copies");
    }

    static c10::DataPtr make(std::size_t bytes) {
        const int device = current().device;
        check_device(device);
        void* memory = bytes == 0 ? nullptr : devices().memory.allocate(current_stream(device), bytes);
        return {memory, memory, &drop, device_at(device)};
    }
    static void drop(void* memory) {
        if (memory != nullptr) devices().memory.free(memory);
    }
};

struct PinnedAllocator final : c10::Allocator {
    c10::DataPtr allocate(std::size_t bytes) { return make(bytes); }
    c10::DataPtr allocate(std::size_t bytes) const { return make(bytes); }
    c10::DeleterFnPtr raw_deleter() const override { return &drop; }
    void copy_data(void* to, const void* from, std::size_t bytes) const { std::memcpy(to, from, bytes); }

    static c10::DataPtr make(std::size_t bytes) {
        const int device = current().device;
        check_device(device);
        void* memory = bytes == 0 ? nullptr : devices().pinned.allocate(bytes, device);
        return {memory, memory, &drop, c10::Device(c10::kCPU)};
    }
    static void drop(void* memory) {
        if (memory != nullptr) devices().pinned.free(memory);
    }
};

PinnedAllocator* pinned_allocator() {
    static auto* allocator = new PinnedAllocator;
    return allocator;
}

const c10::AllocatorRegisterer<device_type> registered(device_allocator());

}  // namespace

c10::Allocator* device_allocator() {
    static auto* allocator = new DeviceAllocator;
    return allocator;
}

#if WICK_TEST_HAS_OWN_HOOKS

namespace {

struct Hooks final : at::PrivateUse1HooksInterface {
    bool isBuilt() const { return true; }
    bool isAvailable() const { return devices().count > 0; }
    c10::DeviceIndex deviceCount() const { return static_cast<c10::DeviceIndex>(devices().count.load()); }
    bool hasPrimaryContext(c10::DeviceIndex) const { return true; }
    bool isPinnedPtr(const void* data) const { return devices().pinned.contains(data); }
    c10::Allocator* getPinnedMemoryAllocator() const { return pinned_allocator(); }
};

const bool hooked = [] {
    c10::register_privateuse1_backend("fake");
    at::RegisterPrivateUse1HooksInterface(new Hooks);
    return true;
}();

}  // namespace

#else

struct Hooks final : at::CUDAHooksInterface {
    explicit Hooks(at::CUDAHooksArgs) {}
    bool isPinnedPtr(void* data) const override { return devices().pinned.contains(data); }
    c10::Allocator* getPinnedMemoryAllocator() const override { return pinned_allocator(); }
};

#endif

}  // namespace wick_test::fake

#if !WICK_TEST_HAS_OWN_HOOKS
namespace at {
namespace {
using FakeHooks = ::wick_test::fake::Hooks;
C10_REGISTER_TYPED_CLASS(CUDAHooksRegistry, "CUDAHooks", FakeHooks)
}  // namespace
}  // namespace at
#endif
