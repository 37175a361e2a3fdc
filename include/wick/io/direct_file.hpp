// SPDX-License-Identifier: MIT
#pragma once

// A file opened once more for reads that go around the page cache.

#include <wick/io/descriptor.hpp>
#include <wick/io/file.hpp>

#include <cstddef>
#include <fcntl.h>
#include <string>

namespace wick::inline v0::detail {

/// A descriptor for direct reads (O_DIRECT), if the file system grants one.
class DirectFile {
public:
    /// What offsets, lengths and addresses of direct reads are multiples of here, in bytes: enough for every disk.
    static constexpr std::size_t alignment = 4096;

    explicit DirectFile(const File& file);

    /// The descriptor's number; -1 if there is none.
    int number() const noexcept { return descriptor_.number(); }

private:
    Descriptor descriptor_;
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
#else
    static_cast<void>(file);
#endif
}

}  // namespace wick::inline v0::detail
