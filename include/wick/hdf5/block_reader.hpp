// SPDX-License-Identifier: MIT
#pragma once

// What LZ4's and bitshuffle's filters put before the blocks that they compressed.

#include <wick/hdf5/decode_error.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace wick::inline v0::detail {

/// Reads a chunk of blocks from its beginning: how many bytes it decodes to, how many a block does, and each
/// block behind its own size; all numbers highest byte first.
///
/// Throws: DecodeError naming the filter where the chunk ends too early.
class BlockReader {
public:
    BlockReader(std::span<const std::byte> stored, const char* filter);

    std::uint64_t total_bytes() const noexcept { return total_; }
    std::size_t block_bytes() const noexcept { return block_; }

    /// The next block, without the 4 bytes of its size.
    std::span<const std::byte> next_block();

    /// The next `bytes` as they are.
    std::span<const std::byte> next(std::size_t bytes);

private:
    std::uint64_t number(std::size_t bytes);

    std::span<const std::byte> left_;
    const char* filter_;
    std::uint64_t total_;
    std::size_t block_;
};

// Implementation.

inline BlockReader::BlockReader(std::span<const std::byte> stored, const char* filter)
    : left_(stored), filter_(filter), total_(number(8)), block_(static_cast<std::size_t>(number(4))) {}

inline std::span<const std::byte> BlockReader::next(std::size_t bytes) {
    if (bytes > left_.size())
        throw DecodeError(filter_, bytes_text(bytes) + " more", bytes_text(left_.size()));
    const auto taken = left_.first(bytes);
    left_ = left_.subspan(bytes);
    return taken;
}

inline std::span<const std::byte> BlockReader::next_block() {
    return next(static_cast<std::size_t>(number(4)));
}

inline std::uint64_t BlockReader::number(std::size_t bytes) {
    std::uint64_t number = 0;
    for (const std::byte byte : next(bytes)) number = number << 8 | std::to_integer<std::uint64_t>(byte);
    return number;
}

}  // namespace wick::inline v0::detail
