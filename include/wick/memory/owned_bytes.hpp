// SPDX-License-Identifier: MIT
#pragma once

// Memory and whoever owns it, so that slots may lie in memory of a kind that this room knows nothing of.

#include <wick/memory/block.hpp>

#include <cstddef>
#include <memory>

namespace wick::inline v0 {

/// Memory that is there for as long as its owner.
struct OwnedBytes {
    std::byte* data = nullptr;
    std::shared_ptr<void> owner;
};

/// Memory as every program gets it: a Block.
///
/// Throws: Error naming the bytes asked for when there is no memory.
OwnedBytes ordinary_bytes(std::size_t bytes);

// Implementation.

inline OwnedBytes ordinary_bytes(std::size_t bytes) {
    const auto block = std::make_shared<Block>(bytes);
    return {block->data(), block};
}

}  // namespace wick::inline v0
