// SPDX-License-Identifier: MIT
// Trains a small convolutional network on Fashion-MNIST, made eight times as large by shifts and flips and streamed
// from disk through a loader that may keep only a part of it in memory. `sh examples/quickstart.sh` runs it.

#include <wick/wick.hpp>

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr wick::Index copies = 8, side = 28, batch_size = 256;
constexpr std::uint64_t seed = 7;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double mib(std::uintmax_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

/// A random number that depends on nothing but where it is used.
std::uint64_t random_at(std::uint64_t counter) {
    std::uint64_t bits = (seed << 40) + (counter + 1) * 0x9e3779b97f4a7c15u;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
    return bits ^ (bits >> 31);
}

/// Writes a .npy file of bytes, a row at a time.
class NpyWriter {
public:
    NpyWriter(const fs::path& path, const std::string& shape) : file_(std::fopen(path.c_str(), "wb")) {
        if (!file_) throw std::runtime_error("cannot write " + path.string());
        std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + shape + "), }";
        header.resize(117, ' ');
        write("\x93NUMPY\x01\x00\x76\x00", 10);
        write((header + "\n").data(), 118);
    }
    NpyWriter(const NpyWriter&) = delete;
    NpyWriter& operator=(const NpyWriter&) = delete;
    ~NpyWriter() {
        if (file_) std::fclose(file_);
    }

    void write(const void* bytes, std::size_t count) {
        if (std::fwrite(bytes, 1, count, file_) != count) throw std::runtime_error("the disk is full");
    }

    void close() {
        const bool closed = std::fclose(file_) == 0;
        file_ = nullptr;
        if (!closed) throw std::runtime_error("the disk is full");
    }

private:
    std::FILE* file_;
};

/// The image moved by up to two pixels each way, and turned round left to right half of the time.
std::vector<std::uint8_t> moved(const std::vector<std::uint8_t>& image, std::uint64_t random) {
    const auto down = static_cast<int>(random % 5) - 2, right = static_cast<int>(random / 5 % 5) - 2;
    const bool flipped = random / 25 % 2 == 1;
    constexpr int n = static_cast<int>(side);
    std::vector<std::uint8_t> result(image.size());
    for (int y = std::max(0, down); y < std::min(n, n + down); ++y) {
        for (int x = std::max(0, right); x < std::min(n, n + right); ++x) {
            const int from = flipped ? n - 1 - (x - right) : x - right;
            result[static_cast<std::size_t>(y * n + x)] =
                image[static_cast<std::size_t>((y - down) * n + from)];
        }
    }
    return result;
}

/// Writes images.npy and labels.npy: every image as it is, then seven times moved.
void write_augmented(const fs::path& dir) {
    const wick::IdxSource images(dir / "train-images-idx3-ubyte"), labels(dir / "train-labels-idx1-ubyte");
    const wick::Index rows = copies * images.size();
    NpyWriter image_file(dir / "images.npy", std::to_string(rows) + ", 28, 28");
    NpyWriter label_file(dir / "labels.npy", std::to_string(rows) + ",");
    std::vector<std::uint8_t> image(images.layout().bytes()), label(1);
    for (wick::Index row = 0; row < rows; ++row) {
        const wick::Index original[] = {row % images.size()};
        images.read(original, std::as_writable_bytes(std::span(image)));
        labels.read(original, std::as_writable_bytes(std::span(label)));
        const bool as_it_is = row < images.size();
        const auto written = as_it_is ? image : moved(image, random_at(static_cast<std::uint64_t>(row)));
        image_file.write(written.data(), written.size());
        label_file.write(label.data(), label.size());
    }
    image_file.close();
    label_file.close();
}

torch::nn::Sequential small_network() {
    using namespace torch::nn;
    return Sequential(Conv2d(Conv2dOptions(1, 16, 5).stride(2).padding(2)), ReLU(),
                      Conv2d(Conv2dOptions(16, 32, 3).stride(2).padding(1)), ReLU(), Flatten(),
                      Linear(32 * 7 * 7, 128), ReLU(), Linear(128, 10));
}

/// [rows, 28, 28] uint8 to [rows, 1, 28, 28] float32 of mean 0 and deviation 1.
torch::Tensor as_input(const torch::Tensor& images) {
    return images.unsqueeze(1).to(torch::kFloat32).sub_(72.9).div_(90.0);
}

double test_accuracy(torch::nn::Sequential& network, const fs::path& dir) {
    const torch::NoGradGuard no_grad;
    wick::DataLoader loader(wick::ZipDataset(wick::IdxSource(dir / "t10k-images-idx3-ubyte"),
                                             wick::IdxSource(dir / "t10k-labels-idx1-ubyte")),
                            wick::SequentialSampler(), {.batch_size = 1000, .workers = 1});
    std::int64_t right = 0, all = 0;
    for (auto& [images, labels] : loader.epoch(0)) {
        right += network->forward(as_input(images)).argmax(1).eq(labels).sum().item<std::int64_t>();
        all += images.size(0);
    }
    return static_cast<double>(right) / static_cast<double>(all);
}

int run(const fs::path& dir) {
    const auto writing = Clock::now();
    write_augmented(dir);
    const double data_mib = mib(fs::file_size(dir / "images.npy"));
    std::printf("Wrote %.0f MiB of augmented images in %.1f s\n", data_mib, seconds_since(writing));

    wick::DataLoader loader(
        wick::ZipDataset(wick::NpySource(dir / "images.npy"), wick::NpySource(dir / "labels.npy")),
        wick::RandomSampler(seed),
        {.batch_size = batch_size, .workers = 2, .memory_budget = std::size_t{64} << 20});

    torch::manual_seed(static_cast<std::int64_t>(seed));
    auto network = small_network();
    constexpr double most = 2e-3;
    torch::optim::Adam optimizer(network->parameters(), most);

    const auto start = Clock::now();
    auto batch_ended = start;
    double waited = 0, loss_sum = 0;
    wick::Index rows = 0;
    const wick::Index shown_every = std::max<wick::Index>(1, loader.size() / 20);
    auto epoch = loader.epoch(0);
    for (auto& batch : epoch) {
        auto& [images, labels] = batch;
        waited += seconds_since(batch_ended);
        const double left = 1 - static_cast<double>(batch.number()) / static_cast<double>(loader.size());
        for (auto& group : optimizer.param_groups())
            static_cast<torch::optim::AdamOptions&>(group.options()).lr(most * left);

        optimizer.zero_grad();
        auto loss = torch::nn::functional::cross_entropy(network->forward(as_input(images)),
                                                         labels.to(torch::kInt64));
        loss.backward();
        optimizer.step();

        rows += images.size(0);
        loss_sum += loss.item<double>();
        if ((batch.number() + 1) % shown_every == 0) {
            std::printf("%3.0f %%  %7.0f rows/s  loss %.3f\n",
                        100.0 * static_cast<double>(batch.number() + 1) / static_cast<double>(loader.size()),
                        static_cast<double>(rows) / seconds_since(start),
                        loss_sum / static_cast<double>(shown_every));
            std::fflush(stdout);
            loss_sum = 0;
        }
        batch_ended = Clock::now();
    }
    const double seconds = seconds_since(start);
    const double accuracy = test_accuracy(network, dir);

    std::printf("\ntest accuracy  %.1f %%\n", 100 * accuracy);
    std::printf(
        "speed          %.0f rows/s, training included: %lld rows in %.0f s, %.2f s of it waiting for data\n",
        static_cast<double>(rows) / seconds, static_cast<long long>(rows), seconds, waited);
    std::printf("data           %.1f MiB of images, read in random order\n", data_mib);
    std::printf("memory         %.1f MiB at most in batches, of a budget of %.1f MiB\n",
                mib(loader.peak_bytes()), mib(loader.options().memory_budget));
    if (accuracy < 0.88) {
        std::fprintf(stderr, "the accuracy should be 88 %% or more\n");
        return 1;
    }
    return 0;
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
