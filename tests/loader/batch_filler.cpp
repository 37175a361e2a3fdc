// SPDX-License-Identifier: MIT
#include <wick/dataset/zip.hpp>
#include <wick/loader/batch_filler.hpp>
#include <wick/sampler/sequential.hpp>

#include "support/catch.hpp"
#include "support/fake_source.hpp"

#include <cstddef>
#include <cstring>
#include <numeric>
#include <vector>

using Filler = wick::detail::BatchFiller<wick::ZipDataset<wick_test::FakeSource>, wick::SequentialSampler>;

TEST_CASE("batch filler: item and span say which rows of which epoch stand where in the slot") {
    Filler filler(wick_test::FakeSource(25), wick::SequentialSampler(), 10, false, 0);
    filler.origin = 6;
    CHECK(filler.row_bytes(filler.dataset) == std::vector<std::size_t>{24});
    const wick::Index sizes[] = {10, 10, 5};
    for (wick::Index item = 0; item < 7; ++item) {
        std::vector<std::byte> slot(filler.layout.bytes());
        for (wick::Index span = 0; span < filler.spans.spans(); ++span) filler.fill(item, span, slot.data());
        CHECK(filler.epoch_of(item) == 6 + item / 3);
        const auto size = static_cast<std::size_t>(sizes[item % 3]);
        std::vector<wick::Index> rows(size);
        std::iota(rows.begin(), rows.end(), 10 * (item % 3));
        CHECK(std::memcmp(filler.layout.row_numbers(slot.data()), rows.data(), size * sizeof(wick::Index)) ==
              0);
        const std::vector<std::byte> bytes = wick_test::pattern_bytes(rows, 3);
        CHECK(std::memcmp(filler.layout.field(slot.data(), 0, 0), bytes.data(), bytes.size()) == 0);
    }
}
