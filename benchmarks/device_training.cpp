// SPDX-License-Identifier: MIT
// Of a whole training run, how much is spent waiting for data?
//
// The same small network on the same rows, epoch by epoch in turn:
//   there      all data on the device from the start, batches taken by index_select: no loader can do better
//   wick       bytes out of a file, copied and normalised on the device
//   torch      torch::data by hand: get_batch fills one tensor, copied to the device in the loop
// Waiting is what an epoch takes beyond `there`.

#include <wick/wick.hpp>

#include "compare.hpp"
#include "device.hpp"
#include "rows_file.hpp"

#include <torch/data.h>
#include <torch/torch.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace {

using wick_bench::finish;
using wick_bench::now;

constexpr std::int64_t side = 64, row_bytes = side * side;

struct Training {
    explicit Training(c10::Device on)
        : device(on),
          network(torch::nn::Conv2d(torch::nn::Conv2dOptions(1, 16, 5).stride(2)), torch::nn::ReLU(),
                  torch::nn::Conv2d(torch::nn::Conv2dOptions(16, 32, 5).stride(2)), torch::nn::ReLU(),
                  torch::nn::Flatten(), torch::nn::Linear(32 * 13 * 13, 10)),
          optimizer(network->parameters(), 1e-3) {
        network->to(device);
    }
    void step(const torch::Tensor& images) {
        optimizer.zero_grad();
        network->forward(images).square().mean().backward();
        optimizer.step();
    }
    c10::Device device;
    torch::nn::Sequential network;
    torch::optim::SGD optimizer;
};

torch::Tensor as_input(const torch::Tensor& bytes) {
    return bytes.view({-1, 1, side, side}).to(torch::kFloat32).div_(255);
}

class PerBatch : public torch::data::datasets::BatchDataset<PerBatch, torch::Tensor> {
public:
    PerBatch(const std::byte* rows, std::int64_t count) : rows_(rows), count_(count) {}
    torch::Tensor get_batch(torch::ArrayRef<std::size_t> rows) override {
        torch::Tensor batch = torch::empty({static_cast<std::int64_t>(rows.size()), row_bytes}, torch::kByte);
        auto* to = static_cast<std::byte*>(batch.data_ptr());
        for (std::size_t i = 0; i < rows.size(); ++i)
            std::memcpy(to + i * row_bytes, rows_ + rows[i] * row_bytes, row_bytes);
        return batch;
    }
    torch::optional<std::size_t> size() const override { return static_cast<std::size_t>(count_); }

private:
    const std::byte* rows_;
    std::int64_t count_;
};

}  // namespace

int main(int argc, char** argv) {
    const c10::Device device = wick_bench::device_argument(argc, argv);
    const wick_bench::Options options(argc, argv,
                                      {{"megabytes", 1024}, {"batch", 256}, {"workers", 4}, {"turns", 5}});
    const auto batch_size = static_cast<std::int64_t>(options["batch"]);
    const auto workers = static_cast<wick::Index>(options["workers"]);
    const auto rows =
        std::max(batch_size, static_cast<std::int64_t>(options["megabytes"] * 1048576 / row_bytes));
    const wick_bench::RowsFile file(rows, row_bytes);
    const wick::Mapping map{wick::File(file.x())};
    const std::byte* const data = map.bytes().data() + wick_bench::RowsFile::header_bytes;
    Training training(device);

    const torch::Tensor all =
        torch::from_blob(const_cast<std::byte*>(data), {rows, row_bytes}, torch::kByte).clone().to(device);
    const auto there = [&] {
        const double begin = now();
        const torch::Tensor order = torch::randperm(rows, torch::TensorOptions(torch::kInt64).device(device));
        for (std::int64_t at = 0; at < rows; at += batch_size)
            training.step(as_input(all.index_select(0, order.slice(0, at, std::min(rows, at + batch_size)))));
        finish(device);
        return static_cast<double>(rows) / (now() - begin);
    };
    wick::DataLoader loader(
        wick::NpySource(file.x()), wick::RandomSampler(7),
        {.batch_size = batch_size, .workers = workers, .device = device, .on_device = [](auto& batch) {
             batch[0] = as_input(batch[0]);
         }});
    std::int64_t epoch = 0;
    const auto ours = [&] {
        const double begin = now();
        for (auto& [images] : loader.epoch(epoch++)) training.step(images);
        finish(device);
        return static_cast<double>(rows) / (now() - begin);
    };
    auto theirs = torch::data::make_data_loader<torch::data::samplers::RandomSampler>(
        PerBatch(data, rows), torch::data::DataLoaderOptions(static_cast<std::size_t>(batch_size))
                                  .workers(static_cast<std::size_t>(workers)));
    const auto torch_data = [&] {
        const double begin = now();
        for (auto& batch : *theirs) training.step(as_input(batch.to(device)));
        finish(device);
        return static_cast<double>(rows) / (now() - begin);
    };
    const auto ratios = wick_bench::compare(
        "training on " + device.str(), {{"there", there}, {"wick", ours}, {"torch", torch_data}},
        static_cast<std::size_t>(row_bytes), static_cast<int>(options["turns"]));
    std::printf("  waiting for data: wick %.1f %% of the time, torch %.1f %%\n", 100 * (1 - ratios[1]),
                100 * (1 - ratios[2]));
}
