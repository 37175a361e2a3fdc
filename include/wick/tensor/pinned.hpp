// SPDX-License-Identifier: MIT
#pragma once

// Host memory that devices read by themselves. It comes from LibTorch's own cache of such memory, in powers of two, as
// that cache rounds up to them anyway.

#include <wick/core/error.hpp>
#include <wick/memory/owned_bytes.hpp>
#include <wick/memory/pool.hpp>

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <c10/core/Device.h>
#include <c10/core/DeviceGuard.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace wick::inline v0 {

/// Whether LibTorch can give pinned memory here: it can if there is a device for it. `device` is the one that will read
/// it, or the CPU if that is not known.
///
/// Cost: the first one of a process may take seconds, since the device is made ready for it.
bool pinned_usable(c10::Device device) noexcept;

/// What a slot of `bytes` takes.
constexpr std::size_t pinned_size(std::size_t bytes) noexcept { return std::bit_ceil(bytes); }

/// Pinned memory, for Pool. `device` is the one that will read it, or the CPU if that is not known.
///
/// Throws: Error naming the bytes asked for when there is none to be had.
OwnedBytes pinned_bytes(std::size_t bytes, c10::Device device);

/// A CPU tensor over `data`, which lies in a slot of `pinned_bytes`.
///
/// Lifetime: keeps the memory, though not the slot, until the last tensor or view over it is dropped. LibTorch knows it
///           as memory of its own: what was copied from asynchronously is not given out again before the copy is done.
at::Tensor pinned_tensor(const Slot& slot, std::byte* data, at::IntArrayRef sizes, at::ScalarType type);

// Implementation.

namespace detail {

/// The device that is current meanwhile is made ready for it; without the guard that would be the first one there is,
/// whichever the batches go to.
inline at::Tensor new_pinned(std::size_t bytes, c10::Device device) {
    const c10::DeviceGuard guard(device);
    return at::empty({static_cast<std::int64_t>(bytes)}, at::TensorOptions(at::kByte).pinned_memory(true));
}

}  // namespace detail

inline bool pinned_usable(c10::Device device) noexcept {
    try {
        detail::new_pinned(1, device);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

inline OwnedBytes pinned_bytes(std::size_t bytes, c10::Device device) {
    try {
        auto slab = std::make_shared<c10::Storage>(detail::new_pinned(pinned_size(bytes), device).storage());
        return {static_cast<std::byte*>(slab->data_ptr().get()), slab};
    } catch (const std::exception& error) {
        const std::string text = error.what();
        throw Error("memory", "expected " + std::to_string(pinned_size(bytes)) +
                                  " bytes of pinned memory for a batch, " +
                                  "found none: " + text.substr(0, text.find('\n')));
    }
}

inline at::Tensor pinned_tensor(const Slot& slot, std::byte* data, at::IntArrayRef sizes,
                                at::ScalarType type) {
    const auto& slab = *static_cast<const c10::Storage*>(slot.owner());
    at::Tensor tensor = at::detail::make_tensor<c10::TensorImpl>(
        c10::Storage(slab), c10::DispatchKeySet(c10::DispatchKey::CPU), c10::scalarTypeToTypeMeta(type));
    auto* const impl = tensor.unsafeGetTensorImpl();
    impl->set_sizes_contiguous(sizes);
    impl->set_storage_offset((data - slot.data()) / static_cast<std::ptrdiff_t>(tensor.element_size()));
    return tensor;
}

}  // namespace wick::inline v0
