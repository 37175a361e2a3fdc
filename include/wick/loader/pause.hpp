// SPDX-License-Identifier: MIT
#pragma once

// Some things, such as the capture of a CUDA graph, fail if any thread calls the device meanwhile.

#include <memory>
#include <mutex>
#include <utility>

namespace wick::inline v0 {

/// While this lives, none of the loader's threads calls a device; each reads on until it has a batch to be sent there.
///
/// Threads:  made and dropped by the thread that reads the batches.
/// Lifetime: keeps what the loader's threads use.
class [[nodiscard]] Pause {
public:
    /// Made by `DataLoader::pause`.
    Pause(std::shared_ptr<void> loader, std::mutex& calls, bool& paused)
        : loader_(std::move(loader)), lock_(calls), paused_(paused) {
        paused_ = true;
    }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
    ~Pause() { paused_ = false; }

private:
    const std::shared_ptr<void> loader_;
    const std::lock_guard<std::mutex> lock_;
    bool& paused_;
};

}  // namespace wick::inline v0
