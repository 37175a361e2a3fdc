// SPDX-License-Identifier: MIT
#pragma once

// How many batches are in memory at a time, here and on the device: enough to keep all sides busy, within the budgets.

#include <wick/loader/options.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace wick::inline v0::detail {

/// What one batch takes, and how it is cut.
struct BatchCost {
    std::size_t slot_bytes = 0;    // of host memory, to be filled
    std::size_t row_bytes = 0;     // of host memory, for the row numbers of a batch that is on the device
    std::size_t device_bytes = 0;  // 0 if it stays on the host
    Index spans = 1;
};

/// The numbers that a loader is built with.
struct MemoryPlan {
    /// Throws: std::invalid_argument if an option is out of range, or if a budget has no room for one batch.
    MemoryPlan(const LoaderOptions& options, const BatchCost& cost);

    Index depth = 0;           // batches that are filled ahead
    Index slots = 1;           // that exist at a time
    Index device_batches = 0;  // on the device at a time

private:
    static std::size_t room(const char* option, std::size_t budget, std::size_t bytes);
};

// Implementation.

/// How many times the bytes of a batch fit into a budget.
inline std::size_t MemoryPlan::room(const char* option, std::size_t budget, std::size_t bytes) {
    if (bytes > budget)
        throw std::invalid_argument(std::string(option) + " is " + std::to_string(budget) +
                                    " bytes, but one batch needs " + std::to_string(bytes));
    return budget / bytes;
}

inline MemoryPlan::MemoryPlan(const LoaderOptions& options, const BatchCost& cost) {
    constexpr Index most_workers = 1024;
    if (options.workers < 0 || options.workers > most_workers)
        throw std::invalid_argument("workers must be 0 to " + std::to_string(most_workers) + ", but is " +
                                    std::to_string(options.workers));
    if (options.device_batches < 1)
        throw std::invalid_argument("device_batches must be at least 1, but is " +
                                    std::to_string(options.device_batches));
    const bool on_device = cost.device_bytes > 0;
    if (on_device) {
        const std::size_t fit = room("device_memory_budget", options.device_memory_budget, cost.device_bytes);
        device_batches = static_cast<Index>(std::min(fit, static_cast<std::size_t>(options.device_batches)));
    }
    if (cost.slot_bytes == 0) return;
    // Row numbers of as many batches as are filled ahead, at most, are here while the batches are on the device.
    const std::size_t room_for_slots =
        room("memory_budget", options.memory_budget, cost.slot_bytes + cost.row_bytes);
    // Some megabytes of batches, since handing over is what costs with small ones; two of large ones; and enough for
    // every worker to have two spans.
    constexpr std::size_t window_bytes = std::size_t{16} << 20;
    const std::size_t wanted = std::clamp<std::size_t>(window_bytes / cost.slot_bytes, 2, 32);
    const auto for_workers = static_cast<std::size_t>((2 * options.workers + cost.spans - 1) / cost.spans);
    // Beside these, one slot is for the batch in the user's hands; or, where that is on the device, two are for batches
    // whose copies may still be on their way, so that the host can run ahead.
    const std::size_t others = on_device && room_for_slots > 2 ? 2 : 1;
    // Without workers a batch is filled when it is asked for; on the device, the ones before it may still be on their way.
    const std::size_t ahead = options.workers == 0 && !on_device ? 1 : std::max(wanted, for_workers);
    const std::size_t filled = std::min(room_for_slots - others, ahead);
    depth = options.workers == 0 ? 0 : static_cast<Index>(filled);
    slots = static_cast<Index>(filled + others);
}

}  // namespace wick::inline v0::detail
