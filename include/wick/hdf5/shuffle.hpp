// SPDX-License-Identifier: MIT
#pragma once

// Undoes HDF5's shuffle, which stores the first bytes of all elements, then all second ones, and so on. Any
// part of a chunk can be put back alone, so the wanted rows go straight to where they are wanted.

#include <wick/core/concepts.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace wick::inline v0::detail {

/// Writes bytes [offset, offset + out.size()) of what was shuffled.
///
/// Bytes behind the last whole element stand where they were.
///
/// Requires: element_bytes > 0; the range lies within `shuffled`; `out` does not overlap it.
void unshuffle(std::span<const std::byte> shuffled, std::size_t element_bytes, std::size_t offset,
               Bytes out) noexcept;

// Implementation.

/// Where the bytes of elements from one on are found: byte k of element i at `first[k * stride + i]`.
struct BytePlanes {
    const std::byte* first;
    std::size_t stride;
};

#if defined(__SSE2__)

/// Interleaves the halves of `planes`, which moves the highest bit of a plane's number below an element's
/// number; after log2(N) rounds all of it stands there, and elements lie whole.
template <std::size_t N, std::size_t... K>
void interleave_round(__m128i (&planes)[N], std::index_sequence<K...>) noexcept {
    const __m128i halves[N] = {(K % 2 == 0 ? _mm_unpacklo_epi8(planes[K / 2], planes[K / 2 + N / 2])
                                           : _mm_unpackhi_epi8(planes[K / 2], planes[K / 2 + N / 2]))...};
    ((planes[K] = halves[K]), ...);
}

template <std::size_t N, std::size_t... K>
void interleave_sixteen(BytePlanes from, std::byte* out, std::index_sequence<K...> all) noexcept {
    __m128i planes[N] = {_mm_loadu_si128(reinterpret_cast<const __m128i*>(from.first + K * from.stride))...};
    interleave_round(planes, all);
    if constexpr (N >= 4) interleave_round(planes, all);
    if constexpr (N >= 8) interleave_round(planes, all);
    (_mm_storeu_si128(reinterpret_cast<__m128i*>(out + 16 * K), planes[K]), ...);
}

#endif

/// Elements of any size, some at a time so that what is written stays in the nearest cache.
inline void interleave_bytes(BytePlanes from, std::size_t element_bytes, std::size_t count,
                             std::byte* out) noexcept {
    const std::size_t tile = std::max<std::size_t>(16, 8192 / element_bytes);
    for (std::size_t start = 0; start < count; start += tile) {
        const std::size_t end = std::min(count, start + tile);
        for (std::size_t k = 0; k < element_bytes; ++k)
            for (std::size_t i = start; i < end; ++i)
                out[element_bytes * i + k] = from.first[k * from.stride + i];
    }
}

/// Elements of whole groups of N bytes: 2, 4 or 8, which is as many planes as registers hold at once.
template <std::size_t N>
void interleave(BytePlanes from, std::size_t element_bytes, std::size_t count, std::byte* out) noexcept {
    std::size_t i = 0;
#if defined(__SSE2__)
    constexpr auto planes = std::make_index_sequence<N>();
    for (; i + 16 <= count; i += 16) {
        std::byte* elements = out + element_bytes * i;
        if (element_bytes == N) {
            interleave_sixteen<N>({from.first + i, from.stride}, elements, planes);
            continue;
        }
        for (std::size_t k = 0; k < element_bytes; k += N) {
            alignas(16) std::byte groups[16 * N];
            interleave_sixteen<N>({from.first + k * from.stride + i, from.stride}, groups, planes);
            for (std::size_t element = 0; element < 16; ++element)
                std::memcpy(elements + element_bytes * element + k, groups + N * element, N);
        }
    }
#endif
    interleave_bytes({from.first + i, from.stride}, element_bytes, count - i, out + element_bytes * i);
}

inline void unshuffle_elements(BytePlanes from, std::size_t element_bytes, std::size_t count,
                               std::byte* out) noexcept {
    if (element_bytes % 8 == 0) return interleave<8>(from, element_bytes, count, out);
    if (element_bytes % 4 == 0) return interleave<4>(from, element_bytes, count, out);
    if (element_bytes % 2 == 0) return interleave<2>(from, element_bytes, count, out);
    interleave_bytes(from, element_bytes, count, out);
}

inline void unshuffle(std::span<const std::byte> shuffled, std::size_t element_bytes, std::size_t offset,
                      Bytes out) noexcept {
    const std::size_t elements = shuffled.size() / element_bytes;
    const std::size_t whole = elements * element_bytes;
    if (element_bytes == 1 || elements <= 1) {
        if (!out.empty()) std::memcpy(out.data(), shuffled.data() + offset, out.size());
        return;
    }
    // A range may begin and end within an element.
    const auto one = [&](std::size_t at) {
        return at < whole ? shuffled[at % element_bytes * elements + at / element_bytes] : shuffled[at];
    };
    std::size_t done = 0;
    while (done < out.size() && (offset + done) % element_bytes != 0) {
        out[done] = one(offset + done);
        ++done;
    }
    const std::size_t end = std::min(offset + out.size(), whole);
    if (offset + done < end) {
        const std::size_t first = (offset + done) / element_bytes;
        const std::size_t count = end / element_bytes - first;
        unshuffle_elements({shuffled.data() + first, elements}, element_bytes, count, out.data() + done);
        done += count * element_bytes;
    }
    for (; done < out.size(); ++done) out[done] = one(offset + done);
}

}  // namespace wick::inline v0::detail
