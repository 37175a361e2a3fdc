// SPDX-License-Identifier: MIT
#include "support/fake_device/pinned_memory.hpp"

#include <c10/util/Exception.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <new>
#include <utility>

namespace wick_test::fake {

namespace {

constexpr std::align_val_t page{4096};

}  // namespace

void* PinnedMemory::allocate(std::size_t bytes, int device) {
    const std::size_t size = std::max<std::size_t>(std::bit_ceil(bytes), 4096);
    const std::lock_guard lock(mutex_);
    for (auto& [address, block] : blocks_) {
        if (block.allocated || block.bytes != size) continue;
        if (!std::ranges::all_of(block.marks, [&](const auto& mark) { return streams_.reached(*mark); }))
            continue;
        block.marks.clear();
        block.allocated = true;
        streams_.write_log({"pin again", {device, 0}, bytes});
        return const_cast<void*>(address);
    }
    void* address = ::operator new(size, page);
    blocks_.emplace(address, Block{size});
    streams_.write_log({"pin", {device, 0}, bytes});
    return address;
}

void PinnedMemory::free(void* address) {
    const std::lock_guard lock(mutex_);
    Block& block = blocks_.at(address);
    TORCH_CHECK(block.allocated, "fake device: pinned memory is freed twice");
    block.allocated = false;
    streams_.write_log({"unpin", {}, block.bytes});
    for (const StreamId user : std::exchange(block.users, {})) block.marks.push_back(streams_.mark(user));
    if (block.marks.empty()) std::memset(address, 0xDD, block.bytes);
}

void PinnedMemory::use(const void* context, const void* data, StreamId stream) {
    const std::lock_guard lock(mutex_);
    auto found = blocks_.find(context);
    if (found == blocks_.end()) found = blocks_.find(data);
    if (found != blocks_.end()) found->second.users.insert(stream);
}

bool PinnedMemory::contains(const void* address) const {
    const std::lock_guard lock(mutex_);
    const auto next = blocks_.upper_bound(address);
    if (next == blocks_.begin()) return false;
    const auto& [begin, block] = *std::prev(next);
    return block.allocated &&
           static_cast<const std::byte*>(address) < static_cast<const std::byte*>(begin) + block.bytes;
}

std::size_t PinnedMemory::blocks() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::ranges::count_if(blocks_, [](const auto& b) { return b.second.allocated; }));
}

std::size_t PinnedMemory::bytes() const {
    const std::lock_guard lock(mutex_);
    std::size_t bytes = 0;
    for (const auto& [address, block] : blocks_)
        if (block.allocated) bytes += block.bytes;
    return bytes;
}

}  // namespace wick_test::fake
