// SPDX-License-Identifier: MIT
#pragma once

// Asks the system which part of a file lies in memory.

#include <wick/core/concepts.hpp>
#include <wick/io/file.hpp>
#include <wick/memory/pages.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#if defined(__linux__)
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace wick::inline v0::detail {

/// Whose pages are asked for: the file's, or, where those are kept elsewhere, its mapping's.
enum class Ask : std::uint8_t { file, mapping };

/// Pages of a file that lie in the page cache, among those from byte `offset` on; `offset` begins a page. `mapped` is the
/// file's mapping, or empty. Nothing if the system does not tell: of a file that is neither ours nor may be written by us
/// it keeps silent.
///
/// `Ask::mapping` asks for the pages of the mapping rather than of the file: on an overlay the file has none of its own.
///
/// Cost:   some milliseconds for as many gigabytes in memory, a microsecond for what is not there.
/// Source: cachestat(2), Linux 6.5; mincore(2) before.
std::optional<std::uint64_t> resident_pages(const File& file, std::span<const std::byte> mapped,
                                            std::uint64_t offset, std::uint64_t bytes, Ask ask = Ask::file);

// Implementation.

#if defined(__linux__)

/// Whether mincore tells the truth, which it does to those only who could write the file.
inline bool may_ask(const File& file) { return ::geteuid() == 0 || ::access(file.path().c_str(), W_OK) == 0; }

inline std::optional<std::uint64_t> resident_pages(const File& file, std::span<const std::byte> mapped,
                                                   std::uint64_t offset, std::uint64_t bytes, Ask ask) {
#if defined(SYS_cachestat)
    constexpr long cachestat = SYS_cachestat;
#else
    constexpr long cachestat =
        451;  // the same on all machines that Linux came to after 2019, and on x86 and Arm
#endif
    struct {
        std::uint64_t offset, bytes;
    } const range{offset, bytes};
    std::array<std::uint64_t, 5> counts{};  // cached, dirty, under writeback, evicted, recently evicted
    if (ask == Ask::file && file.with_descriptor([&](int number) {
            return ::syscall(cachestat, number, &range, counts.data(), 0U);
        }) == 0)
        return counts[0];

    if (mapped.empty() || !may_ask(file)) return std::nullopt;
    std::array<unsigned char, 4096> flags;
    const std::uint64_t most = flags.size() * page_bytes();
    std::uint64_t pages = 0;
    for (const std::uint64_t end = offset + bytes; offset < end; offset += most) {
        const std::uint64_t length = std::min(most, end - offset);
        auto* const start = const_cast<std::byte*>(mapped.data()) + offset;  // mincore writes nothing there
        if (::mincore(start, length, flags.data()) != 0) return std::nullopt;
        const std::uint64_t count = (length + page_bytes() - 1) / page_bytes();
        pages += static_cast<std::uint64_t>(
            std::count_if(flags.begin(), flags.begin() + static_cast<std::ptrdiff_t>(count),
                          [](unsigned char flag) { return (flag & 1) != 0; }));
    }
    return pages;
}

#else

inline std::optional<std::uint64_t> resident_pages(const File&, std::span<const std::byte>, std::uint64_t,
                                                   std::uint64_t, Ask) {
    return std::nullopt;
}

#endif

}  // namespace wick::inline v0::detail
