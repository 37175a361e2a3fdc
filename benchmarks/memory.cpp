// SPDX-License-Identifier: MIT
// How much memory does a loader really take, beside its memory_budget?
//
// Each setting runs in a process of its own, which reads two epochs and looks at its anonymous resident bytes (the page
// cache is the system's) at every tenth batch. Printed: their growth over what was there before the loader was built,
// what the loader itself counts, and both as a share of the budget.

#include <wick/wick.hpp>

#include "compare.hpp"
#include "rows_file.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

std::size_t anonymous_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("RssAnon:")) return std::stoull(line.substr(8)) * 1024;
    return 0;
}

void measure(const wick_bench::RowsFile& file, std::int64_t batch_size, int workers, std::size_t budget) {
    {  // what the first loader of a process brings with it whatever its budget: LibTorch's own start
        wick::DataLoader warm(wick::NpySource(file.x()), wick::SequentialSampler(),
                              {.batch_size = 1, .workers = 0});
        for (auto& batch : warm.epoch(0))
            if (batch.number() == 1) break;
    }
    const std::size_t before = anonymous_bytes();
    wick::DataLoader loader(wick::NpySource(file.x()), wick::RandomSampler(7),
                            {.batch_size = batch_size, .workers = workers, .memory_budget = budget});
    std::size_t peak = 0;
    for (int epoch = 0; epoch < 2; ++epoch)
        for (auto& batch : loader.epoch(epoch))
            if (batch.number() % 10 == 0) peak = std::max(peak, anonymous_bytes() - before);
    std::printf("  %8.0f %8d %8ld %12.1f %8.2f %12.1f %8.2f\n", static_cast<double>(budget) / 1048576,
                workers, static_cast<long>(batch_size), static_cast<double>(peak) / 1048576,
                static_cast<double>(peak) / static_cast<double>(budget),
                static_cast<double>(loader.peak_bytes()) / 1048576,
                static_cast<double>(loader.peak_bytes()) / static_cast<double>(budget));
}

}  // namespace

int main(int argc, char** argv) {
    const wick_bench::Options options(argc, argv, {{"megabytes", 400}, {"row_bytes", 4096}});
    const auto row_bytes = static_cast<std::size_t>(options["row_bytes"]);
    const auto rows =
        static_cast<std::int64_t>(options["megabytes"] * 1048576 / static_cast<double>(row_bytes));
    const wick_bench::RowsFile file(rows, row_bytes);
    std::printf("  %8s %8s %8s %12s %8s %12s %8s\n", "budget", "workers", "batch", "resident", "/budget",
                "counted", "/budget");
    for (const std::size_t megabytes : {4, 16, 64, 256})
        for (const int workers : {0, 1, 2, 8})
            for (const std::int64_t batch_size : {64, 768}) {
                std::fflush(stdout);
                const pid_t child = ::fork();
                if (child == 0) {
                    measure(file, batch_size, workers, megabytes << 20);
                    std::fflush(stdout);
                    ::_exit(0);
                }
                ::waitpid(child, nullptr, 0);
            }
    std::printf("sizes in MiB\n");
}
