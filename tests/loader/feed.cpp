// SPDX-License-Identifier: MIT
#include <wick/dataset/zip.hpp>
#include <wick/loader/feed.hpp>
#include <wick/sampler/block_shuffle.hpp>
#include <wick/sampler/sequential.hpp>
#include <wick/tensor/tensor_source.hpp>

#include "support/catch.hpp"
#include "support/fake_source.hpp"

#include <ATen/ATen.h>

#include <numeric>
#include <utility>
#include <vector>

using Feed = wick::detail::Feed<wick::ZipDataset<wick::TensorSource>, wick::SequentialSampler>;

TEST_CASE("feed: batches go on over the end of an epoch, and seek stands still where they are") {
    for (const wick::Index workers : {0, 2}) {
        Feed feed(wick::TensorSource(at::arange(25)), wick::SequentialSampler(),
                  {.batch_size = 10, .workers = workers});
        feed.seek(4);
        CHECK(feed.left() == 3);
        const wick::Index rows[] = {10, 10, 5};
        for (int i = 0; i < 7; ++i) {
            const auto batch = feed.next();
            CHECK(batch.epoch() == 4 + i / 3);
            CHECK(batch.number() == i % 3);
            CHECK(batch.get<0>().size(0) == rows[i % 3]);
            if (i % 3 == 2) feed.seek(5 + i / 3);  // there already
        }
        CHECK(feed.left() == 2);
        feed.seek(6);  // half read: it begins again
        CHECK(feed.left() == 3);
        CHECK(feed.next().number() == 0);
        feed.seek(0);
        CHECK(feed.next().epoch() == 0);
    }
}

namespace {

using Foresighted = wick::ZipDataset<wick_test::FakeForesightedSource>;

}  // namespace

TEST_CASE("feed: the dataset is told, once, how it will be read and what the batches leave of the budget") {
    const wick_test::FakeForesightedSource source(100, 0);
    const wick::detail::Feed<Foresighted, wick::SequentialSampler> feed(
        source, wick::SequentialSampler(), {.batch_size = 10, .workers = 0, .memory_budget = 1 << 20});
    REQUIRE(source.told()->accesses.size() == 1);
    const wick::Access access = source.told()->accesses[0];
    CHECK((access.block_rows == 100 && access.batch_memory_bytes > 0));
    CHECK(access.memory_bytes + access.batch_memory_bytes == 1 << 20);
}

TEST_CASE(
    "feed: rows are announced at the dataset's distance, at least a span for each worker, each once") {
    const wick_test::FakeForesightedSource near(40, 1), far(40, 25);
    for (const auto& [source, ahead] : {std::pair(near, 1), std::pair(far, 3)}) {
        wick::detail::Feed<Foresighted, wick::SequentialSampler> feed(source, wick::SequentialSampler(),
                                                                      {.batch_size = 10, .workers = 0});
        feed.seek(0);
        for (wick::Index batch = 0; batch < 4; ++batch) {
            feed.next();
            REQUIRE(source.told()->rows.size() == static_cast<std::size_t>(10 * batch + 10));
            for (wick::Index i = 0; i < 10; ++i)
                REQUIRE(source.told()->rows[static_cast<std::size_t>(10 * batch + i)] ==
                        (10 * (batch + ahead) + i) % 40);
        }
    }
}

TEST_CASE("feed: of batches that are long, no more than the dataset's distance is announced") {
    // Rows of 600 KiB, each a span of its own.
    const wick_test::FakeForesightedSource source(40, 3, 1, 75 << 10);
    wick::detail::Feed<Foresighted, wick::SequentialSampler> feed(source, wick::SequentialSampler(),
                                                                  {.batch_size = 10, .workers = 0});
    feed.seek(0);
    feed.next();
    std::vector<wick::Index> rows(10);
    std::iota(rows.begin(), rows.end(), 3);
    CHECK(source.told()->rows == rows);
}

TEST_CASE(
    "feed: where nothing is gained by it, nothing is announced; where announcing fails, nobody is "
    "disturbed") {
    const wick_test::FakeForesightedSource quiet(40, 0), failing(40, 5);
    failing.told()->fails = true;
    for (const auto& source : {quiet, failing}) {
        wick::detail::Feed<Foresighted, wick::SequentialSampler> feed(source, wick::SequentialSampler(),
                                                                      {.batch_size = 10, .workers = 1});
        feed.seek(0);
        for (int i = 0; i < 8; ++i) CHECK(feed.next().number() == i % 4);
        CHECK(source.told()->rows.empty());
    }
}

TEST_CASE("feed: a sampler that fits itself to the data knows its rows, its chunks and the batch") {
    const wick_test::FakeForesightedSource source(1000, 0), chunked(1000, 0, 50);
    wick::detail::Feed<Foresighted, wick::BlockShuffleSampler> feed(source, wick::BlockShuffleSampler(7),
                                                                    {.batch_size = 10, .workers = 0});
    CHECK(feed.filler.sampler.access(1 << 20).block_rows == 10'922);  // 256 KiB of rows of 24 bytes
    wick::detail::Feed<Foresighted, wick::BlockShuffleSampler> whole(chunked, wick::BlockShuffleSampler(7),
                                                                     {.batch_size = 10, .workers = 0});
    CHECK(whole.filler.sampler.access(1 << 20).block_rows == 50);
}
