// SPDX-License-Identifier: MIT
#pragma once

// The loops that gather rows lying in memory. Here most of the time of a warm epoch is spent, and it is spent
// waiting for memory: what matters is that the lines of later rows are asked for early.

#include <wick/core/concepts.hpp>
#include <wick/io/row_stream.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace wick::inline v0::detail {

/// Row `first + i` lies at `base + i * stride`.
struct StridedRows {
    const std::byte* base;
    std::size_t stride;
    Index first;
    bool dense;  // whether rows lie end to end

    const std::byte* find(Index row) const noexcept {
        return base + static_cast<std::size_t>(row - first) * stride;
    }
    Index together(Index) const noexcept { return dense ? std::numeric_limits<Index>::max() : 1; }
};

/// Copies rows one after another to `out`, turning the bytes of each unit of `swap_unit` bytes round; 1 turns
/// nothing. `place.find(row)` is where a row lies, `place.together(row)` how many rows from it on lie end to
/// end.
///
/// With `streaming`, rows of at least 4 KiB that need no turning go past the caches. Worth it if the buffers
/// that are filled in turn are together some four times the last-level cache, and nothing on the processor
/// reads them at once.
template <class Place>
void copy_rows(const Place& place, Rows rows, std::size_t row_bytes, std::size_t swap_unit, std::byte* out,
               bool streaming = false);

/// Copies `bytes` bytes, turning each unit round; `out` may be `from`.
void copy_swapped(const std::byte* from, std::size_t bytes, std::size_t swap_unit, std::byte* out) noexcept;

// Implementation.

/// Turns the bytes of an unsigned word round, or those of every word of a vector, by swapping halves.
template <class Word, class Words>
Words swapped(Words words) noexcept {
    constexpr auto bytes = static_cast<Word>(0x00ff00ff00ff00ff);
    words = ((words & bytes) << 8) | ((words >> 8) & bytes);
    if constexpr (sizeof(Word) >= 4) {
        constexpr auto pairs = static_cast<Word>(0x0000ffff0000ffff);
        words = ((words & pairs) << 16) | ((words >> 16) & pairs);
    }
    if constexpr (sizeof(Word) == 8) words = (words << 32) | (words >> 32);
    return words;
}

// Compilers do not turn a loop of bswaps into vector code without -O3 and AVX2; with vectors written out
// they do.
template <class Word>
void copy_words_swapped(const std::byte* from, std::size_t bytes, std::byte* out) noexcept {
    using Words [[gnu::vector_size(16)]] = Word;
    std::size_t at = 0;
    for (; at + sizeof(Words) <= bytes; at += sizeof(Words)) {
        Words words;
        std::memcpy(&words, from + at, sizeof words);
        words = swapped<Word>(words);
        std::memcpy(out + at, &words, sizeof words);
    }
    for (; at < bytes; at += sizeof(Word)) {
        Word word;
        std::memcpy(&word, from + at, sizeof word);
        if constexpr (sizeof(Word) == 2)
            word = __builtin_bswap16(word);
        else if constexpr (sizeof(Word) == 4)
            word = __builtin_bswap32(word);
        else
            word = __builtin_bswap64(word);
        std::memcpy(out + at, &word, sizeof word);
    }
}

inline void copy_swapped(const std::byte* from, std::size_t bytes, std::size_t swap_unit,
                         std::byte* out) noexcept {
    switch (swap_unit) {
        case 2: return copy_words_swapped<std::uint16_t>(from, bytes, out);
        case 4: return copy_words_swapped<std::uint32_t>(from, bytes, out);
        case 8: return copy_words_swapped<std::uint64_t>(from, bytes, out);
        default: std::memmove(out, from, bytes);
    }
}

/// Asks for the lines of a row. Beyond the first KiB the hardware has caught on, and more would push out
/// lines before they are used. Inlined by force: GCC takes a function that only prefetches for one without
/// any effect and drops calls of it.
template <std::size_t Fixed>
[[gnu::always_inline]] inline void prefetch_row(const std::byte* row, std::size_t row_bytes) noexcept {
    const std::size_t near = Fixed != 0 ? Fixed : std::min<std::size_t>(row_bytes, 1024);
    for (std::size_t at = 0; at < near; at += 64) __builtin_prefetch(row + at);
    // A row of any other size may well lie across one line more.
    if (Fixed == 0) __builtin_prefetch(row + near - 1);
}

/// Copies a row in pieces that become a few vector moves; GCC makes a slow `rep movsq` of 128 bytes in one.
template <std::size_t Fixed>
void copy_row(const std::byte* from, std::size_t row_bytes, std::byte* out) noexcept {
    if constexpr (Fixed == 0)
        std::memcpy(out, from, row_bytes);
    else
        for (std::size_t at = 0; at < Fixed; at += 64)
            std::memcpy(out + at, from + at, std::min<std::size_t>(Fixed, 64));
}

/// Whether the rows follow one another, all of them.
inline bool are_consecutive(Rows rows) noexcept {
    if (rows.back() - rows.front() != static_cast<Index>(rows.size()) - 1) return false;
    bool follow = true;  // one pass without a branch
    for (std::size_t i = 1; i < rows.size(); ++i) follow &= rows[i] == rows[i - 1] + 1;
    return follow;
}

/// The gather itself; `copy(from, bytes, out)` copies, and for `Fixed` != 0 every row has that many bytes.
template <std::size_t Fixed, class Place, class Copy>
void gather_rows(const Place& place, Rows rows, std::size_t row_bytes, std::byte* out, const Copy& copy) {
    if (rows.empty()) return;
    if (are_consecutive(rows) && place.together(rows.front()) >= static_cast<Index>(rows.size()))
        return copy(place.find(rows.front()), rows.size() * row_bytes, out);
    if constexpr (Fixed != 0) row_bytes = Fixed;
    if constexpr (Fixed != 0 &&
                  Fixed <= 32) {  // so short that the processor itself has dozens of them on their way
        for (std::size_t i = 0; i < rows.size(); ++i)
            copy(place.find(rows[i]), row_bytes, out + i * row_bytes);
        return;
    }
    // Some kilobytes ahead: less leaves the memory waiting, more gains nothing.
    const std::size_t ahead = std::clamp<std::size_t>(4096 / row_bytes, 1, 24);
    // Finding a row may cost more than copying it, so each is found once; `found` is a ring.
    std::array<const std::byte*, 32> found;
    const auto look_at = [&](std::size_t i) {
        const std::byte* const row = place.find(rows[i]);
        prefetch_row<Fixed>(row, row_bytes);
        found[i % found.size()] = row;
    };
    const std::size_t early = std::min(ahead, rows.size());
    for (std::size_t i = 0; i < early; ++i) look_at(i);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i + ahead < rows.size()) look_at(i + ahead);
        copy(found[i % found.size()], row_bytes, out + i * row_bytes);
    }
}

template <std::size_t Fixed, class Place>
void gather_plain(const Place& place, Rows rows, std::size_t row_bytes, std::byte* out) {
    gather_rows<Fixed>(place, rows, row_bytes, out,
                       [](const std::byte* from, std::size_t bytes, std::byte* to) {
                           if (bytes == Fixed)
                               copy_row<Fixed>(from, bytes, to);
                           else if (bytes <= PTRDIFF_MAX)  // GCC 12 takes it for more, and warns
                               std::memcpy(to, from, bytes);
                       });
}

template <class Word, class Place>
void gather_swapped(const Place& place, Rows rows, std::size_t row_bytes, std::byte* out) {
    gather_rows<0>(place, rows, row_bytes, out, [](const std::byte* from, std::size_t bytes, std::byte* to) {
        copy_words_swapped<Word>(from, bytes, to);
    });
}

template <class Place>
void gather_streaming(const Place& place, Rows rows, std::size_t row_bytes, std::byte* out) {
    try {
        gather_rows<0>(place, rows, row_bytes, out, copy_streaming);
    } catch (...) {  // a row that cannot be found; the memory may be another thread's next
        finish_streaming();
        throw;
    }
    finish_streaming();
}

template <class Place>
void copy_rows(const Place& place, Rows rows, std::size_t row_bytes, std::size_t swap_unit, std::byte* out,
               bool streaming) {
    constexpr std::size_t least_streamed = 4096;
    if (row_bytes == 0) return;
    if (streaming && swap_unit == 1 && row_bytes >= least_streamed)
        return gather_streaming(place, rows, row_bytes, out);
    switch (swap_unit) {
        case 2: return gather_swapped<std::uint16_t>(place, rows, row_bytes, out);
        case 4: return gather_swapped<std::uint32_t>(place, rows, row_bytes, out);
        case 8: return gather_swapped<std::uint64_t>(place, rows, row_bytes, out);
        default: break;
    }
    switch (row_bytes) {
        case 1: return gather_plain<1>(place, rows, row_bytes, out);
        case 2: return gather_plain<2>(place, rows, row_bytes, out);
        case 4: return gather_plain<4>(place, rows, row_bytes, out);
        case 8: return gather_plain<8>(place, rows, row_bytes, out);
        case 16: return gather_plain<16>(place, rows, row_bytes, out);
        case 32: return gather_plain<32>(place, rows, row_bytes, out);
        case 64: return gather_plain<64>(place, rows, row_bytes, out);
        case 128: return gather_plain<128>(place, rows, row_bytes, out);
        case 256: return gather_plain<256>(place, rows, row_bytes, out);
        default: return gather_plain<0>(place, rows, row_bytes, out);
    }
}

}  // namespace wick::inline v0::detail
