// SPDX-License-Identifier: MIT
#pragma once

// All of it together: batches of tensors, in order, filled ahead of time.

#include <wick/core/check.hpp>
#include <wick/core/concepts.hpp>
#include <wick/dataset/dataset_of.hpp>
#include <wick/loader/epoch.hpp>
#include <wick/loader/feed.hpp>
#include <wick/loader/options.hpp>
#include <wick/loader/pause.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace wick::inline v0 {

/// Streams a dataset, or a single source, in a sampler's order as batches of tensors.
///
///     wick::DataLoader loader(wick::ZipDataset(wick::NpySource("x.npy"), wick::NpySource("y.npy")),
///                             wick::RandomSampler(7), {.batch_size = 256});
///     for (auto& [x, y] : loader.epoch(0)) step(x, y);
///
/// The batches are the same bytes for any number of workers and any budget. While an epoch's last batches are read,
/// the workers go on into the next one.
///
/// Threads: one at a time.
template <Dataset D, Sampler S>
class DataLoader {
public:
    /// Throws: std::invalid_argument if an option is out of range, if a budget has no room for one batch, if there is no
    ///         device of that number or its tensors hold no data, or if a field's dtype is unknown to this LibTorch;
    ///         Error if there is no device of that kind that can be used; std::system_error if no more threads are to be
    ///         had.
    DataLoader(D dataset, S sampler, LoaderOptions options = {})
        : feed_(std::make_shared<detail::Feed<D, S>>(std::move(dataset), std::move(sampler), options)) {}
    DataLoader(DataLoader&&) noexcept = default;
    DataLoader& operator=(DataLoader&&) noexcept = default;

    /// The batches of one epoch. The epoch number is all the state there is: the same number gives the same batches.
    ///
    /// Throws: std::out_of_range if `epoch` is negative; std::invalid_argument if another epoch of this loader
    ///         is still there; Error if there is no memory for the batches.
    Epoch<D, S> epoch(std::int64_t epoch);

    /// Batches in an epoch.
    Index size() const noexcept { return feed_->filler.plan.batches(); }

    const D& dataset() const noexcept { return feed_->filler.dataset; }
    const S& sampler() const noexcept { return feed_->filler.sampler; }
    const LoaderOptions& options() const noexcept { return feed_->options; }

    /// How the data are read at the moment, why, and what the sampler's order costs: a line for each source that can say it.
    std::string explain() const requires Explainable<D> { return feed_->filler.dataset.explain(); }

    /// The most bytes of host memory that batches have taken at a time, kept ones included, but for pinned tensors that
    /// were kept without their batch.
    std::size_t peak_bytes() const { return feed_->peak_bytes(); }

    /// Where the batches are given: the device of the options, by its number.
    c10::Device device() const noexcept { return feed_->options.device; }

    /// Whether batches are filled in pinned memory.
    bool pinned() const noexcept { return feed_->pinned(); }

    /// From now on, and while the Pause lives, none of the loader's threads calls the device: for the capture of a CUDA
    /// graph, or for whatever else wants the device to itself. No batch can be asked for meanwhile.
    ///
    /// Throws: std::invalid_argument if it is paused already.
    Pause pause();

private:
    std::shared_ptr<detail::Feed<D, S>> feed_;
};

template <class Data, Sampler S>
    requires(Dataset<Data> || Source<Data>)
DataLoader(Data, S, LoaderOptions = {})
->DataLoader<DatasetOf<Data>, S>;

// Implementation.

template <Dataset D, Sampler S>
Epoch<D, S> DataLoader<D, S>::epoch(std::int64_t epoch) {
    detail::check_epoch(epoch);
    if (feed_->read_by_an_epoch)
        throw std::invalid_argument(
            "epoch " + std::to_string(epoch) +
            " was asked for while an earlier Epoch of this loader is still there: let it go first");
    return Epoch<D, S>(feed_, epoch);
}

template <Dataset D, Sampler S>
Pause DataLoader<D, S>::pause() {
    if (feed_->paused) throw std::invalid_argument("the loader is paused already");
    return Pause(feed_, feed_->device_calls, feed_->paused);
}

}  // namespace wick::inline v0
