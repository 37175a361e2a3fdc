// SPDX-License-Identifier: MIT
// How fast are batches on the device, beside a bare copy of the same bytes from pinned memory?
//
//   bare     one pinned batch copied again and again, nothing read
//   wick     rows out of a file in the page cache, shuffled, through loader.epoch()
//   overlap  wick while the device works as long as the bare copy takes: 1.00 is the longer of the two alone
//   gap      microseconds that a step takes beyond its work, if the work is ten times as long as the copy
//   cold     wick with a file that was dropped from the page cache
//   sums     batches whose sum on the device differs from the sum of the same rows on the host
//
// `sh benchmarks/device.sh` runs this and the rest.

#include "device.hpp"

#include <wick/wick.hpp>

#include "compare.hpp"
#include "rows_file.hpp"

#include <torch/torch.h>

#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <functional>
#include <unistd.h>
#include <vector>

namespace {

using wick_bench::finish;
using wick_bench::now;

struct Case {
    const wick_bench::RowsFile& file;
    c10::Device device;
    std::int64_t rows;
    std::size_t row_bytes;
    wick::Dtype dtype;
    std::int64_t batch_size;

    wick::RawSource source() const {
        const auto elements = static_cast<wick::Index>(row_bytes / size_of(dtype));
        return {file.x(), {dtype, {elements}}, {.offset = wick_bench::RowsFile::header_bytes, .rows = rows}};
    }
    double bytes() const {
        return static_cast<double>(rows / batch_size * batch_size) * static_cast<double>(row_bytes);
    }
    auto loader(wick::Index workers) const {
        return wick::DataLoader(
            source(), wick::RandomSampler(7),
            {.batch_size = batch_size, .workers = workers, .drop_last = true, .device = device});
    }
};

/// Seconds of the loop over an epoch, until the device is through.
template <class Loader>
double epoch_seconds(Loader& loader, std::int64_t epoch, const std::function<void(const at::Tensor&)>& step) {
    const double begin = now();
    for (auto& [values] : loader.epoch(epoch)) step(values);
    finish(loader.device());
    return now() - begin;
}

void nothing(const at::Tensor&) {}

double bare_seconds(const Case& c) {
    const auto type = *wick::scalar_type(c.dtype);
    const auto elements = static_cast<std::int64_t>(c.row_bytes / size_of(c.dtype));
    const bool pin = !c.device.is_cpu() && wick::pinned_usable(c.device);
    const at::Tensor host =
        at::empty({c.batch_size, elements}, at::TensorOptions(type).pinned_memory(pin)).fill_(1);
    at::Tensor there = at::empty_like(host, at::TensorOptions(c.device).pinned_memory(false));
    there.copy_(host);
    finish(c.device);
    const double begin = now();
    for (std::int64_t i = 0; i < c.rows / c.batch_size; ++i) there.copy_(host, /*non_blocking=*/true);
    finish(c.device);
    return now() - begin;
}

/// One line of the table.
void measure(const Case& c, wick::Index workers, int turns) {
    auto loader = c.loader(workers);
    epoch_seconds(loader, 0, nothing);
    std::vector<double> bare, ours, overlaps, gaps;
    const auto steps = static_cast<double>(loader.size());
    const double per_batch = bare_seconds(c) / steps;
    wick_bench::Work equal(c.device, per_batch), longer(c.device, 10 * per_batch);
    for (int turn = 1; turn <= turns; ++turn) {
        bare.push_back(bare_seconds(c));
        ours.push_back(epoch_seconds(loader, 3 * turn, nothing));
        const double both = epoch_seconds(loader, 3 * turn + 1, [&](const at::Tensor&) { equal.submit(); });
        overlaps.push_back(both / std::max(bare.back(), equal.seconds() * steps));
        const double stepping =
            epoch_seconds(loader, 3 * turn + 2, [&](const at::Tensor&) { longer.submit(); });
        gaps.push_back((stepping / steps - longer.seconds()) * 1e6);
    }
    const double bare_median = wick_bench::median(bare), our_median = wick_bench::median(ours);
    std::printf("  %8zu %5s %7lld %9.2f %9.2f %8.2f %9.2f %8.1f\n", c.row_bytes,
                std::string(name_of(c.dtype)).c_str(), static_cast<long long>(workers),
                c.bytes() / bare_median / 1e9, c.bytes() / our_median / 1e9, bare_median / our_median,
                wick_bench::median(overlaps), wick_bench::median(gaps));
    std::fflush(stdout);
}

void drop_from_cache(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY);
    if (file < 0) return;
    ::fsync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
}

void measure_cold(const Case& c) {
    drop_from_cache(c.file.x());
    auto loader = c.loader(8);
    const double seconds = epoch_seconds(loader, 0, nothing);
    std::printf("  %8zu cold, 8 workers: %.2f GB/s\n", c.row_bytes, c.bytes() / seconds / 1e9);
}

/// How many of `batches` batches have another sum on the device than on the host.
std::int64_t wrong_sums(const Case& c, std::int64_t batches) {
    auto loader = c.loader(4);
    auto on_host = wick::DataLoader(c.source(), wick::RandomSampler(7),
                                    {.batch_size = c.batch_size, .workers = 2, .drop_last = true});
    std::int64_t wrong = 0;
    for (std::int64_t epoch = 0; batches > 0; ++epoch) {
        const std::int64_t some = std::min<std::int64_t>(batches, loader.size());
        std::vector<at::Tensor> there, here;
        for (auto& batch : loader.epoch(epoch)) {
            if (batch.number() == some) break;
            there.push_back(batch.get<0>().sum(torch::kInt64));
        }
        for (auto& batch : on_host.epoch(epoch)) {
            if (batch.number() == some) break;
            here.push_back(batch.get<0>().sum(torch::kInt64));
        }
        wrong += at::stack(there).cpu().ne(at::stack(here)).sum().item<std::int64_t>();
        batches -= some;
    }
    return wrong;
}

}  // namespace

int main(int argc, char** argv) {
    const c10::Device device = wick_bench::device_argument(argc, argv);
    const wick_bench::Options options(argc, argv,
                                      {{"megabytes", 2048},
                                       {"batch_megabytes", 16},
                                       {"turns", 5},
                                       {"most_workers", 16},
                                       {"sums", 10'000},
                                       {"speed", 1}});
    std::printf("device %s, pinned memory: %s\n", device.str().c_str(),
                wick::pinned_usable(device) ? "yes" : "no");
    const auto batch_of = [&](std::size_t row_bytes) {
        const double rows = options["batch_megabytes"] * 1048576 / static_cast<double>(row_bytes);
        return std::max<std::int64_t>(1, static_cast<std::int64_t>(rows));
    };
    if (options["speed"] != 0)
        std::printf("  %8s %5s %7s %9s %9s %8s %9s %8s\n", "row", "dtype", "workers", "bare GB/s",
                    "wick GB/s", "/bare", "overlap", "gap us");
    for (const std::size_t row_bytes :
         {std::size_t{128}, std::size_t{4096}, std::size_t{150'528}, std::size_t{602'112}}) {
        if (options["speed"] == 0) break;
        const auto batch = batch_of(row_bytes);
        const auto rows = std::max(batch, static_cast<std::int64_t>(options["megabytes"] * 1048576 /
                                                                    static_cast<double>(row_bytes)));
        const wick_bench::RowsFile file(rows, row_bytes);
        for (const wick::Dtype dtype : {wick::Dtype::u8, wick::Dtype::f32})
            for (wick::Index workers = 0; workers <= static_cast<wick::Index>(options["most_workers"]);
                 workers = workers == 0 ? 1 : 2 * workers)
                measure({file, device, rows, row_bytes, dtype, batch}, workers,
                        static_cast<int>(options["turns"]));
        measure_cold({file, device, rows, row_bytes, wick::Dtype::u8, batch});
    }
    const auto batches = static_cast<std::int64_t>(options["sums"]);
    const wick_bench::RowsFile file(65'536, 1024);
    const std::int64_t wrong = wrong_sums({file, device, 65'536, 1024, wick::Dtype::u8, 64}, batches);
    std::printf("sums: %lld of %lld batches are wrong\n", static_cast<long long>(wrong),
                static_cast<long long>(batches));
    return wrong == 0 ? 0 : 1;
}
