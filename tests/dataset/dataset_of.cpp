// SPDX-License-Identifier: MIT

#include <wick/dataset/dataset_of.hpp>

#include "support/catch.hpp"
#include "support/fake_source.hpp"

#include <type_traits>

using wick::DatasetOf;
using wick_test::FakeSource;

template <class T>
concept StandsForDataset = requires {
    typename DatasetOf<T>;
};

static_assert(std::is_same_v<DatasetOf<FakeSource>, wick::ZipDataset<FakeSource>>);
static_assert(std::is_same_v<DatasetOf<wick::ZipDataset<FakeSource>>, wick::ZipDataset<FakeSource>>);
static_assert(!StandsForDataset<int>);

TEST_CASE("dataset of: a source becomes a dataset of one field, a dataset stays", "[dataset]") {
    const DatasetOf<FakeSource> from_source = FakeSource(10);
    CHECK(from_source.size() == 10);
    const DatasetOf<wick::ZipDataset<FakeSource>> same = from_source;
    CHECK(same.size() == 10);
}
