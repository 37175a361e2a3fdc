// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstring>
#include <span>

namespace wick_test {

/// Whether both are the same bytes. They are compared at once, not one by one as two vectors of them would be: a sanitizer
/// looks at each access.
inline bool same_bytes(std::span<const std::byte> a, std::span<const std::byte> b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace wick_test
