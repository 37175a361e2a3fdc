// SPDX-License-Identifier: MIT
// Trains a small convolutional network on Fashion-MNIST, made eight times as large by moving and mirroring, and
// streamed from disk, shuffled, through a loader whose memory is a fraction of that.
// `sh examples/quickstart.sh` runs it.

#include <wick/wick.hpp>

#include "fashion.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

using namespace fashion;

namespace {

using Image = std::vector<std::uint8_t>;

constexpr int copies = 8, side = 28;
constexpr std::uint64_t seed = 7;
constexpr double highest_rate = 2e-3;

/// Begins a .npy file of bytes: what follows is written as it is.
std::ofstream npy_file(const Path& path, const std::string& shape) {
    std::ofstream out;
    out.exceptions(std::ios::failbit | std::ios::badbit);
    out.open(path, std::ios::binary);
    std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + shape + "), }";
    header.resize(117, ' ');
    out.write("\x93NUMPY\x01\x00\x76\x00", 10) << header << '\n';
    return out;
}

void append(std::ofstream& out, const Image& bytes) {
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// The image moved by up to two pixels each way, and half of the time its mirror image.
Image moved(const Image& image, std::uint64_t random) {
    const int down = static_cast<int>(random % 5) - 2, right = static_cast<int>(random / 5 % 5) - 2;
    const bool mirrored = random / 25 % 2 == 1;
    Image result(image.size());
    for (int y = std::max(0, down); y < std::min(side, side + down); ++y)
        for (int x = std::max(0, right); x < std::min(side, side + right); ++x) {
            const int from = mirrored ? side - 1 - (x - right) : x - right;
            result[static_cast<std::size_t>(y * side + x)] =
                image[static_cast<std::size_t>((y - down) * side + from)];
        }
    return result;
}

/// Writes images.npy and labels.npy: all images as they are, then seven times all of them moved.
void write_augmented(const Path& dir) {
    const wick::IdxSource images(dir / "train-images-idx3-ubyte"), labels(dir / "train-labels-idx1-ubyte");
    const wick::Index rows = copies * images.size();
    auto image_file = npy_file(dir / "images.npy", std::to_string(rows) + ", 28, 28");
    auto label_file = npy_file(dir / "labels.npy", std::to_string(rows) + ",");
    Image image(images.layout().bytes()), label(labels.layout().bytes());
    for (wick::Index row = 0; row < rows; ++row) {
        const wick::Index original[] = {row % images.size()};
        images.read(original, std::as_writable_bytes(std::span(image)));
        labels.read(original, std::as_writable_bytes(std::span(label)));
        append(image_file, row < images.size() ? image : moved(image, wick::random_bits(seed, 0, row)));
        append(label_file, label);
    }
    image_file.close();
    label_file.close();
}

/// One epoch through the loader; the learning rate falls to zero on the way. Returns rows per second.
template <class Loader>
double train(Loader& loader, torch::nn::Sequential& network) {
    using Clock = std::chrono::steady_clock;
    torch::optim::Adam optimizer(network->parameters(), highest_rate);
    const auto batches = static_cast<double>(loader.size());
    const wick::Index shown_every = std::max<wick::Index>(1, loader.size() / 20);
    const auto start = Clock::now();
    double loss_sum = 0, rows = 0, speed = 0;
    wick::Index summed = 0;
    for (auto& batch : loader.epoch(0)) {
        auto& [images, labels] = batch;
        const auto done = static_cast<double>(batch.number() + 1) / batches;
        optimizer.param_groups()[0].options().set_lr(highest_rate * (1 - done));
        optimizer.zero_grad();
        torch::Tensor loss =
            torch::cross_entropy_loss(network->forward(as_input(images)), labels.to(torch::kInt64));
        loss.backward();
        optimizer.step();

        rows += static_cast<double>(images.size(0));
        loss_sum += loss.item<double>();
        if (++summed == shown_every || batch.number() + 1 == loader.size()) {
            speed = rows / std::chrono::duration<double>(Clock::now() - start).count();
            std::printf("%3.0f %%  %6.0f rows/s  loss %.3f\n", 100 * done, speed,
                        loss_sum / static_cast<double>(summed));
            std::fflush(stdout);
            loss_sum = 0;
            summed = 0;
        }
    }
    return speed;
}

int run(const Path& dir) {
    std::printf("Writing images.npy: every image as it is, and seven times moved\n");
    write_augmented(dir);

    wick::DataLoader loader(
        wick::ZipDataset(wick::NpySource(dir / "images.npy"), wick::NpySource(dir / "labels.npy")),
        wick::RandomSampler(seed), {.batch_size = 256, .workers = 2, .memory_budget = std::size_t{64} << 20});
    torch::manual_seed(seed);
    auto network = small_network();
    const double speed = train(loader, network);
    const double accuracy = test_accuracy(network, dir);

    const auto mib = [](std::uintmax_t bytes) { return static_cast<double>(bytes) / (1 << 20); };
    std::printf("\ntest accuracy  %.1f %% (88 %% or more is expected)\n", 100 * accuracy);
    std::printf("speed          %.0f rows/s, training included\n", speed);
    std::printf("data           %.0f MiB, read in random order\n",
                mib(std::filesystem::file_size(dir / "images.npy")));
    std::printf("memory         %.1f MiB at most in batches, of a budget of %.0f MiB\n",
                mib(loader.peak_bytes()), mib(loader.options().memory_budget));
    return accuracy < 0.88 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s DIRECTORY, which holds the four files of Fashion-MNIST, unpacked\n",
                     argv[0]);
        return 2;
    }
    try {
        return run(argv[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
