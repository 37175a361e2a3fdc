// SPDX-License-Identifier: MIT
#pragma once

// The pages that memory lies in: huge ones, where the system lends them, since the first touch of a fresh 4 KiB page costs
// more than filling it, and a disk has to be told of each page that it is to fill.

#include <cstddef>
#include <cstdint>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace wick::inline v0 {

/// Bytes in a huge page of a system whose others have 4 KiB.
inline constexpr std::size_t huge_page = std::size_t{2} << 20;

/// Bytes in a page of this system.
std::size_t page_bytes() noexcept;

/// Has the whole huge pages of this memory, whose bytes nobody needs, lie in such pages from the next touch on, where the
/// system lends them.
///
/// Requires: memory that begins at a huge page.
void use_huge_pages(std::byte* memory, std::size_t bytes) noexcept;

/// Gives the whole pages in this memory, whose bytes nobody needs, back to a system that takes them (Linux, unless they are
/// locked): the next touch has others. A part of a huge page goes when the rest does, or when the system is short of memory.
void give_back_pages(std::byte* memory, std::size_t bytes) noexcept;

// Implementation.

inline std::size_t page_bytes() noexcept {
#if __has_include(<sys/mman.h>)
    static const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return bytes;
#else
    return 4096;
#endif
}

inline void use_huge_pages(std::byte* memory, std::size_t bytes) noexcept {
#if defined(MADV_HUGEPAGE)
    const std::size_t whole = bytes / huge_page * huge_page;
    if (whole == 0) return;
    ::madvise(memory, whole, MADV_HUGEPAGE);
    // An allocator gives again what it was given back, in the pages that it lies in.
    give_back_pages(memory, whole);
#else
    static_cast<void>(memory), static_cast<void>(bytes);
#endif
}

inline void give_back_pages(std::byte* memory, std::size_t bytes) noexcept {
#if defined(MADV_DONTNEED) && defined(__linux__)
    // The system would round up, and take of what lies behind.
    const std::size_t page = page_bytes(), begin = reinterpret_cast<std::uintptr_t>(memory),
                      first = (begin + page - 1) / page * page, end = (begin + bytes) / page * page;
    if (first < end) ::madvise(memory + (first - begin), end - first, MADV_DONTNEED);
#else
    static_cast<void>(memory), static_cast<void>(bytes);
#endif
}

}  // namespace wick::inline v0
