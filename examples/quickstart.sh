#!/bin/sh
# From a fresh Debian machine to a trained network: installs what is missing (as root or by sudo), unpacks the
# Fashion-MNIST images, builds examples/train_fashion.cpp and runs it. Everything made stands in build/.
#   sh examples/quickstart.sh
#   sh examples/quickstart.sh train_hdf5    the same images out of an HDF5 file, by examples/train_hdf5.cpp
#   sh examples/quickstart.sh train_cuda    on the GPU if there is one, by examples/train_cuda.cpp
set -eu

example=${1:-train_fashion}

# Without a BLAS of its own choice LibTorch gets the reference one, and trains at a fifth of the speed.
packages="g++ cmake ninja-build libtorch-dev libopenblas0-pthread dataset-fashion-mnist"
[ "$example" != train_hdf5 ] || packages="$packages libhdf5-dev zlib1g-dev"

cd "$(dirname "$0")/.."
# shellcheck disable=SC2086  # words, on purpose
sh tests/support/install_missing.sh $packages

data=build/quickstart/data
mkdir -p "$data"
echo "Unpacking Fashion-MNIST into $data"
for file in train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte; do
    gunzip -c "/usr/share/datasets/fashion-mnist/$file.gz" >"$data/$file"
done

echo "Building examples/$example.cpp (half a minute)"
cmake -S . -B build/quickstart -G Ninja -DCMAKE_BUILD_TYPE=Release -DWICK_BUILD_TESTS=OFF -DWICK_BUILD_BENCHMARKS=OFF
cmake --build build/quickstart --target "$example"

echo "Training"
build/quickstart/examples/$example "$data"
