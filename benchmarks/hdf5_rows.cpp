// SPDX-License-Identifier: MIT
// How fast do rows come out of an HDF5 file that lies in the page cache, beside the HDF5 library itself?
//
// Batches of f32 rows, contiguous, in chunks, and in chunks compressed by shuffle and deflate, in random
// order and in that of a block shuffle. The limit is memcpy of the same rows out of memory. How far two threads
// could be ahead of one says "2 apart": two sources that share nothing, each with its half of the order.

#include <wick/sampler/block_shuffle.hpp>
#include <wick/sampler/random.hpp>
#include <wick/source/hdf5.hpp>

#include "compare.hpp"
#include "hdf5_dataset_file.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using wick::Index;
using wick_bench::DatasetFile;
using wick_bench::Library;
using wick_bench::now;

struct Work {
    std::vector<Index> order;
    std::vector<Index> naive;  ///< the order that is compared with this one
    std::size_t batch;
    std::size_t row_bytes;
    double seconds;

    std::size_t batches() const { return order.size() / batch; }
    wick::Rows rows(std::size_t i) const { return wick::Rows(order).subspan(i * batch, batch); }
    wick::Rows naive_rows(std::size_t i) const { return wick::Rows(naive).subspan(i * batch, batch); }
};

/// Rows in a second, of batches that `fill(thread, out)` makes until the time is up.
template <class Fill>
double run(const Work& work, std::size_t threads, const Fill& fill) {
    std::atomic<std::size_t> rows = 0;
    const double begin = now(), end = begin + work.seconds;
    const auto loop = [&](std::size_t thread) {
        std::vector<std::byte> out(work.batch * work.row_bytes);
        do {
            fill(thread, out);
            wick_bench::keep(out.front());
            rows += work.batch;
        } while (now() < end);
    };
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(loop, i);
    loop(0);
    for (std::thread& thread : others) thread.join();
    return static_cast<double>(rows) / (now() - begin);
}

/// Threads that take the batches of an order in turn. Goes on where it stopped, so that no cache finds what it
/// has just seen.
template <class Read>
auto in_turn(const Work& work, std::size_t threads, const Read& read, bool naive = false) {
    return [&work, threads, read, naive, next = std::make_shared<std::atomic<std::size_t>>(0)] {
        return run(work, threads, [&](std::size_t, wick::Bytes out) {
            const std::size_t i = next->fetch_add(1) % work.batches();
            read(naive ? work.naive_rows(i) : work.rows(i), out);
        });
    };
}

/// Two threads that have nothing in common: each has a source and half of the order.
template <class Source>
auto apart(const Work& work, const Source& first, const Source& second) {
    return [&work, &first, &second, next = std::make_shared<std::array<std::size_t, 2>>()] {
        return run(work, 2, [&](std::size_t thread, wick::Bytes out) {
            const std::size_t half = work.batches() / 2;
            const std::size_t i = thread * half + (*next)[thread]++ % half;
            (thread == 0 ? first : second).read(work.rows(i), out);
        });
    };
}

/// Nothing is timed that does not read what was written.
template <class Read>
void check(const Work& work, const std::vector<float>& values, bool sorted, const Read& read) {
    std::vector<Index> rows(work.order.begin(), work.order.begin() + static_cast<std::ptrdiff_t>(work.batch));
    std::vector<std::byte> out(work.batch * work.row_bytes);
    read(rows, out);
    if (sorted) std::sort(rows.begin(), rows.end());
    const auto* memory = reinterpret_cast<const std::byte*>(values.data());
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (std::memcmp(out.data() + i * work.row_bytes,
                        memory + static_cast<std::size_t>(rows[i]) * work.row_bytes, work.row_bytes) != 0)
            throw std::runtime_error("row " + std::to_string(rows[i]) + " was read wrongly");
}

void measure(const std::string& title, const DatasetFile& file, const std::vector<float>& values,
             const Work& work, std::size_t cache_bytes, int turns) {
    const Library library(file.path());
    const auto open = [&] { return wick::Hdf5Source(file.path(), "/x", {.decoded_bytes = cache_bytes}); };
    const wick::Hdf5Source source = open(), shared = open(), first = open(), second = open();
    const auto* memory = reinterpret_cast<const std::byte*>(values.data());
    const auto copy = [&](wick::Rows rows, wick::Bytes out) {
        for (std::size_t i = 0; i < rows.size(); ++i)
            std::memcpy(out.data() + i * work.row_bytes,
                        memory + static_cast<std::size_t>(rows[i]) * work.row_bytes, work.row_bytes);
    };
    const auto each = [&](wick::Rows rows, wick::Bytes out) { library.read_each(rows, out); };
    const auto together = [&](wick::Rows rows, wick::Bytes out) { library.read_together(rows, out); };
    const auto ours = [&](wick::Rows rows, wick::Bytes out) { source.read(rows, out); };
    const auto ours_shared = [&](wick::Rows rows, wick::Bytes out) { shared.read(rows, out); };
    check(work, values, false, each);
    check(work, values, true, together);
    check(work, values, false, ours);
    std::vector<wick_bench::Contender> contenders{{"memcpy", in_turn(work, 1, copy)},
                                                  {"H5Dread each", in_turn(work, 1, each)},
                                                  {"H5Dread batch", in_turn(work, 1, together)},
                                                  {"wick", in_turn(work, 1, ours)},
                                                  {"wick, 2 threads", in_turn(work, 2, ours_shared)},
                                                  {"wick, 2 apart", apart(work, first, second)}};
    std::vector<std::size_t> baselines{1, 2, 3};
    if (!work.naive.empty()) {
        baselines.push_back(contenders.size());
        contenders.push_back({"H5Dread at random", in_turn(work, 1, each, true)});
    }
    wick_bench::compare(title + " (" + source.access() + ")", contenders, work.row_bytes, turns, baselines);
}

template <class Sampler>
std::vector<Index> order_of(const Sampler& sampler, Index rows) {
    std::vector<Index> order(static_cast<std::size_t>(rows));
    sampler.fill(rows, 0, 0, order);
    return order;
}

}  // namespace

int main(int argc, char** argv) {
    const wick_bench::Options options(argc, argv,
                                      {{"megabytes", 512},
                                       {"row_bytes", 0},
                                       {"chunk_rows", 16},
                                       {"window_blocks", 64},
                                       {"layout", 0},  // 1 contiguous, 2 chunks, 3 compressed chunks
                                       {"cache_megabytes", 64},
                                       {"batch", 64},
                                       {"seconds", 0.3},
                                       {"turns", 7}});
    std::vector<std::size_t> sizes{1024, 16'384};
    if (options["row_bytes"] > 0) sizes = {static_cast<std::size_t>(options["row_bytes"])};
    const auto chunk_rows = static_cast<std::size_t>(options["chunk_rows"]);
    for (const std::size_t row_bytes : sizes) {
        const auto rows = static_cast<Index>(options["megabytes"] * 1048576 / static_cast<double>(row_bytes));
        const std::vector<float> values = wick_bench::make_values(rows, row_bytes / sizeof(float));
        const auto random = order_of(wick::RandomSampler(1), rows);
        const auto blocks = order_of(
            wick::BlockShuffleSampler(1, {.block_rows = static_cast<Index>(chunk_rows),
                                          .window_blocks = static_cast<Index>(options["window_blocks"])}),
            rows);
        const auto compare = [&](const DatasetFile& file, const std::string& what,
                                 const std::vector<Index>& order, const std::vector<Index>& naive = {}) {
            measure("rows of " + std::to_string(row_bytes) + " bytes, " + what, file, values,
                    {.order = order,
                     .naive = naive,
                     .batch = static_cast<std::size_t>(options["batch"]),
                     .row_bytes = row_bytes,
                     .seconds = options["seconds"]},
                    static_cast<std::size_t>(options["cache_megabytes"] * 1048576),
                    static_cast<int>(options["turns"]));
        };
        const std::size_t columns = row_bytes / sizeof(float);
        const auto wanted = [&](double layout) {
            return options["layout"] == 0 || options["layout"] == layout;
        };
        if (wanted(1)) compare(DatasetFile(values, {.columns = columns}), "contiguous, random", random);
        for (const bool compressed : {false, true}) {
            if (!wanted(compressed ? 3 : 2)) continue;
            const DatasetFile file(values,
                                   {.columns = columns, .chunk_rows = chunk_rows, .compressed = compressed});
            const std::string what =
                "chunks of " + std::to_string(chunk_rows) + (compressed ? ", shuffle, deflate, " : ", ");
            compare(file, what + "random", random);
            compare(file, what + "block shuffle", blocks, random);
        }
    }
}
