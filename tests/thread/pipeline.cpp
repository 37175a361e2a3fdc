// SPDX-License-Identifier: MIT
#include <wick/thread/pipeline.hpp>

#include "support/catch.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using wick::Index;

namespace {

// A slot is an array with one number for each span.
using Slot = std::shared_ptr<std::vector<std::uint64_t>>;
using Pipeline = wick::Pipeline<Slot>;

Pipeline::Lease lease(Index spans) {
    return [spans] { return std::make_shared<std::vector<std::uint64_t>>(static_cast<std::size_t>(spans)); };
}

void write_span(std::uint64_t item, Index span, const Slot& slot) {
    (*slot)[static_cast<std::size_t>(span)] = item * 1000 + static_cast<std::uint64_t>(span);
}

bool holds(const Slot& slot, std::uint64_t item, Index spans) {
    for (Index span = 0; span < spans; ++span)
        if ((*slot)[static_cast<std::size_t>(span)] != item * 1000 + static_cast<std::uint64_t>(span))
            return false;
    return true;
}

}  // namespace

TEST_CASE("pipeline: items come in order and whole, for any number of workers, depth and spans") {
    for (const Index workers : {0, 1, 2, 5})
        for (const Index depth : {0, 1, 2, 8, 32})
            for (const Index spans : {1, 3, 16}) {
                Pipeline pipeline(workers, depth, spans, lease(spans), write_span);
                for (int start = 0; start < 3; ++start) {
                    pipeline.start();
                    std::uint64_t wrong = 0;
                    const std::uint64_t items = start == 1 ? 3 : 300;
                    for (std::uint64_t item = 0; item < items; ++item)
                        wrong += !holds(pipeline.take(), item, spans);
                    CHECK(wrong == 0);
                    CHECK(pipeline.taken() == items);
                }
            }
}

TEST_CASE("pipeline: no more than depth items are filled ahead of the consumer, nor more slots leased") {
    std::atomic<Index> alive{0}, most_alive{0};
    std::atomic<std::uint64_t> taken{0};
    std::atomic<bool> too_far{false};
    const auto counted = [&] {
        const Index now = ++alive;
        if (now > most_alive) most_alive = now;
        return Slot(new std::vector<std::uint64_t>(1), [&](auto* memory) {
            --alive;
            delete memory;
        });
    };
    Pipeline pipeline(3, 4, 1, counted, [&](std::uint64_t item, Index span, const Slot& slot) {
        if (item > taken.load() + 4) too_far = true;
        write_span(item, span, slot);
    });
    pipeline.start();
    for (std::uint64_t item = 0; item < 500; ++item) {
        const Slot slot = pipeline.take();
        taken = item + 1;
    }
    CHECK_FALSE(too_far);
    CHECK(most_alive <= 4 + 1);
}

TEST_CASE(
    "pipeline: an error comes at its item's place, of its first bad span, and the items after it still "
    "come") {
    for (const Index workers : {0, 1, 4}) {
        Pipeline pipeline(workers, 4, 8, lease(8), [](std::uint64_t item, Index span, const Slot& slot) {
            if (item % 3 == 1 && span >= 2)
                throw std::runtime_error(std::to_string(item) + "/" + std::to_string(span));
            write_span(item, span, slot);
        });
        pipeline.start();
        for (std::uint64_t item = 0; item < 60; ++item) {
            if (item % 3 == 1)
                CHECK_THROWS_MATCHES(pipeline.take(), std::runtime_error,
                                     MessageMatches(ContainsSubstring(std::to_string(item) + "/2")));
            else
                CHECK(holds(pipeline.take(), item, 8));
        }
    }
}

TEST_CASE("pipeline: any exception type arrives as it was thrown") {
    struct NoStdException {
        int value;
    };
    Pipeline pipeline(2, 2, 1, lease(1), [](std::uint64_t, Index, const Slot&) { throw NoStdException{42}; });
    pipeline.start();
    try {
        pipeline.take();
        FAIL("nothing was thrown");
    } catch (const NoStdException& error) {
        CHECK(error.value == 42);
    }
}

TEST_CASE("pipeline: an item whose successor finds no memory can be asked for again") {
    std::atomic<int> leases{0};
    Pipeline pipeline(
        1, 2, 1,
        [&] {
            if (++leases == 4) throw std::runtime_error("no memory");
            return std::make_shared<std::vector<std::uint64_t>>(1);
        },
        write_span);
    pipeline.start();
    CHECK(holds(pipeline.take(), 0, 1));
    CHECK_THROWS_WITH(pipeline.take(), "no memory");
    for (std::uint64_t item = 1; item < 20; ++item) CHECK(holds(pipeline.take(), item, 1));
}

TEST_CASE("pipeline: it stops at once, with slow and unread items on the way") {
    std::atomic<int> filled{0};
    {
        Pipeline pipeline(2, 64, 4, lease(4), [&](std::uint64_t, Index, const Slot&) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            ++filled;
        });
        pipeline.start();
        pipeline.take();
    }
    // One item was taken; at most the spans in the workers' hands were still finished, not the whole window.
    CHECK(filled < 4 + 64 * 4);
}

TEST_CASE("pipeline: a slow consumer and slow workers both keep the order") {
    Pipeline pipeline(3, 6, 2, lease(2), [](std::uint64_t item, Index span, const Slot& slot) {
        if (item % 7 == 3) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        write_span(item, span, slot);
    });
    pipeline.start();
    for (std::uint64_t item = 0; item < 100; ++item) {
        if (item % 11 == 5) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        CHECK(holds(pipeline.take(), item, 2));
    }
}

TEST_CASE("pipeline: after many quick items the first slow ones are not held back for one another") {
    std::atomic<bool> given{false}, held_back{false};
    Pipeline pipeline(1, 32, 1, lease(1), [&](std::uint64_t item, Index span, const Slot& slot) {
        if (item >= 2000) std::this_thread::sleep_for(std::chrono::milliseconds(30));
        // Who waits for a whole wake-up's worth, which would be 16 items, gets none while this one waits.
        for (int i = 0; i < 2000 && item >= 2008 && !given && !held_back; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        if (item >= 2008 && !given) held_back = true;
        write_span(item, span, slot);
    });
    pipeline.start();
    for (std::uint64_t item = 0; item < 2000; ++item) pipeline.take();
    CHECK(holds(pipeline.take(), 2000, 1));
    given = true;
    CHECK_FALSE(held_back);
}

namespace {

// What an item of the pipelines below is: filled, and then finished once.
struct Sealed {
    std::uint64_t item = 0;
    int finished = 0;
};
using Sealing = wick::Pipeline<std::shared_ptr<Sealed>>;

std::shared_ptr<Sealed> blank() { return std::make_shared<Sealed>(); }

}  // namespace

TEST_CASE("pipeline: every item is finished once, after it is filled, and only as far ahead as it may be") {
    for (const Index workers : {0, 1, 3})
        for (const Index depth : {1, 2, 8})
            for (const Index ahead : {1, 2, 5, 20}) {
                std::atomic<std::uint64_t> asked{0};
                std::atomic<int> wrong{0};
                Sealing pipeline(
                    workers, depth, 2, blank,
                    [](std::uint64_t item, Index span, const std::shared_ptr<Sealed>& sealed) {
                        if (span == 1) sealed->item = item;
                    },
                    [&](std::uint64_t item, std::shared_ptr<Sealed>& sealed) {
                        if (sealed->item != item || ++sealed->finished != 1) ++wrong;
                        if (item >= asked.load() + static_cast<std::uint64_t>(ahead)) ++wrong;
                    },
                    ahead);
                for (int start = 0; start < 2; ++start) {
                    pipeline.stop();  // what is on its way belongs to the run before
                    asked = 0;
                    pipeline.start();
                    for (std::uint64_t item = 0; item < 400; ++item) {
                        asked = item;
                        const auto sealed = pipeline.take();
                        if (sealed->item != item || sealed->finished != 1) ++wrong;
                    }
                }
                CHECK(wrong == 0);
            }
}

TEST_CASE(
    "pipeline: an error of the last step comes at its item's place, and an item badly filled has none") {
    for (const Index workers : {0, 2}) {
        std::atomic<int> finished_in_vain{0};
        Sealing pipeline(
            workers, 4, 1, blank,
            [](std::uint64_t item, Index, const std::shared_ptr<Sealed>&) {
                if (item % 5 == 1) throw std::runtime_error("filling " + std::to_string(item));
            },
            [&](std::uint64_t item, std::shared_ptr<Sealed>&) {
                if (item % 5 == 1) ++finished_in_vain;
                if (item % 5 == 3) throw std::runtime_error("finishing " + std::to_string(item));
            },
            2);
        pipeline.start();
        for (std::uint64_t item = 0; item < 50; ++item)
            if (item % 5 == 1)
                CHECK_THROWS_WITH(pipeline.take(), "filling " + std::to_string(item));
            else if (item % 5 == 3)
                CHECK_THROWS_WITH(pipeline.take(), "finishing " + std::to_string(item));
            else
                CHECK(pipeline.take() != nullptr);
        CHECK(finished_in_vain == 0);
    }
}

TEST_CASE("pipeline: quick items that only few may be ahead of never leave the consumer asleep") {
    Sealing pipeline(
        2, 32, 1, blank, [](std::uint64_t, Index, const std::shared_ptr<Sealed>&) {},
        [](std::uint64_t, std::shared_ptr<Sealed>&) {}, 2);
    pipeline.start();
    for (std::uint64_t item = 0; item < 20000; ++item) pipeline.take();
    CHECK(pipeline.taken() == 20000);
}
