// SPDX-License-Identifier: MIT
// How fast do rows come out of an HDF5 file that lies in the page cache, beside the HDF5 library itself?
//
// Batches of f32 rows, contiguous, in chunks, and in chunks compressed by shuffle and deflate, in random
// order and in that of a block shuffle. The limit is memcpy of the same rows out of memory.

#include <wick/sampler/block_shuffle.hpp>
#include <wick/sampler/random.hpp>
#include <wick/source/hdf5.hpp>

#include "compare.hpp"
#include "hdf5_dataset_file.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <hdf5.h>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using wick::Index;
using wick_bench::checked;
using wick_bench::DatasetFile;
using wick_bench::Handle;
using wick_bench::now;

/// The library, used as well as it can be for rows in any order.
class Library {
public:
    explicit Library(const std::filesystem::path& path)
        : file_(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose),
          data_(H5Dopen2(file_, "x", H5P_DEFAULT), H5Dclose),
          space_(H5Dget_space(data_), H5Sclose) {
        hsize_t shape[2] = {};
        checked(H5Sget_simple_extent_dims(space_, shape, nullptr));
        columns_ = shape[1];
    }

    void read_each(wick::Rows rows, wick::Bytes out) const {
        const Handle memory(H5Screate_simple(1, &columns_, nullptr), H5Sclose);
        std::byte* to = out.data();
        for (const Index row : rows) {
            select(row, H5S_SELECT_SET);
            checked(H5Dread(data_, H5T_NATIVE_FLOAT, memory, space_, H5P_DEFAULT, to));
            to += columns_ * sizeof(float);
        }
    }

    /// All of a batch in one call: the library gives them in the order of the file.
    void read_together(wick::Rows rows, wick::Bytes out) const {
        std::vector<Index> sorted(rows.begin(), rows.end());
        std::sort(sorted.begin(), sorted.end());
        const hsize_t count = rows.size() * columns_;
        const Handle memory(H5Screate_simple(1, &count, nullptr), H5Sclose);
        H5S_seloper_t how = H5S_SELECT_SET;
        for (const Index row : sorted) {
            select(row, how);
            how = H5S_SELECT_OR;
        }
        checked(H5Dread(data_, H5T_NATIVE_FLOAT, memory, space_, H5P_DEFAULT, out.data()));
    }

private:
    void select(Index row, H5S_seloper_t how) const {
        const hsize_t start[] = {static_cast<hsize_t>(row), 0}, count[] = {1, columns_};
        checked(H5Sselect_hyperslab(space_, how, start, nullptr, count, nullptr));
    }

    Handle file_;
    Handle data_;
    Handle space_;
    hsize_t columns_ = 0;
};

struct Work {
    std::vector<Index> order;
    std::size_t batch;
    std::size_t row_bytes;
    double seconds;
};

/// Rows in a second, of batches taken in turn by `threads` threads until the time is up.
template <class Read>
double run(const Work& work, std::size_t threads, std::size_t& position, const Read& read) {
    std::atomic<std::size_t> next = position, rows = 0;
    const double begin = now(), end = begin + work.seconds;
    const auto fill = [&] {
        std::vector<std::byte> out(work.batch * work.row_bytes);
        do {
            const std::size_t at = next.fetch_add(1) % (work.order.size() / work.batch);
            read(std::span(work.order).subspan(at * work.batch, work.batch), out);
            wick_bench::keep(out.front());
            rows += work.batch;
        } while (now() < end);
    };
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(fill);
    fill();
    for (std::thread& thread : others) thread.join();
    position = next;
    return static_cast<double>(rows) / (now() - begin);
}

/// Nothing is timed that does not read what was written.
template <class Read>
void check(const Work& work, const std::vector<float>& values, bool sorted, const Read& read) {
    std::vector<Index> rows(work.order.begin(), work.order.begin() + static_cast<std::ptrdiff_t>(work.batch));
    std::vector<std::byte> out(work.batch * work.row_bytes);
    read(rows, out);
    if (sorted) std::sort(rows.begin(), rows.end());
    const auto* memory = reinterpret_cast<const std::byte*>(values.data());
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (std::memcmp(out.data() + i * work.row_bytes,
                        memory + static_cast<std::size_t>(rows[i]) * work.row_bytes, work.row_bytes) != 0)
            throw std::runtime_error("row " + std::to_string(rows[i]) + " was read wrongly");
}

void measure(const std::string& title, const DatasetFile& file, const std::vector<float>& values, Work work,
             std::size_t cache_bytes, int turns) {
    const Library library(file.path());
    const wick::Hdf5Source source(file.path(), "/x", {.decoded_bytes = cache_bytes});
    const auto* memory = reinterpret_cast<const std::byte*>(values.data());
    const auto copy = [&](wick::Rows rows, wick::Bytes out) {
        for (std::size_t i = 0; i < rows.size(); ++i)
            std::memcpy(out.data() + i * work.row_bytes,
                        memory + static_cast<std::size_t>(rows[i]) * work.row_bytes, work.row_bytes);
    };
    const auto each = [&](wick::Rows rows, wick::Bytes out) { library.read_each(rows, out); };
    const auto together = [&](wick::Rows rows, wick::Bytes out) { library.read_together(rows, out); };
    const auto ours = [&](wick::Rows rows, wick::Bytes out) { source.read(rows, out); };
    check(work, values, false, each);
    check(work, values, true, together);
    check(work, values, false, ours);
    // Each goes on where it stopped, so that no cache finds what it has just seen.
    std::size_t at[5] = {};
    wick_bench::compare(title + " (" + source.access() + ")",
                        {{"memcpy", [&] { return run(work, 1, at[0], copy); }},
                         {"H5Dread each", [&] { return run(work, 1, at[1], each); }},
                         {"H5Dread batch", [&] { return run(work, 1, at[2], together); }},
                         {"wick", [&] { return run(work, 1, at[3], ours); }},
                         {"wick, 2 threads", [&] { return run(work, 2, at[4], ours); }}},
                        work.row_bytes, turns, {1, 2, 3});
}

template <class Sampler>
std::vector<Index> order_of(const Sampler& sampler, Index rows) {
    std::vector<Index> order(static_cast<std::size_t>(rows));
    sampler.fill(rows, 0, 0, order);
    return order;
}

}  // namespace

int main(int argc, char** argv) {
    const wick_bench::Options options(argc, argv,
                                      {{"megabytes", 512},
                                       {"row_bytes", 0},
                                       {"chunk_rows", 16},
                                       {"cache_megabytes", 64},
                                       {"batch", 64},
                                       {"seconds", 0.3},
                                       {"turns", 7}});
    std::vector<std::size_t> sizes{1024, 16'384};
    if (options["row_bytes"] > 0) sizes = {static_cast<std::size_t>(options["row_bytes"])};
    const auto chunk_rows = static_cast<std::size_t>(options["chunk_rows"]);
    for (const std::size_t row_bytes : sizes) {
        const auto rows = static_cast<Index>(options["megabytes"] * 1048576 / static_cast<double>(row_bytes));
        const std::vector<float> values = wick_bench::make_values(rows, row_bytes / sizeof(float));
        const auto random = order_of(wick::RandomSampler(1), rows);
        const auto blocks = order_of(
            wick::BlockShuffleSampler(1, {.block_rows = static_cast<Index>(chunk_rows), .window_blocks = 64}),
            rows);
        const auto compare = [&](const DatasetFile& file, const std::string& what,
                                 const std::vector<Index>& order) {
            measure("rows of " + std::to_string(row_bytes) + " bytes, " + what, file, values,
                    {.order = order,
                     .batch = static_cast<std::size_t>(options["batch"]),
                     .row_bytes = row_bytes,
                     .seconds = options["seconds"]},
                    static_cast<std::size_t>(options["cache_megabytes"] * 1048576),
                    static_cast<int>(options["turns"]));
        };
        const std::size_t columns = row_bytes / sizeof(float);
        compare(DatasetFile(values, columns, 0, false), "contiguous, random", random);
        for (const bool compressed : {false, true}) {
            const DatasetFile file(values, columns, chunk_rows, compressed);
            const std::string what =
                "chunks of " + std::to_string(chunk_rows) + (compressed ? ", shuffle, deflate, " : ", ");
            compare(file, what + "random", random);
            compare(file, what + "block shuffle", blocks);
        }
    }
}
