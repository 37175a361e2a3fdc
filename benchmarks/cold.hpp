// SPDX-License-Identifier: MIT
#pragma once

// What the benchmarks of cold data share: what a bare loop gets from the disk, the ways in which such files
// are read without wick, and a table of all of them.

#include <wick/wick.hpp>

#include "cold_file.hpp"
#include "compare.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace wick_bench {

/// Seconds that this process has spent on processors.
inline double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// What was done in a run.
struct Done {
    double rows = 0;
    double bytes = 0;
    double seconds = 0;
    double cpu = 0;
    double first_ms = 0;  ///< until the first batch

    double gigabytes_per_second() const { return bytes / seconds / 1e9; }
};

/// Measures from its construction on.
class Watch {
public:
    double seconds() const { return now() - begin_; }
    Done done(double rows, double bytes, double first_ms = 0) const {
        return {rows, bytes, seconds(), cpu_seconds() - cpu_, first_ms};
    }

private:
    double begin_ = now();
    double cpu_ = cpu_seconds();
};

/// A bare loop of direct reads, `depth` at a time: read i is of `bytes` bytes at `offset(i)`; `use(memory)` is called
/// with each as it comes. Ends after `count` reads, or when the time is over.
template <class Offset, class Use>
Done direct_reads(const ColdFile& file, std::size_t bytes, unsigned depth, double seconds,
                  std::uint64_t count, const Offset& offset, const Use& use) {
    wick::detail::Ring ring(depth);
    const wick::detail::Buffer memory(bytes * depth);  // huge pages, as the disk likes them best
    std::memset(memory.data(), 1, bytes * depth);
    std::vector<unsigned> free;
    for (unsigned i = 0; i < depth; ++i) free.push_back(i);
    std::uint64_t started = 0, ended = 0;
    const Watch watch;
    while (ended < started || (started < count && watch.seconds() < seconds)) {
        while (!free.empty() && started < count && watch.seconds() < seconds) {
            ring.add(file.direct(), offset(started++), memory.data() + free.back() * bytes,
                     static_cast<unsigned>(bytes), free.back());
            free.pop_back();
        }
        if (ring.submit(std::max(1u, std::min(depth / 4, static_cast<unsigned>(started - ended)))) > 0)
            throw std::runtime_error("io_uring refuses reads");
        ring.collect([&](std::uint64_t slot, int result) {
            if (result != static_cast<int>(bytes)) throw std::runtime_error("a direct read came short");
            use(memory.data() + slot * bytes);
            free.push_back(static_cast<unsigned>(slot));
            ++ended;
        });
    }
    return watch.done(static_cast<double>(ended), static_cast<double>(ended) * static_cast<double>(bytes));
}

template <class Offset>
Done direct_reads(const ColdFile& file, std::size_t bytes, unsigned depth, double seconds,
                  std::uint64_t count, const Offset& offset) {
    return direct_reads(file, bytes, depth, seconds, count, offset, [](const std::byte*) {});
}

/// How a bare loop reads.
struct ReadShape {
    std::size_t bytes;
    unsigned depth;  ///< reads at a time
};

/// Which of some shapes gets most bytes a second out of short turns of `measure(shape, seconds)`. A limit is then
/// one run with that shape: the best of several runs would be more than the disk gives again.
template <class Measure>
ReadShape fastest_of(const std::vector<ReadShape>& shapes, double seconds, const Measure& measure) {
    std::vector<double> sums(shapes.size());
    for (int turn = 0; turn < 3; ++turn)
        for (std::size_t i = 0; i < shapes.size(); ++i)
            sums[i] += measure(shapes[i], std::min(seconds, 0.5)).gigabytes_per_second();
    return shapes[static_cast<std::size_t>(std::max_element(sums.begin(), sums.end()) - sums.begin())];
}

/// Reads at random that begin and end with pages, as many at a time as suits them: the limit for random rows.
inline Done random_limit(const ColdFile& file, std::size_t bytes, double seconds) {
    static std::mt19937_64 random(3);
    static std::map<std::size_t, ReadShape> fastest;
    const std::uint64_t places = (file.bytes() - bytes) / 4096;
    const auto measure = [&](ReadShape shape, double time) {
        return direct_reads(file, shape.bytes, shape.depth, time, UINT64_MAX,
                            [&](std::uint64_t) { return random() % places * 4096; });
    };
    if (fastest.count(bytes) == 0)
        fastest[bytes] = fastest_of({{bytes, 32}, {bytes, 64}, {bytes, 128}}, seconds, measure);
    return measure(fastest[bytes], seconds);
}

/// The file from its begin on, in steps as long and as many at a time as suits it: the limit for all of it.
inline Done sequential_limit(const ColdFile& file, std::size_t row_bytes, double seconds) {
    const auto measure = [&](ReadShape shape, double time) {
        return direct_reads(file, shape.bytes, shape.depth, time, file.bytes() / shape.bytes,
                            [&](std::uint64_t i) { return i * shape.bytes; });
    };
    constexpr std::size_t mib = std::size_t{1} << 20;
    static const ReadShape fastest = fastest_of({{mib, 8}, {mib / 4, 32}, {4 * mib, 16}}, seconds, measure);
    Done done = measure(fastest, seconds);
    done.rows = done.bytes / static_cast<double>(row_bytes);
    return done;
}

/// Fills batch after batch by a loop by hand, `fill(rows, next_rows, out)`, in random order.
template <class Fill>
Done by_hand(const ColdFile& file, std::size_t row_bytes, std::size_t batch_size, double seconds,
             const Fill& fill) {
    const Index rows = file.rows(row_bytes);
    static std::int64_t epoch = 1000;
    const wick::RandomSampler sampler(5);
    std::vector<Index> batch(batch_size), next(batch_size);
    std::vector<std::byte> out(batch_size * row_bytes, std::byte{1});
    ++epoch;
    const Watch watch;
    double first_ms = 0;
    Index done = 0;
    sampler.fill(rows, epoch, 0, batch);
    while (watch.seconds() < seconds && done + 2 * static_cast<Index>(batch_size) <= rows) {
        sampler.fill(rows, epoch, done + static_cast<Index>(batch_size), next);
        fill(batch, next, out.data());
        if (!ColdFile::is_row(out.data(), batch[0], row_bytes)) throw std::runtime_error("a wrong row");
        if (done == 0) first_ms = watch.seconds() * 1e3;
        done += static_cast<Index>(batch_size);
        std::swap(batch, next);
    }
    return watch.done(static_cast<double>(done), static_cast<double>(done) * static_cast<double>(row_bytes),
                      first_ms);
}

/// Rows copied from a mapping with no advice given: what is written first.
inline Done default_mapping(const ColdFile& file, std::size_t row_bytes, std::size_t batch_size,
                            double seconds) {
    const wick::Mapping map{wick::File(file.path())};
    const std::byte* const rows = map.bytes().data() + file.header_bytes();
    return by_hand(file, row_bytes, batch_size, seconds, [&](const auto& batch, const auto&, std::byte* out) {
        for (std::size_t i = 0; i < batch.size(); ++i)
            std::memcpy(out + i * row_bytes, rows + static_cast<std::size_t>(batch[i]) * row_bytes,
                        row_bytes);
    });
}

/// The system is told of the next batch's rows before this one's are read: the best that the page cache
/// gives.
inline Done willneed_and_pread(const ColdFile& file, std::size_t row_bytes, std::size_t batch_size,
                               double seconds) {
    const auto offset_of = [&](Index row) {
        return static_cast<off_t>(file.header_bytes() + static_cast<std::size_t>(row) * row_bytes);
    };
    return by_hand(
        file, row_bytes, batch_size, seconds, [&](const auto& batch, const auto& next, std::byte* out) {
            for (const Index row : next)
                ::posix_fadvise(file.descriptor(), offset_of(row), static_cast<off_t>(row_bytes),
                                POSIX_FADV_WILLNEED);
            for (std::size_t i = 0; i < batch.size(); ++i)
                if (::pread(file.descriptor(), out + i * row_bytes, row_bytes, offset_of(batch[i])) !=
                    static_cast<ssize_t>(row_bytes))
                    fail("a read came short");
        });
}

/// An epoch of a loader, or as much of it as the time allows; what it takes to build the loader is counted.
///
/// `seen(rows, seconds)` is told after every batch.
template <class Source, class Sampler, class Seen>
Done loader_epoch(const Source& source, const Sampler& sampler, std::size_t row_bytes,
                  wick::LoaderOptions options, double seconds, const Seen& seen) {
    static std::int64_t epoch = 0;
    static const at::Tensor started = at::empty({1});  // what LibTorch does once in a process is not ours
    const Watch watch;
    wick::DataLoader loader(source(), sampler, options);
    double first_ms = 0;
    Index rows = 0;
    for (auto& batch : loader.epoch(++epoch)) {
        const at::Tensor& x = batch.template get<0>();
        keep(*static_cast<const char*>(x.data_ptr()));
        if (rows == 0) first_ms = watch.seconds() * 1e3;
        rows += x.size(0);
        seen(rows, watch.seconds());
        if (watch.seconds() >= seconds) break;
    }
    return watch.done(static_cast<double>(rows), static_cast<double>(rows) * static_cast<double>(row_bytes),
                      first_ms);
}

template <class Source, class Sampler>
Done loader_epoch(const Source& source, const Sampler& sampler, std::size_t row_bytes,
                  const wick::LoaderOptions& options, double seconds) {
    return loader_epoch(source, sampler, row_bytes, options, seconds, [](Index, double) {});
}

/// One way to read a cold file.
struct ColdContender {
    std::string name;
    std::function<Done()> run;
};

/// Runs all of them in turn, the file dropped from memory before each, and prints the medians. The first is
/// the limit.
inline void compare_cold(const std::string& title, const Cold& file,
                         const std::vector<ColdContender>& contenders, int turns, std::size_t touched_bytes,
                         std::size_t baseline) {
    std::vector<std::vector<Done>> runs(contenders.size());
    for (int turn = 0; turn < turns; ++turn)
        for (std::size_t i = 0; i < contenders.size(); ++i) {
            file.drop();
            touch_and_free(touched_bytes);
            runs[i].push_back(contenders[i].run());
        }
    const auto median_of = [&](std::size_t i, const auto& value) {
        std::vector<double> values;
        for (std::size_t turn = 0; turn < runs[i].size(); ++turn) values.push_back(value(turn));
        return median(values);
    };
    const auto speed = [&](std::size_t i, std::size_t turn) {
        return runs[i][turn].bytes / runs[i][turn].seconds;
    };
    std::printf("\n%s\n  %-34s  %12s  %8s  %7s  %9s  %9s  %9s  %9s\n", title.c_str(), "", "rows/s", "GB/s",
                "/limit", "/baseline", "CPU s/GB", "seconds", "first ms");
    for (std::size_t i = 0; i < contenders.size(); ++i)
        std::printf(
            "  %-34s  %12.0f  %8.3f  %7.2f  %9.1f  %9.3f  %9.2f  %9.1f\n", contenders[i].name.c_str(),
            median_of(i, [&](std::size_t turn) { return runs[i][turn].rows / runs[i][turn].seconds; }),
            median_of(i, [&](std::size_t turn) { return speed(i, turn) / 1e9; }),
            median_of(i, [&](std::size_t turn) { return speed(i, turn) / speed(0, turn); }),
            median_of(i, [&](std::size_t turn) { return speed(i, turn) / speed(baseline, turn); }),
            median_of(i, [&](std::size_t turn) { return runs[i][turn].cpu / runs[i][turn].bytes * 1e9; }),
            median_of(i, [&](std::size_t turn) { return runs[i][turn].seconds; }),
            median_of(i, [&](std::size_t turn) { return runs[i][turn].first_ms; }));
    std::printf("  baseline: %s\n", contenders[baseline].name.c_str());
    std::fflush(stdout);
}

}  // namespace wick_bench
