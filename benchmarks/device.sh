#!/bin/sh
# All there is to measure where there is a GPU, as one table after another. Where there is none, it says so in one line.
#   sh benchmarks/device.sh [--device=cuda:0]
set -eu

device=${1:---device=cuda}
case $device in --device=*) ;; *) echo "usage: sh benchmarks/device.sh [--device=cuda:0]" >&2; exit 2 ;; esac

cd "$(dirname "$0")/.."
build=build/release
mkdir -p build
cmake -S . -B $build -G Ninja -DCMAKE_BUILD_TYPE=Release >"$build.log" 2>&1 || { cat "$build.log" >&2; exit 1; }
cmake --build $build --target benchmark_device benchmark_device_training train_cuda >"$build.log" 2>&1 ||
    { cat "$build.log" >&2; exit 1; }

# No line of a table before it is known that there is a device.
$build/benchmarks/benchmark_device "$device" --speed=0 --sums=100 >/dev/null

echo "== bandwidth, overlap, gaps"
$build/benchmarks/benchmark_device "$device"
echo "== a whole training run"
$build/benchmarks/benchmark_device_training "$device"

echo "== accuracy: the device, then the CPU"
data=build/quickstart/data
if [ -e $data/train-images-idx3-ubyte ]; then
    $build/examples/train_cuda $data "$device" | grep accuracy
    $build/examples/train_cuda $data --device=cpu | grep accuracy
else
    echo "$data is empty: sh examples/quickstart.sh train_cuda fills it"
fi

echo "== compute-sanitizer"
if command -v compute-sanitizer >/dev/null; then
    for tool in memcheck racecheck synccheck; do
        compute-sanitizer --tool $tool --error-exitcode 9 \
            $build/benchmarks/benchmark_device "$device" --speed=0 --sums=200
    done
else
    echo "it is not on this machine"
fi
