// SPDX-License-Identifier: MIT
// What `new` calls, in place of the library's.

#include "support/scarce.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::atomic<bool> is_limited{false};
std::atomic<int> left{0};
std::atomic<int> refused{0};

// What no machine has is refused here: a sanitizer would end the process where the system says no.
constexpr std::size_t what_machines_have = std::size_t{1} << 40;
std::atomic<std::size_t> most_bytes{what_machines_have};

void* allocate(std::size_t bytes, std::align_val_t alignment = {}) {
    if (bytes > most_bytes) return nullptr;
    if (is_limited && left-- <= 0) {
        ++refused;
        return nullptr;
    }
    if (alignment == std::align_val_t{}) return std::malloc(bytes == 0 ? 1 : bytes);
    const auto unit = static_cast<std::size_t>(alignment);
    return std::aligned_alloc(unit, (std::max<std::size_t>(bytes, 1) + unit - 1) / unit * unit);
}

void* allocate_or_throw(std::size_t bytes, std::align_val_t alignment = {}) {
    if (void* const memory = allocate(bytes, alignment)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate_or_throw(bytes); }
void* operator new[](std::size_t bytes) { return allocate_or_throw(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return allocate_or_throw(bytes, alignment);
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return allocate(bytes, alignment);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept { std::free(memory); }

namespace wick_test {

AllocationLimit::AllocationLimit(int most) {
    refused = 0;
    left = most;
    is_limited = true;
}

AllocationLimit::~AllocationLimit() { is_limited = false; }

int AllocationLimit::refusals() { return refused; }

AllocationSizeLimit::AllocationSizeLimit(std::size_t most) { most_bytes = most; }

AllocationSizeLimit::~AllocationSizeLimit() { most_bytes = what_machines_have; }

}  // namespace wick_test
