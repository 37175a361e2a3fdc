// SPDX-License-Identifier: MIT
// What `new` calls, in place of the library's.

#include "support/scarce.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::atomic<bool> is_limited{false};
std::atomic<int> left{0};
std::atomic<int> refused{0};

// What no machine has is refused here: a sanitizer would end the process where the system says no.
constexpr std::size_t most_bytes = std::size_t{1} << 40;

void* allocate(std::size_t bytes) {
    if (bytes > most_bytes) return nullptr;
    if (is_limited && left-- <= 0) {
        ++refused;
        return nullptr;
    }
    return std::malloc(bytes == 0 ? 1 : bytes);
}

void* allocate_or_throw(std::size_t bytes) {
    if (void* const memory = allocate(bytes)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate_or_throw(bytes); }
void* operator new[](std::size_t bytes) { return allocate_or_throw(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace wick_test {

AllocationLimit::AllocationLimit(int most) {
    refused = 0;
    left = most;
    is_limited = true;
}

AllocationLimit::~AllocationLimit() { is_limited = false; }

int AllocationLimit::refusals() { return refused; }

}  // namespace wick_test
