// SPDX-License-Identifier: MIT
// How fast does a loader deliver the rows of an HDF5 file that lies in the page cache?
//
//   benchmark_hdf5_loader [--file=FILE --dataset=/x] [--batch=256] ...
//
// Without a file it writes one of its own. Whole batches of tensors are counted, with the loader of a usual program:
// its chunks are what BlockShuffleSampler takes for blocks; it mixes 256 of them, or each alone.
// hdf5_peers.py lets other readers read the same file.

#include <wick/source/hdf5.hpp>
#include <wick/wick.hpp>

#include "compare.hpp"
#include "hdf5_dataset_file.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using wick::Index;

/// Epoch after epoch until the time is up; what is left of an epoch is the next run's.
template <class Sampler>
class Epochs {
public:
    Epochs(const std::string& file, const std::string& dataset, const Sampler& sampler,
           const wick::LoaderOptions& options, double seconds)
        : loader_(wick::Hdf5Source(file, dataset), sampler, options), seconds_(seconds) {}

    double run() {
        const double begin = wick_bench::now();
        Index rows = 0;
        while (wick_bench::now() - begin < seconds_) {
            for (auto& batch : loader_.epoch(epoch_++)) {
                const at::Tensor& x = batch.template get<0>();
                wick_bench::keep(*static_cast<const char*>(x.data_ptr()));
                rows += x.size(0);
                if (wick_bench::now() - begin >= seconds_) break;
            }
        }
        return static_cast<double>(rows) / (wick_bench::now() - begin);
    }

private:
    wick::DataLoader<wick::ZipDataset<wick::Hdf5Source>, Sampler> loader_;
    double seconds_;
    std::int64_t epoch_ = 0;
};

/// `--name=text`, taken out of the arguments.
std::string take(std::vector<char*>& arguments, std::string_view name, std::string otherwise) {
    for (auto argument = arguments.begin(); argument != arguments.end(); ++argument)
        if (std::string_view(*argument).starts_with(name)) {
            otherwise = *argument + name.size();
            arguments.erase(argument);
            break;
        }
    return otherwise;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<char*> arguments(argv, argv + argc);
    std::string file = take(arguments, "--file=", "");
    const std::string dataset = take(arguments, "--dataset=", "/x");
    const wick_bench::Options options(static_cast<int>(arguments.size()), arguments.data(),
                                      {{"megabytes", 256},
                                       {"row_bytes", 1024},
                                       {"chunk_rows", 256},
                                       {"batch", 256},
                                       {"budget_megabytes", 1024},
                                       {"seconds", 1},
                                       {"turns", 3}});
    std::optional<wick_bench::DatasetFile> own;
    if (file.empty()) {
        const std::size_t columns = static_cast<std::size_t>(options["row_bytes"]) / sizeof(float);
        const auto rows = static_cast<Index>(options["megabytes"] * 1048576 / options["row_bytes"]);
        own.emplace(wick_bench::make_values(rows, columns),
                    wick_bench::DatasetForm{.columns = columns,
                                            .chunk_rows = static_cast<std::size_t>(options["chunk_rows"]),
                                            .compressed = true});
        file = own->path();
    }
    const wick::Hdf5Source source(file, dataset);
    std::vector<wick_bench::Contender> contenders;
    const auto add = [&](const std::string& name, const auto& sampler, Index workers) {
        using Run = Epochs<std::remove_cvref_t<decltype(sampler)>>;
        const wick::LoaderOptions loader{
            .batch_size = static_cast<Index>(options["batch"]),
            .workers = workers,
            .memory_budget = static_cast<std::size_t>(options["budget_megabytes"] * 1048576)};
        const auto run = std::make_shared<Run>(file, dataset, sampler, loader, options["seconds"]);
        contenders.push_back(
            {name + ", " + std::to_string(workers) + " workers", [run] { return run->run(); }});
    };
    for (const Index workers : {0, 1, 2}) add("block shuffle", wick::BlockShuffleSampler(1), workers);
    for (const Index workers : {0, 1, 2})
        add("one block after another", wick::BlockShuffleSampler(1, {.window_blocks = 1}), workers);
    for (const Index workers : {0, 1, 2}) add("random", wick::RandomSampler(1), workers);
    wick_bench::compare(file + " " + dataset + " (" + source.access() + ")", contenders,
                        source.layout().bytes(), static_cast<int>(options["turns"]), {1, 7});
}
