// SPDX-License-Identifier: MIT
// How fast are cold rows of an HDF5 file, beside the same bytes without a format?
//
// Every run begins with nothing of the file in the page cache, and that the file does not fit is said to wick by
// .cache_bytes = 0. The limit of bytes that are stored as they are is the very same file read as a .npy is, past
// HDF5's header. That of compressed chunks is the same epoch over a file that lies in memory, so decoding alone:
// what is lost beside it is the time in which nobody decodes, since chunks have not come yet.

#include <wick/source/hdf5.hpp>

#include "cold.hpp"
#include "hdf5_dataset_file.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace {

using wick::Index;

class ColdDataset : public wick_bench::Cold {
public:
    ColdDataset(const std::vector<float>& values, const wick_bench::DatasetForm& form)
        : Cold("rows.h5"), rows_(static_cast<Index>(values.size() / form.columns)), columns_(form.columns) {
        write_dataset(path(), values, form);
        open();
        offset_ = wick_bench::Library(path()).offset();
    }

    Index rows() const { return rows_; }
    std::size_t row_bytes() const { return columns_ * sizeof(float); }

    wick::Hdf5Source hdf5(wick::Engine engine) const {
        return {path(), "/x", {.engine = engine, .cache_bytes = 0}};
    }
    wick::RawSource raw() const {
        const auto there = static_cast<Index>((file_bytes() - offset_) / row_bytes());
        return {path(),
                {wick::Dtype::f32, {static_cast<Index>(columns_)}},
                {.offset = offset_, .rows = std::min(rows_, there), .cache_bytes = 0}};
    }

    void read_in() const {
        ::posix_fadvise(descriptor(), 0, 0, POSIX_FADV_WILLNEED);
        std::vector<std::byte> buffer(std::size_t{1} << 20);
        for (off_t at = 0; ::pread(descriptor(), buffer.data(), buffer.size(), at) > 0;)
            at += static_cast<off_t>(buffer.size());
    }

private:
    Index rows_;
    std::size_t columns_;
    std::uint64_t offset_ = 0;
};

/// The library, row after row, in an order of its own each time.
template <class Sampler>
wick_bench::Done by_library(const ColdDataset& file, const Sampler& sampler, double seconds) {
    static std::int64_t epoch = 0;
    const wick_bench::Library library(file.path());
    std::vector<std::byte> out(file.row_bytes());
    std::vector<Index> row(1);
    Index done = 0;
    ++epoch;
    const wick_bench::Watch watch;
    for (; done < file.rows() && watch.seconds() < seconds; ++done) {
        sampler.fill(file.rows(), epoch, done, row);
        library.read_each(row, out);
    }
    return watch.done(static_cast<double>(done), static_cast<double>(done) * static_cast<double>(out.size()));
}

struct Run {
    wick::LoaderOptions loader;
    double seconds;
    int turns;
    std::size_t touched_bytes;
};

template <class Sampler>
void measure(const std::string& title, const ColdDataset& file, bool compressed, const Sampler& sampler,
             const Run& run) {
    const auto epoch = [&](const auto& source) {
        return wick_bench::loader_epoch(source, sampler, file.row_bytes(), run.loader, run.seconds);
    };
    const auto hdf5 = [&](wick::Engine engine) { return epoch([&] { return file.hdf5(engine); }); };
    const auto in_memory = [&] {
        file.read_in();
        return epoch([&] { return wick::Hdf5Source(file.path(), "/x"); });
    };
    compare_cold(title, file,
                 {compressed ? wick_bench::ColdContender{"limit: wick, file in memory", in_memory}
                             : wick_bench::ColdContender{"limit: wick, as .npy",
                                                         [&] { return epoch([&] { return file.raw(); }); }},
                  {"H5Dread each", [&] { return by_library(file, sampler, run.seconds); }},
                  {"wick", [&] { return hdf5(wick::Engine::automatic); }},
                  {"wick, Engine::pread", [&] { return hdf5(wick::Engine::pread); }}},
                 run.turns, run.touched_bytes, 1);
}

}  // namespace

int main(int argc, char** argv) {
    const wick_bench::Options options(argc, argv,
                                      {{"gigabytes", 1},
                                       {"seconds", 1.5},
                                       {"turns", 3},
                                       {"workers", 2},
                                       {"batch", 256},
                                       {"budget_megabytes", 192},
                                       {"chunk_rows", 16},
                                       {"row_bytes", 0},
                                       {"touch_megabytes", 500}});
    std::vector<std::size_t> sizes{1024, 16'384};
    if (options["row_bytes"] > 0) sizes = {static_cast<std::size_t>(options["row_bytes"])};
    const auto chunk_rows = static_cast<std::size_t>(options["chunk_rows"]);
    const Run run{
        .loader = {.batch_size = static_cast<Index>(options["batch"]),
                   .workers = static_cast<Index>(options["workers"]),
                   .memory_budget = static_cast<std::size_t>(options["budget_megabytes"] * 1048576)},
        .seconds = options["seconds"],
        .turns = static_cast<int>(options["turns"]),
        .touched_bytes = static_cast<std::size_t>(options["touch_megabytes"]) << 20};
    for (const std::size_t row_bytes : sizes) {
        const std::size_t columns = row_bytes / sizeof(float);
        const auto rows = static_cast<Index>(options["gigabytes"] * 1e9 / static_cast<double>(row_bytes));
        const std::vector<float> values = wick_bench::make_values(rows, columns);
        const std::string what = "rows of " + std::to_string(row_bytes) + " bytes, cold, ";
        const std::string chunks = "chunks of " + std::to_string(chunk_rows) + ", ";
        measure(what + "contiguous, random", ColdDataset(values, {.columns = columns}), false,
                wick::RandomSampler(7), run);
        measure(what + chunks + "random", ColdDataset(values, {.columns = columns, .chunk_rows = chunk_rows}),
                false, wick::RandomSampler(7), run);
        const ColdDataset file(values, {.columns = columns, .chunk_rows = chunk_rows, .compressed = true});
        measure(what + chunks + "shuffle, deflate, random", file, true, wick::RandomSampler(7), run);
        const wick::BlockShuffleSampler blocks(
            7, {.block_rows = static_cast<Index>(chunk_rows), .window_blocks = 128});
        measure(what + chunks + "shuffle, deflate, block shuffle", file, true, blocks, run);
    }
}
