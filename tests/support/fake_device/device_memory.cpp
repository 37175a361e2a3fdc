// SPDX-License-Identifier: MIT
#include "support/fake_device/device_memory.hpp"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace wick_test::fake {

namespace {

constexpr std::size_t device_bytes = std::size_t{1} << 30;

std::size_t rounded(std::size_t bytes) { return (bytes + 511) / 512 * 512; }

std::byte* map(int file, int access) {
    void* memory = ::mmap(nullptr, device_bytes, access, MAP_SHARED | MAP_NORESERVE, file, 0);
    TORCH_CHECK(memory != MAP_FAILED, "fake device: no room for its addresses");
    return static_cast<std::byte*>(memory);
}

}  // namespace

void DeviceMemory::make(Device& device) {
    if (device.address != nullptr) return;
    const int file = ::memfd_create("fake device", 0);
    TORCH_CHECK(file >= 0 && ::ftruncate(file, device_bytes) == 0, "fake device: no memory for it");
    device.address = map(file, PROT_NONE);
    device.memory = map(file, PROT_READ | PROT_WRITE);
    ::close(file);
}

void* DeviceMemory::allocate(StreamId stream, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    collect();
    Device& device = devices_.at(static_cast<std::size_t>(stream.device));
    make(device);
    const std::size_t size = rounded(bytes);
    std::byte* address = nullptr;
    const auto found = free_.find({stream, size});
    if (found != free_.end()) {
        address = found->second;
        free_.erase(found);
    } else {
        TORCH_CHECK(size <= limit_ && device.used <= limit_ - size, "fake device ", stream.device,
                    " is out of memory: ", bytes, " bytes are asked for, and ", device.used, " of ", limit_,
                    " are taken");
        address = device.address + device.used;
        device.used += size;
    }
    live_.emplace(address, Block{stream, size});
    peak_ = std::max(peak_, bytes_ += size);
    streams_.write_log({found != free_.end() ? "allocate again" : "allocate", stream, bytes});
    return address;
}

void DeviceMemory::free(void* address) {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(static_cast<std::byte*>(address));
    TORCH_CHECK(found != live_.end(), "fake device: memory is freed that is not allocated");
    Freed freed{found->first, std::move(found->second), {}};
    live_.erase(found);
    bytes_ -= freed.block.bytes;
    streams_.write_log({"free", freed.block.stream, freed.block.bytes});
    for (const StreamId user : freed.block.users) freed.marks.push_back(streams_.mark(user));
    if (freed.marks.empty())
        give_back(freed.address, freed.block);
    else
        freed_.push_back(std::move(freed));
}

void DeviceMemory::use(const void* address, StreamId stream) {
    const std::lock_guard lock(mutex_);
    const auto found = find(address);
    TORCH_CHECK(found != live_.end(), "fake device: a stream is to use memory that is not allocated");
    streams_.write_log({"record on stream", stream, found->second.bytes});
    if (stream != found->second.stream) live_.at(found->first).users.insert(stream);
}

std::byte* DeviceMemory::reach(const void* address, std::size_t bytes) const {
    const std::lock_guard lock(mutex_);
    const auto found = find(address);
    const auto* begin = static_cast<const std::byte*>(address);
    TORCH_CHECK(found != live_.end() && bytes <= found->second.bytes &&
                    begin + bytes <= found->first + found->second.bytes,
                "fake device: ", bytes, " bytes at ", address, " do not lie in one block of its memory");
    return memory_at(begin);
}

void DeviceMemory::limit(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    TORCH_CHECK(bytes <= device_bytes, "a fake device has at most ", device_bytes, " bytes, not ", bytes);
    limit_ = bytes;
    collect();
    peak_ = bytes_;
    if (!live_.empty() || !freed_.empty()) return;
    free_.clear();
    for (Device& device : devices_) {
        if (device.used != 0) ::madvise(device.memory, device.used, MADV_REMOVE);
        device.used = 0;
    }
}

std::size_t DeviceMemory::blocks() const {
    const std::lock_guard lock(mutex_);
    return live_.size();
}

std::size_t DeviceMemory::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

std::size_t DeviceMemory::peak_bytes() const {
    const std::lock_guard lock(mutex_);
    return peak_;
}

/// Gives back the blocks that no stream uses any more.
void DeviceMemory::collect() {
    for (std::size_t i = 0; i < freed_.size();) {
        if (std::ranges::all_of(freed_[i].marks, [&](const auto& mark) { return streams_.reached(*mark); })) {
            const Freed freed = std::move(freed_[i]);
            freed_.erase(freed_.begin() + static_cast<std::ptrdiff_t>(i));
            give_back(freed.address, freed.block);
        } else {
            ++i;
        }
    }
}

void DeviceMemory::give_back(std::byte* address, const Block& block) {
    free_.emplace(std::pair(block.stream, block.bytes), address);
    std::byte* memory = memory_at(address);
    streams_.submit(block.stream, {.name = "poison",
                                   .run = [memory, bytes = block.bytes] { std::memset(memory, 0xDD, bytes); },
                                   .accesses = {{memory, block.bytes, true}}});
}

/// The block that an address lies in.
std::map<std::byte*, DeviceMemory::Block>::const_iterator DeviceMemory::find(const void* address) const {
    // The map is ordered by addresses of one kind, and the key is only compared.
    auto* key = const_cast<std::byte*>(static_cast<const std::byte*>(address));
    auto next = live_.upper_bound(key);
    if (next == live_.begin()) return live_.end();
    const auto block = std::prev(next);
    return key < block->first + block->second.bytes ? block : live_.end();
}

std::byte* DeviceMemory::memory_at(const std::byte* address) const {
    for (const Device& device : devices_)
        if (device.address != nullptr && address >= device.address && address < device.address + device_bytes)
            return device.memory + (address - device.address);
    TORCH_CHECK(false, "fake device: ", static_cast<const void*>(address), " is no address of its memory");
}

}  // namespace wick_test::fake
