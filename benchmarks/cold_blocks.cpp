// SPDX-License-Identifier: MIT
// How fast are short rows of a cold file in the order of BlockShuffleSampler, which is made for them?
//
// Beside it what the disk gives in sequence, which it should come near, and what random rows cost without it:
// one pread after another, and as many direct reads at a time as are best. That the file does not fit in
// memory is said to wick by .cache_bytes = 0.

#include "cold.hpp"

#include <cstddef>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    const wick_bench::Options options(argc, argv,
                                      {{"gigabytes", 4},
                                       {"seconds", 3},
                                       {"turns", 3},
                                       {"workers", 2},
                                       {"batch_size", 256},
                                       {"header", 128},
                                       {"row_bytes", 0},
                                       {"touch_megabytes", 500}});
    const wick_bench::ColdFile file(options["gigabytes"], static_cast<std::size_t>(options["header"]));
    const double seconds = options["seconds"];
    const auto batch_size = static_cast<std::size_t>(options["batch_size"]);
    std::vector<std::size_t> sizes{1024, 4096};
    if (options["row_bytes"] > 0) sizes = {static_cast<std::size_t>(options["row_bytes"])};
    for (const std::size_t row_bytes : sizes) {
        const wick::LoaderOptions loader{.batch_size = static_cast<wick::Index>(batch_size),
                                         .workers = static_cast<wick::Index>(options["workers"])};
        const auto ours = [&](const auto& sampler) {
            return wick_bench::loader_epoch(
                [&] { return file.source(row_bytes, wick::Engine::automatic, 0); }, sampler, row_bytes,
                loader, seconds);
        };
        const auto pread_each = [&](const auto& batch, const auto&, std::byte* out) {
            for (std::size_t i = 0; i < batch.size(); ++i)
                if (::pread(file.descriptor(), out + i * row_bytes, row_bytes,
                            static_cast<off_t>(file.header_bytes() +
                                               static_cast<std::size_t>(batch[i]) * row_bytes)) !=
                    static_cast<ssize_t>(row_bytes))
                    wick_bench::fail("a read came short");
        };
        wick_bench::compare_cold(
            "block shuffle of rows of " + std::to_string(row_bytes) + " bytes, cold, batches of " +
                std::to_string(batch_size),
            file,
            {{"limit: bare sequential pass",
              [&] { return wick_bench::sequential_limit(file, row_bytes, seconds); }},
             {"random rows, pread",
              [&] {
                  ::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_RANDOM);
                  const auto done = wick_bench::by_hand(file, row_bytes, batch_size, seconds, pread_each);
                  ::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_NORMAL);
                  return done;
              }},
             {"wick, RandomSampler", [&] { return ours(wick::RandomSampler(7)); }},
             {"wick, BlockShuffleSampler", [&] { return ours(wick::BlockShuffleSampler(7)); }}},
            static_cast<int>(options["turns"]), static_cast<std::size_t>(options["touch_megabytes"]) << 20,
            1);
    }
}
