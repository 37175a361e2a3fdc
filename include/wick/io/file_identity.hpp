// SPDX-License-Identifier: MIT
#pragma once

// What tells a file that is still the one we opened from one that was shrunk, rewritten or replaced.

#include <wick/core/error.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/stat.h>

namespace wick::inline v0 {

/// Which file it is, and in which state.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;

    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

namespace detail {

FileIdentity identity_of(const struct stat& status) noexcept;

/// Throws: Error naming the first difference, if there is one.
void check_same(const std::filesystem::path& path, const FileIdentity& expected, const FileIdentity& found);

}  // namespace detail

// Implementation.

namespace detail {

inline FileIdentity identity_of(const struct stat& status) noexcept {
#if defined(__APPLE__)
    const auto& modified = status.st_mtimespec;
#else
    const auto& modified = status.st_mtim;
#endif
    return {.device = static_cast<std::uint64_t>(status.st_dev),
            .inode = static_cast<std::uint64_t>(status.st_ino),
            .size = static_cast<std::uint64_t>(status.st_size),
            .modified_ns = static_cast<std::int64_t>(modified.tv_sec) * 1'000'000'000 + modified.tv_nsec};
}

inline void check_same(const std::filesystem::path& path, const FileIdentity& expected,
                       const FileIdentity& found) {
    if (found == expected) return;
    const auto differs = [&](std::string_view happened, auto before, auto after, std::string_view unit) {
        throw Error(path, std::string(happened) + " since it was opened: expected " + std::string(unit) +
                              std::to_string(before) + ", found " + std::to_string(after));
    };
    if (found.device != expected.device) differs("replaced", expected.device, found.device, "device ");
    if (found.inode != expected.inode) differs("replaced", expected.inode, found.inode, "inode ");
    if (found.size != expected.size) differs("changed", expected.size, found.size, "size ");
    differs("changed", expected.modified_ns, found.modified_ns, "modification time (ns) ");
}

}  // namespace detail

}  // namespace wick::inline v0
