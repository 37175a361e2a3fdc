// SPDX-License-Identifier: MIT
#pragma once

// Memory in huge pages, where the system lends them: the first touch of a fresh 4 KiB page costs more than filling it,
// and a disk has to be told of each page that it is to fill.

#include <cstddef>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

namespace wick::inline v0 {

inline constexpr std::size_t huge_page = std::size_t{2} << 20;

/// Has the whole huge pages of this memory, which nobody has written to yet, lie in such pages from its first touch on.
///
/// Requires: memory that begins at a huge page.
void use_huge_pages(void* memory, std::size_t bytes) noexcept;

// Implementation.

inline void use_huge_pages(void* memory, std::size_t bytes) noexcept {
#if defined(MADV_HUGEPAGE)
    const std::size_t whole = bytes / huge_page * huge_page;
    if (whole == 0) return;
    ::madvise(memory, whole, MADV_HUGEPAGE);
    // An allocator gives again what it was given back, in the pages that it lies in: without them, it is memory untouched.
    ::madvise(memory, whole, MADV_DONTNEED);
#else
    static_cast<void>(memory);
    static_cast<void>(bytes);
#endif
}

}  // namespace wick::inline v0
