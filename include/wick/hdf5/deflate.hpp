// SPDX-License-Identifier: MIT
#pragma once

// Decodes deflate (gzip, in h5py's words): by libdeflate where the program has it, which is two to three
// times as fast, else by zlib, which HDF5 itself needs.

#include <wick/core/concepts.hpp>
#include <wick/hdf5/decode_error.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <span>

#if defined(WICK_HDF5_LIBDEFLATE)
#include <libdeflate.h>
#else
#include <algorithm>
#include <limits>
#include <zlib.h>
#endif

namespace wick::inline v0::detail {

/// A decoder with its tables, kept from chunk to chunk. It takes its memory when first used.
///
/// Threads: one at a time.
class Inflater {
public:
    /// Decodes `stored`, a zlib stream, into the beginning of `out` and returns how many bytes that made.
    /// What stands behind the stream's end is not looked at, as in HDF5.
    ///
    /// Throws: DecodeError if the bytes are no such stream, or make more than `out` holds.
    std::size_t decode(std::span<const std::byte> stored, Bytes out);

private:
#if defined(WICK_HDF5_LIBDEFLATE)
    struct Free {
        void operator()(libdeflate_decompressor* tables) const noexcept {
            libdeflate_free_decompressor(tables);
        }
    };
    std::unique_ptr<libdeflate_decompressor, Free> tables_;
#else
    struct Free {
        void operator()(z_stream* stream) const noexcept {
            inflateEnd(stream);
            delete stream;
        }
    };
    std::unique_ptr<z_stream, Free> stream_;  // By pointer: zlib's tables point back to it.
#endif
};

// Implementation.

#if defined(WICK_HDF5_LIBDEFLATE)

inline std::size_t Inflater::decode(std::span<const std::byte> stored, Bytes out) {
    if (!tables_) tables_.reset(libdeflate_alloc_decompressor());
    if (!tables_) throw std::bad_alloc();
    std::size_t read = 0, written = 0;
    switch (libdeflate_zlib_decompress_ex(tables_.get(), stored.data(), stored.size(), out.data(), out.size(),
                                          &read, &written)) {
        case LIBDEFLATE_SUCCESS: return written;
        case LIBDEFLATE_INSUFFICIENT_SPACE: throw DecodeError("deflate", bytes_text(out.size()), "more");
        default: throw DecodeError("deflate", "a whole zlib stream", "corrupt bytes");
    }
}

#else

inline std::size_t Inflater::decode(std::span<const std::byte> stored, Bytes out) {
    if (!stream_) {
        auto fresh = std::make_unique<z_stream>();
        if (inflateInit(fresh.get()) != Z_OK) throw std::bad_alloc();
        stream_.reset(fresh.release());
    }
    z_stream& stream = *stream_;
    inflateReset(&stream);
    // zlib counts in 32 bits, and a chunk may have more bytes.
    constexpr std::size_t most = std::numeric_limits<uInt>::max();
    std::size_t read = 0, written = 0;
    for (;;) {
        const std::size_t in_bytes = std::min(most, stored.size() - read);
        const std::size_t out_bytes = std::min(most, out.size() - written);
        std::byte none{};  // Where there is no room, zlib wants a place all the same.
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(stored.data() + read));
        stream.avail_in = static_cast<uInt>(in_bytes);
        stream.next_out = reinterpret_cast<Bytef*>(out.empty() ? &none : out.data() + written);
        stream.avail_out = static_cast<uInt>(out_bytes);
        const int result = inflate(&stream, Z_NO_FLUSH);
        read += in_bytes - stream.avail_in;
        written += out_bytes - stream.avail_out;
        if (result == Z_STREAM_END) return written;
        if (result == Z_MEM_ERROR) throw std::bad_alloc();
        if (result != Z_OK && result != Z_BUF_ERROR)
            throw DecodeError("deflate", "a whole zlib stream",
                              stream.msg != nullptr ? stream.msg : "corrupt bytes");
        const bool moved = stream.avail_in != in_bytes || stream.avail_out != out_bytes;
        if (moved) continue;
        if (written == out.size() && read < stored.size())
            throw DecodeError("deflate", bytes_text(out.size()), "more");
        throw DecodeError("deflate", "a whole zlib stream",
                          "its beginning, " + bytes_text(written) + " long");
    }
}

#endif

}  // namespace wick::inline v0::detail
