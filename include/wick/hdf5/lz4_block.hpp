// SPDX-License-Identifier: MIT
#pragma once

// Decodes one block of LZ4: by liblz4 where the program has it, else here.

#include <wick/core/concepts.hpp>
#include <wick/hdf5/copy_match.hpp>
#include <wick/hdf5/decode_error.hpp>

#include <cstddef>
#include <limits>
#include <span>
#include <string>

#if defined(WICK_HDF5_LZ4)
#include <lz4.h>
#endif

namespace wick::inline v0::detail {

/// Decodes `stored` into all of `out`.
///
/// Throws: DecodeError naming `filter` if the bytes are no such block, or do not make exactly `out.size()`.
void decode_lz4_block(std::span<const std::byte> stored, Bytes out, const char* filter);

/// The same without liblz4.
///
/// Source: the format of Yann Collet's LZ4 (lz4_Block_format.md). A token's high 4 bits are how many literal
///         bytes follow, its low 4 bits the length of a match less 4, either going on in further bytes if it
///         is 15; between them the literals and 2 bytes of distance. The last token has literals alone.
void decode_lz4_block_here(std::span<const std::byte> stored, Bytes out, const char* filter);

// Implementation.

inline void decode_lz4_block(std::span<const std::byte> stored, Bytes out, const char* filter) {
#if defined(WICK_HDF5_LZ4)
    constexpr std::size_t most = std::numeric_limits<int>::max();
    if (stored.size() <= most && out.size() <= most) {
        const int made = LZ4_decompress_safe(reinterpret_cast<const char*>(stored.data()),
                                             reinterpret_cast<char*>(out.data()),
                                             static_cast<int>(stored.size()), static_cast<int>(out.size()));
        if (made < 0) throw DecodeError(filter, "an LZ4 block of " + bytes_text(out.size()), "corrupt bytes");
        if (static_cast<std::size_t>(made) != out.size())
            throw DecodeError(filter, bytes_text(out.size()), std::to_string(made));
        return;
    }
#endif
    decode_lz4_block_here(stored, out, filter);
}

/// Where an LZ4 block is read and written; every step asks for its room first.
class Lz4Cursor {
public:
    Lz4Cursor(std::span<const std::byte> stored, Bytes out, const char* filter)
        : stored_(stored), out_(out), filter_(filter) {}

    bool at_end() const noexcept { return read_ == stored_.size(); }
    std::size_t written() const noexcept { return written_; }

    std::size_t byte() {
        need(1);
        return std::to_integer<std::size_t>(stored_[read_++]);
    }

    /// A length that begins with `nibble`.
    std::size_t length(std::size_t nibble) {
        std::size_t length = nibble;
        if (nibble == 15) {
            std::size_t more = 0;
            do length += more = byte();
            while (more == 255);
        }
        return length;
    }

    void literals(std::size_t bytes) {
        need(bytes);
        room(bytes);
        copy_literals(out_.data() + written_, stored_.data() + read_, bytes, stored_.size() - read_,
                      out_.size() - written_);
        read_ += bytes;
        written_ += bytes;
    }

    void match(std::size_t distance, std::size_t bytes) {
        room(bytes);
        if (distance == 0 || distance > written_)
            throw DecodeError(filter_, "a match within the " + bytes_text(written_) + " before it",
                              "one " + std::to_string(distance) + " back");
        copy_match(out_.data() + written_, distance, bytes, out_.size() - written_);
        written_ += bytes;
    }

private:
    void need(std::size_t bytes) const {
        const std::size_t left = stored_.size() - read_;
        if (bytes > left) throw DecodeError(filter_, bytes_text(bytes) + " more of LZ4", bytes_text(left));
    }
    void room(std::size_t bytes) const {
        if (bytes > out_.size() - written_) throw DecodeError(filter_, bytes_text(out_.size()), "more");
    }

    std::span<const std::byte> stored_;
    Bytes out_;
    const char* filter_;
    std::size_t read_ = 0;
    std::size_t written_ = 0;
};

inline void decode_lz4_block_here(std::span<const std::byte> stored, Bytes out, const char* filter) {
    Lz4Cursor cursor(stored, out, filter);
    do {
        const std::size_t token = cursor.byte();
        cursor.literals(cursor.length(token >> 4));
        if (cursor.at_end()) break;
        const std::size_t low = cursor.byte();
        const std::size_t distance = cursor.byte() << 8 | low;
        cursor.match(distance, cursor.length(token & 15) + 4);
    } while (!cursor.at_end());
    if (cursor.written() != out.size())
        throw DecodeError(filter, bytes_text(out.size()), std::to_string(cursor.written()));
}

}  // namespace wick::inline v0::detail
