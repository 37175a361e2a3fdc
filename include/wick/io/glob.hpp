// SPDX-License-Identifier: MIT
#pragma once

// The files that a pattern names, in an order that is the same on every machine.

#include <wick/core/error.hpp>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <glob.h>
#include <string>
#include <system_error>
#include <vector>

namespace wick::inline v0 {

/// The paths that match a shell pattern such as `data/shard-*.npy`, sorted byte by byte whatever the locale.
///
/// Throws: Error if nothing matches, or a directory cannot be read.
std::vector<std::filesystem::path> glob(const std::string& pattern);

// Implementation.

inline std::vector<std::filesystem::path> glob(const std::string& pattern) {
    struct Found {
        glob_t list{};
        ~Found() { ::globfree(&list); }
    } found;
    const int result = ::glob(pattern.c_str(), GLOB_ERR | GLOB_NOSORT, nullptr, &found.list);
    if (result == GLOB_NOMATCH) throw Error(pattern, "no file matches this pattern");
    if (result != 0)
        throw Error(pattern, "a directory cannot be read: " + std::generic_category().message(errno));
    std::vector<std::filesystem::path> paths(found.list.gl_pathv, found.list.gl_pathv + found.list.gl_pathc);
    std::ranges::sort(paths, {}, [](const auto& path) -> const std::string& { return path.native(); });
    return paths;
}

}  // namespace wick::inline v0
