// SPDX-License-Identifier: MIT
#pragma once

// The one exception for "the world is wrong"; a wrong call is std::invalid_argument or std::out_of_range.

#include <wick/version.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace wick::inline v0 {

/// A file or a resource is not what it has to be: missing, truncated, unsupported, changed under us.
class Error : public std::runtime_error {
public:
    /// "path: problem".
    Error(std::filesystem::path path, std::string_view problem);

    /// "path: byte 128: problem".
    Error(std::filesystem::path path, std::uint64_t offset, std::string_view problem);

    /// "path: byte 128: expected this, found that".
    Error(std::filesystem::path path, std::uint64_t offset, std::string_view expected,
          std::string_view found);

    /// The file that is wrong, or what else is: a pattern that fits no file, the memory that is used up.
    const std::filesystem::path& path() const noexcept { return path_; }

    /// The byte of the file where it goes wrong, when there is one.
    std::optional<std::uint64_t> offset() const noexcept { return offset_; }

private:
    std::filesystem::path path_;
    std::optional<std::uint64_t> offset_;
};

// Implementation.

inline Error::Error(std::filesystem::path path, std::string_view problem)
    : std::runtime_error(path.string() + ": " + std::string(problem)), path_(std::move(path)) {}

inline Error::Error(std::filesystem::path path, std::uint64_t offset, std::string_view problem)
    : std::runtime_error(path.string() + ": byte " + std::to_string(offset) + ": " + std::string(problem)),
      path_(std::move(path)),
      offset_(offset) {}

inline Error::Error(std::filesystem::path path, std::uint64_t offset, std::string_view expected,
                    std::string_view found)
    : Error(std::move(path), offset, "expected " + std::string(expected) + ", found " + std::string(found)) {}

}  // namespace wick::inline v0
