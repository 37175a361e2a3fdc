// SPDX-License-Identifier: MIT
#pragma once

// Says in one sentence how files are read, and why.

#include <wick/io/engine.hpp>
#include <wick/io/open_file.hpp>
#include <wick/io/warmer.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string>

namespace wick::inline v0::detail {

/// "8.2 GB", "16 MB", "784 bytes".
std::string bytes_in_words(std::uint64_t bytes);

/// One sentence about files that are read together; `now` is how they are read at this moment.
std::string explain(const Warmer::Files& files, const CacheState& state, bool is_warming, Engine now);

// Implementation.

inline std::string bytes_in_words(std::uint64_t bytes) {
    if (bytes < 1000) return std::to_string(bytes) + " bytes";
    double value = static_cast<double>(bytes) / 1000;
    const char* unit = "kB";
    for (const char* next : {"MB", "GB", "TB"})
        if (value >= 999.5) value /= 1000, unit = next;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), value < 9.95 ? "%.1f %s" : "%.0f %s", value, unit);
    return text.data();
}

inline std::string explain(const Warmer::Files& files, const CacheState& state, bool is_warming, Engine now) {
    const OpenFile& first = *files.front();
    std::string what = first.file().path().string();
    if (files.size() > 1) what += " and " + std::to_string(files.size() - 1) + " more";
    what += " (" + bytes_in_words(state.bytes) + "): ";
    if (std::ranges::any_of(files, [&](const auto& file) { return file->engine() != first.engine(); }))
        return what + "each as was asked for it";
    switch (first.engine()) {
        case Engine::mapped: return what + "copied from a mapping, as was asked for";
        case Engine::pread: return what + "read through the page cache, as was asked for";
        case Engine::direct:
            return what + (first.direct() >= 0
                               ? "read past the page cache, as was asked for"
                               : "read through the page cache, since direct reads are refused here");
        case Engine::automatic: break;
    }
    const std::string rest = now == Engine::direct
                                 ? "read past the page cache, many at a time"
                                 : "read through the page cache, which is told beforehand what comes";
    if (!first.is_mapped())
        return what + rest + ", for the file cannot be mapped, or must not be on its file system";
    if (now == Engine::mapped) return what + "copied from a mapping, for all of it is in memory";
    if (first.is_in_columns())
        return what + "copied from a mapping, column by column, for its rows are in Fortran order";
    const std::string there = bytes_in_words(state.in_memory) + " of it are in memory; ";
    const std::string room = bytes_in_words(state.wanted) + " of memory may be used for it";
    if (state.wanted >= state.bytes)
        return what + there + "all of it fits there, so " +
               (is_warming ? "it is being read in, in file order, and rows that are not there yet are "
                           : "it is read in once most of it is wanted, and until then rows are ") +
               rest;
    if (state.wanted == 0)
        return what + there +
               (state.in_memory > 0 ? "no more is brought there, so the other rows are "
                                    : "no memory may be used for it, so its rows are ") +
               rest;
    return what + there + room + ", so that part is kept there, and the other rows are " + rest;
}

}  // namespace wick::inline v0::detail
