// SPDX-License-Identifier: MIT
#include <wick/loader/data_loader.hpp>
#include <wick/sampler/sequential.hpp>
#include <wick/tensor/tensor_source.hpp>

#include "support/catch.hpp"

#include <ATen/ATen.h>

#include <ranges>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

using Loader = wick::DataLoader<wick::ZipDataset<wick::TensorSource>, wick::SequentialSampler>;
using Epoch = decltype(std::declval<Loader&>().epoch(0));

static_assert(std::ranges::input_range<Epoch>);
static_assert(std::is_same_v<std::ranges::range_reference_t<Epoch>, wick::Batch<1>&>);
static_assert(!std::is_copy_constructible_v<Epoch>);

TEST_CASE("epoch: it is read once, and begin again is where it stands") {
    Loader loader(wick::TensorSource(at::arange(30)), wick::SequentialSampler(),
                  {.batch_size = 10, .workers = 1});
    Epoch epoch = loader.epoch(0);
    CHECK(epoch.size() == 3);
    CHECK(epoch.begin()->number() == 0);
    auto at = epoch.begin();
    CHECK(at->number() == 0);
    ++at;
    CHECK(epoch.begin()->number() == 1);
    at++;
    CHECK((*at).number() == 2);
    CHECK(at != epoch.end());
    ++at;
    CHECK(at == epoch.end());
    ++at;  // past the end it stays there
    CHECK(at == epoch.end());
}

TEST_CASE("epoch: the batch is gone when the loop goes on, unless it was kept") {
    Loader loader(wick::TensorSource(at::arange(40)), wick::SequentialSampler(),
                  {.batch_size = 10, .workers = 0});
    Epoch epoch = loader.epoch(0);
    auto at = epoch.begin();
    const void* memory = at->get<0>().data_ptr();
    ++at;
    CHECK(at->get<0>().data_ptr() == memory);
    const wick::Batch<1> kept = *at;
    ++at;
    CHECK(at->get<0>().data_ptr() != memory);
    CHECK(at::equal(kept.get<0>(), at::arange(10, 20)));
}

TEST_CASE("epoch: after a batch that threw, a new loop over the epoch goes on behind it") {
    struct Bad {
        wick::RowLayout row{wick::Dtype::i64, {}};
        wick::Index size() const { return 50; }
        const wick::RowLayout& layout() const { return row; }
        void read(wick::Rows rows, wick::Bytes) const {
            if (rows.front() % 20 == 0) throw std::domain_error("bad");
        }
    };
    for (const wick::Index workers : {0, 2}) {
        wick::DataLoader loader(Bad{}, wick::SequentialSampler(), {.batch_size = 10, .workers = workers});
        auto epoch = loader.epoch(0);
        std::vector<wick::Index> seen;
        int errors = 0;
        for (bool over = false; !over;) try {
                for (auto& batch : epoch) seen.push_back(batch.number());
                over = true;
            } catch (const std::domain_error&) {
                ++errors;
            }
        CHECK(errors == 3);
        CHECK(seen == std::vector<wick::Index>{1, 3});
    }
}

TEST_CASE("epoch: it works with the algorithms of ranges") {
    Loader loader(wick::TensorSource(at::arange(95)), wick::SequentialSampler(), {.batch_size = 10});
    CHECK(std::ranges::distance(loader.epoch(0)) == 10);
}
