// SPDX-License-Identifier: MIT
// How long until the first batch is there, from nothing: files opened, loader built, epoch asked for?
//
// Beside it the same bytes gathered by one thread with memcpy into fresh memory, files opened too: what a loop by hand
// would take. In page cache; a loader and its memory are new in every run.

#include <wick/wick.hpp>

#include "compare.hpp"
#include "rows_file.hpp"

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

using wick_bench::now;

int main(int argc, char** argv) {
    const wick_bench::Options options(argc, argv, {{"megabytes", 600}, {"row_bytes", 150'000}, {"turns", 7}});
    const auto row_bytes = static_cast<std::size_t>(options["row_bytes"]);
    const auto rows =
        static_cast<std::int64_t>(options["megabytes"] * 1048576 / static_cast<double>(row_bytes));
    const wick_bench::RowsFile file(rows, row_bytes);
    for (const std::size_t batch_bytes : {std::size_t{1} << 20, std::size_t{150} << 20}) {
        const auto batch_size = static_cast<std::int64_t>(batch_bytes / row_bytes);
        const auto by_hand = [&] {
            const double begin = now();
            const wick::File opened(file.x());
            const wick::Mapping map(opened);
            std::vector<std::int64_t> order(static_cast<std::size_t>(batch_size));
            wick::RandomSampler(7).fill(rows, 0, 0, order);
            const std::unique_ptr<char[]> batch(new char[static_cast<std::size_t>(batch_size) * row_bytes]);
            for (std::size_t i = 0; i < order.size(); ++i)
                std::memcpy(batch.get() + i * row_bytes,
                            map.bytes().data() + wick_bench::RowsFile::header_bytes +
                                static_cast<std::size_t>(order[i]) * row_bytes,
                            row_bytes);
            wick_bench::keep(batch[0]);
            return static_cast<double>(batch_size) / (now() - begin);
        };
        std::vector<wick_bench::Contender> contenders{{"by hand, one thread", by_hand}};
        std::vector<std::vector<double>> milliseconds(3);
        for (const int workers : {0, 1, 2})
            contenders.push_back(
                {"wick, " + std::to_string(workers) + " workers", [&, workers] {
                     const double begin = now();
                     wick::DataLoader loader(wick::NpySource(file.x()), wick::RandomSampler(7),
                                             {.batch_size = batch_size, .workers = workers});
                     auto epoch = loader.epoch(0);
                     wick_bench::keep(*static_cast<const char*>(epoch.begin()->get<0>().data_ptr()));
                     const double seconds = now() - begin;
                     milliseconds[static_cast<std::size_t>(workers)].push_back(seconds * 1e3);
                     return static_cast<double>(batch_size) / seconds;
                 }});
        wick_bench::compare(
            "first batch of " + std::to_string(batch_bytes >> 20) + " MiB: rows of it per second", contenders,
            row_bytes, static_cast<int>(options["turns"]));
        for (std::size_t workers = 0; workers < 3; ++workers)
            std::printf("  %zu workers: the first batch after %.2f ms (median)\n", workers,
                        wick_bench::median(milliseconds[workers]));
    }
}
