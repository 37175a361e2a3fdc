// SPDX-License-Identifier: MIT
// Trains a small network out of the HDF5 file that everybody has: images in "/data", labels in "/targets", compressed, in
// chunks of many rows. The file is made here, by the HDF5 library, from Fashion-MNIST.
//   sh examples/quickstart.sh train_hdf5

#include <wick/source/hdf5.hpp>
#include <wick/wick.hpp>

#include "fashion.hpp"

#include <torch/torch.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <hdf5.h>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

using namespace fashion;

namespace {

/// An id of the HDF5 library's, closed at the end.
class Id {
public:
    Id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {
        if (id < 0) throw std::runtime_error("the HDF5 library refuses");
    }
    Id(const Id&) = delete;
    Id& operator=(const Id&) = delete;
    ~Id() { close_(id_); }
    operator hid_t() const { return id_; }

private:
    hid_t id_;
    herr_t (*close_)(hid_t);
};

/// Writes all rows of a source of bytes as a dataset in chunks of 256 rows, through shuffle and deflate.
void write_dataset(hid_t file, const char* name, const wick::IdxSource& source) {
    std::vector<wick::Index> rows(static_cast<std::size_t>(source.size()));
    std::iota(rows.begin(), rows.end(), 0);
    std::vector<std::uint8_t> bytes(rows.size() * source.layout().bytes());
    source.read(rows, std::as_writable_bytes(std::span(bytes)));

    std::vector<hsize_t> shape{static_cast<hsize_t>(source.size())};
    for (const wick::Index extent : source.layout().shape()) shape.push_back(static_cast<hsize_t>(extent));
    std::vector<hsize_t> chunk = shape;
    chunk[0] = 256;
    const int rank = static_cast<int>(shape.size());
    const Id space(H5Screate_simple(rank, shape.data(), nullptr), H5Sclose);
    const Id how(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    if (H5Pset_chunk(how, rank, chunk.data()) < 0 || H5Pset_shuffle(how) < 0 || H5Pset_deflate(how, 4) < 0)
        throw std::runtime_error("the HDF5 library knows no deflate");
    const Id dataset(H5Dcreate2(file, name, H5T_STD_U8LE, space, H5P_DEFAULT, how, H5P_DEFAULT), H5Dclose);
    if (H5Dwrite(dataset, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) < 0)
        throw std::runtime_error(std::string("cannot write ") + name);
}

int run(const Path& dir, wick::Index workers) {
    const Path path = dir / "fashion.h5";
    {
        const Id file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
        write_dataset(file, "data", wick::IdxSource(dir / "train-images-idx3-ubyte"));
        write_dataset(file, "targets", wick::IdxSource(dir / "train-labels-idx1-ubyte"));
    }

    const wick::Hdf5Source data(path, "/data"), targets(path, "/targets");
    std::printf("/data     %s\n/targets  %s\n", data.access().c_str(), targets.access().c_str());
    // Blocks are the file's chunks, so each is decoded once an epoch.
    wick::DataLoader loader(wick::ZipDataset(data, targets), wick::BlockShuffleSampler(/*seed=*/7),
                            {.batch_size = 128, .workers = workers});
    torch::manual_seed(7);
    auto network = small_network();
    torch::optim::Adam optimizer(network->parameters(), /*lr=*/1e-3);
    for (int epoch = 0; epoch < 3; ++epoch) {
        const auto start = std::chrono::steady_clock::now();
        double loss_sum = 0;
        for (auto& [images, labels] : loader.epoch(epoch)) {
            optimizer.zero_grad();
            torch::Tensor loss =
                torch::cross_entropy_loss(network->forward(as_input(images)), labels.to(torch::kInt64));
            loss.backward();
            optimizer.step();
            loss_sum += loss.item<double>();
        }
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        std::printf("epoch %d: loss %.3f, %.0f rows/s, training included\n", epoch,
                    loss_sum / static_cast<double>(loader.size()),
                    static_cast<double>(data.size()) / seconds.count());
        std::fflush(stdout);
    }
    const double accuracy = test_accuracy(network, dir);
    std::printf("test accuracy  %.1f %% (86 %% or more is expected)\n", 100 * accuracy);
    return accuracy < 0.86 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 3) {
        std::fprintf(
            stderr,
            "usage: %s DIRECTORY [WORKERS]; the directory holds the four files of Fashion-MNIST, unpacked\n",
            argv[0]);
        return 2;
    }
    try {
        return run(argv[1], argc == 3 ? std::stol(argv[2]) : 2);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
