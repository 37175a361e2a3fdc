#!/bin/sh
# Installs what is missing, builds everything, runs every test, and ends with "N passed, N failed".
#   sh tests/run.sh                      all of it, with Debian's LibTorch
#   sh tests/run.sh --only=plain,thread  some of: plain address thread torch
#   sh tests/run.sh --torch=PREFIX       with the LibTorch that has PREFIX/share/cmake/Torch
#   sh tests/run.sh --no-cuda-toolkit    as if there were no CUDA toolkit on this machine
set -eu

packages="g++ cmake ninja-build catch2 libtorch-dev clang libclang-rt-dev libhdf5-dev libdeflate-dev liblz4-dev libzstd-dev libblosc-dev"

only=plain,address,thread
name=
torch=
no_toolkit=
for argument in "$@"; do
    case $argument in
        --only=*) only=${argument#*=} ;;
        --torch=*) torch=-DCMAKE_PREFIX_PATH=${argument#*=} name=-torch ;;
        --no-cuda-toolkit) no_toolkit=-DCMAKE_DISABLE_FIND_PACKAGE_CUDAToolkit=ON ;;
        *) sed -n '2,/^set/s/^# *//p' "$0" >&2; exit 2 ;;
    esac
done

cd "$(dirname "$0")/.."
# shellcheck disable=SC2086  # words, on purpose
sh tests/support/install_missing.sh $packages

# A file that includes LibTorch takes up to 1.5 GB to compile.
jobs=$(awk -v cores="$(nproc)" '/^MemAvailable/ { jobs = int($2 / 1572864) }
    END { print jobs < 1 ? 1 : jobs < cores ? jobs : cores }' /proc/meminfo)
export CMAKE_BUILD_PARALLEL_LEVEL="$jobs"

# ThreadSanitizer of GCC 12 does not start where addresses are drawn from more than 28 bits.
fixed_addresses=
if [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0)" -gt 28 ] && setarch -R true 2>/dev/null; then
    fixed_addresses="setarch -R"
fi

passed=0
failed=0

# suite NAME TARGETS CTEST_OPTIONS CMAKE_OPTIONS...: a build folder of its own. What does not configure or build is a
# failure, and the tests whose program is missing are further ones.
suite() {
    folder=build/$1$name targets=$2 selection=$3
    shift 3
    echo
    echo "== $folder"
    cmake -S . -B "$folder" -G Ninja ${torch:+"$torch"} ${no_toolkit:+"$no_toolkit"} "$@" ||
        { failed=$((failed + 1)); return; }
    began=$(date +%s)
    # shellcheck disable=SC2086  # words, on purpose
    cmake --build "$folder" --target $targets -- -k 0 || failed=$((failed + 1))
    echo "$folder: built in $(($(date +%s) - began)) s"
    # shellcheck disable=SC2086  # words, on purpose
    { $fixed_addresses ctest --test-dir "$folder" $selection -j "$jobs" --timeout 1800 --no-tests=error \
        --output-on-failure 2>&1 || echo "ctest failed"; } | tee "$folder/ctest.log"
    # shellcheck disable=SC2046  # two words, or none where ctest itself failed
    set -- $(sed -n 's/.*tests passed, \([0-9]*\) tests failed out of \([0-9]*\).*/\1 \2/p' "$folder/ctest.log")
    wrong=${1:-1} all=${2:-1}
    # A failure that ctest does not count is one all the same.
    if [ "$wrong" = 0 ] && grep -q '^ctest failed$' "$folder/ctest.log"; then wrong=1 all=$((all + 1)); fi
    failed=$((failed + wrong))
    passed=$((passed + all - wrong))
}

# sanitized NAME TARGETS CTEST_OPTIONS COMPILER SANITIZER OPTIMISATION: with just enough names to read a report (a report of
# clang's needs llvm-symbolizer for them).
sanitized() {
    suite "$1" "$2" "$3" -DCMAKE_CXX_COMPILER="$4" -DWICK_SANITIZE="$5" -DCMAKE_BUILD_TYPE=Debug \
        "-DCMAKE_CXX_FLAGS_DEBUG=$6 -g1" -DWICK_BUILD_EXAMPLES=OFF -DWICK_BUILD_BENCHMARKS=OFF
}

for one in $(echo "$only" | tr , ' '); do
    case $one in
        plain) suite plain "all benchmarks" "" -DCMAKE_CXX_COMPILER=g++ \
            -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O2 ;;
        # With undefined behaviour. Clang watches all below LibTorch (it compiles this in half of g++'s time, and is the
        # stricter), g++ the rest.
        address)
            sanitized clang_address below_torch "-L below_torch" clang++ address -O0
            sanitized address with_torch "-LE below_torch" g++ address -O0 ;;
        thread) sanitized thread all "" g++ thread -O1 ;;
        # What plain builds and runs with LibTorch, for another LibTorch than plain had; of the benchmarks, those of a
        # device are built.
        torch) suite torch "with_torch benchmark_device benchmark_device_training" \
            "-LE below_torch -E ^(check|benchmark)/" -DCMAKE_CXX_COMPILER=g++ \
            -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 ;;
        *) echo "there is no suite called $one" >&2; failed=$((failed + 1)) ;;
    esac
done

echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
