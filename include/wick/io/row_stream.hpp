// SPDX-License-Identifier: MIT
#pragma once

// Copies that go past the caches. Rows for buffers that together are far larger than the last-level cache are
// gone from it before anybody reads them; stores that do not first fetch the line they are going to overwrite
// leave that third of the memory's traffic to others.

#include <wick/version.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include <immintrin.h>
#endif

namespace wick::inline v0::detail {

/// Copies with non-temporal stores where the machine has them, else by memcpy. Either side may lie anywhere.
///
/// Threads: what was copied is surely seen by other threads only after `finish_streaming()`.
void copy_streaming(const std::byte* from, std::size_t bytes, std::byte* out) noexcept;

/// Makes the copies above, of this thread, come before everything that it stores later; once after the last
/// row.
void finish_streaming() noexcept;

// Implementation.

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

/// Copies whole lines to an `out` that begins one.
inline void stream_lines_sse2(const std::byte* from, std::size_t bytes, std::byte* out) noexcept {
    for (std::size_t at = 0; at < bytes; at += 64) {
        const auto* const source = reinterpret_cast<const __m128i*>(from + at);
        auto* const target = reinterpret_cast<__m128i*>(out + at);
        // All four are loaded first: a line that is stored without a pause leaves the processor in one piece.
        const __m128i a = _mm_loadu_si128(source), b = _mm_loadu_si128(source + 1);
        const __m128i c = _mm_loadu_si128(source + 2), d = _mm_loadu_si128(source + 3);
        _mm_stream_si128(target, a);
        _mm_stream_si128(target + 1, b);
        _mm_stream_si128(target + 2, c);
        _mm_stream_si128(target + 3, d);
    }
}

/// The same with half the instructions, so that the processor has twice as many lines in sight: on some
/// machines that alone decides whether rows of 4 KiB gain or lose.
[[gnu::target("avx2")]] inline void stream_lines_avx2(const std::byte* from, std::size_t bytes,
                                                      std::byte* out) noexcept {
    for (std::size_t at = 0; at < bytes; at += 64) {
        const auto* const source = reinterpret_cast<const __m256i*>(from + at);
        auto* const target = reinterpret_cast<__m256i*>(out + at);
        const __m256i a = _mm256_loadu_si256(source), b = _mm256_loadu_si256(source + 1);
        _mm256_stream_si256(target, a);
        _mm256_stream_si256(target + 1, b);
    }
}

inline void copy_streaming(const std::byte* from, std::size_t bytes, std::byte* out) noexcept {
    const std::size_t to_next_line = (64 - reinterpret_cast<std::uintptr_t>(out) % 64) % 64;
    const std::size_t head = std::min(bytes, to_next_line);
    const std::size_t lines = (bytes - head) / 64 * 64;
    const std::size_t tail = bytes - head - lines;
    if (head > 0) std::memcpy(out, from, head);
    if (__builtin_cpu_supports("avx2"))
        stream_lines_avx2(from + head, lines, out + head);
    else
        stream_lines_sse2(from + head, lines, out + head);
    if (tail > 0) std::memcpy(out + head + lines, from + head + lines, tail);
}

inline void finish_streaming() noexcept { _mm_sfence(); }

#else

inline void copy_streaming(const std::byte* from, std::size_t bytes, std::byte* out) noexcept {
    if (bytes > 0) std::memcpy(out, from, bytes);
}

inline void finish_streaming() noexcept {}

#endif

}  // namespace wick::inline v0::detail
