// SPDX-License-Identifier: MIT
// Whole loaders whose batches are on a device: whatever the consumer does, each batch is what it would be on the CPU.

#include <wick/dataset/zip.hpp>
#include <wick/loader/data_loader.hpp>
#include <wick/sampler/random.hpp>
#include <wick/sampler/sequential.hpp>
#include <wick/tensor/tensor_source.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"
#include "support/fake_source.hpp"

#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/StreamGuard.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

using wick::Index;
using wick::LoaderOptions;
using wick_test::FakeDevice;

namespace {

constexpr std::size_t columns = 16, row_bytes = columns * sizeof(std::int64_t);

/// Rows after the pattern; tells the device when their memory is written to, and fails in one row if so wished.
class Rows {
public:
    Rows(FakeDevice& fake, Index size, Index bad_row = -1)
        : fake_(&fake), inner_(size, columns), bad_row_(bad_row) {}
    Index size() const { return inner_.size(); }
    const wick::RowLayout& layout() const { return inner_.layout(); }
    void read(wick::Rows rows, wick::Bytes out) const {
        for (const Index row : rows)
            if (row == bad_row_) throw std::domain_error("a bad row");
        fake_->host_writes(out);
        inner_.read(rows, out);
    }
    int reads() const { return inner_.state()->reads; }

private:
    FakeDevice* fake_;
    wick_test::FakeSource inner_;
    Index bad_row_;
};

/// What the device saw of a batch, and what it should have seen.
struct Seen {
    std::shared_ptr<const wick_test::FakeReading> reading;
    std::vector<std::byte> expected;
    bool right() const { return reading->bytes == expected; }
};

template <class Batch>
Seen look(FakeDevice& fake, const Batch& batch) {
    return {fake.read(batch.template get<0>()), wick_test::pattern_bytes(batch.rows(), columns)};
}

bool all_right(FakeDevice& fake, const std::vector<Seen>& seen) {
    fake.synchronize();
    for (const std::string& violation : fake.violations()) UNSCOPED_INFO(violation);
    return fake.violations().empty() && std::ranges::all_of(seen, &Seen::right);
}

/// The stream of the n-th loader that was made since the device is there.
c10::Stream side_stream(const FakeDevice& fake, int loader = 0) {
    return c10::Stream(c10::Stream::UNSAFE, fake.device(), 1 + loader);
}

}  // namespace

TEST_CASE("loader to a device: batches are the same bytes for any number of workers, places and slots") {
    for (const Index workers : {0, 1, 3})
        for (const Index places : {1, 2, 5})
            for (const std::size_t slots : {1, 2, 3, 20}) {
                FakeDevice fake;
                std::vector<Seen> seen;
                wick::DataLoader loader(Rows(fake, 205), wick::RandomSampler(3),
                                        {.batch_size = 10,
                                         .workers = workers,
                                         .device = fake.device(),
                                         .memory_budget = slots * 2048 + 10 * 8 * 5,
                                         .device_batches = places});
                CHECK(loader.device() == fake.device());
                CHECK(loader.pinned());
                for (int epoch = 0; epoch < 2; ++epoch)
                    for (auto& batch : loader.epoch(epoch)) {
                        CHECK(batch.epoch() == epoch);
                        CHECK(batch.get<0>().device() == fake.device());
                        seen.push_back(look(fake, batch));
                    }
                CHECK(seen.size() == 42);
                CHECK(all_right(fake, seen));
                CHECK(loader.peak_bytes() <= loader.options().memory_budget);
                const auto counters = fake.counters();
                CHECK(counters.peak_bytes <= static_cast<std::size_t>(places) * 1536);
                CHECK(counters.pageable_copies == 0);
            }
}

TEST_CASE("loader to a device: each row goes over the bus once") {
    FakeDevice fake;
    wick::DataLoader loader(Rows(fake, 100), wick::SequentialSampler(),
                            {.batch_size = 10, .workers = 0, .device = fake.device()});
    for (auto& batch : loader.epoch(0)) CHECK(batch.rows().size() == 10);
    fake.synchronize();
    CHECK(fake.counters().bytes_to_device == 100 * row_bytes);
}

TEST_CASE("loader to a device: in any order of steps the device sees what the CPU would") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        FakeDevice fake({.seed = seed});
        std::vector<Seen> seen;
        const bool fixed = seed % 2 == 0;
        wick::DataLoader loader(Rows(fake, 95), wick::RandomSampler(seed),
                                {.batch_size = 10,
                                 .workers = 0,
                                 .device = fake.device(),
                                 .memory_budget = (1 + seed % 3) * 2048 + 400,
                                 .device_batches = static_cast<Index>(1 + seed % 4),
                                 .static_addresses = fixed});
        for (int epoch = 0; epoch < 2; ++epoch)
            for (auto& batch : loader.epoch(epoch)) {
                seen.push_back(look(fake, batch));
                if (seed % 5 == 0) seen.push_back(look(fake, batch));
            }
        REQUIRE(all_right(fake, seen));
    }
}

TEST_CASE("loader to a device: the consumer may change streams from batch to batch") {
    FakeDevice fake;
    std::vector<Seen> seen;
    wick::DataLoader loader(Rows(fake, 300), wick::RandomSampler(3),
                            {.batch_size = 10, .workers = 2, .device = fake.device()});
    auto epoch = loader.epoch(0);
    std::optional<decltype(epoch.begin())> at;
    for (int i = 0;; ++i) {
        // The batch is given, used and let go while another stream is current than before and after.
        const c10::StreamGuard guard(c10::Stream(c10::Stream::UNSAFE, fake.device(), 20 + i % 3));
        if (!at)
            at.emplace(epoch.begin());
        else
            ++*at;
        if (*at == epoch.end()) break;
        seen.push_back(look(fake, **at));
    }
    CHECK(seen.size() == 30);
    CHECK(all_right(fake, seen));
}

TEST_CASE("loader to a device: batches that are kept stay as they are, until after the loader has died") {
    FakeDevice fake;
    std::vector<Seen> seen;
    {
        std::vector<wick::Batch<1>> kept;
        {
            wick::DataLoader loader(Rows(fake, 200), wick::RandomSampler(3),
                                    {.batch_size = 10, .workers = 2, .device = fake.device()});
            for (auto& batch : loader.epoch(0)) {
                if (batch.number() % 3 == 0) kept.push_back(batch);
                if (batch.number() % 6 == 5) kept.erase(kept.begin());  // late
            }
        }
        CHECK(fake.counters().pinned_blocks == 0);  // row numbers hold no pinned memory
        CHECK(kept.size() == 4);
        for (const auto& batch : kept) seen.push_back(look(fake, batch));
    }
    CHECK(all_right(fake, seen));
    CHECK(fake.counters().blocks == 0);
}

TEST_CASE(
    "loader to a device: leaving an epoch early, by break or by an exception, leaves the next one whole") {
    FakeDevice fake;
    std::vector<Seen> seen;
    wick::DataLoader loader(Rows(fake, 200), wick::RandomSampler(3),
                            {.batch_size = 10, .workers = 2, .device = fake.device()});
    for (int round = 0; round < 10; ++round) {
        try {
            for (auto& batch : loader.epoch(2 * round)) {
                seen.push_back(look(fake, batch));
                if (batch.number() == round) {
                    if (round % 2 == 0) break;
                    throw std::runtime_error("the user's own");
                }
            }
        } catch (const std::runtime_error&) {
        }
        Index batches = 0;
        for (auto& batch : loader.epoch(2 * round + 1)) {
            seen.push_back(look(fake, batch));
            ++batches;
        }
        CHECK(batches == 20);
    }
    CHECK(all_right(fake, seen));
}

TEST_CASE(
    "loader to a device: an exception in a worker or in on_device comes at its batch's place, others are "
    "whole") {
    for (const Index workers : {0, 2}) {
        FakeDevice fake;
        std::vector<Seen> seen;
        wick::DataLoader loader(Rows(fake, 100, /*bad_row=*/25), wick::SequentialSampler(),
                                {.batch_size = 10,
                                 .workers = workers,
                                 .device = fake.device(),
                                 .memory_budget = 4 * 2048 + 300,
                                 .on_device = [](auto& batch) {
                                     if (batch.number == 6) throw std::length_error("not this one");
                                 }});
        for (int round = 0; round < 3; ++round) {
            std::vector<Index> numbers;
            int bad_rows = 0, not_these = 0;
            auto epoch = loader.epoch(round);
            for (bool over = false; !over;) try {
                    for (auto& batch : epoch) {
                        numbers.push_back(batch.number());
                        seen.push_back(look(fake, batch));
                    }
                    over = true;
                } catch (const std::domain_error&) {
                    ++bad_rows;
                } catch (const std::length_error&) {
                    ++not_these;
                }
            CHECK(numbers == std::vector<Index>{0, 1, 3, 4, 5, 7, 8, 9});
            CHECK((bad_rows == 1 && not_these == 1));
        }
        CHECK(all_right(fake, seen));
    }
}

TEST_CASE("loader to a device: two loaders on two devices, whichever of them is current") {
    FakeDevice fake;
    std::vector<Seen> seen;
    const auto loader_on = [&](int device) {
        return wick::DataLoader(Rows(fake, 100), wick::RandomSampler(static_cast<std::uint64_t>(device)),
                                {.batch_size = 10, .workers = 2, .device = fake.device(device)});
    };
    auto first = loader_on(0), second = loader_on(1);
    auto of_first = first.epoch(0);
    auto of_second = second.epoch(0);
    auto one = of_first.begin();
    auto two = of_second.begin();
    for (int i = 0; one != of_first.end(); ++i) {
        const c10::DeviceGuard guard(fake.device(i % 2));
        CHECK(one->get<0>().device() == fake.device(0));
        CHECK(two->get<0>().device() == fake.device(1));
        seen.push_back(look(fake, *one));
        seen.push_back(look(fake, *two));
        ++one;
        ++two;
    }
    CHECK(seen.size() == 20);
    CHECK(all_right(fake, seen));
}

TEST_CASE(
    "loader to a device: one that is not the current one has its pinned memory made for it, and no other") {
    for (const Index workers : {0, 2}) {
        FakeDevice fake({.log = true});
        std::vector<Seen> seen;
        wick::DataLoader loader(Rows(fake, 100), wick::RandomSampler(3),
                                {.batch_size = 10, .workers = workers, .device = fake.device(1)});
        for (auto& batch : loader.epoch(0)) seen.push_back(look(fake, batch));
        CHECK(all_right(fake, seen));
        CHECK(fake.log_places("pin").size() + fake.log_places("pin again").size() > 2);
        for (const auto& line : fake.log())
            if (line.name.starts_with("pin") || line.name == "copy to device") CHECK(line.stream.device == 1);
    }
}

TEST_CASE("loader to a device: it may be moved in the middle, and dropped with copies on their way") {
    FakeDevice fake;
    std::vector<Seen> seen;
    std::thread opener;
    {
        wick::DataLoader loader(Rows(fake, 200), wick::RandomSampler(3),
                                {.batch_size = 10, .workers = 2, .device = fake.device()});
        auto epoch = loader.epoch(0);
        auto at = epoch.begin();
        seen.push_back(look(fake, *at));
        const auto moved = std::move(loader);
        fake.hold(side_stream(fake));
        ++at;
        seen.push_back(look(fake, *at));
        opener = std::thread([&] { fake.release(side_stream(fake)); });
    }
    opener.join();
    CHECK(all_right(fake, seen));
    CHECK(fake.counters().blocks == 0);
    CHECK(fake.counters().pinned_blocks == 0);
}

TEST_CASE(
    "loader to a device: while no slot is free the consumer waits for a copy, and no slot is written to "
    "before") {
    FakeDevice fake({.pause = std::chrono::microseconds(200)});  // copies are slow
    for (const std::size_t slots : {1, 2, 3}) {
        std::vector<Seen> seen;
        wick::DataLoader loader(
            Rows(fake, 300), wick::RandomSampler(3),
            {.batch_size = 10, .workers = 2, .device = fake.device(), .memory_budget = slots * 2048 + 240});
        for (auto& batch : loader.epoch(0)) seen.push_back(look(fake, batch));
        CHECK(all_right(fake, seen));
        CHECK(loader.peak_bytes() <= slots * 2048 + 240);
    }
}

TEST_CASE(
    "loader to a device: static addresses are as many as device_batches, and each is whole when it comes") {
    FakeDevice fake;
    std::vector<Seen> seen;
    std::vector<const void*> addresses;
    wick::DataLoader loader(Rows(fake, 200), wick::RandomSampler(3),
                            {.batch_size = 10,
                             .workers = 2,
                             .device = fake.device(),
                             .device_batches = 2,
                             .static_addresses = true});
    std::vector<wick::Batch<1>> kept;
    for (int epoch = 0; epoch < 3; ++epoch)
        for (auto& batch : loader.epoch(epoch)) {
            addresses.push_back(batch.get<0>().data_ptr());
            seen.push_back(look(fake, batch));
            if (batch.number() == 7) kept.push_back(batch);
            if (batch.number() == 11 && epoch == 1) break;
        }
    CHECK(std::set(addresses.begin(), addresses.end()).size() == 2);
    CHECK(all_right(fake, seen));
}

TEST_CASE("loader to a device: on_device turns bytes into numbers there, and the same on the CPU") {
    FakeDevice fake;
    const at::Tensor bytes = at::arange(240, at::kByte).reshape({40, 6});
    for (const c10::Device device : {c10::Device("cpu"), fake.device()})
        for (const bool fixed : {false, true}) {
            wick::DataLoader loader(
                wick::TensorSource(bytes), wick::SequentialSampler(),
                {.batch_size = 16, .device = device, .static_addresses = fixed, .on_device = [](auto& batch) {
                     batch[0] = batch[0].to(at::kFloat) / 255;
                 }});
            Index row = 0;
            for (auto& [numbers] : loader.epoch(0)) {
                CHECK(numbers.device() == device);
                const Index end = std::min<Index>(40, row + 16);
                CHECK(at::equal(numbers.cpu(), bytes.slice(0, row, end).to(at::kFloat) / 255));
                row = end;
            }
            CHECK(row == 40);
        }
    CHECK(fake.violations().empty());
}

TEST_CASE("loader: what on_device must not leave is refused at its batch's place, without a device, too") {
    FakeDevice fake;
    for (const c10::Device device : {c10::Device("cpu"), fake.device()})
        for (const Index workers : {0, 2}) {
            wick::DataLoader loader(
                wick::TensorSource(at::arange(60)), wick::SequentialSampler(),
                {.batch_size = 10, .workers = workers, .device = device, .on_device = [&](auto& batch) {
                     if (batch.number == 1) batch.fields.resize(2);
                     if (batch.number == 2) batch[0] = at::ones(10).to_sparse();
                     if (batch.number == 4) batch[0] = batch[0].to(fake.device(1));
                 }});
            std::vector<Index> numbers;
            int refused = 0;
            auto epoch = loader.epoch(0);
            for (bool over = false; !over;) try {
                    for (auto& batch : epoch) numbers.push_back(batch.number());
                    over = true;
                } catch (const std::invalid_argument&) {
                    ++refused;
                }
            CHECK(numbers == std::vector<Index>{0, 3, 5});
            CHECK(refused == 3);
        }
}

TEST_CASE(
    "loader to a device: where the device's memory is full, that is an error at the batch, and others are "
    "whole") {
    FakeDevice fake({.memory_bytes = 2 * 1536});  // of three batches, the third has no room
    std::vector<Seen> seen;
    wick::DataLoader loader(Rows(fake, 100), wick::SequentialSampler(),
                            {.batch_size = 10, .workers = 1, .device = fake.device()});
    std::vector<Index> numbers;
    int errors = 0;
    auto epoch = loader.epoch(0);
    for (bool over = false; !over;) try {
            for (auto& batch : epoch) {
                numbers.push_back(batch.number());
                seen.push_back(look(fake, batch));
            }
            over = true;
        } catch (const c10::Error&) {
            ++errors;
        }
    CHECK(errors == 3);
    CHECK(numbers == std::vector<Index>{0, 1, 3, 4, 6, 7, 9});
    CHECK(all_right(fake, seen));
}

TEST_CASE("loader to a device: one that cannot be used is a clear error") {
    const wick::TensorSource source(at::arange(10));
    const wick::SequentialSampler order;
    CHECK_THROWS_MATCHES(wick::DataLoader(source, order, {.device = c10::Device(FakeDevice::type)}),
                         wick::Error, MessageMatches(ContainsSubstring("no driver")));
    CHECK_THROWS_MATCHES(wick::DataLoader(source, order, {.device = c10::DeviceType::FPGA}), wick::Error,
                         MessageMatches(ContainsSubstring("built for fpga")));
    const FakeDevice fake;
    CHECK_THROWS_AS(wick::DataLoader(source, order, {.device = fake.device(5)}), std::invalid_argument);
    CHECK_THROWS_MATCHES(
        wick::DataLoader(source, order,
                         {.batch_size = 10, .device = fake.device(), .device_memory_budget = 100}),
        std::invalid_argument, MessageMatches(ContainsSubstring("device_memory_budget is 100 bytes")));
}

TEST_CASE(
    "loader with pin_memory: batches are pinned where there is a device, and ordinary where there is none") {
    {
        FakeDevice fake;
        std::vector<Seen> seen;
        wick::DataLoader loader(Rows(fake, 200), wick::RandomSampler(3),
                                {.batch_size = 10, .workers = 2, .pin_memory = true});
        CHECK(loader.pinned());
        CHECK(loader.device().is_cpu());
        for (int epoch = 0; epoch < 2; ++epoch)
            for (auto& batch : loader.epoch(epoch)) {
                CHECK(batch.get<0>().is_cpu());
                CHECK(batch.get<0>().is_pinned(fake.device()));
                // The user's own copy, which is not waited for when the batch goes.
                const at::Tensor there = batch.get<0>().to(fake.device(), /*non_blocking=*/true);
                seen.push_back({fake.read(there), wick_test::pattern_bytes(batch.rows(), columns)});
            }
        CHECK(all_right(fake, seen));
        CHECK(fake.counters().pageable_copies == 0);
        CHECK(loader.peak_bytes() % 2048 == 0);
    }
    wick::DataLoader loader(wick::TensorSource(at::arange(100)), wick::SequentialSampler(),
                            {.batch_size = 10, .pin_memory = true});
    CHECK_FALSE(loader.pinned());
    Index sum = 0;
    for (auto& [values] : loader.epoch(0)) sum += values.sum().item<Index>();
    CHECK(sum == 4950);
}

TEST_CASE("loader: large fields begin at a page, so that reads past the page cache end in the batch itself") {
    FakeDevice fake;
    const at::Tensor small = at::arange(64), large = at::zeros({64, 4096}, at::kByte);
    for (const bool pin : {false, true}) {
        wick::DataLoader loader(wick::ZipDataset{wick::TensorSource(small), wick::TensorSource(large)},
                                wick::SequentialSampler(),
                                {.batch_size = 32, .workers = 0, .pin_memory = pin});
        for (auto& [a, b] : loader.epoch(0)) {
            CHECK(reinterpret_cast<std::uintptr_t>(a.data_ptr()) % 64 == 0);
            CHECK(reinterpret_cast<std::uintptr_t>(b.data_ptr()) % 4096 == 0);
        }
    }
}
