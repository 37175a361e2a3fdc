// SPDX-License-Identifier: MIT
#pragma once

// The checksum behind a chunk, at the speed of memory: a sum, and a sum weighted by place, instead of a loop
// whose every step waits for the one before.

#include <wick/hdf5/decode_error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace wick::inline v0::detail {

/// HDF5's Fletcher-32 of `bytes`: over big-endian 16-bit words, a last odd byte counting as the high half.
///
/// Source: H5_checksum_fletcher32 of the HDF5 library.
std::uint32_t fletcher32(std::span<const std::byte> bytes) noexcept;

/// The bytes that the checksum in the last four (little-endian) stands for.
///
/// HDF5 1.6.2 and older summed words in the machine's own order, so the halves' bytes may also be swapped.
///
/// Throws: DecodeError if the checksum is another one, or missing.
std::span<const std::byte> checked_fletcher32(std::span<const std::byte> stored);

// Implementation.

// Sums of a block of 16-bit words, by lane: word w of a block belongs to lane w % 8.
inline constexpr std::size_t fletcher_lanes = 8;
// As many steps as no lane overflows in: 65535 * 360 * 361 / 2 < 2^32.
inline constexpr std::size_t fletcher_steps = 360;

struct FletcherLanes {
    std::array<std::uint32_t, fletcher_lanes> sums{};
    std::array<std::uint32_t, fletcher_lanes> sums_of_sums{};
};

inline FletcherLanes sum_lanes(const std::byte* bytes, std::size_t steps) noexcept {
    FletcherLanes lanes;
#if defined(__SSE2__)
    const __m128i zero = _mm_setzero_si128();
    __m128i low = zero, high = zero, low_sums = zero, high_sums = zero;
    for (std::size_t i = 0; i < steps; ++i) {
        const __m128i words = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
        low = _mm_add_epi32(low, _mm_unpacklo_epi16(words, zero));
        high = _mm_add_epi32(high, _mm_unpackhi_epi16(words, zero));
        low_sums = _mm_add_epi32(low_sums, low);
        high_sums = _mm_add_epi32(high_sums, high);
    }
    _mm_storeu_si128(reinterpret_cast<__m128i*>(lanes.sums.data()), low);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(lanes.sums.data() + 4), high);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(lanes.sums_of_sums.data()), low_sums);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(lanes.sums_of_sums.data() + 4), high_sums);
#else
    for (std::size_t i = 0; i < steps; ++i) {
        for (std::size_t lane = 0; lane < fletcher_lanes; ++lane) {
            const std::byte* word = bytes + 2 * (fletcher_lanes * i + lane);
            lanes.sums[lane] +=
                std::to_integer<std::uint32_t>(word[0]) | std::to_integer<std::uint32_t>(word[1]) << 8;
            lanes.sums_of_sums[lane] += lanes.sums[lane];
        }
    }
#endif
    return lanes;
}

inline std::uint32_t fletcher32(std::span<const std::byte> bytes) noexcept {
    // The sums are taken over little-endian words. Modulo 65535, 65536 is 1, so swapping a word's bytes is
    // multiplying it by 256: once at the end for all of them.
    constexpr std::uint64_t modulus = 65535;
    std::uint64_t sum = 0, weighted = 0;
    bool any = false;
    const std::size_t words = bytes.size() / 2;
    std::size_t done = 0;
    while (words - done >= fletcher_lanes) {
        const std::size_t steps = std::min(fletcher_steps, (words - done) / fletcher_lanes);
        const FletcherLanes lanes = sum_lanes(bytes.data() + 2 * done, steps);
        // Word (step s, lane l) has weight 8 (steps - s) - l: what the running sum adds it up to.
        weighted += fletcher_lanes * steps * sum;
        for (std::size_t lane = 0; lane < fletcher_lanes; ++lane) {
            weighted += fletcher_lanes * std::uint64_t{lanes.sums_of_sums[lane]} -
                        lane * std::uint64_t{lanes.sums[lane]};
            sum += lanes.sums[lane];
        }
        any |= sum != 0;
        sum %= modulus;
        weighted %= modulus;
        done += fletcher_lanes * steps;
    }
    const auto add = [&](std::uint64_t word) {
        any |= word != 0;
        sum += word;
        weighted += sum;
    };
    for (; done < words; ++done)
        add(std::to_integer<std::uint64_t>(bytes[2 * done]) |
            std::to_integer<std::uint64_t>(bytes[2 * done + 1]) << 8);
    if (bytes.size() % 2 == 1) add(std::to_integer<std::uint64_t>(bytes.back()));
    // HDF5 folds carries back in, which leaves 0 only where every word is 0, and else 65535 for it.
    const auto folded = [&](std::uint64_t value) {
        const std::uint64_t rest = value % modulus * 256 % modulus;
        return static_cast<std::uint32_t>(rest == 0 && any ? modulus : rest);
    };
    return folded(weighted) << 16 | folded(sum);
}

inline std::span<const std::byte> checked_fletcher32(std::span<const std::byte> stored) {
    if (stored.size() < 4)
        throw DecodeError("fletcher32", "a checksum of 4 bytes", bytes_text(stored.size()));
    const auto bytes = stored.first(stored.size() - 4);
    std::uint32_t written = 0;
    for (std::size_t i = 0; i < 4; ++i)
        written |= std::to_integer<std::uint32_t>(stored[bytes.size() + i]) << 8 * i;
    const std::uint32_t sum = fletcher32(bytes);
    const std::uint32_t swapped = (sum & 0x00ff00ffu) << 8 | (sum >> 8 & 0x00ff00ffu);
    if (written != sum && written != swapped)
        throw DecodeError("fletcher32", "the checksum " + std::to_string(written) + " that is stored",
                          std::to_string(sum));
    return bytes;
}

}  // namespace wick::inline v0::detail
