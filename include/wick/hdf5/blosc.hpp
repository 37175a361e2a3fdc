// SPDX-License-Identifier: MIT
#pragma once

// Decodes Blosc, where the program has libblosc.

#include <wick/core/concepts.hpp>
#include <wick/hdf5/decode_error.hpp>

#include <cstddef>
#include <span>
#include <string>

#if defined(WICK_HDF5_BLOSC)
#include <blosc.h>
#endif

namespace wick::inline v0::detail {

/// True if this program decodes what Blosc's compressor number `compressor` made (0 blosclz, 1 lz4, 2 lz4hc,
/// 3 snappy, 4 zlib, 5 zstd): libblosc is built with some of them.
bool has_blosc(unsigned compressor) noexcept;

/// Decodes `stored` into the beginning of `out` and returns how many bytes that made.
///
/// Throws: DecodeError if the bytes are no Blosc, make more than `out` holds, or there is no libblosc.
/// Cost:   libblosc takes and gives back memory for three of its blocks.
std::size_t decode_blosc(std::span<const std::byte> stored, Bytes out);

// Implementation.

#if defined(WICK_HDF5_BLOSC)

inline bool has_blosc(unsigned compressor) noexcept {
    const char* name = nullptr;
    return compressor < 16 && blosc_compcode_to_compname(static_cast<int>(compressor), &name) >= 0;
}

inline std::size_t decode_blosc(std::span<const std::byte> stored, Bytes out) {
    std::size_t bytes = 0;
    if (blosc_cbuffer_validate(stored.data(), stored.size(), &bytes) < 0)
        throw DecodeError("Blosc", "a whole Blosc buffer", "corrupt bytes");
    if (bytes > out.size()) throw DecodeError("Blosc", bytes_text(out.size()), std::to_string(bytes));
    const int made = blosc_decompress_ctx(stored.data(), out.data(), out.size(), /*numinternalthreads=*/1);
    if (made < 0 || static_cast<std::size_t>(made) != bytes)
        throw DecodeError("Blosc", bytes_text(bytes), "corrupt bytes");
    return bytes;
}

#else

inline bool has_blosc(unsigned) noexcept { return false; }

inline std::size_t decode_blosc(std::span<const std::byte>, Bytes) {
    throw DecodeError("Blosc", "a program built with libblosc", "one without it");
}

#endif

}  // namespace wick::inline v0::detail
