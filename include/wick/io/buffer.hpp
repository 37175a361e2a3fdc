// SPDX-License-Identifier: MIT
#pragma once

// Memory that a disk writes to: in huge pages, of which a long read touches one instead of hundreds, each of them a
// segment that the disk's driver has to be told.

#include <wick/version.hpp>

#include <cstddef>
#include <memory>
#include <new>
#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

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
    static constexpr std::size_t huge_page = std::size_t{2} << 20;

    struct Free {
        void operator()(std::byte* memory) const noexcept {
            ::operator delete (memory, std::align_val_t{huge_page});
        }
    };

    std::unique_ptr<std::byte, Free> memory_;
};

// Implementation.

inline Buffer::Buffer(std::size_t bytes)
    : memory_(static_cast<std::byte*>(::operator new (bytes, std::align_val_t{huge_page}))) {
#if defined(MADV_HUGEPAGE)
    ::madvise(memory_.get(), bytes, MADV_HUGEPAGE);
#endif
}

}  // namespace wick::inline v0::detail
