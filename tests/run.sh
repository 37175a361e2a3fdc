#!/bin/sh
# Installs what is missing, builds everything, runs every test, and ends with "N passed, N failed".
#   sh tests/run.sh                      all of it, with Debian's LibTorch
#   sh tests/run.sh --only=plain,clang   some of: plain address thread clang
#   sh tests/run.sh --torch=PREFIX       with the LibTorch that has PREFIX/share/cmake/Torch
#   sh tests/run.sh --no-cuda-toolkit    as if there were no CUDA toolkit on this machine
set -eu

packages="g++ cmake ninja-build catch2 libtorch-dev clang"

only=plain,address,thread,clang
name=
torch=
for argument in "$@"; do
    case $argument in
        --only=*) only=${argument#*=} ;;
        --torch=*) torch="-DCMAKE_PREFIX_PATH=${argument#*=}" name=-torch ;;
        --no-cuda-toolkit) no_toolkit=-DCMAKE_DISABLE_FIND_PACKAGE_CUDAToolkit=ON ;;
        *) sed -n '2,/^set/s/^# *//p' "$0" >&2; exit 2 ;;
    esac
done

cd "$(dirname "$0")/.."
# shellcheck disable=SC2086  # words, on purpose
sh tests/support/install_missing.sh $packages

# A file that includes LibTorch takes up to 1.5 GB to compile.
jobs=$(awk -v cores="$(nproc)" '/^MemAvailable/ { most = int($2 / 1572864) }
    END { jobs = most && most < cores ? most : cores; print jobs }' /proc/meminfo)
launcher=
if command -v ccache >/dev/null 2>&1; then launcher=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache; fi

# ThreadSanitizer of GCC 12 does not start where addresses are drawn from more than 28 bits.
wrap=
if [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0)" -gt 28 ]; then wrap="setarch $(uname -m) -R"; fi

passed=0
failed=0

# suite NAME TARGET CTEST_OPTIONS CMAKE_OPTIONS...: a build folder of its own. What does not configure or build is a
# failure, and the tests whose program is missing are further ones.
suite() {
    folder=build/$1$name target=$2 selection=$3
    shift 3
    echo
    echo "== $folder"
    cmake -S . -B "$folder" -G Ninja $launcher $torch ${no_toolkit-} "$@" || { failed=$((failed + 1)); return; }
    cmake --build "$folder" --target "$target" -j "$jobs" -- -k 0 || failed=$((failed + 1))
    log=$folder/ctest.log
    # shellcheck disable=SC2086  # words, on purpose
    $wrap ctest --test-dir "$folder" $selection -j "$jobs" --timeout 600 --no-tests=error --output-on-failure >"$log" 2>&1 ||
        ctest_failed=1
    cat "$log"
    counts=$(sed -n 's/.*tests passed, \([0-9]*\) tests failed out of \([0-9]*\).*/\1 \2/p' "$log")
    if [ -z "$counts" ]; then
        failed=$((failed + 1))
    else
        failed=$((failed + ${counts% *}))
        passed=$((passed + ${counts#* } - ${counts% *}))
        # A failure that ctest does not count (a fixture, a crash of ctest) is one all the same.
        if [ "${ctest_failed-0}" = 1 ] && [ "${counts% *}" = 0 ]; then failed=$((failed + 1)); fi
    fi
    ctest_failed=0
}

debug="-DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS=-O1 -DWICK_BUILD_EXAMPLES=OFF -DWICK_BUILD_BENCHMARKS=OFF"
for one in $(echo "$only" | tr , ' '); do
    # shellcheck disable=SC2086  # words, on purpose
    case $one in
        plain) suite plain all "" -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=g++ ;;
        address) suite address all "" -DWICK_SANITIZE=address -DCMAKE_CXX_COMPILER=g++ $debug ;;
        thread) suite thread all "" -DWICK_SANITIZE=thread -DCMAKE_CXX_COMPILER=g++ $debug ;;
        clang) suite clang below_torch "-L below_torch" -DCMAKE_CXX_COMPILER=clang++ $debug ;;
        *) echo "there is no suite called $one" >&2; failed=$((failed + 1)) ;;
    esac
done

echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
