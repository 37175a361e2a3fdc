// SPDX-License-Identifier: MIT
#pragma once

// Memory that is asked for again and again, with sizes that seldom differ.

#include <wick/core/concepts.hpp>

#include <cstddef>
#include <memory>

namespace wick::inline v0::detail {

/// Bytes that are kept from use to use, and only replaced when more are asked for.
class GrowingBytes {
public:
    /// `size` bytes with nothing certain in them. What was taken before is void.
    Bytes take(std::size_t size);

private:
    std::unique_ptr<std::byte[]> memory_;
    std::size_t size_ = 0;
};

// Implementation.

inline Bytes GrowingBytes::take(std::size_t size) {
    if (size > size_) {
        memory_.reset();  // First, so that old and new are never held together.
        size_ = 0;
        memory_ = std::make_unique_for_overwrite<std::byte[]>(size);
        size_ = size;
    }
    return {memory_.get(), size};
}

}  // namespace wick::inline v0::detail
