// SPDX-License-Identifier: MIT
// When do non-temporal stores help a gather of rows that lie in memory?
//
// Rows in random order go to buffers that are filled in turn, as a loader's slots are; what decides is how
// large these buffers are together, beside the last-level cache. The limit is memcpy without any looking
// ahead.

#include <wick/io/row_copy.hpp>

#include "compare.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace {

using wick::Index;
using wick_bench::now;

constexpr std::size_t batch_bytes = std::size_t{4} << 20;

struct Work {
    const std::byte* source;
    std::size_t row_bytes;
    std::vector<Index> order;
    std::vector<std::vector<std::byte>> sets;  // one of each thread
    std::size_t bytes;                         // to copy in one run
};

/// Rows in a second; `gather(rows, out)` fills one batch.
template <class Gather>
double run(Work& work, const Gather& gather) {
    const std::size_t batch = std::max<std::size_t>(1, batch_bytes / work.row_bytes);
    const std::size_t batches =
        std::max<std::size_t>(1, work.bytes / (batch * work.row_bytes) / work.sets.size());
    const auto fill = [&](std::size_t thread) {
        std::vector<std::byte>& set = work.sets[thread];
        const std::size_t slots = set.size() / (batch * work.row_bytes);
        std::size_t position = thread * work.order.size() / work.sets.size();
        for (std::size_t i = 0; i < batches; ++i, position += batch) {
            if (position + batch > work.order.size()) position = 0;
            gather(std::span(work.order).subspan(position, batch),
                   set.data() + i % slots * batch * work.row_bytes);
        }
    };
    const double begin = now();
    std::vector<std::thread> others;
    for (std::size_t thread = 1; thread < work.sets.size(); ++thread) others.emplace_back(fill, thread);
    fill(0);
    for (std::thread& thread : others) thread.join();
    return static_cast<double>(batches * batch * work.sets.size()) / (now() - begin);
}

void measure(const std::vector<std::byte>& source, std::size_t row_bytes, std::size_t set_bytes,
             std::size_t threads, std::size_t bytes, int turns) {
    Work work{.source = source.data(), .row_bytes = row_bytes, .order = {}, .sets = {}, .bytes = bytes};
    work.order.resize(source.size() / row_bytes);
    std::iota(work.order.begin(), work.order.end(), Index{0});
    std::shuffle(work.order.begin(), work.order.end(), std::mt19937_64(1));
    const std::size_t slot = std::max<std::size_t>(1, batch_bytes / row_bytes) * row_bytes;
    for (std::size_t thread = 0; thread < threads; ++thread)
        work.sets.emplace_back(std::max<std::size_t>(1, set_bytes / threads / slot) * slot);
    const wick::detail::StridedRows place{
        .base = work.source, .stride = row_bytes, .first = 0, .dense = true};
    const auto plain = [&](wick::Rows rows, std::byte* out) {
        for (std::size_t i = 0; i < rows.size(); ++i)
            std::memcpy(out + i * row_bytes, place.find(rows[i]), row_bytes);
    };
    const auto ours = [&](bool streaming) {
        return [&, streaming](wick::Rows rows, std::byte* out) {
            wick::detail::copy_rows(place, rows, row_bytes, 1, out, streaming);
        };
    };
    wick_bench::compare("rows of " + std::to_string(row_bytes) + " bytes into " +
                            std::to_string(set_bytes >> 20) + " MiB of buffers, " + std::to_string(threads) +
                            " threads",
                        {{"memcpy", [&] { return run(work, plain); }},
                         {"copy_rows", [&] { return run(work, ours(false)); }},
                         {"copy_rows, streaming", [&] { return run(work, ours(true)); }}},
                        row_bytes, turns, {1});
}

}  // namespace

int main(int argc, char** argv) {
    const wick_bench::Options options(
        argc, argv,
        {{"megabytes", 1024}, {"copied_megabytes", 512}, {"threads", 1}, {"turns", 7}, {"row_bytes", 0}});
    const std::vector<std::byte> source(static_cast<std::size_t>(options["megabytes"]) << 20, std::byte{1});
    std::vector<std::size_t> sizes{4096, 16'384, 65'536, 614'400};
    if (options["row_bytes"] > 0) sizes = {static_cast<std::size_t>(options["row_bytes"])};
    for (const std::size_t row_bytes : sizes)
        for (const std::size_t megabytes : {16, 32, 64, 128, 256})
            measure(source, row_bytes, megabytes << 20, static_cast<std::size_t>(options["threads"]),
                    static_cast<std::size_t>(options["copied_megabytes"]) << 20,
                    static_cast<int>(options["turns"]));
}
