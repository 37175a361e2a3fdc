// SPDX-License-Identifier: MIT
#pragma once

// Memory that was used before has its pages already; fresh memory gets them one by one, which takes longer than to fill
// it.

#include <wick/version.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Pieces of memory of one size. Those that nobody holds any more are given out again.
///
/// Threads: safe from any thread.
class RecycledMemory {
public:
    /// Keeps at most `most_idle` pieces that nobody holds.
    RecycledMemory(std::size_t bytes, std::size_t most_idle)
        : shared_(std::make_shared<Shared>(bytes, most_idle)) {}

    std::size_t bytes() const noexcept { return shared_->bytes; }

    /// A piece with nothing certain in it. It may outlive this.
    std::shared_ptr<std::byte> take();

private:
    struct Shared {
        Shared(std::size_t piece_bytes, std::size_t most) : bytes(piece_bytes), most_idle(most) {}
        void give(std::byte* memory) noexcept;

        const std::size_t bytes;
        const std::size_t most_idle;
        std::mutex mutex;
        std::vector<std::unique_ptr<std::byte[]>> idle;  // guarded by mutex
    };

    std::shared_ptr<Shared> shared_;
};

// Implementation.

inline std::shared_ptr<std::byte> RecycledMemory::take() {
    std::unique_ptr<std::byte[]> memory;
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->idle.reserve(shared_->most_idle);  // here, since giving back must not throw
        if (!shared_->idle.empty()) {
            memory = std::move(shared_->idle.back());
            shared_->idle.pop_back();
        }
    }
    if (!memory) memory = std::make_unique_for_overwrite<std::byte[]>(shared_->bytes);
    return {memory.release(), [shared = shared_](std::byte* bytes) { shared->give(bytes); }};
}

inline void RecycledMemory::Shared::give(std::byte* memory) noexcept {
    std::unique_ptr<std::byte[]> owned(memory);
    const std::lock_guard lock(mutex);
    if (idle.size() < most_idle) idle.push_back(std::move(owned));
}

}  // namespace wick::inline v0::detail
