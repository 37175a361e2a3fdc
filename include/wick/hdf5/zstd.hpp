// SPDX-License-Identifier: MIT
#pragma once

// Decodes Zstandard, where the program has libzstd.

#include <wick/core/concepts.hpp>
#include <wick/hdf5/decode_error.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <span>

#if defined(WICK_HDF5_ZSTD)
#include <zstd.h>
#include <zstd_errors.h>
#endif

namespace wick::inline v0::detail {

#if defined(WICK_HDF5_ZSTD)
inline constexpr bool has_zstd = true;
#else
inline constexpr bool has_zstd = false;
#endif

/// A decoder with its tables, kept from chunk to chunk. It takes its memory when first used.
///
/// Threads: one at a time.
class ZstdDecoder {
public:
    /// Decodes `stored` into the beginning of `out` and returns how many bytes that made.
    ///
    /// Throws: DecodeError naming `filter` if the bytes are no Zstandard, make more than `out` holds, or this
    ///         program has no libzstd.
    std::size_t decode(std::span<const std::byte> stored, Bytes out, const char* filter);

private:
#if defined(WICK_HDF5_ZSTD)
    struct Free {
        void operator()(ZSTD_DCtx* tables) const noexcept { ZSTD_freeDCtx(tables); }
    };
    std::unique_ptr<ZSTD_DCtx, Free> tables_;
#endif
};

// Implementation.

#if defined(WICK_HDF5_ZSTD)

inline std::size_t ZstdDecoder::decode(std::span<const std::byte> stored, Bytes out, const char* filter) {
    if (!tables_) tables_.reset(ZSTD_createDCtx());
    if (!tables_) throw std::bad_alloc();
    const std::size_t made =
        ZSTD_decompressDCtx(tables_.get(), out.data(), out.size(), stored.data(), stored.size());
    if (!ZSTD_isError(made)) return made;
    if (ZSTD_getErrorCode(made) == ZSTD_error_memory_allocation) throw std::bad_alloc();
    if (ZSTD_getErrorCode(made) == ZSTD_error_dstSize_tooSmall)
        throw DecodeError(filter, bytes_text(out.size()), "more");
    throw DecodeError(filter, "a whole Zstandard frame", ZSTD_getErrorName(made));
}

#else

inline std::size_t ZstdDecoder::decode(std::span<const std::byte>, Bytes, const char* filter) {
    throw DecodeError(filter, "a program built with libzstd", "one without it");
}

#endif

}  // namespace wick::inline v0::detail
