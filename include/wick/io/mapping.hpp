// SPDX-License-Identifier: MIT
#pragma once

// A whole file as memory: the fastest way to reach bytes that the page cache already holds.

#include <wick/core/error.hpp>
#include <wick/io/file.hpp>

#include <cerrno>
#include <cstddef>
#include <limits>
#include <span>
#include <sys/mman.h>
#include <system_error>
#include <utility>

namespace wick::inline v0 {

/// The bytes of a file, read-only, as they are in the page cache.
///
/// Lifetime: outlives the File it was made of, and the file's name.
/// Threads:  safe from any thread. Who reads beyond the end of a file that has shrunk is killed by SIGBUS:
///           ask `File::check_unchanged()` first. A file that shrinks between that question and the read
///           cannot be caught.
class Mapping {
public:
    /// Throws: Error if the system cannot map the file.
    explicit Mapping(const File& file);
    Mapping(Mapping&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    Mapping& operator=(Mapping&& other) noexcept {
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~Mapping();

    std::span<const std::byte> bytes() const noexcept { return bytes_; }

private:
    std::span<std::byte> bytes_;
};

// Implementation.

inline Mapping::Mapping(const File& file) {
    if (file.size() > std::numeric_limits<std::size_t>::max())
        throw Error(file.path(), "is too large to be mapped");
    const auto size = static_cast<std::size_t>(file.size());
    file.with_descriptor([&](int number) {
        void* const start = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, number, 0);
        if (start == MAP_FAILED)
            throw Error(file.path(), "cannot be mapped: " + std::generic_category().message(errno));
        bytes_ = {static_cast<std::byte*>(start), size};
    });
}

inline Mapping::~Mapping() {
    if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace wick::inline v0
