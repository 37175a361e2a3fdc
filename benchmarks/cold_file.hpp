// SPDX-License-Identifier: MIT
#pragma once

// Files that are known not to lie in memory, for the benchmarks of cold data.
//
// Beware of what memory costs on virtual machines that give free memory back to their host: the first touch
// of such a page takes microseconds. So as much memory is touched and freed before every run as the run is
// going to fill.

#include <wick/io/buffer.hpp>
#include <wick/io/descriptor.hpp>
#include <wick/io/engine.hpp>
#include <wick/io/file.hpp>
#include <wick/io/mapping.hpp>
#include <wick/io/ring.hpp>
#include <wick/source/raw.hpp>

#include "compare.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace wick_bench {

using wick::Index;

[[noreturn]] inline void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::generic_category().message(errno));
}

/// Makes the system have so much memory at hand, in huge pages, as the page cache takes it.
inline void touch_and_free(std::size_t bytes) {
    if (bytes == 0) return;
    const wick::detail::Buffer memory(bytes);
    for (std::size_t at = 0; at < bytes; at += 4096) memory.data()[at] = std::byte{1};
    keep(*memory.data());
}

/// A file that can be dropped from memory, alone in a folder. Removed at the end.
class Cold {
public:
    Cold(const Cold&) = delete;
    Cold& operator=(const Cold&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::uint64_t file_bytes() const { return std::filesystem::file_size(path_); }
    int descriptor() const { return descriptor_.number(); }
    int direct() const { return direct_.number(); }

    /// The share of the file that lies in the page cache.
    double resident() const {
        struct {
            std::uint64_t offset, bytes;
        } const range{0, file_bytes()};
        constexpr long cachestat = 451;
        std::array<std::uint64_t, 5> counts{};
        if (::syscall(cachestat, descriptor(), &range, counts.data(), 0U) == 0)
            return static_cast<double>(counts[0]) * 4096 / static_cast<double>(range.bytes);
        const wick::Mapping map{wick::File(path())};
        std::vector<unsigned char> flags(map.bytes().size() / 4096 + 1);
        if (::mincore(const_cast<std::byte*>(map.bytes().data()), map.bytes().size(), flags.data()) != 0)
            fail("cannot tell what lies in memory");
        return static_cast<double>(
                   std::count_if(flags.begin(), flags.end(), [](auto flag) { return flag & 1; })) /
               static_cast<double>(flags.size());
    }

    /// Drops the file from the page cache, and sees that it is gone.
    void drop() const {
        for (int patience = 0; patience < 10; ++patience) {
            ::posix_fadvise(descriptor(), 0, 0, POSIX_FADV_DONTNEED);
            if (resident() < 0.001) return;
            ::usleep(100'000);
        }
        give_up("the file cannot be dropped from the page cache");
    }

protected:
    explicit Cold(const char* name)
        : path_(std::filesystem::temp_directory_path() / ("wick-cold-" + std::to_string(::getpid())) / name) {
        remove_forgotten();
        std::filesystem::create_directories(path_.parent_path());
    }
    ~Cold() {
        std::error_code ignored;
        std::filesystem::remove_all(path_.parent_path(), ignored);
    }

    /// To be called when the file is written.
    void open() {
        descriptor_ = wick::detail::Descriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
        direct_ = wick::detail::Descriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECT));
        if (::fsync(descriptor()) != 0) fail("cannot write " + path_.string());
        if (!direct_.is_open()) give_up("the file system grants no direct reads");
        if (!wick::detail::Ring(4).works()) give_up("the system has no io_uring, or forbids it");
    }

private:
    /// Ends the program with what says that nothing could be measured here.
    [[noreturn]] void give_up(const char* why) const {
        std::fprintf(stderr, "%s: cold data cannot be measured here: %s\n", path_.c_str(), why);
        std::error_code ignored;
        std::filesystem::remove_all(path_.parent_path(), ignored);
        std::exit(77);
    }

    /// What a program that was killed has left.
    void remove_forgotten() const {
        const std::string prefix = "wick-cold-";
        for (const auto& entry : std::filesystem::directory_iterator(path_.parent_path().parent_path())) {
            const std::string name = entry.path().filename();
            if (!name.starts_with(prefix)) continue;
            const pid_t process = std::atoi(name.c_str() + prefix.size());
            std::error_code ignored;
            if (process > 0 && ::kill(process, 0) != 0 && errno == ESRCH)
                std::filesystem::remove_all(entry.path(), ignored);
        }
    }

    std::filesystem::path path_;
    wick::detail::Descriptor descriptor_;
    wick::detail::Descriptor direct_;
};

/// A file of random bytes behind a header as .npy files have it; each KiB of them begins with its number.
class ColdFile : public Cold {
public:
    static constexpr std::size_t unit = 1024;

    ColdFile(double gigabytes, std::size_t header_bytes)
        : Cold("rows.dat"),
          header_bytes_(header_bytes),
          bytes_(static_cast<std::uint64_t>(gigabytes * 1e9) / buffer_bytes * buffer_bytes) {
        write();
        open();
    }

    std::uint64_t bytes() const { return bytes_; }
    std::size_t header_bytes() const { return header_bytes_; }
    Index rows(std::size_t row_bytes) const { return static_cast<Index>(bytes_ / row_bytes); }

    wick::RawSource source(std::size_t row_bytes, wick::Engine engine,
                           std::optional<std::uint64_t> cache_bytes = std::nullopt) const {
        return {
            path(),
            {wick::Dtype::u8, {static_cast<Index>(row_bytes)}},
            {.offset = header_bytes_, .rows = rows(row_bytes), .engine = engine, .cache_bytes = cache_bytes}};
    }

    /// Whether a row's first bytes are its own.
    static bool is_row(const void* bytes, Index row, std::size_t row_bytes) {
        std::uint64_t number = 0;
        std::memcpy(&number, bytes, sizeof number);
        return number == static_cast<std::uint64_t>(row) * row_bytes / unit;
    }

private:
    static constexpr std::size_t buffer_bytes = std::size_t{1} << 20;

    void write() const {
        wick::detail::Descriptor file(::open(path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!file.is_open()) fail("cannot write " + path().string());
        std::vector<std::uint64_t> buffer(buffer_bytes / sizeof(std::uint64_t));
        std::mt19937_64 random(1);
        std::generate(buffer.begin(), buffer.end(), random);
        const auto put = [&](std::size_t bytes) {
            if (::write(file.number(), buffer.data(), bytes) != static_cast<ssize_t>(bytes))
                fail("cannot write " + path().string());
        };
        put(header_bytes_);
        for (std::uint64_t at = 0; at < bytes_; at += buffer_bytes) {
            for (std::size_t i = 0; i < buffer_bytes; i += unit)
                buffer[i / sizeof(std::uint64_t)] = (at + i) / unit;
            put(buffer_bytes);
        }
    }

    std::size_t header_bytes_;
    std::uint64_t bytes_;
};

}  // namespace wick_bench
