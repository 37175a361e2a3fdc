// SPDX-License-Identifier: MIT
#pragma once

// The device memory that batches are copied to, on a stream beside the one that computes.
//
// Nobody waits on the host, and the device only for what it must:
//   - the consumer's stream waits for the copy of the batch that he takes;
//   - the copy waits until the consumer's stream is through with the batch that lay in its place before.
// There are so many places and no more, however far the host runs ahead of the device. What the consumer keeps leaves its
// place to him: LibTorch's allocator is told of his stream, and other memory comes in.

#include <wick/tensor/device.hpp>
#include <wick/tensor/device_batch.hpp>
#include <wick/tensor/plain_mode.hpp>

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <c10/core/Event.h>
#include <c10/core/Stream.h>
#include <c10/core/StreamGuard.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0 {

/// The copy of one batch, to be used again for another when it is done.
struct DeviceCopy {
    explicit DeviceCopy(c10::Device device) : done(device.type()) {}

    DeviceBatch batch;
    std::uint64_t item = 0;
    bool submitted = false;  // from then on the host memory belongs to the copy, until `done`
    c10::Event done;
};

/// Places on a device, taken in turn by numbered batches.
///
/// Threads: `submit` may be called by several threads, one at a time; the rest belongs to one thread, the consumer's.
class DeviceRing {
public:
    using OnDevice = std::function<void(DeviceBatch&)>;

    /// Each place holds one tensor of `sizes[f]` and `types[f]` for each field f. Where addresses are fixed, what
    /// the consumer keeps is overwritten nevertheless, and what `on_device` makes is copied to a fixed place, too.
    ///
    /// Throws: as concrete_device; std::invalid_argument if the device is the CPU, or if places < 1.
    DeviceRing(c10::Device device, std::size_t places, bool fixed,
               std::vector<std::vector<std::int64_t>> sizes, std::vector<at::ScalarType> types,
               OnDevice on_device = nullptr);
    DeviceRing(const DeviceRing&) = delete;
    DeviceRing& operator=(const DeviceRing&) = delete;

    /// Gives the memory back as `release` would have it overwritten, and waits for nothing.
    ~DeviceRing();

    c10::Device device() const noexcept { return device_; }

    /// The stream on which batches are copied.
    c10::Stream stream() const noexcept { return side_; }

    /// Has the host tensors copied to place `copy.item` % places, and `on_device` run after that.
    ///
    /// Requires: batch item - places was received and released, if there was one.
    /// Throws:   what LibTorch or `on_device` throws, or what is wrong with what that left; `copy.done` tells even then
    ///           when the host memory is free again.
    void submit(const std::vector<at::Tensor>& host, DeviceCopy& copy);

    /// Gives the batch to the consumer, on whose current stream it can be used at once.
    DeviceBatch receive(DeviceCopy& copy);

    /// Says that the consumer is through with the batch that he received last, but for what he keeps of it: its place may
    /// be overwritten after all that the stream has been told by now on which he received it, and his current stream.
    void release();

private:
    struct Place {
        Place(c10::DeviceType type, std::size_t count)
            : fields(count), results(count), addresses(count), released{c10::Event(type), c10::Event(type)} {}
        std::vector<at::Tensor> fields, results;  // of the largest batch
        std::vector<const void*> addresses;       // at which fields are given; null before the first time
        std::array<c10::Event, 2> released;
    };
    struct Received {
        Place* place;
        c10::Stream stream;
    };

    static const c10::impl::DeviceGuardImplInterface& interface_of(c10::Device device);
    static c10::Stream side_stream(const c10::impl::DeviceGuardImplInterface& interface, c10::Device device);
    static at::Tensor first_rows(const at::Tensor& tensor, std::int64_t rows);
    at::Tensor copied(std::size_t field, const at::Tensor& host, Place& place) const;
    void settle(DeviceBatch& batch, Place& place) const;
    at::Tensor settled(std::size_t field, const at::Tensor& made, Place& place) const;

    const c10::Device device_;
    const c10::impl::DeviceGuardImplInterface& interface_;
    const c10::Stream side_;
    const bool fixed_;
    const std::vector<std::vector<std::int64_t>> sizes_;
    const std::vector<at::ScalarType> types_;
    const OnDevice on_device_;
    std::vector<Place> places_;
    std::optional<Received> received_;
};

// Implementation.

inline DeviceRing::DeviceRing(c10::Device device, std::size_t places, bool fixed,
                              std::vector<std::vector<std::int64_t>> sizes, std::vector<at::ScalarType> types,
                              OnDevice on_device)
    : device_(concrete_device(device)),
      interface_(interface_of(device_)),
      side_(side_stream(interface_, device_)),
      fixed_(fixed),
      sizes_(std::move(sizes)),
      types_(std::move(types)),
      on_device_(std::move(on_device)) {
    if (places < 1) throw std::invalid_argument("a batch on a device needs a place there, but there are 0");
    places_.reserve(places);
    while (places_.size() < places) places_.emplace_back(device_.type(), sizes_.size());
}

/// LibTorch's allocator knows of the stream on which a batch was received, and of no other that was named by `release`.
inline DeviceRing::~DeviceRing() {
    for (const Place& place : places_)
        for (const c10::Event& event : place.released) try {
                event.block(side_);
            } catch (const std::exception&) {  // a device that has failed reads no more
            }
}

inline const c10::impl::DeviceGuardImplInterface& DeviceRing::interface_of(c10::Device device) {
    if (device.is_cpu()) throw std::invalid_argument("batches are copied to a device, and the CPU is none");
    return *detail::device_interface(device.type());
}

inline c10::Stream DeviceRing::side_stream(const c10::impl::DeviceGuardImplInterface& interface,
                                           c10::Device device) {
    try {
        return interface.getStreamFromGlobalPool(device);
    } catch (const std::exception&) {  // some kinds of device, such as MPS, have one stream alone
        return interface.getStream(device);
    }
}

inline void DeviceRing::submit(const std::vector<at::Tensor>& host, DeviceCopy& copy) {
    const detail::PlainMode plain;
    const c10::StreamGuard on_side(side_);
    Place& place = places_[copy.item % places_.size()];
    for (const c10::Event& event : place.released) event.block(side_);
    copy.submitted = true;
    try {
        for (std::size_t field = 0; field < host.size(); ++field)
            copy.batch.fields.push_back(copied(field, host[field], place));
        if (on_device_) {
            on_device_(copy.batch);
            settle(copy.batch, place);
        }
    } catch (...) {
        copy.done.record(side_);
        throw;
    }
    copy.done.record(side_);
}

inline at::Tensor DeviceRing::copied(std::size_t field, const at::Tensor& host, Place& place) const {
    at::Tensor& whole = place.fields[field];
    if (!whole.defined()) whole = at::empty(sizes_[field], at::TensorOptions(types_[field]).device(device_));
    at::Tensor part = first_rows(whole, host.size(0));
    part.copy_(host, /*non_blocking=*/true);
    return part;
}

/// A tensor of its own over the same memory: whatever is done to it, such as asking for its gradient, is not done to the
/// next batch that comes to its place.
inline at::Tensor DeviceRing::first_rows(const at::Tensor& tensor, std::int64_t rows) {
    at::Tensor part(tensor.unsafeGetTensorImpl()->shallow_copy_and_detach(
        /*version_counter=*/0, /*allow_tensor_metadata_change=*/true));
    if (rows != tensor.size(0)) {
        std::vector<std::int64_t> sizes = tensor.sizes().vec();
        sizes[0] = rows;
        part.unsafeGetTensorImpl()->set_sizes_contiguous(sizes);
    }
    return part;
}

inline void DeviceRing::settle(DeviceBatch& batch, Place& place) const {
    detail::check_fields(batch, sizes_.size(), device_);
    if (!fixed_) return;
    for (std::size_t field = 0; field < sizes_.size(); ++field) {
        at::Tensor& made = batch.fields[field];
        if (!made.storage().is_alias_of(place.fields[field].storage())) made = settled(field, made, place);
        if (made.numel() == 0) continue;
        const void*& address = place.addresses[field];
        if (address == nullptr) address = made.data_ptr();
        if (made.data_ptr() != address)
            throw std::invalid_argument(
                "with static_addresses, on_device must clone what it cuts out: field " +
                std::to_string(field) + " lies elsewhere than before");
    }
}

inline at::Tensor DeviceRing::settled(std::size_t field, const at::Tensor& made, Place& place) const {
    at::Tensor& whole = place.results[field];
    std::vector<std::int64_t> sizes = made.sizes().vec();
    if (sizes.empty() || sizes[0] > sizes_[field][0])
        throw std::invalid_argument("with static_addresses, a batch has up to " +
                                    std::to_string(sizes_[field][0]) + " rows, but field " +
                                    std::to_string(field) + " is " + detail::described(made));
    sizes[0] = sizes_[field][0];
    if (!whole.defined()) whole = at::empty(sizes, made.options());
    if (whole.sizes() != at::IntArrayRef(sizes) || whole.scalar_type() != made.scalar_type())
        throw std::invalid_argument("with static_addresses, dtype and shape must stay: field " +
                                    std::to_string(field) + " is " + detail::described(made) +
                                    " where it was " + detail::described(whole));
    return first_rows(whole, made.size(0)).copy_(made, /*non_blocking=*/true);
}

inline DeviceBatch DeviceRing::receive(DeviceCopy& copy) {
    const c10::Stream current = interface_.getStream(device_);
    copy.done.block(current);
    for (const at::Tensor& field : copy.batch.fields)
        interface_.recordDataPtrOnStream(field.storage().data_ptr(), current);
    received_.emplace(Received{&places_[copy.item % places_.size()], current});
    return std::exchange(copy.batch, {});
}

inline void DeviceRing::release() {
    if (!received_) return;
    const auto [place, stream] = *std::exchange(received_, std::nullopt);
    // First: who has dropped the last of it by now, in whatever thread, has told the stream before what the event below
    // stands for. Who still holds it may tell the stream more later, and drop it then.
    if (!fixed_)
        for (at::Tensor& field : place->fields)
            if (field.defined() && field.storage().use_count() > 1) field.reset();
    place->released[0].record(stream);
    const c10::Stream current = interface_.getStream(device_);
    if (current != stream) place->released[1].record(current);
}

}  // namespace wick::inline v0
