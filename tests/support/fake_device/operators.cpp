// SPDX-License-Identifier: MIT
// The operators that tensors on a fake device need; LibTorch does all others on the CPU, by copies to and
// fro.

#include "support/fake_device/devices.hpp"

#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/native/CPUFallback.h>
#include <c10/core/DeviceGuard.h>
#include <torch/library.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace wick_test::fake {

namespace {

/// LibTorch's optional of something: its own once, the standard library's now.
template <class Optional>
struct Optionals;
template <template <class...> class Optional, class Value>
struct Optionals<Optional<Value>> {
    template <class Other>
    using Of = Optional<Other>;
};
template <class Value>
using Maybe = Optionals<decltype(std::declval<const c10::TensorOptions&>().device_opt())>::template Of<Value>;

constexpr c10::DispatchKeySet keys(c10::DispatchKey::PrivateUse1);

c10::Device chosen(const Maybe<c10::Device>& device) {
    return device_at(device ? index_of(*device) : current().device);
}

std::size_t bytes_of(const at::Tensor& tensor) {
    return static_cast<std::size_t>(tensor.numel()) * static_cast<std::size_t>(tensor.element_size());
}

/// Where an operation finds a tensor's elements.
std::byte* reach(const at::Tensor& tensor) {
    auto* data = static_cast<std::byte*>(tensor.data_ptr());
    return tensor.is_cpu() ? data : devices().memory.reach(data, bytes_of(tensor));
}

at::Tensor empty(at::IntArrayRef sizes, Maybe<at::ScalarType> type, Maybe<at::Layout>,
                 Maybe<at::Device> device, Maybe<bool>, Maybe<at::MemoryFormat> format) {
    const c10::DeviceGuard guard(chosen(device));
    return at::detail::empty_generic(sizes, device_allocator(), keys, c10::dtype_or_default(type), format);
}

at::Tensor empty_strided(at::IntArrayRef sizes, at::IntArrayRef strides, Maybe<at::ScalarType> type,
                         Maybe<at::Layout>, Maybe<at::Device> device, Maybe<bool>) {
    const c10::DeviceGuard guard(chosen(device));
    return at::detail::empty_strided_generic(sizes, strides, device_allocator(), keys,
                                             c10::dtype_or_default(type));
}

/// A copy that changes the type or the strides, or that goes between two devices: the streams come to rest
/// first.
void copy_at_rest(const at::Tensor& from, const at::Tensor& to) {
    const auto on_host = [](const at::Tensor& tensor) {
        if (tensor.is_cpu()) return tensor;
        devices().streams.wait(current_stream(tensor.device().index()));
        const auto& storage = tensor.storage();
        std::byte* begin = devices().memory.reach(storage.data_ptr().get(), storage.nbytes());
        devices().streams.order().touch("the host", {begin, storage.nbytes(), true});
        return at::from_blob(
            begin + tensor.storage_offset() * static_cast<std::int64_t>(tensor.element_size()),
            tensor.sizes(), tensor.strides(), tensor.options().device(at::kCPU));
    };
    on_host(to).copy_(on_host(from));
}

/// A copy of bytes on the current stream. As on a GPU, it knows addresses only, and keeps no tensor alive.
void copy_in_turn(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
    Devices& all = devices();
    const at::Tensor& on_device = to.is_cpu() ? from : to;
    const StreamId stream = current_stream(on_device.device().index());
    const std::size_t bytes = bytes_of(to);
    std::byte *source = reach(from), *target = reach(to);
    const at::Tensor* host = from.is_cpu() ? &from : to.is_cpu() ? &to : nullptr;
    const bool pinned = host != nullptr && all.pinned.contains(host->data_ptr());
    (from.is_cpu() ? all.to_device : to.is_cpu() ? all.to_host : all.between) += bytes;
    if (host != nullptr && !pinned) ++all.pageable;

    Operation copy{.name = from.is_cpu() ? "copy to device"
                           : to.is_cpu() ? "copy to host"
                                         : "copy",
                   .run = [=] { std::memcpy(target, source, bytes); },
                   .accesses = {{target, bytes, true}, {source, bytes, false}}};
    if (from.is_cpu() && !pinned && non_blocking) {  // The driver takes a copy of its own before it returns.
        copy.accesses.pop_back();
        copy.run = [target, staged = std::make_shared<std::vector<std::byte>>(source, source + bytes)] {
            std::memcpy(target, staged->data(), staged->size());
        };
    }
    all.streams.submit(stream, std::move(copy));
    if (host == nullptr) return;
    if (pinned)
        all.pinned.use(host->storage().data_ptr().get_context(), host->storage().data_ptr().get(), stream);
    if (!non_blocking || (!pinned && to.is_cpu())) all.streams.wait(stream);
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
    const at::Tensor source = from.sizes() == to.sizes() ? from : from.expand(to.sizes());
    const bool same =
        source.scalar_type() == to.scalar_type() && source.is_contiguous() && to.is_contiguous();
    const bool between = !source.is_cpu() && !to.is_cpu() && source.device() != to.device();
    if (to.numel() == 0) return to;
    if (same && !between)
        copy_in_turn(source, to, non_blocking);
    else
        copy_at_rest(source, to);
    return to;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
    TORCH_CHECK(from.sizes() == to.sizes(), "fake device: no copy resizes its target");
    return copy_from(from, to, false);
}

at::Tensor view_of(const at::Tensor& self, at::IntArrayRef sizes, at::IntArrayRef strides,
                   Maybe<std::int64_t> offset) {
    at::Tensor view = at::detail::make_tensor<c10::TensorImpl>(
        c10::TensorImpl::VIEW, c10::Storage(self.storage()), self.key_set(), self.dtype());
    view.unsafeGetTensorImpl()->set_storage_offset(offset.value_or(self.storage_offset()));
    view.unsafeGetTensorImpl()->set_sizes_and_strides(sizes, strides);
    return view;
}

at::Tensor view(const at::Tensor& self, at::IntArrayRef asked) {
    TORCH_CHECK(self.is_contiguous(), "fake device: no view of a tensor that is not contiguous");
    std::vector<std::int64_t> sizes = asked.vec(), strides(asked.size());
    std::int64_t known = 1;
    for (const auto size : sizes) known *= size == -1 ? 1 : size;
    std::ranges::replace(sizes, std::int64_t{-1}, known == 0 ? 0 : self.numel() / known);
    std::int64_t stride = 1;
    for (std::size_t i = sizes.size(); i-- > 0; stride *= std::max<std::int64_t>(sizes[i], 1))
        strides[i] = stride;
    TORCH_CHECK(c10::multiply_integers(sizes) == self.numel(), "fake device: a view has as many elements");
    return view_of(self, sizes, strides, self.storage_offset());
}

at::Tensor reshape_alias(const at::Tensor& self, at::IntArrayRef sizes, at::IntArrayRef strides) {
    return view_of(self, sizes, strides, self.storage_offset());
}

at::Tensor& fill(at::Tensor& self, const at::Scalar& value) {
    TORCH_CHECK(self.is_contiguous(), "fake device: only contiguous tensors are filled");
    if (self.numel() == 0) return self;
    at::Tensor filled = at::full(self.sizes(), value, self.options().device(at::kCPU));
    std::byte* target = reach(self);
    const std::size_t bytes = bytes_of(self);
    devices().streams.submit(
        current_stream(self.device().index()),
        {.name = "fill",
         .run = [=, filled = std::move(filled)] { std::memcpy(target, filled.data_ptr(), bytes); },
         .accesses = {{target, bytes, true}}});
    return self;
}

at::Tensor& zero(at::Tensor& self) { return fill(self, 0); }

void record_stream(at::Tensor& self, c10::Stream stream) {
    if (self.numel() != 0) devices().memory.use(self.storage().data_ptr().get(), id_of(stream));
}

/// What LibTorch 1.13 asks a device about the host's memory; later ones ask its hooks.
bool is_pinned(const at::Tensor& self, Maybe<at::Device>) {
    return devices().pinned.contains(self.data_ptr());
}

void on_cpu(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
    at::native::cpu_fallback(operation, stack);
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
    library.impl("empty.memory_format", &empty);
    library.impl("empty_strided", &empty_strided);
    library.impl("_copy_from", &copy_from);
    library.impl("_copy_from_and_resize", &copy_from_and_resize);
    library.impl("as_strided", &view_of);
    library.impl("view", &view);
    library.impl("_reshape_alias", &reshape_alias);
    library.impl("fill_.Scalar", &fill);
    library.impl("zero_", &zero);
    library.impl("record_stream", &record_stream);
    library.impl("is_pinned", &is_pinned);
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
    library.fallback(torch::CppFunction::makeFromBoxedFunction<&on_cpu>());
}

}  // namespace

}  // namespace wick_test::fake
