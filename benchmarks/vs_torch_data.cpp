// SPDX-License-Identifier: MIT
// How fast are shuffled batches from files in the page cache, beside what the machine can do and what LibTorch has?
//
//   limit   as many threads as workers (at least one) copy rows with memcpy into one reused buffer each, the order
//           made beforehand: no queue, no tensors, no memory to find
//   plain   torch::data as its documentation shows it: get(i) gives a sample, Stack makes the batch
//   best    torch::data by hand: get_batch fills one tensor per field
//   wick    wick::DataLoader through loader.epoch(), order and all
//
// All read the same mapping of the same files; the consumer reads the first bytes of every batch. One run is one epoch
// (plain: an eighth of one), its begin included.

#include <wick/wick.hpp>

#include "compare.hpp"
#include "rows_file.hpp"

#include <torch/data.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

namespace {

using wick_bench::now;

struct Mapped {
    explicit Mapped(const std::filesystem::path& path) : file(path), map(file) {}
    const char* rows() const {
        return reinterpret_cast<const char*>(map.bytes().data()) + wick_bench::RowsFile::header_bytes;
    }
    wick::File file;
    wick::Mapping map;
};

struct Files {
    const char *x, *y;
    std::size_t row_bytes;
    std::int64_t rows;
};

class PerSample : public torch::data::datasets::Dataset<PerSample> {
public:
    explicit PerSample(const Files& files) : files_(files) {}
    torch::data::Example<> get(std::size_t i) override {
        at::Tensor x = at::empty({static_cast<std::int64_t>(files_.row_bytes)}, at::kByte),
                   y = at::empty({}, at::kLong);
        std::memcpy(x.data_ptr(), files_.x + i * files_.row_bytes, files_.row_bytes);
        std::memcpy(y.data_ptr(), files_.y + i * 8, 8);
        return {x, y};
    }
    torch::optional<std::size_t> size() const override { return static_cast<std::size_t>(files_.rows); }

private:
    Files files_;
};

class PerBatch : public torch::data::datasets::BatchDataset<PerBatch, torch::data::Example<>> {
public:
    explicit PerBatch(const Files& files) : files_(files) {}
    torch::data::Example<> get_batch(torch::ArrayRef<std::size_t> rows) override {
        const auto n = static_cast<std::int64_t>(rows.size());
        at::Tensor x = at::empty({n, static_cast<std::int64_t>(files_.row_bytes)}, at::kByte),
                   y = at::empty({n}, at::kLong);
        auto *to_x = static_cast<char*>(x.data_ptr()), *to_y = static_cast<char*>(y.data_ptr());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            std::memcpy(to_x + i * files_.row_bytes, files_.x + rows[i] * files_.row_bytes, files_.row_bytes);
            std::memcpy(to_y + i * 8, files_.y + rows[i] * 8, 8);
        }
        return {x, y};
    }
    torch::optional<std::size_t> size() const override { return static_cast<std::size_t>(files_.rows); }

private:
    Files files_;
};

template <class Loader>
double epoch_of(Loader& loader, std::int64_t expected) {
    const double begin = now();
    std::int64_t rows = 0, sum = 0;
    for (auto& batch : loader) {
        sum += *static_cast<const std::int64_t*>(batch.data.data_ptr()) +
               *batch.target.template data_ptr<std::int64_t>();
        rows += batch.data.size(0);
    }
    wick_bench::keep(sum);
    if (rows != expected) std::exit((std::fprintf(stderr, "rows were lost\n"), 1));
    return static_cast<double>(rows) / (now() - begin);
}

double bare(const Files& files, std::int64_t batch_size, int threads, const std::vector<std::int64_t>& order,
            std::vector<std::vector<char>>& buffers) {
    std::atomic<std::int64_t> next{0};
    const std::int64_t batches = files.rows / batch_size;
    const auto work = [&](std::size_t thread) {
        char* out_x = buffers[thread].data();
        char* out_y = out_x + static_cast<std::size_t>(batch_size) * files.row_bytes;
        for (std::int64_t batch; (batch = next.fetch_add(1)) < batches;) {
            const std::int64_t* rows = order.data() + batch * batch_size;
            for (std::int64_t i = 0; i < batch_size; ++i)
                std::memcpy(out_x + static_cast<std::size_t>(i) * files.row_bytes,
                            files.x + static_cast<std::size_t>(rows[i]) * files.row_bytes, files.row_bytes);
            for (std::int64_t i = 0; i < batch_size; ++i)
                std::memcpy(out_y + i * 8, files.y + rows[i] * 8, 8);
            wick_bench::keep(out_x[0]);
        }
    };
    const double begin = now();
    std::vector<std::thread> others;
    for (int t = 1; t < threads; ++t) others.emplace_back(work, static_cast<std::size_t>(t));
    work(0);
    for (std::thread& thread : others) thread.join();
    return static_cast<double>(batches * batch_size) / (now() - begin);
}

}  // namespace

int main(int argc, char** argv) {
    const wick_bench::Options options(argc, argv,
                                      {{"megabytes", 512},
                                       {"batch_bytes", 1 << 20},
                                       {"batch_size", 0},
                                       {"row_bytes", 0},
                                       {"turns", 5},
                                       {"workers", -1},
                                       {"plain", 1}});
    std::vector<std::size_t> sizes{128, 4096, 150'000, 600'000};
    if (options["row_bytes"] > 0) sizes = {static_cast<std::size_t>(options["row_bytes"])};
    for (const std::size_t row_bytes : sizes) {
        const std::int64_t wanted =
            options["batch_size"] > 0
                ? static_cast<std::int64_t>(options["batch_size"])
                : static_cast<std::int64_t>(options["batch_bytes"] / static_cast<double>(row_bytes));
        const std::int64_t batch_size = std::max<std::int64_t>(1, wanted);
        const auto rows =
            static_cast<std::int64_t>(options["megabytes"] * 1048576 / static_cast<double>(row_bytes)) /
            (8 * batch_size) * (8 * batch_size);
        const wick_bench::RowsFile file(rows, row_bytes);
        const Mapped x(file.x()), y(file.y());
        const Files files{x.rows(), y.rows(), row_bytes, rows},
            eighth{x.rows(), y.rows(), row_bytes, rows / 8};
        std::vector<std::int64_t> order(static_cast<std::size_t>(rows));
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), std::mt19937_64(1));
        for (const int workers : {0, 1, 2}) {
            if (options["workers"] >= 0 && workers != static_cast<int>(options["workers"])) continue;
            const int threads = std::max(1, workers);
            std::vector<std::vector<char>> buffers(
                static_cast<std::size_t>(threads),
                std::vector<char>(static_cast<std::size_t>(batch_size) * (row_bytes + 8)));
            const auto torch_options = torch::data::DataLoaderOptions(static_cast<std::size_t>(batch_size))
                                           .workers(static_cast<std::size_t>(workers));
            auto plain =
                torch::data::make_data_loader(PerSample(eighth).map(torch::data::transforms::Stack<>()),
                                              torch::data::samplers::RandomSampler(rows / 8), torch_options);
            auto best = torch::data::make_data_loader(
                PerBatch(files), torch::data::samplers::RandomSampler(rows), torch_options);
            wick::DataLoader loader(wick::ZipDataset(wick::NpySource(file.x()), wick::NpySource(file.y())),
                                    wick::RandomSampler(7), {.batch_size = batch_size, .workers = workers});
            std::int64_t epoch = 0;
            const auto ours = [&] {
                const double begin = now();
                std::int64_t count = 0, sum = 0;
                for (auto& [data, labels] : loader.epoch(epoch++)) {
                    sum +=
                        *static_cast<const std::int64_t*>(data.data_ptr()) + *labels.data_ptr<std::int64_t>();
                    count += data.size(0);
                }
                wick_bench::keep(sum);
                if (count != rows) std::exit((std::fprintf(stderr, "rows were lost\n"), 1));
                return static_cast<double>(count) / (now() - begin);
            };
            std::vector<wick_bench::Contender> contenders{
                {"limit: memcpy gather", [&] { return bare(files, batch_size, threads, order, buffers); }},
                {"torch::data best", [&] { return epoch_of(*best, rows); }},
                {"wick", ours}};
            if (options["plain"] != 0)
                contenders.push_back({"torch::data plain", [&] { return epoch_of(*plain, rows / 8); }});
            std::vector<std::size_t> baselines{1};
            if (contenders.size() > 3) baselines.push_back(3);
            wick_bench::compare("rows of " + std::to_string(row_bytes) + " bytes, batches of " +
                                    std::to_string(batch_size) + ", " + std::to_string(workers) + " workers",
                                contenders, row_bytes + 8, static_cast<int>(options["turns"]), baselines);
        }
    }
}
