// SPDX-License-Identifier: MIT
#include <wick/wick.hpp>
#include <torch/torch.h>

int main() {
    wick::DataLoader loader(wick::ZipDataset(wick::NpySource("images.npy"), wick::NpySource("labels.npy")),
                            wick::RandomSampler(/*seed=*/7), {.batch_size = 64, .workers = 2});
    torch::nn::Linear model(784, 10);
    torch::optim::SGD optimizer(model->parameters(), /*lr=*/0.1);
    for (int epoch = 0; epoch < 10; ++epoch)
        for (auto& [images, labels] : loader.epoch(epoch)) {
            optimizer.zero_grad();
            torch::cross_entropy_loss(model(images.flatten(1).to(torch::kFloat) / 255), labels).backward();
            optimizer.step();
        }
}
