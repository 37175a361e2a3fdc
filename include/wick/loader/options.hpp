// SPDX-License-Identifier: MIT
#pragma once

// What a DataLoader can be told.

#include <wick/core/layout.hpp>
#include <wick/tensor/device_batch.hpp>

#include <c10/core/Device.h>

#include <cstddef>
#include <functional>

namespace wick::inline v0 {

/// Options of a DataLoader, to be named where they are given, in this order: {.batch_size = 256, .workers = 8}.
struct LoaderOptions {
    /// Rows in a batch. At least 1.
    Index batch_size = 1;

    /// Threads that fill batches ahead of time, up to 1024; with 0, each batch is filled by the thread that asks for it.
    Index workers = 2;

    /// Leaves out an epoch's last batch if it is short, rather than giving it short.
    bool drop_last = false;

    /// Where the batches are given: `torch::kCUDA`, or any other device that LibTorch has. They are copied there from
    /// pinned memory while the device computes, and can be used at once on the stream that is current in the thread
    /// that asks for them. Where LibTorch has no pinned memory for the device, they are copied from ordinary memory, which
    /// may take the thread that copies until it is done. To ask for a batch may wait until earlier ones are copied, which wait for the streams they
    /// were let go on: let these not wait for what the same thread does later.
    c10::Device device = c10::DeviceType::CPU;

    /// Gives batches on the CPU in pinned memory, from where `batch.to(device, /*non_blocking=*/true)` is asynchronous.
    /// Where there is no device that could profit, the memory is ordinary; `DataLoader::pinned()` says which it is.
    bool pin_memory = false;

    /// Bytes that batches may take, the one in the user's hands included, and what sources hold of rows that they read
    /// together with others. Batches kept longer are the user's own. What lies in the page cache is not counted: the
    /// system takes it back when it needs to. Nor are the threads, nor the 4 MiB that reading past the page cache takes
    /// for each thread and file source.
    /// As much is used as it takes to keep the workers busy, often far less than this. Room for one batch is needed;
    /// with room for one alone, there is none to fill ahead into, and workers rest. Batches are counted as what they
    /// take: pinned ones a power of two, others of 64 KiB to 2 MiB whole pages.
    std::size_t memory_budget = std::size_t{1} << 30;

    /// The same on the device. What `on_device` makes is not counted: where the host runs ahead of the device, it is
    /// alive for as many batches as are on their way. Room for one batch is needed; with room for one alone, its copy
    /// cannot begin before the one in the user's hands is let go.
    std::size_t device_memory_budget = std::size_t{2} << 30;

    /// Batches on the device at a time, the one in the user's hands included; fewer if the budget has no room for them.
    /// At least 1.
    Index device_batches = 3;

    /// Gives batches at `device_batches` addresses that never change, in turn, for CUDA graphs. A batch is overwritten
    /// some time after the loop goes on, whether it was kept or not. What `on_device` cuts out of a batch must lie at the
    /// same address each time, or be a copy, which is put at a fixed one. Without a device, nothing is fixed.
    bool static_addresses = false;

    /// Runs for each batch after its copy, on the stream of the copies, and may change its tensors or put others in
    /// their place: bytes become normalised numbers on the device, at a quarter of the way over the bus.
    ///     .on_device = [](auto& batch) { batch[0] = batch[0].to(torch::kFloat).div_(255); }
    /// Without a device it runs for each batch as it is given, in the thread that asks for it. What it throws is thrown
    /// at the batch's place, and so is an error where it leaves a tensor that is not strided, or on another device.
    ///
    /// Requires: what else it reads on the device is ready, and is not written to later; what it draws at random comes
    ///           from the batch's epoch and number.
    /// Threads:  called by any of the workers and by the thread that asks for batches, never by two at a time.
    std::function<void(DeviceBatch&)> on_device = nullptr;
};

}  // namespace wick::inline v0
