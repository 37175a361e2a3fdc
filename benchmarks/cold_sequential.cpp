// SPDX-License-Identifier: MIT
// How fast is one pass in file order over a cold file that does not fit in memory?
//
// The limit is a bare loop of long direct reads, which leaves the bytes where the disk put them. Rows of a tensor do
// not begin where pages of a file do, so somebody has to copy them: the second line is such a loop that copies each
// read once. That the file does not fit is said to wick by .cache_bytes = 0.

#include "cold.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace {

/// Reads of 1 MiB through the page cache, as a loop with fread would.
wick_bench::Done buffered(const wick_bench::ColdFile& file, std::size_t row_bytes, double seconds) {
    constexpr std::size_t step = std::size_t{1} << 20;
    const wick::detail::Buffer memory(step);
    ::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_SEQUENTIAL);
    const wick_bench::Watch watch;
    std::uint64_t at = 0;
    for (; at < file.bytes() && watch.seconds() < seconds; at += step)
        if (::pread(file.descriptor(), memory.data(), step, static_cast<off_t>(file.header_bytes() + at)) !=
            static_cast<ssize_t>(step))
            wick_bench::fail("a read came short");
    const auto done = watch.done(static_cast<double>(at / row_bytes), static_cast<double>(at));
    ::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_NORMAL);
    return done;
}

/// The limit's reads, each copied to a place of a batch of 1 MiB by the thread that reads; 16 batches in turn, as many
/// as a loader has.
wick_bench::Done copied(const wick_bench::ColdFile& file, std::size_t row_bytes, double seconds) {
    constexpr std::size_t step = std::size_t{1} << 20, batches = 16;
    const wick::detail::Buffer out(step * batches);
    std::memset(out.data(), 1, step * batches);
    std::size_t at = 0;
    auto done = wick_bench::direct_reads(
        file, step, 8, seconds, file.bytes() / step, [](std::uint64_t i) { return i * step; },
        [&](const std::byte* read) { std::memcpy(out.data() + at++ % batches * step, read, step); });
    done.rows = done.bytes / static_cast<double>(row_bytes);
    return done;
}

}  // namespace

int main(int argc, char** argv) {
    const wick_bench::Options options(argc, argv,
                                      {{"gigabytes", 4},
                                       {"seconds", 1e9},
                                       {"turns", 3},
                                       {"workers", 2},
                                       {"header", 128},
                                       {"row_bytes", 0},
                                       {"touch_megabytes", 4000}});
    const wick_bench::ColdFile file(options["gigabytes"], static_cast<std::size_t>(options["header"]));
    const double seconds = options["seconds"];
    std::vector<std::size_t> sizes{4096, 65'536};
    if (options["row_bytes"] > 0) sizes = {static_cast<std::size_t>(options["row_bytes"])};
    for (const std::size_t row_bytes : sizes) {
        const auto batch_size = std::max<std::size_t>(1, (1 << 20) / row_bytes);
        const wick::LoaderOptions loader{.batch_size = static_cast<wick::Index>(batch_size),
                                         .workers = static_cast<wick::Index>(options["workers"])};
        const auto ours = [&](wick::Engine engine, std::optional<std::uint64_t> cache_bytes) {
            return wick_bench::loader_epoch([&] { return file.source(row_bytes, engine, cache_bytes); },
                                            wick::SequentialSampler(), row_bytes, loader, seconds);
        };
        wick_bench::compare_cold(
            "rows of " + std::to_string(row_bytes) + " bytes in file order, cold, batches of " +
                std::to_string(batch_size),
            file,
            {{"limit: bare direct reads",
              [&] { return wick_bench::sequential_limit(file, row_bytes, seconds); }},
             {"bare direct reads, copied", [&] { return copied(file, row_bytes, seconds); }},
             {"pread of 1 MiB", [&] { return buffered(file, row_bytes, seconds); }},
             {"wick, Engine::mapped", [&] { return ours(wick::Engine::mapped, std::nullopt); }},
             {"wick, Engine::direct", [&] { return ours(wick::Engine::direct, std::nullopt); }},
             {"wick", [&] { return ours(wick::Engine::automatic, 0); }}},
            static_cast<int>(options["turns"]), static_cast<std::size_t>(options["touch_megabytes"]) << 20,
            2);
    }
}
