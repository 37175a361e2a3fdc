// SPDX-License-Identifier: MIT
#include <wick/dataset/zip.hpp>
#include <wick/loader/slot_tensors.hpp>
#include <wick/memory/pool.hpp>
#include <wick/source/memory.hpp>
#include <wick/tensor/scalar_type.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

TEST_CASE("slot tensors: each field of a slot has its place, dtype and shape, in any kind of memory") {
    const wick_test::FakeDevice fake;
    const wick::ZipDataset dataset(wick::MemorySource(std::vector<std::uint8_t>(60), {2, 3}),
                                   wick::MemorySource(std::vector<double>(10), {}));
    const wick::SlotLayout layout(4, {6, 8});
    for (const bool pinned : {false, true}) {
        const wick::detail::SlotTensors<2> tensors(dataset, layout, pinned);
        const auto pool = wick::Pool::make(layout.bytes(), 1, [&](std::size_t bytes) {
            return pinned ? wick::pinned_bytes(bytes, fake.device()) : wick::ordinary_bytes(bytes);
        });
        const wick::Slot slot = pool->lease();
        for (const wick::Index rows : {4, 3, 0}) {
            const at::Tensor bytes = tensors(slot, 0, rows), numbers = tensors(slot, 1, rows);
            CHECK(bytes.sizes() == at::IntArrayRef({rows, 2, 3}));
            CHECK(numbers.sizes() == at::IntArrayRef({rows}));
            CHECK(bytes.scalar_type() == at::kByte);
            CHECK(numbers.scalar_type() == at::kDouble);
            if (rows == 0) continue;
            CHECK(bytes.data_ptr() == layout.field(slot.data(), 0, 0));
            CHECK(numbers.data_ptr() == layout.field(slot.data(), 1, 0));
        }
        CHECK(tensors.sizes(7) == std::vector<std::vector<std::int64_t>>{{7, 2, 3}, {7}});
        CHECK(tensors.types() == std::vector<at::ScalarType>{at::kByte, at::kDouble});
    }
}

TEST_CASE("slot tensors: a dtype that this LibTorch lacks is refused, with the version that has it") {
    const wick::ZipDataset dataset(wick::MemorySource(std::vector<std::uint8_t>(3), {}),
                                   wick::MemorySource(std::vector<std::uint16_t>(3), {}));
    const wick::SlotLayout layout(1, {1, 2});
    const auto types = [&] { return wick::detail::SlotTensors<2>(dataset, layout, false).types(); };
    if (const auto type = wick::scalar_type(wick::Dtype::u16))
        CHECK(types() == std::vector<at::ScalarType>{at::kByte, *type});
    else
        CHECK_THROWS_MATCHES(
            types(), std::invalid_argument,
            MessageMatches(ContainsSubstring("field 1 is u16, of which LibTorch has tensors from 2.3")));
}
