// SPDX-License-Identifier: MIT
#pragma once

// What a decoder says of bytes that it cannot decode. It knows no file: who asked for the chunk turns this
// into an Error with file, dataset, chunk and byte.

#include <wick/version.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace wick::inline v0::detail {

/// The stored bytes are not what a filter wrote: "deflate: expected 4096 bytes, found 12".
class DecodeError : public std::runtime_error {
public:
    DecodeError(std::string_view filter, std::string_view expected, std::string_view found)
        : std::runtime_error(std::string(filter) + ": expected " + std::string(expected) + ", found " +
                             std::string(found)) {}
};

/// "4096 bytes", for either half of an error's text.
inline std::string bytes_text(std::size_t bytes) {
    return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

}  // namespace wick::inline v0::detail
