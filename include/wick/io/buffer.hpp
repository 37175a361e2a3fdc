// SPDX-License-Identifier: MIT
#pragma once

// Memory that a disk writes to, in huge pages.

#include <wick/memory/pages.hpp>
#include <wick/version.hpp>

#include <cstddef>
#include <memory>
#include <new>

namespace wick::inline v0::detail {

/// Uninitialised memory that begins at a multiple of 2 MiB.
class Buffer {
public:
    Buffer() = default;

    /// Throws: std::bad_alloc.
    explicit Buffer(std::size_t bytes);

    bool is_there() const noexcept { return memory_ != nullptr; }
    std::byte* data() const noexcept { return memory_.get(); }

private:
    struct Free {
        std::size_t bytes;
        void operator()(std::byte* memory) const noexcept {
            give_back_pages(memory, bytes);  // an allocator may keep what is freed
            ::operator delete (memory, std::align_val_t{huge_page});
        }
    };

    std::unique_ptr<std::byte, Free> memory_;
};

// Implementation.

inline Buffer::Buffer(std::size_t bytes)
    : memory_(static_cast<std::byte*>(::operator new (bytes, std::align_val_t{huge_page})), Free{bytes}) {
    use_huge_pages(memory_.get(), bytes);
}

}  // namespace wick::inline v0::detail
