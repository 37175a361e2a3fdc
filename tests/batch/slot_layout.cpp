// SPDX-License-Identifier: MIT
#include <wick/batch/slot_layout.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <vector>

using wick::Index;
using wick::SlotLayout;

TEST_CASE("slot layout: the row numbers and the fields do not overlap, and each begins at a multiple of 64") {
    const SlotLayout layout(5, {3, 0, 128, 1});
    std::vector<std::byte> memory(layout.bytes());
    std::byte* slot = memory.data();
    std::size_t end = 5 * sizeof(Index);
    CHECK(static_cast<void*>(layout.row_numbers(slot)) == slot);
    const std::size_t row_bytes[] = {3, 0, 128, 1};
    for (std::size_t field = 0; field < 4; ++field) {
        const auto offset = static_cast<std::size_t>(layout.field(slot, field, 0) - slot);
        CHECK(offset % 64 == 0);
        CHECK(offset >= end);
        end = offset + 5 * row_bytes[field];
        CHECK(layout.field(slot, field, 2) - layout.field(slot, field, 0) ==
              static_cast<std::ptrdiff_t>(2 * row_bytes[field]));
        CHECK(layout.field(slot, field, 2, 3).size() == 3 * row_bytes[field]);
    }
    CHECK(layout.bytes() >= end);
    CHECK(layout.bytes() % 64 == 0);
}

TEST_CASE("slot layout: an array of 64 KiB or more begins at a page, and a smaller one costs no page") {
    const SlotLayout layout(16, {1, 4096, 3, 4095, 5000});
    const bool large[] = {false, true, false, false, true};
    std::vector<std::byte> memory(layout.bytes());
    for (std::size_t field = 0; field < 5; ++field) {
        const auto offset = static_cast<std::size_t>(layout.field(memory.data(), field, 0) - memory.data());
        CHECK(offset % (large[field] ? 4096 : 64) == 0);
    }
    CHECK(layout.bytes() < 16 * (8 + 1 + 4096 + 3 + 4095 + 5000) + 2 * 4096 + 5 * 64);
}

TEST_CASE("slot layout: a batch too large for the address space is refused with its rows") {
    CHECK_THROWS_MATCHES(SlotLayout(Index{1} << 40, {std::size_t{1} << 30}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("1099511627776 rows of 1073741824 bytes")));
    CHECK_THROWS_AS(SlotLayout(std::numeric_limits<Index>::max(), {1}), std::invalid_argument);
    const std::size_t half = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / 2;
    CHECK_THROWS_AS(SlotLayout(1, {half, half, half}), std::invalid_argument);
    CHECK(SlotLayout(0, {128}).bytes() == 0);
}
