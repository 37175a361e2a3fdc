// SPDX-License-Identifier: MIT
// Trains the small network of examples/train_fashion.cpp on the GPU, or with the same code on the CPU: the images go as
// bytes to the device while it computes, and become normalised numbers there.
// `sh examples/quickstart.sh train_cuda` runs it.

#include <wick/wick.hpp>

#include "fashion.hpp"

#include <torch/torch.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

using namespace fashion;

namespace {

constexpr std::uint64_t seed = 7;
constexpr int epochs = 4;
constexpr double highest_rate = 2e-3;

int run(const Path& dir, torch::Device device) {
    std::printf("Training on %s\n", device.str().c_str());
    wick::DataLoader loader(wick::ZipDataset(wick::IdxSource(dir / "train-images-idx3-ubyte"),
                                             wick::IdxSource(dir / "train-labels-idx1-ubyte")),
                            wick::RandomSampler(seed),
                            {.batch_size = 256, .workers = 2, .device = device, .on_device = [](auto& batch) {
                                 batch[0] = as_input(batch[0]);
                                 batch[1] = batch[1].to(torch::kInt64);
                             }});

    torch::manual_seed(seed);
    auto network = small_network();
    network->to(device);
    torch::optim::Adam optimizer(network->parameters(), highest_rate);
    const double steps = epochs * static_cast<double>(loader.size());
    const auto start = std::chrono::steady_clock::now();
    double step = 0;
    for (int epoch = 0; epoch < epochs; ++epoch) {
        torch::Tensor loss_sum =
            torch::zeros({}, device);  // asking for each loss would wait for the device each time
        for (auto& [images, labels] : loader.epoch(epoch)) {
            optimizer.param_groups()[0].options().set_lr(highest_rate * (1 - step++ / steps));
            optimizer.zero_grad();
            torch::Tensor loss = torch::cross_entropy_loss(network->forward(images), labels);
            loss.backward();
            optimizer.step();
            loss_sum += loss.detach();
        }
        const double mean = loss_sum.item<double>() / static_cast<double>(loader.size());
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
        const auto rows = static_cast<double>((epoch + 1) * loader.dataset().size());
        std::printf("epoch %d  %8.0f rows/s  loss %.3f\n", epoch, rows / passed.count(), mean);
        std::fflush(stdout);
    }
    const double accuracy = test_accuracy(network, dir, device);
    std::printf("test accuracy  %.1f %% (87 %% or more is expected)\n", 100 * accuracy);
    return accuracy < 0.87 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    constexpr std::string_view flag = "--device=";
    const bool named = argc == 3 && std::string_view(argv[2]).starts_with(flag);
    if (argc != 2 && !named) {
        std::fprintf(
            stderr,
            "usage: %s DIRECTORY [--device=cuda:0], where DIRECTORY holds the four files of Fashion-MNIST, "
            "unpacked\n",
            argv[0]);
        return 2;
    }
    try {
        const torch::Device best = wick::device_usable(torch::kCUDA) ? torch::kCUDA : torch::kCPU;
        return run(argv[1], named ? torch::Device(std::string(argv[2] + flag.size())) : best);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
