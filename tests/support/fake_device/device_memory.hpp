// SPDX-License-Identifier: MIT
#pragma once

// The memory of fake devices, given out in the order of streams, as CUDA's caching allocator does.

#include "support/fake_device/streams.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace wick_test::fake {

constexpr int most_devices = 4;

/// Blocks that may be taken again on their own stream as soon as they are freed, whatever other streams do
/// with them, unless those were named by `use`. A free block is filled with 0xDD in its stream's turn.
///
/// Threads: safe from any number of threads.
class DeviceMemory {
public:
    explicit DeviceMemory(Streams& streams) : streams_(streams) {}

    /// An address that only devices can read and write: the host's access to it faults.
    ///
    /// Throws: c10::Error if the device's memory is full.
    void* allocate(StreamId stream, std::size_t bytes);
    void free(void* block);

    /// `stream` uses the block: it is taken again only after what the stream has been told to do until it is
    /// freed.
    void use(const void* block, StreamId stream);

    /// Where operations read and write the `bytes` at a device's address.
    ///
    /// Throws: c10::Error if they do not lie in one block that is allocated.
    std::byte* reach(const void* address, std::size_t bytes) const;

    /// Bytes for each device from now on. Memory that nobody has is forgotten.
    void limit(std::size_t bytes);

    std::size_t blocks() const;
    std::size_t bytes() const;
    std::size_t peak_bytes() const;

private:
    struct Block {
        StreamId stream;
        std::size_t bytes;
        std::set<StreamId> users = {};
    };
    struct Freed {
        std::byte* address;
        Block block;
        std::vector<std::shared_ptr<const Mark>> marks;  // of its users
    };
    struct Device {
        std::byte* address = nullptr;  // where the host must not look
        std::byte* memory = nullptr;   // the same memory, where it may
        std::size_t used = 0;
    };

    void make(Device& device);
    void collect();
    void give_back(std::byte* address, const Block& block);
    std::map<std::byte*, Block>::const_iterator find(const void* address) const;
    std::byte* memory_at(const std::byte* address) const;

    Streams& streams_;
    mutable std::mutex mutex_;  // guards all below
    std::array<Device, most_devices> devices_;
    std::size_t limit_ = 0;
    std::map<std::byte*, Block> live_;
    std::multimap<std::pair<StreamId, std::size_t>, std::byte*> free_;
    std::vector<Freed> freed_;  // still used by some stream
    std::size_t bytes_ = 0;
    std::size_t peak_ = 0;
};

}  // namespace wick_test::fake
