// SPDX-License-Identifier: MIT
#pragma once

// A file opened once more for reads that go around the page cache.

#include <wick/io/descriptor.hpp>
#include <wick/io/file.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>

namespace wick::inline v0::detail {

/// A descriptor for direct reads (O_DIRECT), if the file system grants one.
class DirectFile {
public:
    /// What offsets, lengths and addresses of direct reads are multiples of on every disk, in bytes.
    static constexpr std::size_t most_alignment = 4096;

    DirectFile() = default;  // none
    explicit DirectFile(const File& file);

    /// The descriptor's number; -1 if there is none.
    int number() const noexcept { return descriptor_.number(); }

    /// What they are multiples of for this file, in bytes: less is read in vain the smaller it is.
    std::size_t alignment() const noexcept { return alignment_; }

private:
    Descriptor descriptor_;
    std::size_t alignment_ = most_alignment;
};

// Implementation.

inline DirectFile::DirectFile(const File& file) {
#if defined(O_DIRECT)
    // A file that had to close its descriptor is one of too many to hold two for.
    if (!file.holds_descriptor()) return;
    // By the descriptor's own name, since the path may name another file by now.
    descriptor_ = file.with_descriptor([](int number) {
        const std::string same = "/proc/self/fd/" + std::to_string(number);
        return Descriptor(::open(same.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECT));
    });
#if defined(STATX_DIOALIGN)
    struct statx status {};
    if (!descriptor_.is_open() ||
        ::statx(descriptor_.number(), "", AT_EMPTY_PATH, STATX_DIOALIGN, &status) != 0 ||
        (status.stx_mask & STATX_DIOALIGN) == 0)
        return;
    const std::size_t least = std::max(status.stx_dio_offset_align, status.stx_dio_mem_align);
    if (std::has_single_bit(least) && least <= most_alignment) alignment_ = least;
#endif
#else
    static_cast<void>(file);
#endif
}

}  // namespace wick::inline v0::detail
