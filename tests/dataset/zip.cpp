// SPDX-License-Identifier: MIT

#include <wick/dataset/zip.hpp>

#include "contract/dataset.hpp"
#include "support/catch.hpp"
#include "support/fake_source.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

using wick::Index;
using wick::ZipDataset;
using wick_test::FakeMoveOnlySource;
using wick_test::FakeSource;

static_assert(wick::Dataset<ZipDataset<FakeSource>>);
static_assert(wick::Dataset<ZipDataset<FakeSource, FakeMoveOnlySource>>);
static_assert(std::is_convertible_v<FakeSource, ZipDataset<FakeSource>>);
static_assert(!std::is_copy_constructible_v<ZipDataset<FakeMoveOnlySource>>);

TEST_CASE("zip: those sources say how they read that can, a line each", "[dataset]") {
    CHECK(ZipDataset<wick_test::FakeSpeakingSource, FakeSource, wick_test::FakeSpeakingSource>(
              wick_test::FakeSpeakingSource(3), FakeSource(3), wick_test::FakeSpeakingSource(3))
              .explain() == "3 rows of a fake\n3 rows of a fake");
    CHECK(ZipDataset<FakeSource>(FakeSource(3)).explain().empty());
}

TEST_CASE("zip: keeps the laws of a dataset, field by field", "[dataset]") {
    for (const Index size : {0, 1, 10}) {
        const ZipDataset one(FakeSource(size, 4, 1));
        static_assert(decltype(one)::field_count == 1);
        wick_test::check_dataset(
            one, [](wick::Rows rows, std::size_t) { return wick_test::pattern_bytes(rows, 4, 1); });

        const ZipDataset three(FakeSource(size, 4, 1), FakeMoveOnlySource(size, 2), FakeSource(size, 1, 9));
        static_assert(decltype(three)::field_count == 3);
        wick_test::check_dataset(three, [](wick::Rows rows, std::size_t field) {
            const std::size_t columns[] = {4, 2, 1};
            const int numbers[] = {1, 5, 9};
            return wick_test::pattern_bytes(rows, columns[field], numbers[field]);
        });
        CHECK(three.size() == size);
        CHECK(three.layout(1) == wick::RowLayout(wick::Dtype::i64, {2}));
        CHECK(three.layout(2) == wick::RowLayout(wick::Dtype::i64, {1}));
    }
}

TEST_CASE("zip: sizes that disagree are refused with the fields and both sizes", "[dataset]") {
    CHECK_THROWS_MATCHES(ZipDataset(FakeSource(10), FakeSource(10), FakeSource(9)), std::invalid_argument,
                         MessageMatches(ContainsSubstring("field 0 has 10 rows, but field 2 has 9")));
}

TEST_CASE("zip: one read of each source per batch, and its exception passes through", "[dataset]") {
    FakeSource first(10), second(10, 2);
    const ZipDataset zip(first, second);
    const std::vector<Index> rows = {3, 1, 2};
    wick_test::read_fields(zip, rows);
    CHECK(first.state()->reads == 1);
    CHECK(second.state()->reads == 1);
    CHECK(second.state()->last_rows == rows);
    second.throw_in(0);
    CHECK_THROWS_MATCHES(wick_test::read_fields(zip, rows), std::runtime_error,
                         MessageMatches(ContainsSubstring("read 1 fails")));
}

TEST_CASE("zip: another number of parts than fields, and a field it does not have, are refused",
          "[dataset]") {
    const ZipDataset zip(FakeSource(10), FakeSource(10));
    std::vector<wick::Bytes> outs(1);
    CHECK_THROWS_MATCHES(zip.read({}, outs), std::invalid_argument,
                         MessageMatches(ContainsSubstring("1 parts of memory for 2 fields")));
    CHECK_THROWS_MATCHES(zip.layout(2), std::out_of_range,
                         MessageMatches(ContainsSubstring("field 2 is outside [0, 2)")));
}

TEST_CASE("zip: the sources that want to know what comes are told, and the others are left alone") {
    const wick_test::FakeForesightedSource first(10, 3, 4), second(10, 8, 2);
    const auto part = [&](const auto& source) { return source.told()->accesses[0].page_cache_share; };
    ZipDataset zip(first, FakeSource(10), second);
    wick::Access access{.share = 0.5, .memory_bytes = 1000};
    zip.prepare(access);
    CHECK(access.memory_bytes == 375);
    REQUIRE((first.told()->accesses.size() == 1 && second.told()->accesses.size() == 1));
    CHECK((first.told()->accesses[0].share == 0.5 && second.told()->accesses[0].memory_bytes == 750));
    CHECK((part(first) == Approx(1.0 / 3) && part(second) == Approx(1.0 / 3)));  // rows of equal length
    zip.prefetch(std::vector<Index>{7, 1});
    CHECK(
        (first.told()->rows == std::vector<Index>{7, 1} && second.told()->rows == std::vector<Index>{7, 1}));
    CHECK(zip.prefetch_distance() ==
          3);  // a field that is told too early has no room left for what comes sooner
    CHECK(zip.block_rows() == 4);
    CHECK(ZipDataset(FakeSource(3)).prefetch_distance() == 0);
}

TEST_CASE(
    "zip: of the page cache, short rows may fill more than their part, and all fields together all of it") {
    const wick_test::FakeForesightedSource labels(10, 1, 1, 1), images(10, 1, 1, 512);  // times 8 bytes
    const auto part = [](const auto& source) { return source.told()->accesses.back().page_cache_share; };
    ZipDataset zip(images, labels);
    wick::Access access{.page_cache_share = 0.5};
    zip.prepare(access);
    CHECK(part(labels) == Approx(0.5 * 16 / (16 + 512)));
    CHECK(part(labels) + part(images) == Approx(0.5));
    const wick_test::FakeForesightedSource tens(10, 1, 1,
                                                10);  // of 121, so that 1/16 of all is less than 16 times 1
    ZipDataset many(tens, labels, images, tens);
    many.prepare(access);
    CHECK(part(labels) == Approx(0.5 * 16 / (33.3125 * 2 + 16 + 512)));
}

TEST_CASE("zip: the source of the shortest rows is offered memory first, whichever field it is") {
    const wick_test::FakeForesightedSource short_rows(10, 1, 1, 1), long_rows(10, 1, 1, 7);
    const auto offered = [](const auto& source) { return source.told()->accesses.back().memory_bytes; };
    ZipDataset short_first(short_rows, FakeSource(10), long_rows);
    wick::Access access{.memory_bytes = 800};
    short_first.prepare(access);
    CHECK((offered(short_rows) == 400 && offered(long_rows) == 600 && access.memory_bytes == 300));
    ZipDataset long_first(long_rows, short_rows);
    access.memory_bytes = 800;
    long_first.prepare(access);
    CHECK((offered(short_rows) == 400 && offered(long_rows) == 600 && access.memory_bytes == 300));
}

TEST_CASE("zip: one source is offered all the memory there is, however much that is") {
    const wick_test::FakeForesightedSource source(10, 1);
    for (const std::size_t all : {SIZE_MAX, (std::size_t{1} << 53) + 1}) {
        ZipDataset zip(source);
        wick::Access access{.memory_bytes = all};
        zip.prepare(access);
        CHECK(source.told()->accesses.back().memory_bytes == all);
    }
}
