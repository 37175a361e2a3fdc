// SPDX-License-Identifier: MIT
#include <wick/dataset/zip.hpp>
#include <wick/loader/feed.hpp>
#include <wick/sampler/sequential.hpp>
#include <wick/tensor/tensor_source.hpp>

#include "support/catch.hpp"

#include <ATen/ATen.h>

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
