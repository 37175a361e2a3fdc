// SPDX-License-Identifier: MIT
// How fast are random rows, epoch after epoch, of a file that is larger than the memory allowed?
//
// To be run where memory is limited, for example to half of the file:
//   benchmarks/limited.sh 1073741824 build/benchmarks/benchmark_cold_memory --gigabytes=2.147
// Beside wick, which keeps a fixed part of the file in memory, rows are read through the page cache (WILLNEED
// and pread), which keeps what the system thinks best. The first epoch of each fills its cache and is shown
// too; what counts is the last one. Every epoch reads every row.

#include "cold.hpp"

#include <cstddef>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace {

double anonymous_megabytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("RssAnon:")) return std::stod(line.substr(8)) / 1024;
    return 0;
}

void print(const std::string& name, int epoch, const wick_bench::Done& done, double limit, double baseline) {
    const double rate = done.rows / done.seconds;
    std::printf("  %-34s  %12.0f  %8.3f  %7.2f  %9.2f  %9.3f  %9.2f  %9.0f\n",
                (name + ", epoch " + std::to_string(epoch)).c_str(), rate, done.gigabytes_per_second(),
                rate / limit, baseline > 0 ? rate / baseline : 1.0, done.cpu / done.bytes * 1e9, done.seconds,
                anonymous_megabytes());
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    const wick_bench::Options options(argc, argv,
                                      {{"gigabytes", 2},
                                       {"epochs", 2},
                                       {"workers", 2},
                                       {"batch_size", 256},
                                       {"header", 128},
                                       {"row_bytes", 4096}});
    const wick_bench::ColdFile file(options["gigabytes"], static_cast<std::size_t>(options["header"]));
    const auto row_bytes = static_cast<std::size_t>(options["row_bytes"]);
    const auto batch_size = static_cast<std::size_t>(options["batch_size"]);
    const int epochs = static_cast<int>(options["epochs"]);
    const double for_ever = 1e9;
    file.drop();
    const double memory = static_cast<double>(wick::detail::free_memory());
    std::printf("\nrandom rows of %zu bytes, a file of %.2f GB, %.2f GB of memory: %.2f times as large\n",
                row_bytes, static_cast<double>(file.bytes()) / 1e9, memory / 1e9,
                static_cast<double>(file.bytes()) / memory);
    std::printf("  %-34s  %12s  %8s  %7s  %9s  %9s  %9s  %9s\n", "", "rows/s", "GB/s", "/limit", "/baseline",
                "CPU s/GB", "seconds", "own MB");
    const auto limit = wick_bench::random_limit(file, row_bytes, 3);
    const double limit_rate = limit.rows / limit.seconds;
    print("limit: bare direct reads", 0, limit, limit_rate, 0);

    std::vector<double> baselines;
    for (int epoch = 0; epoch < epochs; ++epoch) {
        const auto done = wick_bench::willneed_and_pread(file, row_bytes, batch_size, for_ever);
        baselines.push_back(done.rows / done.seconds);
        print("WILLNEED and pread", epoch, done, limit_rate, 0);
    }
    file.drop();
    const auto source = file.source(row_bytes, wick::Engine::automatic);
    wick::DataLoader loader(source, wick::RandomSampler(7),
                            {.batch_size = static_cast<wick::Index>(batch_size),
                             .workers = static_cast<wick::Index>(options["workers"])});
    for (int epoch = 0; epoch < epochs; ++epoch) {
        const wick_bench::Watch watch;
        double rows = 0;
        for (auto& batch : loader.epoch(epoch)) {
            wick_bench::keep(*static_cast<const char*>(batch.get<0>().data_ptr()));
            rows += static_cast<double>(batch.get<0>().size(0));
        }
        print("wick", epoch, watch.done(rows, rows * static_cast<double>(row_bytes)), limit_rate,
              baselines[static_cast<std::size_t>(epoch)]);
    }
    std::printf("  %s\n", source.explain().c_str());
}
