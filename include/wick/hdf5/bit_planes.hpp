// SPDX-License-Identifier: MIT
#pragma once

// Puts bits back that lie apart: one row of bits for each place in an element.

#include <wick/core/concepts.hpp>
#include <wick/hdf5/growing_bytes.hpp>
#include <wick/hdf5/shuffle.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace wick::inline v0::detail {

/// Writes to `out` the elements whose bits are in `bits`: row r, of n / 8 bytes, holds bit r of all n
/// elements (bit r % 8 of byte r / 8), the first one lowest. `planes` is memory to work in.
///
/// Requires: both are n * element_bytes long, n a multiple of 8, and do not overlap.
void unshuffle_bits(std::span<const std::byte> bits, std::size_t element_bytes, Bytes out,
                    GrowingBytes& planes);

// Implementation.

#if defined(__SSE2__)

/// Exchanges those bits of two rows, `Apart` apart, that belong to the other one: the ones outside `mask` of the
/// first, and inside of the second.
template <int Apart>
void exchange_bits(__m128i& lower, __m128i& upper, char mask) noexcept {
    const __m128i swap =
        _mm_and_si128(_mm_xor_si128(_mm_srli_epi16(lower, Apart), upper), _mm_set1_epi8(mask));
    upper = _mm_xor_si128(upper, swap);
    lower = _mm_xor_si128(lower, _mm_slli_epi16(swap, Apart));
}

/// One byte of 128 elements, from 16 bytes of each of 8 rows. Written without loops, so that all stays in
/// registers however little is optimised.
template <std::size_t... K>
void join_bits_128(const std::byte* rows, std::size_t stride, std::byte* out,
                   std::index_sequence<K...> all) noexcept {
    __m128i bits[8] = {_mm_loadu_si128(reinterpret_cast<const __m128i*>(rows + K * stride))...};
    ((K < 4 ? exchange_bits<4>(bits[K & 3], bits[(K & 3) + 4], 0x0f) : void()), ...);
    ((K % 4 < 2 ? exchange_bits<2>(bits[K & 5], bits[(K & 5) + 2], 0x33) : void()), ...);
    ((K % 2 < 1 ? exchange_bits<1>(bits[K & 6], bits[(K & 6) + 1], 0x55) : void()), ...);
    // Now vector j has the byte of elements j, 8 + j, 16 + j, ...
    interleave_round(bits, all);
    interleave_round(bits, all);
    interleave_round(bits, all);
    (_mm_storeu_si128(reinterpret_cast<__m128i*>(out + 16 * K), bits[K]), ...);
}

#endif

/// One byte of 8 elements, from one byte of each of 8 rows: the 8 x 8 bits are transposed.
///
/// Source: Warren, Hacker's Delight, 7-3.
inline void join_bits_8(const std::byte* rows, std::size_t stride, std::byte* out) noexcept {
    std::uint64_t bits = 0;
    for (std::size_t k = 0; k < 8; ++k) bits |= std::to_integer<std::uint64_t>(rows[k * stride]) << 8 * k;
    const auto exchange = [&](unsigned apart, std::uint64_t mask) {
        const std::uint64_t swap = (bits ^ bits >> apart) & mask;
        bits ^= swap ^ swap << apart;
    };
    exchange(7, 0x00aa00aa00aa00aa);
    exchange(14, 0x0000cccc0000cccc);
    exchange(28, 0x00000000f0f0f0f0);
    for (std::size_t k = 0; k < 8; ++k) out[k] = static_cast<std::byte>(bits >> 8 * k);
}

/// One byte of `count` elements, from 8 rows.
inline void join_bits(const std::byte* rows, std::size_t count, std::byte* out) noexcept {
    const std::size_t stride = count / 8;
    std::size_t at = 0;
#if defined(__SSE2__)
    for (; at + 16 <= stride; at += 16)
        join_bits_128(rows + at, stride, out + 8 * at, std::make_index_sequence<8>());
#endif
    for (; at < stride; ++at) join_bits_8(rows + at, stride, out + 8 * at);
}

inline void unshuffle_bits(std::span<const std::byte> bits, std::size_t element_bytes, Bytes out,
                           GrowingBytes& planes) {
    const std::size_t count = bits.size() / element_bytes;
    // Bits become bytes that lie apart, and those elements.
    const Bytes bytes = element_bytes == 1 ? out : planes.take(bits.size());
    for (std::size_t k = 0; k < element_bytes; ++k)
        join_bits(bits.data() + k * count, count, bytes.data() + k * count);
    if (element_bytes > 1) unshuffle_elements({bytes.data(), count}, element_bytes, count, out.data());
}

}  // namespace wick::inline v0::detail
