// SPDX-License-Identifier: MIT
// How long does the first epoch in random order take over a cold file that fits in memory?
//
// Beside it one sequential pass over the file by direct reads, the least time in which its bytes can be had;
// the same epoch with every row read past the page cache; and by a mapping without advice. The last two are
// cut short after some seconds: "passes" then says how many sequential passes the whole epoch would take at
// their speed.

#include "cold.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace {

constexpr std::array moments{0.1, 0.5, 1.0, 2.0, 4.0};

struct Progress {
    std::array<wick::Index, moments.size()> rows{};
    void operator()(wick::Index done, double seconds) {
        for (std::size_t i = 0; i < moments.size(); ++i)
            if (seconds <= moments[i]) rows[i] = done;
    }
};

}  // namespace

int main(int argc, char** argv) {
    const wick_bench::Options options(argc, argv,
                                      {{"touch_gigabytes", 0},
                                       {"gigabytes", 4},
                                       {"seconds", 4},
                                       {"turns", 3},
                                       {"workers", 2},
                                       {"batch_size", 256},
                                       {"header", 128},
                                       {"row_bytes", 4096}});
    const wick_bench::ColdFile file(options["gigabytes"], static_cast<std::size_t>(options["header"]));
    const auto row_bytes = static_cast<std::size_t>(options["row_bytes"]);
    const auto batch_size = static_cast<std::size_t>(options["batch_size"]);
    const double for_ever = 1e9;
    const wick::LoaderOptions loader{.batch_size = static_cast<wick::Index>(batch_size),
                                     .workers = static_cast<wick::Index>(options["workers"])};
    Progress progress;
    const auto ours = [&](wick::Engine engine, double seconds, const auto& seen) {
        return wick_bench::loader_epoch([&] { return file.source(row_bytes, engine); },
                                        wick::RandomSampler(7), row_bytes, loader, seconds, seen);
    };
    const auto quiet = [](wick::Index, double) {};
    std::vector<std::pair<std::string, std::function<wick_bench::Done()>>> ways{
        {"limit: one sequential pass",
         [&] { return wick_bench::sequential_limit(file, row_bytes, for_ever); }},
        {"default mapping",
         [&] { return wick_bench::default_mapping(file, row_bytes, batch_size, options["seconds"]); }},
        {"wick, Engine::direct", [&] { return ours(wick::Engine::direct, options["seconds"], quiet); }},
        {"wick", [&] {
             progress = {};
             const auto done = ours(wick::Engine::automatic, for_ever,
                                    [&](wick::Index rows, double seconds) { progress(rows, seconds); });
             std::printf("  rows that wick has given");
             for (std::size_t i = 0; i < moments.size(); ++i)
                 std::printf("%s after %g s: %ld", i == 0 ? "" : ",", moments[i],
                             static_cast<long>(progress.rows[i]));
             std::printf("\n");
             return done;
         }}};
    std::vector<std::vector<wick_bench::Done>> runs(ways.size());
    for (int turn = 0; turn < static_cast<int>(options["turns"]); ++turn)
        for (std::size_t i = 0; i < ways.size(); ++i) {
            file.drop();
            wick_bench::touch_and_free(std::max(static_cast<std::size_t>(file.bytes()),
                                                static_cast<std::size_t>(options["touch_gigabytes"] * 1e9)));
            runs[i].push_back(ways[i].second());
        }
    std::printf("\nfirst epoch in random order over %.1f GB of rows of %zu bytes, cold, fits in memory\n",
                static_cast<double>(file.bytes()) / 1e9, row_bytes);
    std::printf("  %-34s  %12s  %9s  %8s  %9s  %9s\n", "", "rows/s", "seconds", "passes", "first ms",
                "CPU s/GB");
    for (std::size_t i = 0; i < ways.size(); ++i) {
        std::vector<double> rates, seconds, passes, first, cpu;
        for (std::size_t turn = 0; turn < runs[i].size(); ++turn) {
            const auto &done = runs[i][turn], &limit = runs[0][turn];
            const double whole = done.seconds * static_cast<double>(file.bytes()) / done.bytes;
            rates.push_back(done.rows / done.seconds);
            seconds.push_back(whole);
            passes.push_back(whole / limit.seconds);
            first.push_back(done.first_ms);
            cpu.push_back(done.cpu / done.bytes * 1e9);
        }
        std::printf("  %-34s  %12.0f  %9.2f  %8.2f  %9.1f  %9.3f\n", ways[i].first.c_str(),
                    wick_bench::median(rates), wick_bench::median(seconds), wick_bench::median(passes),
                    wick_bench::median(first), wick_bench::median(cpu));
    }
}
