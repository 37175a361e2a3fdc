// SPDX-License-Identifier: MIT
#pragma once

// A file whose every byte is known, and how a read of it ends when the system fails.

#include <wick/core/error.hpp>
#include <wick/io/engine.hpp>
#include <wick/io/ring.hpp>
#include <wick/source/npy.hpp>
#include <wick/source/raw.hpp>

#include "support/page_cache.hpp"
#include "support/same_bytes.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace wick_test {

// 2.9 MiB of rows that begin at no page, and that cross from one to the next.
inline constexpr wick::Index row_count = 3000;
inline constexpr std::size_t row_bytes = 1000;
inline constexpr std::size_t header_bytes = 128;

/// A .npy file written by hand, and so a dump from byte 128 on; not in the page cache, where the system can
/// drop it.
struct FaultData {
    FaultData() : bytes(static_cast<std::size_t>(row_count) * row_bytes) {
        std::mt19937 random(7);
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
        using namespace std::literals;
        std::string header =
            "\x93NUMPY\x01\x00\x76\x00{'descr': '|u1', 'fortran_order': False, 'shape': (3000, 1000), }"s;
        header.resize(header_bytes - 1, ' ');
        header += '\n';
        std::vector<std::byte> file(header_bytes);
        std::transform(header.begin(), header.end(), file.begin(),
                       [](char c) { return static_cast<std::byte>(c); });
        file.insert(file.end(), bytes.begin(), bytes.end());
        path = dir.write("data.npy", std::span<const std::byte>(file));
        drop();
    }
    void drop() const { drop_pages(path); }
    wick::RawSource raw(wick::Engine engine) const {
        return {path, {wick::Dtype::u8, {row_bytes}}, {.offset = header_bytes, .engine = engine}};
    }
    wick::NpySource npy(wick::Engine engine) const { return wick::NpySource(path, {.engine = engine}); }

    TempDir dir;
    std::vector<std::byte> bytes;
    std::filesystem::path path;
};

/// Scattered rows, neighbours, the same row twice, the first and the last one; another mixture for each
/// number.
inline std::vector<wick::Index> some_rows(unsigned number) {
    std::mt19937 random(number);
    std::vector<wick::Index> rows{0, row_count - 1, 17, 17, 18, 19, 20};
    while (rows.size() < 300) rows.push_back(static_cast<wick::Index>(random() % row_count));
    for (wick::Index row = 1000; row < 1400; ++row) rows.push_back(row);
    return rows;
}

inline std::vector<std::byte> expected(const FaultData& data, wick::Rows rows) {
    std::vector<std::byte> bytes;
    for (const wick::Index row : rows) {
        const auto first = data.bytes.begin() + row * static_cast<std::ptrdiff_t>(row_bytes);
        bytes.insert(bytes.end(), first, first + static_cast<std::ptrdiff_t>(row_bytes));
    }
    return bytes;
}

enum class End { right, error, wrong };

/// How a read ends; the memory is full of other bytes before it. An Error must name the file.
template <class Source>
End end_of_read(const Source& source, const FaultData& data, unsigned number) {
    const std::vector<wick::Index> rows = some_rows(number);
    std::vector<std::byte> out(rows.size() * row_bytes, std::byte{0xEE});
    try {
        source.read(rows, out);
    } catch (const wick::Error& error) {
        return error.path() == data.path ? End::error : End::wrong;
    }
    return same_bytes(out, expected(data, rows)) ? End::right : End::wrong;
}

inline constexpr wick::Engine engines[] = {wick::Engine::automatic, wick::Engine::mapped, wick::Engine::pread,
                                           wick::Engine::direct};

inline std::string_view name(wick::Engine engine) {
    switch (engine) {
        case wick::Engine::automatic: return "automatic";
        case wick::Engine::mapped: return "mapped";
        case wick::Engine::pread: return "pread";
        default: return "direct";
    }
}

/// Whether this system has a queue for reads at all; where it has not, no read can fail in it.
inline bool has_ring() {
    static const bool works = wick::detail::Ring(4).works();
    return works;
}

/// Waits until files are asked for their names again.
inline void next_tick() {
    for (const auto now = wick::File::tick(); wick::File::tick() == now;)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace wick_test
