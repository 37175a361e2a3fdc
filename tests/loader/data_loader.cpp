// SPDX-License-Identifier: MIT
#include <wick/dataset/subset.hpp>
#include <wick/loader/data_loader.hpp>
#include <wick/sampler/random.hpp>
#include <wick/sampler/sequential.hpp>
#include <wick/source/raw.hpp>
#include <wick/tensor/tensor_source.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using wick::Bytes;
using wick::DataLoader;
using wick::Index;
using wick::LoaderOptions;
using wick::Rows;

namespace {

constexpr std::size_t plenty = std::size_t{1} << 30;

// The data as LibTorch has it: what it selects is what the loader must give.
struct Data {
    explicit Data(Index rows)
        : images(at::randint(0, 255, {rows, 3, 5}, at::kByte)), labels(at::arange(rows).mul(7)) {}
    auto dataset() const { return wick::ZipDataset(wick::TensorSource(images), wick::TensorSource(labels)); }
    at::Tensor images, labels;
};

at::Tensor index_of(Rows rows) { return at::tensor(std::vector<Index>(rows.begin(), rows.end())); }

// What the source was asked for, and faults on demand.
struct Log {
    std::atomic<Index> reads{0};
    std::atomic<Index> throw_at_row{-1};
    std::atomic<const void*> last_out{nullptr};
};

class Spy {
public:
    Spy(Index rows, std::shared_ptr<Log> log, std::vector<Index> shape = {})
        : rows_(rows), layout_(wick::Dtype::i64, std::move(shape)), log_(std::move(log)) {}
    Index size() const { return rows_; }
    const wick::RowLayout& layout() const { return layout_; }
    void read(Rows rows, Bytes out) const {
        log_->last_out = out.data();
        log_->reads += static_cast<Index>(rows.size());
        const std::size_t elements = layout_.elements();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i] == log_->throw_at_row)
                throw std::domain_error("row " + std::to_string(rows[i]) + " is bad");
            for (std::size_t j = 0; j < elements; ++j)
                std::memcpy(out.data() + (i * elements + j) * sizeof(Index), &rows[i], sizeof(Index));
        }
    }

private:
    Index rows_;
    wick::RowLayout layout_;
    std::shared_ptr<Log> log_;
};
static_assert(wick::Source<Spy>);

}  // namespace

TEST_CASE(
    "loader: batches are what LibTorch selects, in the sampler's order, for any workers, batch size and "
    "budget") {
    const Data data(1000);
    const wick::RandomSampler sampler(7);
    for (const Index workers : {0, 1, 2, 5})
        for (const Index batch_size : {1, 32, 333, 1000, 5000})
            for (const std::size_t budget : {std::size_t{0}, std::size_t{3}, std::size_t{100}}) {
                // A budget of so many batches; 0 stands for the default.
                const std::size_t batch_bytes =
                    static_cast<std::size_t>(std::min<Index>(batch_size, 1000)) * 31 + 192;
                DataLoader loader(data.dataset(), sampler,
                                  {.batch_size = batch_size,
                                   .workers = workers,
                                   .memory_budget = budget ? budget * batch_bytes : plenty});
                for (const std::int64_t epoch : {0, 1, 7}) {
                    std::vector<Index> order(1000);
                    sampler.fill(1000, epoch, 0, order);
                    Index position = 0, number = 0;
                    bool right = true;
                    for (auto& batch : loader.epoch(epoch)) {
                        auto& [images, labels] = batch;
                        const Index rows = std::min<Index>(batch_size, 1000 - position);
                        const at::Tensor index = index_of(Rows(order).subspan(
                            static_cast<std::size_t>(position), static_cast<std::size_t>(rows)));
                        right &= at::equal(images, data.images.index_select(0, index));
                        right &= at::equal(labels, data.labels.index_select(0, index));
                        right &= at::equal(index_of(batch.rows()), index);
                        right &= batch.number() == number++ && batch.epoch() == epoch;
                        position += rows;
                    }
                    CHECK(right);
                    CHECK(position == 1000);
                    CHECK(number == loader.size());
                }
            }
}

TEST_CASE("loader: a large batch is filled in spans by several workers, and is the same") {
    const auto log = std::make_shared<Log>();
    DataLoader loader(Spy(900, log, {10'000}), wick::RandomSampler(3), {.batch_size = 100, .workers = 3});
    Index rows = 0;
    bool right = true;
    for (auto& batch : loader.epoch(2)) {
        const at::Tensor& values = batch.get<0>();
        right &= at::equal(values, index_of(batch.rows()).unsqueeze(1).expand({values.size(0), 10'000}));
        rows += values.size(0);
    }
    CHECK(right);
    CHECK(rows == 900);
}

TEST_CASE("loader: batches that lie side by side have the right rows, those that are kept as well") {
    const auto log = std::make_shared<Log>();
    std::vector<wick::Batch<1>> kept;
    bool right = true;
    const auto holds_its_rows = [](const wick::Batch<1>& batch) {
        const at::Tensor& values = batch.get<0>();
        return at::equal(values, index_of(batch.rows()).unsqueeze(1).expand({values.size(0), 500}));
    };
    {
        DataLoader loader(Spy(4000, log, {500}), wick::RandomSampler(3), {.batch_size = 50, .workers = 3});
        for (int epoch = 0; epoch < 3; ++epoch)
            for (auto& batch : loader.epoch(epoch)) {
                right &= holds_its_rows(batch);
                if (batch.number() % 3 == 0) kept.push_back(std::move(batch));
            }
    }
    CHECK(right);
    CHECK(kept.size() == 3 * 27);
    CHECK(std::ranges::all_of(kept, holds_its_rows));
}

TEST_CASE("loader: the bytes go from the source to the user's tensor, without a place between") {
    const auto log = std::make_shared<Log>();
    DataLoader loader(Spy(64, log), wick::SequentialSampler(), {.batch_size = 16, .workers = 0});
    for (auto& [values] : loader.epoch(0)) CHECK(values.data_ptr() == log->last_out);
}

TEST_CASE("loader: it says how the data are read in its own order, also those of a part of a data set") {
    const wick_test::TempDir dir;
    const std::vector<std::byte> bytes(std::size_t{4} << 20);
    const wick::RawSource source(dir.write("a", bytes), wick::RowLayout(wick::Dtype::u8, {4096}),
                                 {.engine = wick::Engine::direct});
    const DataLoader loader(wick::SubsetDataset(source, 0, 1024), wick::SequentialSampler(),
                            {.batch_size = 16});
    CHECK_THAT(loader.explain(),
               ContainsSubstring("a (4.2 MB): read past the page cache, as was asked for") ||
                   ContainsSubstring("direct reads are refused here"));
    CHECK_THAT(loader.explain(), ContainsSubstring("; 256 neighbouring rows at a time, held in "));
    CHECK(source.explain().find("neighbouring") == std::string::npos);
}

TEST_CASE("loader: leaving an epoch early, by break or by an exception, leaves the next one whole") {
    const Data data(500);
    for (const Index workers : {0, 2}) {
        DataLoader loader(data.dataset(), wick::SequentialSampler(), {.batch_size = 10, .workers = workers});
        for (int round = 0; round < 20; ++round) {
            for (auto& batch : loader.epoch(round))
                if (batch.number() == round % 7) break;
            CHECK_THROWS_AS(
                [&] {
                    for (auto& batch : loader.epoch(round))
                        if (batch.number() == 3) throw std::length_error("mine");
                }(),
                std::length_error);
            Index rows = 0;
            for (auto& [images, labels] : loader.epoch(round))
                rows += at::equal(labels, at::arange(rows, rows + 10).mul(7)) * 10;
            CHECK(rows == 500);
        }
    }
}

TEST_CASE("loader: batches that are kept stay as they are, after the loader has died, and never block it") {
    const Data data(1000);
    for (const Index workers : {0, 2}) {
        std::vector<wick::Batch<2>> kept;
        std::vector<at::Tensor> tensors;
        {
            DataLoader loader(data.dataset(), wick::RandomSampler(1), {.batch_size = 20, .workers = workers});
            for (auto& batch : loader.epoch(0)) {
                kept.push_back(batch);
                tensors.push_back(batch.get<0>());
            }
            CHECK(kept.size() == 50);
            Index more = 0;
            for (auto& batch : loader.epoch(1)) more += static_cast<Index>(batch.rows().size());
            CHECK(more == 1000);
        }
        bool right = true;
        for (std::size_t i = 0; i < kept.size(); ++i) {
            const at::Tensor index = index_of(kept[i].rows());
            right &= at::equal(kept[i].get<0>(), data.images.index_select(0, index));
            right &= at::equal(tensors[i], kept[i].get<0>());
        }
        CHECK(right);
        kept.clear();
        CHECK(tensors.back().sum().item<std::int64_t>() > 0);
    }
}

TEST_CASE("loader: an epoch outlives its loader") {
    const Data data(300);
    for (const Index workers : {0, 2}) {
        auto loader = std::make_unique<
            DataLoader<wick::ZipDataset<wick::TensorSource, wick::TensorSource>, wick::SequentialSampler>>(
            data.dataset(), wick::SequentialSampler(), LoaderOptions{.batch_size = 10, .workers = workers});
        auto epoch = loader->epoch(0);
        auto at = epoch.begin();
        loader.reset();
        Index batches = 0;
        for (; at != epoch.end(); ++at) ++batches;
        CHECK(batches == 30);
    }
}

TEST_CASE("loader: a loader dropped with an epoch half read, or never read, ends at once") {
    const auto log = std::make_shared<Log>();
    for (const Index workers : {0, 1, 4}) {
        {
            DataLoader loader(Spy(100'000, log), wick::RandomSampler(1),
                              {.batch_size = 10, .workers = workers});
        }
        DataLoader loader(Spy(100'000, log), wick::RandomSampler(1), {.batch_size = 10, .workers = workers});
        const auto unread = loader.epoch(0);
        CHECK(log->reads < 100'000);
    }
}

TEST_CASE("loader: two epochs at a time are refused, and one after the other are not") {
    const Data data(100);
    DataLoader loader(data.dataset(), wick::SequentialSampler(), {.batch_size = 10, .workers = 1});
    {
        auto first = loader.epoch(0);
        CHECK_THROWS_MATCHES(loader.epoch(1), std::invalid_argument,
                             MessageMatches(ContainsSubstring("epoch 1")));
        CHECK(first.begin()->number() == 0);
    }
    CHECK(loader.epoch(1).begin()->epoch() == 1);
}

TEST_CASE("loader: an exception in a worker reaches the user at its batch's place, as it was thrown") {
    const auto log = std::make_shared<Log>();
    for (const Index workers : {0, 1, 3}) {
        DataLoader loader(Spy(1000, log), wick::SequentialSampler(), {.batch_size = 10, .workers = workers});
        log->throw_at_row = 555;
        Index batches = 0;
        CHECK_THROWS_WITH(
            [&] {
                for (auto& [values] : loader.epoch(0)) batches += values.size(0) == 10;
            }(),
            "row 555 is bad");
        CHECK(batches == 55);

        // Caught inside the loop, it costs that batch alone: nothing after it is lost, and the end is the end.
        std::vector<Index> seen;
        auto epoch = loader.epoch(0);
        auto at = epoch.begin();
        int errors = 0;
        while (at != epoch.end()) {
            seen.push_back(at->number());
            for (bool again = true; again;) try {
                    ++at;
                    again = false;
                } catch (const std::domain_error&) {
                    ++errors;
                }
        }
        CHECK(errors == 1);
        CHECK(seen.size() == 99);
        CHECK(std::find(seen.begin(), seen.end(), 55) == seen.end());
        log->throw_at_row = -1;
    }
    log->throw_at_row = 555;
    DataLoader loader(Spy(1000, log), wick::SequentialSampler(), {.batch_size = 10, .workers = 2});
    CHECK_THROWS_AS(
        [&] {
            for (auto& batch : loader.epoch(0)) (void)batch;
        }(),
        std::domain_error);
    log->throw_at_row = -1;
    Index rows = 0;
    for (auto& [values] : loader.epoch(1)) rows += values.size(0);
    CHECK(rows == 1000);
}

TEST_CASE("loader: the workers go on into the next epoch by themselves, and what they filled there is used") {
    const auto log = std::make_shared<Log>();
    const std::size_t batch = 10 * 16 + 96;  // 10 row numbers and rows of 8 bytes, each in whole cache lines
    DataLoader loader(Spy(100, log), wick::SequentialSampler(),
                      {.batch_size = 10, .workers = 1, .memory_budget = 5 * batch});  // four are filled ahead
    const auto reads_become = [&](Index reads) {
        for (int i = 0; i < 60'000 && log->reads < reads; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return log->reads == reads;
    };
    for (auto& batch_of_epoch : loader.epoch(0)) CHECK(batch_of_epoch.epoch() == 0);
    CHECK(reads_become(140));  // 40 rows of epoch 1, and nobody has asked for it yet
    for (auto& batch_of_epoch : loader.epoch(1)) CHECK(batch_of_epoch.epoch() == 1);
    CHECK(reads_become(240));  // none was read twice
    Index rows = 0;
    for (auto& batch_of_epoch : loader.epoch(5)) {  // not the one that they were on
        CHECK(batch_of_epoch.epoch() == 5);
        rows += static_cast<Index>(batch_of_epoch.rows().size());
    }
    CHECK(rows == 100);
    CHECK(reads_become(240 + 140));
}

TEST_CASE("loader: a budget too small for a batch is refused with the bytes it needs") {
    const auto log = std::make_shared<Log>();
    const Spy source(1000, log, {100});
    // 8 bytes for the row number and 800 for the row, 64 rows
    CHECK_THROWS_MATCHES(
        DataLoader(source, wick::SequentialSampler(),
                   {.batch_size = 64, .workers = 2, .memory_budget = 50'000}),
        std::invalid_argument,
        MessageMatches(ContainsSubstring("50000 bytes") && ContainsSubstring(std::to_string(64 * 808))));
    CHECK_NOTHROW(DataLoader(source, wick::SequentialSampler(),
                             {.batch_size = 64, .workers = 2, .memory_budget = 64 * 808}));
}

TEST_CASE("loader: batches never take more than the budget, for any number of workers") {
    const auto log = std::make_shared<Log>();
    for (const Index workers : {0, 1, 2, 8, 16})
        for (const std::size_t slots : {1, 2, 3, 10, 1000}) {
            const bool pages = slots % 2 == 1;  // which longer batches take, whole
            const std::size_t batch = pages ? std::size_t{51} * 4096 : std::size_t{64} * 808;
            const std::size_t budget = slots * batch + 17;
            DataLoader loader(Spy(3000, log, {pages ? 400 : 100}), wick::RandomSampler(1),
                              {.batch_size = 64, .workers = workers, .memory_budget = budget});
            for (int epoch = 0; epoch < 2; ++epoch) {
                Index rows = 0;
                for (auto& [values] : loader.epoch(epoch)) rows += values.size(0);
                CHECK(rows == 3000);
            }
            CHECK(loader.peak_bytes() <= budget);
            CHECK(loader.peak_bytes() >= batch);
        }
}

TEST_CASE("loader: drop_last drops the short batch; else it is short; no rows are no batches") {
    const Data data(105);
    DataLoader short_last(data.dataset(), wick::SequentialSampler(), {.batch_size = 10});
    DataLoader dropped(data.dataset(), wick::SequentialSampler(), {.batch_size = 10, .drop_last = true});
    CHECK(short_last.size() == 11);
    CHECK(dropped.size() == 10);
    for (int epoch = 0; epoch < 3; ++epoch) {
        std::vector<Index> sizes;
        for (auto& [images, labels] : short_last.epoch(epoch)) sizes.push_back(images.size(0));
        CHECK(sizes == std::vector<Index>{10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 5});
        Index rows = 0;
        for (auto& [images, labels] : dropped.epoch(epoch)) rows += labels.size(0);
        CHECK(rows == 100);
    }
    DataLoader nothing(wick::TensorSource(at::empty({0, 4})), wick::RandomSampler(1), {.batch_size = 10});
    CHECK(nothing.size() == 0);
    for (int epoch = 0; epoch < 2; ++epoch)
        for (auto& batch : nothing.epoch(epoch)) FAIL("a batch of nothing: " << batch.number());
}

TEST_CASE("loader: a single source is a dataset of one field, also one whose rows have no elements") {
    const at::Tensor tensor = at::randn({20, 2, 3});
    DataLoader loader(wick::TensorSource(tensor), wick::SequentialSampler(), {.batch_size = 5});
    Index row = 0;
    for (auto& [values] : loader.epoch(0)) {
        CHECK(at::equal(values, tensor.slice(0, row, row + 5)));
        row += 5;
    }
    DataLoader empty_rows(wick::TensorSource(at::empty({20, 0})), wick::SequentialSampler(),
                          {.batch_size = 5});
    Index rows = 0;
    for (auto& batch : empty_rows.epoch(0)) {
        CHECK(batch.get<0>().sizes() == at::IntArrayRef({5, 0}));
        rows += static_cast<Index>(batch.rows().size());
    }
    CHECK(rows == 20);
}

TEST_CASE("loader: options and epochs out of range are refused with their values") {
    const Data data(10);
    const wick::SequentialSampler sampler;
    CHECK_THROWS_MATCHES(DataLoader(data.dataset(), sampler, {.batch_size = 0}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("batch_size") && ContainsSubstring("0")));
    CHECK_THROWS_MATCHES(DataLoader(data.dataset(), sampler, {.workers = -2}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("workers") && ContainsSubstring("-2")));
    DataLoader loader(data.dataset(), sampler);
    CHECK_THROWS_MATCHES(loader.epoch(-1), std::out_of_range, MessageMatches(ContainsSubstring("-1")));
}

TEST_CASE("loader: no memory for the batches is an Error at the epoch's begin, and the loader lives on") {
    struct Huge {
        wick::RowLayout row{wick::Dtype::u8, {Index{1} << 50}};
        Index size() const { return 4; }
        const wick::RowLayout& layout() const { return row; }
        void read(Rows, Bytes) const {}
    };
    DataLoader loader(Huge{}, wick::SequentialSampler(),
                      {.batch_size = 2, .workers = 1, .memory_budget = ~std::size_t{0}});
    for (int i = 0; i < 2; ++i) CHECK_THROWS_AS(loader.epoch(0), wick::Error);
}

TEST_CASE("loader: it can be moved, in the middle of an epoch too") {
    const Data data(100);
    DataLoader loader(data.dataset(), wick::SequentialSampler(), {.batch_size = 10});
    auto epoch = loader.epoch(0);
    auto at = epoch.begin();
    DataLoader moved = std::move(loader);
    Index batches = 0;
    for (; at != epoch.end(); ++at) ++batches;
    CHECK(batches == 10);
    CHECK(moved.size() == 10);
}

TEST_CASE("loader: the last epoch that can be counted is one like any other") {
    const Data data(40);
    DataLoader loader(data.dataset(), wick::RandomSampler(1), {.batch_size = 10, .workers = 2});
    const std::int64_t last = std::numeric_limits<std::int64_t>::max();
    for (const std::int64_t number : {std::int64_t{0}, last, std::int64_t{3}, last - 1, last}) {
        Index rows = 0;
        for (auto& batch : loader.epoch(number))
            rows += batch.epoch() == number ? static_cast<Index>(batch.rows().size()) : 0;
        CHECK(rows == 40);
    }
}
