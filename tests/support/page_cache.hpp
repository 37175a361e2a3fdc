// SPDX-License-Identifier: MIT
#pragma once

// Has the system forget what it holds of a file.

#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace wick_test {

/// Drops a file's pages from memory, as far as the system does that: a file system that lives in memory keeps them.
inline void drop_pages(const std::filesystem::path& path) {
    const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    ::fsync(number);
    ::posix_fadvise(number, 0, 0, POSIX_FADV_DONTNEED);
    ::close(number);
}

}  // namespace wick_test
