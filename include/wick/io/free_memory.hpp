// SPDX-License-Identifier: MIT
#pragma once

// How much memory there is for keeping files in: what the system calls available, or less where a container is
// given less.

#include <wick/version.hpp>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>

namespace wick::inline v0::detail {

/// Bytes that can be taken without anything but clean pages of files being given up; 0 if the system does not tell.
///
/// `root` is what stands before /proc and /sys.
///
/// Cost:   some ten short files are read, 0.1 ms.
/// Source: proc(5), MemAvailable; the kernel's Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst.
std::uint64_t free_memory(const std::string& root = "");

// Implementation.

// Paths are strings here: where memory runs out while a std::filesystem::path is appended to, the library of GCC 12 frees
// what it never had.

/// The number after `key` in a file of lines "key number"; `otherwise` if it has none.
inline std::uint64_t number_after(const std::string& path, std::string_view key, std::uint64_t otherwise) {
    std::ifstream file(path);
    for (std::string word; file >> word;)
        if (std::uint64_t number = 0; word == key) return file >> number ? number : otherwise;
    return otherwise;
}

/// The number that a file begins with; `otherwise` if it begins with none.
inline std::uint64_t first_number(const std::string& path, std::uint64_t otherwise) {
    std::ifstream file(path);
    std::uint64_t number = 0;
    return file >> number ? number : otherwise;
}

/// How the two versions of control groups name the same things.
struct GroupNames {
    const char* limit;
    const char* soft_limit;  // beyond which the kernel slows a group down; null if there is no such thing
    const char* usage;
    const char* inactive;
    const char* active;
};

/// The least that is free in a group or in one of those around it.
inline std::uint64_t free_in_groups(const std::string& mount, std::string group, const GroupNames& names) {
    constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t least = no_limit;
    if (group.ends_with('/')) group.pop_back();  // the outermost one has no other name
    for (;;) {
        const std::string folder = mount + group + "/";
        std::uint64_t limit = first_number(folder + names.limit, no_limit);  // v2 writes "max" for none
        if (names.soft_limit != nullptr)
            limit = std::min(limit, first_number(folder + names.soft_limit, no_limit));
        if (limit != no_limit) {
            const std::uint64_t used = first_number(folder + names.usage, 0);
            const std::uint64_t files = number_after(folder + "memory.stat", names.inactive, 0) +
                                        number_after(folder + "memory.stat", names.active, 0);
            const std::uint64_t kept = used - std::min(used, files);
            least = std::min(least, limit - std::min(limit, kept));
        }
        const auto parent = group.rfind('/');
        if (parent == group.npos) return least;
        group.resize(parent);
    }
}

inline std::uint64_t free_memory(const std::string& root) {
    std::uint64_t least = number_after(root + "/proc/meminfo", "MemAvailable:", 0) * 1024;
    std::ifstream groups(root + "/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {  // number:controllers:path
        const auto first = line.find(':'), second = line.find(':', first + 1);
        if (first == line.npos || second == line.npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const std::string group = line.substr(second + 1);
        if (controllers == ",,")
            least = std::min(least, free_in_groups(root + "/sys/fs/cgroup", group,
                                                   {"memory.max", "memory.high", "memory.current",
                                                    "inactive_file", "active_file"}));
        else if (controllers.find(",memory,") != controllers.npos)
            least = std::min(least, free_in_groups(root + "/sys/fs/cgroup/memory", group,
                                                   {"memory.limit_in_bytes", nullptr, "memory.usage_in_bytes",
                                                    "total_inactive_file", "total_active_file"}));
    }
    return least;
}

}  // namespace wick::inline v0::detail
