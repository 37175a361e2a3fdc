// SPDX-License-Identifier: MIT
#pragma once

// What the examples on Fashion-MNIST share: the network, what it takes for input, and how well it has learnt.

#include <wick/wick.hpp>

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>

namespace fashion {

using Path = std::filesystem::path;

inline torch::nn::Sequential small_network() {
    using namespace torch::nn;
    return Sequential(Conv2d(Conv2dOptions(1, 16, 5).stride(2).padding(2)), ReLU(),
                      Conv2d(Conv2dOptions(16, 32, 3).stride(2).padding(1)), ReLU(), Flatten(),
                      Linear(32 * 7 * 7, 128), ReLU(), Linear(128, 10));
}

/// [rows, 28, 28] uint8 to [rows, 1, 28, 28] float32 of mean 0 and deviation 1.
inline torch::Tensor as_input(const torch::Tensor& images) {
    return images.unsqueeze(1).to(torch::kFloat32).sub_(72.9).div_(90.0);
}

/// The share of the test images that the network is right about.
inline double test_accuracy(torch::nn::Sequential& network, const Path& dir,
                            torch::Device device = torch::kCPU) {
    const torch::NoGradGuard no_grad;
    wick::DataLoader loader(wick::ZipDataset(wick::IdxSource(dir / "t10k-images-idx3-ubyte"),
                                             wick::IdxSource(dir / "t10k-labels-idx1-ubyte")),
                            wick::SequentialSampler(), {.batch_size = 1000, .workers = 1, .device = device});
    std::int64_t right = 0, all = 0;
    for (auto& [images, labels] : loader.epoch(0)) {
        right += network->forward(as_input(images)).argmax(1).eq(labels).sum().item<std::int64_t>();
        all += images.size(0);
    }
    return static_cast<double>(right) / static_cast<double>(all);
}

}  // namespace fashion
