// SPDX-License-Identifier: MIT
#include <wick/io/held_blocks.hpp>
#include <wick/io/window_shape.hpp>
#include <wick/sampler/block_shuffle.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <random>
#include <span>
#include <vector>

using wick::detail::HeldBlock;
using wick::detail::HeldBlocks;
using State = wick::detail::HeldBlock::State;

TEST_CASE("held blocks: a block keeps its place until its last row has been had, or until places are short") {
    HeldBlocks held(10, 2, 3);
    std::vector<HeldBlocks::Place> taken;
    for (const wick::Index block : {7, 2, 5}) held.use(block, taken);
    REQUIRE(taken.size() == 3);
    held.settle(taken, State::ready);
    const auto places = taken;
    held.let_go(places);
    CHECK(held.use(7, taken) == places[0]);
    CHECK(taken.size() == 3);  // it was there
    CHECK(held.use(2, taken) == places[1]);
    held.let_go(std::vector{places[1], places[0]});
    // Both rows of 7 and of 2 have been had; the place that was left last is the hottest.
    CHECK(held.use(9, taken) == places[0]);
    CHECK(held[places[0]].block == 9);
    CHECK(held.use(2, taken) == places[1]);
    CHECK(taken.size() == 5);
    held.settle(std::vector{places[0], places[1]}, State::ready);
    held.let_go(std::vector{places[0], places[1]});
    CHECK(held.use(8, taken) ==
          places[2]);  // none was had to the end: what was asked for longest ago has gone
    CHECK(held.use(9, taken) == places[0]);
}

TEST_CASE(
    "held blocks: what was read ahead gives way to nothing that is announced, until it was waited for in "
    "vain") {
    HeldBlocks held(20, 4, 3);
    std::vector<HeldBlocks::Place> taken;
    const auto ask = [&](wick::Index block, int times) {
        for (; times > 0; --times) {
            const auto place = held.use(block, taken);
            held.settle(std::vector{place}, State::ready);
            held.let_go(std::vector{place});
        }
    };
    held.note(0);
    held.place(0, taken);
    held.settle(taken, State::ready);
    ask(1, 1);
    held.place(2, taken);
    held.settle(std::vector{taken[2]}, State::ready);
    held.note(3);
    held.place(3, taken);
    CHECK((taken.size() == 3 && held.is_noted(3) && !held.note(3)));  // once is enough
    // Of 1 a row was had, and then none for so long that the rest, if it comes, comes much later.
    for (const wick::Index block : {2, 4, 5, 6}) ask(block, 4);
    held.place(2, taken);
    const auto free = taken.back();
    held.place(3, taken);
    CHECK((taken.back() == taken[1] && taken.back() != free && !held.is_noted(3)));
    CHECK(std::count(taken.begin(), taken.end(), taken[0]) == 1);  // 0 is still waited for
    held.place(10, taken);
    CHECK(taken.back() == taken[0]);  // by now for too long
}

TEST_CASE(
    "held blocks: where a row is asked for and no place is free, what will be asked for last goes first") {
    HeldBlocks held(20, 4, 3);
    std::vector<HeldBlocks::Place> taken;
    for (const wick::Index block : {0, 1}) held.place(block, taken);
    held.use(2, taken);
    const auto places = taken;
    held.settle(taken, State::ready);
    held.let_go(std::vector{places[2]});
    // 0 and 1 wait for their first row, 0 sooner than 1; of 2 the other rows are soon to come.
    CHECK(held.use(3, taken) == places[1]);
    CHECK(held.use(4, taken) == places[0]);
    CHECK(held.use(5, taken) == places[2]);
}

TEST_CASE("held blocks: what is used, or being loaded, stays; where all do, there is no place") {
    HeldBlocks held(10, 2, 2);
    std::vector<HeldBlocks::Place> taken;
    const auto first = held.use(0, taken);
    held.place(1, taken);
    REQUIRE(taken.size() == 2);
    const auto second = taken[1];
    CHECK(held.use(2, taken) == HeldBlocks::none);
    held.settle(taken, State::ready);
    CHECK(held.use(2, taken) == second);
    held.settle(std::vector{second}, State::ready);
    CHECK(held.use(3, taken) == HeldBlocks::none);
    held.place(3, taken);
    CHECK(taken.size() == 3);
    held.let_go(std::vector{first, HeldBlocks::none});
    CHECK(held.use(3, taken) == first);
}

TEST_CASE("held blocks: rows that are asked for more often than there are rows do no harm") {
    HeldBlocks held(4, 2, 1);
    std::vector<HeldBlocks::Place> taken;
    const auto place = held.use(3, taken);
    for (int i = 1; i < 5; ++i) held.use(3, taken);
    held.settle(taken, State::ready);
    held.let_go(std::vector(5, place));
    CHECK(held.use(3, taken) == place);
    CHECK(taken.size() == 2);  // it is loaded again
}

TEST_CASE("held blocks: one that could not be loaded can be asked for again, and its place is not lost") {
    HeldBlocks held(4, 2, 1);
    std::vector<HeldBlocks::Place> taken;
    const auto place = held.use(3, taken);
    held.settle(taken, State::failed);
    CHECK(held.use(3, taken) == HeldBlocks::none);  // the first one to ask has yet to learn of it
    held.let_go(std::vector{place});
    CHECK(held.use(3, taken) == place);
    held.settle(std::vector{place}, State::failed);
    held.let_go(std::vector{place});
    held.place(2, taken);
    held.settle(std::vector{place}, State::failed);  // nobody had asked for it
    held.place(2, taken);
    CHECK(taken.size() == 4);
}

TEST_CASE("held blocks: a block is noted once, and no longer when it has a place") {
    HeldBlocks held(4, 1, 4);
    std::vector<HeldBlocks::Place> taken;
    CHECK((held.note(1) && !held.note(1) && held.is_noted(1)));
    held.place(1, taken);
    CHECK((taken.size() == 1 && !held.is_noted(1) && !held.note(1)));
}

TEST_CASE("held blocks: where windows of blocks are shuffled one after another, each block is loaded once") {
    constexpr wick::Index window = 256, block_rows = 64, blocks = 5 * window;
    const auto shape = wick::detail::window_shape(
        {.block_rows = block_rows, .window_blocks = window, .memory_bytes = std::size_t{1} << 30}, 4096,
        blocks * block_rows);
    REQUIRE(shape);
    std::vector<wick::Index> order(blocks * block_rows);
    std::iota(order.begin(), order.end(), wick::Index{0});
    std::mt19937 random(1);
    for (auto first = order.begin(); first != order.end(); first += window * block_rows)
        std::shuffle(first, first + window * block_rows, random);

    HeldBlocks held(blocks, block_rows, shape->blocks_held);
    std::vector<HeldBlocks::Place> loaded;
    const auto ahead = static_cast<std::size_t>(shape->rows_ahead());
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i + ahead < order.size() && held.note(order[i + ahead] / block_rows)) {
            const std::size_t before = loaded.size();
            held.place(order[i + ahead] / block_rows, loaded);
            if (loaded.size() > before) held.settle(std::vector{loaded.back()}, State::ready);
        }
        const auto place = held.use(order[i] / block_rows, loaded);
        REQUIRE(place != HeldBlocks::none);
        held.settle(std::vector{place}, State::ready);
        held.let_go(std::vector{place});
    }
    CHECK(loaded.size() == blocks);
}

TEST_CASE(
    "held blocks: a block shuffle loads each block once, but for those at the turn of the epoch, few of them "
    "late") {
    // It leaves the last rows of its first blocks for the end of the epoch; of a shard, the last rows never come.
    constexpr wick::Index window = 256, block_rows = 64;
    const wick::Index ranks = GENERATE(wick::Index{1}, wick::Index{2}, wick::Index{6});
    // A rank that has few rows of each block has more of them late, the longer the epoch.
    const wick::Index windows = ranks == 6 ? 32 : 8, more = ranks == 6 ? 1 : 0, blocks = windows * window;
    const std::size_t memory = GENERATE(std::size_t{1} << 30, std::size_t{104} << 20);
    const auto count = static_cast<std::size_t>(blocks * block_rows / ranks);
    const auto shape = wick::detail::window_shape({.density = 1.0 / static_cast<double>(ranks),
                                                   .block_rows = block_rows,
                                                   .window_blocks = window,
                                                   .memory_bytes = memory},
                                                  4096, blocks * block_rows);
    REQUIRE(shape);
    const auto distance = static_cast<std::size_t>(shape->rows_ahead() / ranks);
    const wick::BlockShuffleSampler sampler(7, {.block_rows = block_rows, .window_blocks = window});
    HeldBlocks held(static_cast<std::size_t>(blocks), block_rows, shape->blocks_held);
    const auto blocks_of = [](wick::Index some) { return static_cast<std::size_t>(some * window); };
    std::vector<wick::Index> order(2 * count);
    for (int epoch = 0; epoch < 3; ++epoch) {
        sampler.fill(blocks * block_rows, epoch, 0, ranks, std::span(order).first(count));
        sampler.fill(blocks * block_rows, epoch + 1, 0, ranks, std::span(order).last(count));
        std::size_t announced = 0, ahead = 0, late = 0;
        std::vector<HeldBlocks::Place> loaded, used(1);
        for (std::size_t i = 0; i < count; ++i) {
            loaded.clear();
            const wick::Index next = order[i + distance] / block_rows;
            if (held.note(next)) {
                ++announced;
                held.place(next, loaded);
            }
            held.settle(loaded, State::ready);
            ahead += loaded.size();
            loaded.clear();
            used[0] = held.use(order[i] / block_rows, loaded);
            held.settle(loaded, State::ready);
            late += loaded.size();
            held.let_go(used);
        }
        INFO("epoch " << epoch << ": " << announced << " announced, " << ahead << " ahead, " << late
                      << " late");
        CHECK(announced < blocks_of(windows + 2 + more));
        CHECK(ahead + late < blocks_of(windows + 3 + more));
        CHECK(late < blocks_of(2 + 2 * more));
    }
}
