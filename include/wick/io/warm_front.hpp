// SPDX-License-Identifier: MIT
#pragma once

// Where files are just being brought into memory: a row a little ahead of that place is sooner there than it could be read.

#include <wick/io/open_file.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace wick::inline v0::detail {

/// A place that goes through the blocks of some files, one file after another, and whom to wake as it does.
///
/// Threads: everything is safe from any thread.
class WarmFront {
public:
    explicit WarmFront(const std::vector<std::shared_ptr<const OpenFile>>& files);

    /// Whether something is being brought in.
    bool is_moving() const noexcept { return is_moving_.load(std::memory_order_relaxed); }

    /// All before this block has been brought in, or is being.
    void move_to(const OpenFile& file, std::uint64_t block) noexcept;

    /// Nothing is brought in any more.
    void end() noexcept;

    /// Waits if these bytes are just being brought in. Returns whether they are in memory.
    ///
    /// Requires: at least one byte.
    bool wait_for(const OpenFile& file, std::uint64_t offset, std::size_t bytes) const;

private:
    static constexpr std::uint64_t near_blocks = 16;  // worth waiting for

    std::unordered_map<const OpenFile*, std::uint64_t> first_blocks_;  // of each file, numbered through
    std::atomic<bool> is_moving_{false};
    std::atomic<std::uint64_t> block_{0};
};

// Implementation.

inline WarmFront::WarmFront(const std::vector<std::shared_ptr<const OpenFile>>& files) {
    std::uint64_t block = 0;
    for (const auto& file : files) {
        first_blocks_.emplace(file.get(), block);
        block += file->blocks();
    }
}

inline void WarmFront::move_to(const OpenFile& file, std::uint64_t block) noexcept {
    is_moving_.store(true, std::memory_order_relaxed);
    block_.store(first_blocks_.find(&file)->second + block, std::memory_order_release);
    block_.notify_all();
}

inline void WarmFront::end() noexcept {
    is_moving_.store(false, std::memory_order_relaxed);
    block_.store(UINT64_MAX, std::memory_order_release);
    block_.notify_all();
}

inline bool WarmFront::wait_for(const OpenFile& file, std::uint64_t offset, std::size_t bytes) const {
    const std::uint64_t first = first_blocks_.find(&file)->second;
    const std::uint64_t begins = first + offset / OpenFile::block_bytes,
                        ends = first + (offset + bytes - 1) / OpenFile::block_bytes;
    for (;;) {
        if (file.is_in_memory(offset, bytes)) return true;
        const std::uint64_t block = block_.load(std::memory_order_acquire);
        if (!is_moving() || ends + near_blocks < block || begins >= block + near_blocks) return false;
        block_.wait(block, std::memory_order_acquire);
    }
}

}  // namespace wick::inline v0::detail
