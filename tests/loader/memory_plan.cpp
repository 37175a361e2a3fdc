// SPDX-License-Identifier: MIT
#include <wick/loader/memory_plan.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>

using wick::Index;
using wick::LoaderOptions;
using wick::detail::BatchCost;
using wick::detail::MemoryPlan;

namespace {

constexpr std::size_t MiB = std::size_t{1} << 20;

}  // namespace

TEST_CASE("memory plan: without a device, one slot is the user's and the others are filled ahead") {
    const MemoryPlan small({.workers = 2}, {.slot_bytes = 1000});
    CHECK(small.depth == 32);
    CHECK(small.slots == 33);
    CHECK(small.device_batches == 0);
    const MemoryPlan large({.workers = 2}, {.slot_bytes = 64 * MiB, .spans = 64});
    CHECK(large.depth == 2);
    CHECK(large.slots == 3);
    const MemoryPlan workers({.workers = 16}, {.slot_bytes = 8 * MiB, .spans = 8});
    CHECK(workers.depth == 4);
    const MemoryPlan scarce({.workers = 2, .memory_budget = 3000}, {.slot_bytes = 1000});
    CHECK(scarce.depth == 2);
    CHECK(scarce.slots == 3);
    const MemoryPlan one({.workers = 2, .memory_budget = 1999}, {.slot_bytes = 1000});
    CHECK(one.depth == 0);
    CHECK(one.slots == 1);
    const MemoryPlan nothing({.workers = 2, .memory_budget = 0}, {});
    CHECK(nothing.depth == 0);
}

TEST_CASE("memory plan: without workers nothing is filled ahead, and no memory is set aside for it") {
    const MemoryPlan host({.workers = 0}, {.slot_bytes = 1000});
    CHECK(host.depth == 0);
    CHECK(host.slots == 2);
    CHECK(MemoryPlan({.workers = 0, .memory_budget = 1999}, {.slot_bytes = 1000}).slots == 1);
    // Copies to a device are under way while the next batches are filled.
    const MemoryPlan device({.workers = 0}, {.slot_bytes = 1000, .row_bytes = 8, .device_bytes = 1000});
    CHECK(device.depth == 0);
    CHECK(device.slots == 34);
}

TEST_CASE("memory plan: for a device two slots are for copies on their way, where there is room for them") {
    const BatchCost cost{.slot_bytes = 64 * MiB, .row_bytes = 100, .device_bytes = 50 * MiB};
    const MemoryPlan plan({}, cost);
    CHECK(plan.depth == 4);
    CHECK(plan.slots == 6);
    CHECK(plan.device_batches == 3);
    for (const std::size_t slots : {1, 2, 3, 4, 5}) {
        const MemoryPlan scarce({.memory_budget = slots * (64 * MiB + 100)}, cost);
        CHECK(scarce.slots == static_cast<Index>(slots));
        CHECK(scarce.depth == static_cast<Index>(slots < 3 ? slots - 1 : slots - 2));
    }
    CHECK(MemoryPlan({.memory_budget = 2 * 64 * MiB + 199}, cost).slots == 1);
    // What may be on the device takes nothing from what there is to fill.
    const MemoryPlan many({.memory_budget = 3 * (64 * MiB + 100), .device_batches = 40}, cost);
    CHECK(many.slots == 3);
    CHECK(many.device_batches == 40);
    // The budget is named as it was given, and what would do.
    for (const std::size_t budget : {std::size_t{99}, 64 * MiB + 99})
        CHECK_THROWS_MATCHES(
            MemoryPlan({.memory_budget = budget}, cost), std::invalid_argument,
            MessageMatches(ContainsSubstring("memory_budget is " + std::to_string(budget) + " bytes") &&
                           ContainsSubstring("needs " + std::to_string(64 * MiB + 100))));
}

TEST_CASE("memory plan: no more batches are on the device than its budget has room for, and at least one") {
    const BatchCost cost{.slot_bytes = 1000, .device_bytes = 1000};
    CHECK(MemoryPlan({.device_memory_budget = 2999, .device_batches = 5}, cost).device_batches == 2);
    CHECK(MemoryPlan({.device_memory_budget = 9999, .device_batches = 5}, cost).device_batches == 5);
    CHECK(MemoryPlan({.device_memory_budget = 1000, .device_batches = 5}, cost).device_batches == 1);
    CHECK_THROWS_MATCHES(MemoryPlan({.device_memory_budget = 999}, cost), std::invalid_argument,
                         MessageMatches(ContainsSubstring("device_memory_budget is 999 bytes") &&
                                        ContainsSubstring("needs 1000")));
}

TEST_CASE("memory plan: options out of range are refused with their values") {
    CHECK_THROWS_MATCHES(MemoryPlan({.workers = -1}, {}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("workers") && ContainsSubstring("-1")));
    CHECK_THROWS_MATCHES(MemoryPlan({.workers = 1025}, {}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("1025")));
    CHECK_THROWS_MATCHES(MemoryPlan({.device_batches = 0}, {}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("device_batches") && ContainsSubstring("0")));
    CHECK_THROWS_MATCHES(MemoryPlan({.memory_budget = 7}, {.slot_bytes = 8}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("memory_budget is 7 bytes")));
}
