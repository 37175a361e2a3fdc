// SPDX-License-Identifier: MIT
#include <wick/batch/gather.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

using wick::Bytes;
using wick::Index;
using wick::Rows;

namespace {

// Field 0 is the row number, field 1 its low byte three times.
struct Numbers {
    static constexpr std::size_t field_count = 2;
    wick::RowLayout layouts[2] = {{wick::Dtype::i64, {}}, {wick::Dtype::u8, {3}}};

    Index size() const { return 1000; }
    const wick::RowLayout& layout(std::size_t field) const { return layouts[field]; }
    void read(Rows rows, std::span<const Bytes> outs) const {
        std::memcpy(outs[0].data(), rows.data(), rows.size_bytes());
        for (std::size_t i = 0; i < rows.size(); ++i)
            std::memset(outs[1].data() + 3 * i, static_cast<int>(rows[i] & 255), 3);
    }
};
static_assert(wick::Dataset<Numbers>);

struct Backwards {
    Index size(Index rows) const { return rows; }
    void fill(Index rows, std::int64_t epoch, Index position, std::span<Index> out) const {
        for (Index& row : out) row = (rows - 1 - position++ + epoch) % rows;
    }
};
static_assert(wick::Sampler<Backwards>);

}  // namespace

TEST_CASE("gather: each part of a batch is written at its place, and nothing beside it") {
    const wick::SlotLayout layout(10, {8, 3});
    std::vector<std::byte> memory(layout.bytes(), std::byte{0xEE});
    std::byte* slot = memory.data();
    wick::gather(Numbers{}, Backwards{}, /*epoch=*/5, /*position=*/100, layout, slot, /*first=*/2,
                 /*count=*/3);
    for (Index i = 0; i < 3; ++i) {
        const Index row = 999 - (100 + i) + 5;
        CHECK(layout.row_numbers(slot)[2 + i] == row);
        Index value;
        std::memcpy(&value, layout.field(slot, 0, 2 + i), sizeof value);
        CHECK(value == row);
        for (int j = 0; j < 3; ++j)
            CHECK(layout.field(slot, 1, 2 + i)[j] == static_cast<std::byte>(row & 255));
    }
    std::size_t untouched = 0;
    for (const std::byte byte : memory) untouched += byte == std::byte{0xEE};
    CHECK(untouched == memory.size() - 3 * (8 + 8 + 3));
}
