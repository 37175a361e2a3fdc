// SPDX-License-Identifier: MIT
// What does the order of a billion rows cost: until the first batch of row numbers, in memory, and per index?
//
// Each sampler fills batches of row numbers, from a random place of a random epoch on, in turn with the ways that make
// the whole list first: a shuffled list of 32-bit numbers (for as many rows as memory allows) walked along.

#include <wick/sampler/block_shuffle.hpp>
#include <wick/sampler/random.hpp>
#include <wick/sampler/random_with_replacement.hpp>
#include <wick/sampler/sequential.hpp>
#include <wick/sampler/shard.hpp>

#include "compare.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace {

using wick::Index;
using wick_bench::now;

std::size_t resident_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("RssAnon:")) return std::stoull(line.substr(8)) * 1024;
    return 0;
}

/// Row numbers in a second, batch after batch.
template <class Sampler>
double rate(const Sampler& sampler, Index rows, std::size_t batch_size, double seconds) {
    std::vector<Index> batch(batch_size);
    const Index positions = sampler.size(rows) - static_cast<Index>(batch_size);
    Index position = positions / 3, sum = 0, count = 0;
    const double begin = now();
    double end = begin;
    for (std::int64_t epoch = 1; end - begin < seconds; ++epoch) {
        for (int i = 0; i < 100; ++i) {
            sampler.fill(rows, epoch, position, batch);
            sum += batch.front() + batch.back();
            position = (position + static_cast<Index>(batch_size)) % positions;
            count += static_cast<Index>(batch_size);
        }
        end = now();
    }
    wick_bench::keep(sum);
    return static_cast<double>(count) / (end - begin);
}

template <class Sampler>
void first_batch(const char* name, const Sampler& sampler, Index rows, std::size_t batch_size) {
    const std::size_t before = resident_bytes();
    const double begin = now();
    std::vector<Index> batch(batch_size);
    sampler.fill(rows, 0, 0, batch);
    const double microseconds = (now() - begin) * 1e6;
    wick_bench::keep(batch[0]);
    std::printf("  %-34s first batch after %8.1f us, %6zu KiB more resident, %zu bytes of sampler\n", name,
                microseconds, (resident_bytes() - before) >> 10, sizeof sampler);
}

}  // namespace

int main(int argc, char** argv) {
    const wick_bench::Options options(
        argc, argv,
        {{"rows", 1e9}, {"list_rows", 1e8}, {"batch_size", 1024}, {"seconds", 0.2}, {"turns", 7}});
    const auto rows = static_cast<Index>(options["rows"]);
    const auto batch_size = static_cast<std::size_t>(options["batch_size"]);
    const double seconds = options["seconds"];

    const wick::RandomSampler random(7);
    const wick::RandomWithReplacementSampler with_replacement(7);
    const wick::BlockShuffleSampler blocks(7);
    const wick::ShardSampler shard(random, 3, 8, wick::Remainder::drop);
    std::printf("%.0f rows, batches of %zu\n", options["rows"], batch_size);
    first_batch("RandomSampler", random, rows, batch_size);
    first_batch("RandomWithReplacementSampler", with_replacement, rows, batch_size);
    first_batch("BlockShuffleSampler", blocks, rows, batch_size);
    first_batch("ShardSampler of RandomSampler", shard, rows, batch_size);

    const auto list_rows = static_cast<std::size_t>(options["list_rows"]);
    const std::size_t before = resident_bytes();
    const double begin = now();
    std::vector<std::uint32_t> list(list_rows);
    std::iota(list.begin(), list.end(), 0u);
    std::shuffle(list.begin(), list.end(), std::mt19937_64(7));
    const double list_seconds = now() - begin;
    std::printf("  %-34s first batch after %8.0f us, %6zu KiB more resident (%.0f rows, 32 bits each)\n",
                "a shuffled list", list_seconds * 1e6, (resident_bytes() - before) >> 10,
                options["list_rows"]);

    std::size_t at = 0;
    const auto walk = [&] {
        std::vector<Index> batch(batch_size);
        Index sum = 0, count = 0;
        const double start = now();
        while (now() - start < seconds)
            for (int i = 0; i < 100; ++i) {
                for (Index& row : batch) row = list[at++ % list_rows];
                sum += batch.front() + batch.back();
                count += static_cast<Index>(batch_size);
            }
        wick_bench::keep(sum);
        // Its making is a part of every epoch: each index read costs one index shuffled.
        return 1 /
               ((now() - start) / static_cast<double>(count) + list_seconds / static_cast<double>(list_rows));
    };
    wick_bench::compare(
        "row numbers per second; the list's making, which every epoch needs, is counted",
        {{"a shuffled list", walk},
         {"SequentialSampler", [&] { return rate(wick::SequentialSampler(), rows, batch_size, seconds); }},
         {"RandomSampler", [&] { return rate(random, rows, batch_size, seconds); }},
         {"RandomWithReplacementSampler", [&] { return rate(with_replacement, rows, batch_size, seconds); }},
         {"BlockShuffleSampler", [&] { return rate(blocks, rows, batch_size, seconds); }},
         {"ShardSampler of RandomSampler", [&] { return rate(shard, rows, batch_size, seconds); }}},
        sizeof(Index), static_cast<int>(options["turns"]));
    std::printf("  RandomSampler takes %.1f ns an index\n",
                1e9 / rate(random, rows, batch_size, 4 * seconds));
}
