// SPDX-License-Identifier: MIT
#pragma once

// Decodes LZF, h5py's own quick compression.

#include <wick/core/concepts.hpp>
#include <wick/hdf5/copy_match.hpp>
#include <wick/hdf5/decode_error.hpp>

#include <cstddef>
#include <span>

namespace wick::inline v0::detail {

/// Decodes `stored` into the beginning of `out` and returns how many bytes that made.
///
/// Source: the format of Marc Lehmann's liblzf. A control byte below 32 precedes that many literal bytes and
///         one; else its high 3 bits (7: and the next byte) are a match's length less 2, its low 5 bits and
///         the next byte the distance back less 1.
/// Throws: DecodeError if the bytes are no LZF, or make more than `out` holds.
std::size_t decode_lzf(std::span<const std::byte> stored, Bytes out);

// Implementation.

inline std::size_t decode_lzf(std::span<const std::byte> stored, Bytes out) {
    std::size_t read = 0, written = 0;
    const auto next = [&] {
        if (read == stored.size())
            throw DecodeError("LZF", "a match of 2 or 3 bytes", "the end of the chunk");
        return std::to_integer<std::size_t>(stored[read++]);
    };
    const auto room = [&](std::size_t bytes) {
        if (bytes > out.size() - written) throw DecodeError("LZF", bytes_text(out.size()), "more");
    };
    while (read < stored.size()) {
        const std::size_t control = next();
        if (control < 32) {
            const std::size_t bytes = control + 1;
            if (bytes > stored.size() - read)
                throw DecodeError("LZF", bytes_text(bytes) + " as they are",
                                  bytes_text(stored.size() - read));
            room(bytes);
            copy_literals(out.data() + written, stored.data() + read, bytes, stored.size() - read,
                          out.size() - written);
            read += bytes;
            written += bytes;
        } else {
            std::size_t bytes = (control >> 5) + 2;
            if (bytes == 9) bytes += next();
            const std::size_t distance = ((control & 31) << 8 | next()) + 1;
            if (distance > written)
                throw DecodeError("LZF", "a match within the " + bytes_text(written) + " before it",
                                  "one " + std::to_string(distance) + " back");
            room(bytes);
            copy_match(out.data() + written, distance, bytes, out.size() - written);
            written += bytes;
        }
    }
    return written;
}

}  // namespace wick::inline v0::detail
