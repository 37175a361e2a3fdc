// SPDX-License-Identifier: MIT
// How fast are random rows of a file that does not fit in memory, beside what the disk can do?
//
// Every run begins with nothing of the file in the page cache and lasts some seconds, not a whole epoch: the
// default mapping would take hours for one. That the file does not fit is said to wick by .cache_bytes = 0.

#include "cold.hpp"

#include <cstddef>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    const wick_bench::Options options(argc, argv,
                                      {{"gigabytes", 4},
                                       {"seconds", 2},
                                       {"turns", 3},
                                       {"workers", 2},
                                       {"header", 128},
                                       {"row_bytes", 0},
                                       {"batch_size", 0},
                                       {"touch_megabytes", 1500}});
    const wick_bench::ColdFile file(options["gigabytes"], static_cast<std::size_t>(options["header"]));
    const double seconds = options["seconds"];
    std::vector<std::size_t> sizes{4096, 65'536, 614'400};
    if (options["row_bytes"] > 0) sizes = {static_cast<std::size_t>(options["row_bytes"])};
    for (const std::size_t row_bytes : sizes) {
        auto batch_size = std::max<std::size_t>(1, std::min<std::size_t>(256, (8 << 20) / row_bytes));
        if (options["batch_size"] > 0) batch_size = static_cast<std::size_t>(options["batch_size"]);
        const wick::LoaderOptions loader{.batch_size = static_cast<wick::Index>(batch_size),
                                         .workers = static_cast<wick::Index>(options["workers"])};
        const auto ours = [&](wick::Engine engine, std::optional<std::uint64_t> cache_bytes) {
            return wick_bench::loader_epoch([&] { return file.source(row_bytes, engine, cache_bytes); },
                                            wick::RandomSampler(7), row_bytes, loader, seconds);
        };
        wick_bench::compare_cold(
            "random rows of " + std::to_string(row_bytes) + " bytes, cold, batches of " +
                std::to_string(batch_size),
            file,
            {{"limit: bare direct reads", [&] { return wick_bench::random_limit(file, row_bytes, seconds); }},
             {"default mapping",
              [&] { return wick_bench::default_mapping(file, row_bytes, batch_size, seconds); }},
             {"WILLNEED and pread",
              [&] { return wick_bench::willneed_and_pread(file, row_bytes, batch_size, seconds); }},
             {"wick, Engine::mapped", [&] { return ours(wick::Engine::mapped, std::nullopt); }},
             {"wick, Engine::direct", [&] { return ours(wick::Engine::direct, std::nullopt); }},
             {"wick", [&] { return ours(wick::Engine::automatic, 0); }}},
            static_cast<int>(options["turns"]), static_cast<std::size_t>(options["touch_megabytes"]) << 20,
            1);
    }
}
