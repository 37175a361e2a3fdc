// SPDX-License-Identifier: MIT
#pragma once

// In which steps files are brought into memory.

#include <wick/io/open_file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

namespace wick::inline v0::detail {

/// Blocks of one file, to be read at once.
struct WarmStep {
    const OpenFile* file;
    std::uint64_t block, count;
};

/// The whole blocks among the first `bytes` bytes of some files, without those that need not be brought in. The last block of
/// a file is as long as what is left of it.
///
/// Threads: safe from any thread; each step is given to one.
class WarmSteps {
public:
    WarmSteps(std::span<const std::shared_ptr<const OpenFile>> files, std::uint64_t bytes)
        : files_(files), left_(bytes) {}

    /// The next step, if there is one.
    std::optional<WarmStep> next();

    /// Gives no more steps.
    void end() {
        const std::lock_guard lock(mutex_);
        left_ = 0;
    }

private:
    static constexpr std::uint64_t most_blocks = 4;  // of a step

    const std::span<const std::shared_ptr<const OpenFile>> files_;
    std::mutex mutex_;    // guards all below
    std::uint64_t left_;  // bytes
    std::size_t file_ = 0;
    std::uint64_t block_ = 0;
};

// Implementation.

inline std::optional<WarmStep> WarmSteps::next() {
    const std::lock_guard lock(mutex_);
    for (; file_ < files_.size() && left_ > 0; ++file_, block_ = 0) {
        const OpenFile& file = *files_[file_];
        while (file.can_be_warmed() && block_ < file.blocks()) {
            const std::uint64_t first = block_;
            std::uint64_t count = std::min(most_blocks, file.blocks() - first);
            if (file.bytes_of(first, count) > left_) count = std::min(count, left_ / OpenFile::block_bytes);
            if (count == 0) {
                left_ = 0;
                return std::nullopt;
            }
            block_ += count;
            left_ -= file.bytes_of(first, count);
            for (std::uint64_t block = first; block < first + count; ++block)
                if (!file.is_warm(block)) return WarmStep{&file, first, count};
        }
    }
    return std::nullopt;
}

}  // namespace wick::inline v0::detail
