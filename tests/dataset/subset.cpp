// SPDX-License-Identifier: MIT

#include <wick/dataset/subset.hpp>

#include "contract/dataset.hpp"
#include "support/catch.hpp"
#include "support/fake_source.hpp"

#include <cstddef>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

using wick::Index;
using wick::Permutation;
using wick::SubsetDataset;
using wick::ZipDataset;
using wick_test::FakeSource;

using Zip = ZipDataset<FakeSource, FakeSource>;
static_assert(wick::Dataset<SubsetDataset<Zip>>);
static_assert(
    std::is_same_v<decltype(SubsetDataset(FakeSource(3), 0, 1)), SubsetDataset<ZipDataset<FakeSource>>>);

namespace {

Zip zip_of(Index size) { return ZipDataset(FakeSource(size, 3, 0), FakeSource(size, 1, 1)); }

/// Row i of the subset is row `map(i)` of the whole.
template <class D, class Map>
void check_maps(const D& subset, Map map) {
    wick_test::check_dataset(subset, [&](wick::Rows rows, std::size_t field) {
        std::vector<Index> mapped;
        for (const Index row : rows) mapped.push_back(map(row));
        return wick_test::pattern_bytes(mapped, field == 0 ? 3 : 1, static_cast<int>(field));
    });
}

}  // namespace

TEST_CASE("subset: a range keeps the laws of a dataset", "[dataset]") {
    const SubsetDataset subset(zip_of(20), 5, 12);
    CHECK(subset.size() == 7);
    CHECK(subset.layout(1) == wick::RowLayout(wick::Dtype::i64, {1}));
    check_maps(subset, [](Index row) { return row + 5; });
    check_maps(SubsetDataset(zip_of(20), 20, 20), [](Index row) { return row; });
    check_maps(SubsetDataset(zip_of(20), 0, 20), [](Index row) { return row; });
}

TEST_CASE("subset: a list of rows keeps the laws of a dataset, in any order and with repeats", "[dataset]") {
    const std::vector<Index> list = {7, 3, 3, 19, 0};
    const SubsetDataset subset(zip_of(20), list);
    CHECK(subset.size() == 5);
    check_maps(subset, [&](Index row) { return list[static_cast<std::size_t>(row)]; });
    check_maps(SubsetDataset(zip_of(20), std::vector<Index>()), [](Index row) { return row; });
}

TEST_CASE("subset: a range of a random order keeps the laws of a dataset", "[dataset]") {
    const Permutation order(20, 4);
    const SubsetDataset subset(zip_of(20), order, 5, 12);
    CHECK(subset.size() == 7);
    check_maps(subset, [&](Index row) { return order(row + 5); });
}

TEST_CASE("subset: of a subset, of a source, and of a shared dataset", "[dataset]") {
    const SubsetDataset nested(SubsetDataset(zip_of(20), 5, 12), std::vector<Index>{6, 0});
    check_maps(nested, [](Index row) { return row == 0 ? 11 : 5; });

    const SubsetDataset of_source(FakeSource(20), 5, 12);
    check_maps(of_source, [](Index row) { return row + 5; });

    const auto shared = std::make_shared<const Zip>(zip_of(20));
    const SubsetDataset first(shared, 0, 10), second(shared, 10, 20);
    check_maps(second, [](Index row) { return row + 10; });
    CHECK(shared.use_count() == 3);
    const auto changeable = std::make_shared<Zip>(zip_of(20));
    check_maps(SubsetDataset(changeable, 3, 4), [](Index row) { return row + 3; });
}

TEST_CASE("subset: a whole batch is passed on in one read", "[dataset]") {
    const FakeSource source(100);
    const SubsetDataset subset(source, 50, 100);
    const std::vector<Index> rows = {9, 0, 49, 9};
    wick_test::read_fields(subset, rows);
    CHECK(source.state()->reads == 1);
    CHECK(source.state()->last_rows == std::vector<Index>{59, 50, 99, 59});
}

TEST_CASE("subset: rows that the dataset or the subset does not have are refused with both values",
          "[dataset]") {
    CHECK_THROWS_MATCHES(
        SubsetDataset(zip_of(20), 5, 21), std::out_of_range,
        MessageMatches(ContainsSubstring("rows 5 to 21 are no range of a dataset of 20 rows")));
    CHECK_THROWS_AS(SubsetDataset(zip_of(20), -1, 5), std::out_of_range);
    CHECK_THROWS_AS(SubsetDataset(zip_of(20), 6, 5), std::out_of_range);
    constexpr Index least = std::numeric_limits<Index>::min(), most = std::numeric_limits<Index>::max();
    CHECK_THROWS_AS(SubsetDataset(zip_of(20), least, most), std::out_of_range);
    CHECK_THROWS_MATCHES(SubsetDataset(zip_of(20), std::vector<Index>{3, 20}), std::out_of_range,
                         MessageMatches(ContainsSubstring("row 20 is outside [0, 20)")));
    CHECK_THROWS_MATCHES(SubsetDataset(zip_of(20), Permutation(19, 0), 0, 5), std::invalid_argument,
                         MessageMatches(ContainsSubstring("an order of 19 rows for a dataset of 20")));
    CHECK_THROWS_AS(SubsetDataset(zip_of(20), Permutation(20, 0), 0, 21), std::out_of_range);
    CHECK_THROWS_AS(SubsetDataset<Zip>(std::shared_ptr<const Zip>(), 0, 0), std::invalid_argument);

    const FakeSource source(20);
    const SubsetDataset subset(source, 5, 12);
    const std::vector<Index> rows = {0, 7};
    CHECK_THROWS_MATCHES(wick_test::read_fields(subset, rows), std::out_of_range,
                         MessageMatches(ContainsSubstring("row 7 is outside [0, 7)")));
    CHECK(source.state()->reads == 0);
}

TEST_CASE("subset: the dataset is told of its own rows, and of its own blocks where they stay together",
          "[dataset]") {
    const wick_test::FakeForesightedSource source(100, 5, 10);
    SubsetDataset range(source, 20, 70);
    wick::Access access{
        .share = 0.8, .block_rows = 16, .window_blocks = 3, .in_order = true, .memory_bytes = 64};
    range.prepare(access);
    REQUIRE(source.told()->accesses.size() == 1);
    const wick::Access told = source.told()->accesses[0];
    CHECK((told.share == 0.4 && told.block_rows == 16 && told.first_row == 20 && told.window_blocks == 3 &&
           told.in_order && told.density == 1));
    CHECK(access.memory_bytes == 32);
    range.prefetch(std::vector<Index>{0, 49});
    CHECK(source.told()->rows == std::vector<Index>{20, 69});
    CHECK((range.prefetch_distance() == 5 && range.block_rows() == 10));

    SubsetDataset list(source, std::vector<Index>{5, 50});
    list.prepare(access);
    const wick::Access scattered = source.told()->accesses[1];
    CHECK((scattered.block_rows == 1 && scattered.window_blocks == 1 && !scattered.in_order));
    CHECK(scattered.density == 0.02);
    SubsetDataset order(source, Permutation(100, 1), 50, 100);
    order.prepare(access);
    CHECK(source.told()->accesses[2].first_row == 0);  // its rows may lie anywhere
    list.prefetch(std::vector<Index>{1});
    CHECK(source.told()->rows.back() == 50);
    CHECK(list.block_rows() == 1);
}
