// SPDX-License-Identifier: MIT
// Each rule of the copies to a device matters: a whole loader, on a device that does not hear one kind of
// call, gives wrong batches. With all of them it gives the right ones, in the same orders.

#include <wick/loader/data_loader.hpp>
#include <wick/sampler/random.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"
#include "support/telling_rows.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

using wick::Index;
using wick_test::FakeDevice;
using wick_test::FakeDeviceOptions;
using wick_test::fake::Call;

namespace {

/// Two epochs of a loader with few slots, whose batches are kept for a while: whether the device saw the
/// right bytes, and whether that was no luck.
struct Run {
    Run(const FakeDeviceOptions& options, Index workers, bool fixed) {
        FakeDevice fake(options);
        std::vector<std::shared_ptr<const wick_test::FakeReading>> seen;
        std::vector<std::vector<std::byte>> expected;
        const auto look = [&](const wick::Batch<1>& batch) {
            seen.push_back(fake.read(batch.get<0>()));
            expected.push_back(wick_test::TellingRows::bytes(batch.rows()));
        };
        wick::DataLoader loader(wick_test::TellingRows(fake, 120), wick::RandomSampler(3),
                                {.batch_size = 10,
                                 .workers = workers,
                                 .device = fake.device(),
                                 .memory_budget = (workers == 0 ? 1 : 3) * (2048 + 10 * sizeof(Index)),
                                 .device_batches = 2,
                                 .static_addresses = fixed});
        for (int epoch = 0; epoch < 2; ++epoch) {
            std::deque<wick::Batch<1>> kept;
            for (auto& batch : loader.epoch(epoch)) {
                look(batch);
                if (fixed) continue;
                if (batch.number() % 3 == 0) kept.push_back(batch);
                look(kept.front());
                if (kept.size() > 1) kept.pop_front();
            }
        }
        fake.synchronize();
        for (std::size_t i = 0; i < seen.size(); ++i) right = right && seen[i]->bytes == expected[i];
        violations = fake.violations();
    }

    bool right = true;
    std::vector<std::string> violations;
};

/// Runs with many seeds, of which the last one's violations are kept.
struct Runs {
    Runs(Call ignored, bool fixed) {
        for (std::uint64_t seed = 0; seed < seeds; ++seed) {
            const Run run({.seed = seed, .ignored = ignored}, /*workers=*/0, fixed);
            wrong += run.right ? 0 : 1;
            unordered += run.violations.empty() ? 0 : 1;
            violations = run.violations;
        }
    }
    bool say(const std::string& part) const {
        return std::ranges::any_of(
            violations, [&](const std::string& text) { return text.find(part) != std::string::npos; });
    }

    static constexpr int seeds = 60;
    int wrong = 0;
    int unordered = 0;
    std::vector<std::string> violations;
};

}  // namespace

TEST_CASE("left out: nothing, and every batch is right in every order") {
    for (const bool fixed : {false, true}) {
        const Runs runs(Call::none, fixed);
        CHECK(runs.wrong == 0);
        CHECK(runs.violations.empty());
        CHECK(runs.unordered == 0);
    }
}

TEST_CASE("left out: without the wait for a copy, the consumer's kernels read what is not there yet") {
    const Runs runs(Call::wait_of_default_stream, false);
    CHECK(runs.wrong > 0);
    CHECK(runs.unordered == Runs::seeds);
    CHECK(runs.say("\"kernel\" on stream 0 of device 0 reads what \"copy to device\""));
}

TEST_CASE(
    "left out: without the wait for the consumer's release, copies overwrite what his kernels still read") {
    for (const bool fixed : {false, true}) {
        const Runs runs(Call::wait_of_other_stream, fixed);
        CHECK(runs.wrong > 0);
        CHECK(runs.unordered == Runs::seeds);
        CHECK(runs.say("\"copy to device\" on stream 1 of device 0 writes what \"kernel\" on stream 0"));
    }
}

TEST_CASE("left out: without waiting for a slot's copy, the next batch is written into the one before") {
    const Runs runs(Call::wait_on_host, false);
    CHECK(runs.wrong > 0);
    CHECK(runs.unordered == Runs::seeds);
    CHECK(runs.say("the host writes what \"copy to device\""));
}

TEST_CASE(
    "left out: without the record of the consumer's stream, what he kept and dropped is overwritten too "
    "early") {
    const Runs runs(Call::record_on_stream, false);
    CHECK(runs.wrong > 0);
    CHECK(runs.unordered == Runs::seeds);
    CHECK(runs.say("\"poison\" on stream 1 of device 0 writes what \"kernel\" on stream 0"));
}

// Run alone, under ThreadSanitizer, where each must be found to be a race, and the first one must not.

TEST_CASE("races without nothing", "[.]") { CHECK(Run({}, 2, false).right); }
TEST_CASE("races without wait_of_default_stream", "[.]") {
    Run({.ignored = Call::wait_of_default_stream}, 2, false);
}
TEST_CASE("races without wait_of_other_stream", "[.]") {
    Run({.ignored = Call::wait_of_other_stream}, 2, true);
}
TEST_CASE("races without wait_on_host", "[.]") { Run({.ignored = Call::wait_on_host}, 2, true); }
TEST_CASE("races without record_on_stream", "[.]") { Run({.ignored = Call::record_on_stream}, 2, false); }
