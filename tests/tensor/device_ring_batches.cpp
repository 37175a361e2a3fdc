// SPDX-License-Identifier: MIT
// What a ring gives: batches of any length, kept or not, and what `on_device` has made of them.

#include <wick/tensor/device_ring.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"
#include "support/float_ring.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <stdexcept>
#include <vector>

using wick::DeviceBatch;
using namespace wick_test;

namespace {

using Seen = std::shared_ptr<const FakeReading>;

}  // namespace

TEST_CASE("device ring: what the consumer keeps stays as it is, and goes when he has used it up") {
    FakeDevice fake;
    {
        FloatRing ring(fake, 1);
        std::vector<at::Tensor> kept;
        std::vector<Seen> seen;
        for (int i = 0; i < 4; ++i) {
            at::Tensor field = ring.ring.receive(ring.send())[0];
            if (i % 2 == 0) kept.push_back(field.select(0, 3));  // a view is enough
            field.reset();
            ring.ring.release();
        }
        fake.hold(fake.current_stream());
        for (const at::Tensor& view : kept) seen.push_back(fake.read(view));
        kept.clear();  // still to be read
        for (int i = 0; i < 4; ++i) {
            ring.ring.receive(ring.send());
            ring.ring.release();
        }
        fake.release(fake.current_stream());
        fake.synchronize();
        CHECK(seen[0]->as<float>() == std::vector<float>(5, 0));
        CHECK(seen[1]->as<float>() == std::vector<float>(5, 2));
        CHECK(fake.violations().empty());
    }
    fake.synchronize();
    CHECK(fake.counters().blocks == 0);
}

TEST_CASE("device ring: fixed addresses come round in turn, kept or not") {
    FakeDevice fake;
    FloatRing ring(fake, 3, /*fixed=*/true);
    std::vector<at::Tensor> kept;
    std::vector<const void*> addresses;
    for (int i = 0; i < 9; ++i) {
        kept.push_back(ring.ring.receive(ring.send())[0]);
        addresses.push_back(kept.back().data_ptr());
        ring.ring.release();
    }
    CHECK(std::set(addresses.begin(), addresses.end()).size() == 3);
    for (std::size_t i = 3; i < 9; ++i) CHECK(addresses[i] == addresses[i - 3]);
    fake.synchronize();
    CHECK(fake.read(kept[0]) != nullptr);
    CHECK(fake.counters().peak_bytes <= 3 * 512);
}

TEST_CASE("device ring: what on_device cuts out of a batch lies at a fixed address, too, or is refused") {
    FakeDevice fake;
    std::set<const void*> addresses;
    FloatRing cloning(fake, 2, /*fixed=*/true, [cut = 0](auto& batch) mutable {
        batch[0] = batch[0].narrow(0, cut++ % 3, 4).clone();
    });
    for (int i = 0; i < 6; ++i) {
        const DeviceBatch batch = cloning.ring.receive(cloning.send());
        addresses.insert(batch.fields[0].data_ptr());
        const Seen seen = fake.read(batch.fields[0]);
        cloning.ring.release();
        fake.synchronize();
        CHECK(seen->as<float>() == all(static_cast<float>(i), 4));
    }
    CHECK(addresses.size() == 2);
    FloatRing viewing(fake, 1, /*fixed=*/true,
                      [cut = 0](auto& batch) mutable { batch[0] = batch[0].narrow(0, cut++ % 2, 4); });
    viewing.send();
    CHECK_THROWS_MATCHES(
        viewing.send(), std::invalid_argument,
        MessageMatches(ContainsSubstring("static_addresses") && ContainsSubstring("field 0 lies elsewhere")));
    CHECK_NOTHROW(viewing.send());
    CHECK(fake.violations().empty());
}

TEST_CASE("device ring: a short batch is the beginning of its place, and the next one is whole again") {
    FakeDevice fake;
    FloatRing ring(fake, 1);
    for (const std::int64_t count : {ring_rows, std::int64_t{3}, ring_rows, std::int64_t{0}, ring_rows}) {
        DeviceBatch batch = ring.ring.receive(ring.send(count));
        CHECK(batch[0].sizes() == at::IntArrayRef({count, 5}));
        const Seen seen = fake.read(batch[0]);
        fake.synchronize();
        CHECK(seen->as<float>() == all(static_cast<float>(ring.sent - 1), count));
        batch = {};
        ring.ring.release();
    }
}

TEST_CASE("device ring: what is done to a tensor is not done to the next one in its place") {
    FakeDevice fake;
    FloatRing ring(fake, 1);
    {
        DeviceBatch batch = ring.ring.receive(ring.send());
        batch[0].requires_grad_(true);
        batch[0].unsafeGetTensorImpl()->set_sizes_contiguous({2, 2});
    }
    ring.ring.release();
    {
        const c10::InferenceMode inference;  // evaluation: the consumer may be the one who submits
        ring.send();
    }
    DeviceBatch batch = ring.ring.receive(ring.copies.back());
    CHECK_FALSE(batch[0].requires_grad());
    CHECK_FALSE(batch[0].is_inference());
    CHECK(batch[0].sizes() == at::IntArrayRef({ring_rows, 5}));
}

TEST_CASE("device ring: on_device runs after the copy, in the side stream, and what it makes is given") {
    for (const bool fixed : {false, true}) {
        FakeDevice fake;
        FloatRing ring(fake, 2, fixed, [&](auto& batch) {
            CHECK(fake.current_stream() != fake.default_stream());
            CHECK_FALSE(at::GradMode::is_enabled());
            batch[0] = batch[0].to(at::kDouble);
        });
        const c10::Stream before = fake.current_stream();
        std::set<const void*> addresses;
        for (int i = 0; i < 6; ++i) {
            wick::DeviceCopy& copy = ring.send(i == 3 ? 2 : ring_rows);
            CHECK(fake.current_stream() == before);
            DeviceBatch batch = ring.ring.receive(copy);
            CHECK(batch[0].scalar_type() == at::kDouble);
            addresses.insert(batch[0].data_ptr());
            const Seen seen = fake.read(batch[0]);
            batch = {};
            ring.ring.release();
            fake.synchronize();
            CHECK(seen->as<double>() == std::vector<double>(i == 3 ? 10 : 40, i));
        }
        if (fixed) CHECK(addresses.size() == 2);
        CHECK(fake.violations().empty());
    }
}

TEST_CASE("device ring: when on_device fails, the copy that was begun is still waited for") {
    FakeDevice fake;
    FloatRing ring(fake, 1, false, [](auto&) { throw std::domain_error("no"); });
    fake.hold(ring.ring.stream());
    CHECK_THROWS_AS(ring.send(), std::domain_error);
    CHECK(ring.copies.back().submitted);
    CHECK_FALSE(ring.copies.back().done.query());
    fake.release(ring.ring.stream());
}

TEST_CASE("device ring: what on_device must not leave is refused") {
    FakeDevice fake;
    FloatRing fewer(fake, 1, false, [](auto& batch) { batch.fields.clear(); });
    CHECK_THROWS_MATCHES(fewer.send(), std::invalid_argument,
                         MessageMatches(ContainsSubstring("0 of 1 fields")));
    FloatRing undefined(fake, 1, false, [](auto& batch) { batch[0] = at::Tensor(); });
    CHECK_THROWS_MATCHES(undefined.send(), std::invalid_argument,
                         MessageMatches(ContainsSubstring("field 0")));
    for (const c10::Device elsewhere : {c10::Device("cpu"), fake.device(1)}) {
        FloatRing leaving(fake, 1, false, [&](auto& batch) { batch[0] = at::zeros({ring_rows}, elsewhere); });
        CHECK_THROWS_MATCHES(leaving.send(), std::invalid_argument,
                             MessageMatches(ContainsSubstring("on " + fake.device().str() + ", but") &&
                                            ContainsSubstring("on " + elsewhere.str() + " in field 0")));
    }
    int calls = 0;
    FloatRing changing(fake, 1, true, [&](auto& batch) {
        batch[0] = at::zeros({ring_rows, 2 + calls++}, batch[0].options());
    });
    changing.send();
    CHECK_THROWS_MATCHES(changing.send(), std::invalid_argument,
                         MessageMatches(ContainsSubstring("static_addresses") &&
                                        ContainsSubstring("[8, 3]") && ContainsSubstring("[8, 2]")));
    FloatRing summing(fake, 1, true, [calls = 0](auto& batch) mutable {
        batch[0] = calls++ == 0 ? batch[0].sum() : batch[0].clone();
    });
    CHECK_THROWS_MATCHES(summing.send(), std::invalid_argument,
                         MessageMatches(ContainsSubstring("field 0") && ContainsSubstring("Float []")));
    CHECK_NOTHROW(summing.send());
    FloatRing casting(fake, 1, true, [](auto& batch) {
        batch[0] =
            at::zeros({ring_rows, 5}, batch[0].options().dtype(batch.number == 0 ? at::kInt : at::kFloat));
    });
    casting.send();
    casting.copies.emplace_back(casting.ring.device());
    casting.copies.back().batch.number = 1;
    casting.hosts.push_back(pinned(1));
    CHECK_THROWS_MATCHES(casting.ring.submit({casting.hosts.back()}, casting.copies.back()),
                         std::invalid_argument,
                         MessageMatches(ContainsSubstring("Float") && ContainsSubstring("Int")));
}
