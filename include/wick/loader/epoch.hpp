// SPDX-License-Identifier: MIT
#pragma once

// One pass over the data, as a range.

#include <wick/loader/batch.hpp>
#include <wick/loader/feed.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <utility>

namespace wick::inline v0 {

/// The batches of one epoch, in order, once: `for (auto& [images, labels] : loader.epoch(3))`.
///
/// A batch that could not be read throws at its place. Who catches that may go on behind it, by `++` or by a new loop
/// over the same epoch.
///
/// Threads:  one at a time.
/// Lifetime: an epoch may outlive its loader; leaving it early, by `break` or by an exception, is fine.
template <Dataset D, Sampler S>
class Epoch {
public:
    class Iterator;

    /// Made by `DataLoader::epoch`.
    Epoch(std::shared_ptr<detail::Feed<D, S>> feed, std::int64_t epoch) : feed_(std::move(feed)) {
        feed_->seek(epoch);
        feed_->read_by_an_epoch = true;
    }
    Epoch(Epoch&&) noexcept = default;
    Epoch& operator=(Epoch&&) = delete;
    ~Epoch();

    /// Batches in the epoch.
    Index size() const noexcept { return feed_->filler.plan.batches(); }

    /// Where the epoch stands; reads the next batch if there is none at hand: at first, and after one that threw.
    Iterator begin();
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    void advance();

    std::shared_ptr<detail::Feed<D, S>> feed_;
    std::optional<Batch<D::field_count>> batch_;
    bool over_ = false;
};

/// A place in an epoch. `++` drops the batch that was there, unless someone kept it.
template <Dataset D, Sampler S>
class Epoch<D, S>::Iterator {
public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Batch<D::field_count>;
    using difference_type = std::ptrdiff_t;

    explicit Iterator(Epoch* epoch) noexcept : epoch_(epoch) {}
    value_type& operator*() const noexcept { return *epoch_->batch_; }
    value_type* operator->() const noexcept { return &*epoch_->batch_; }
    Iterator& operator++() {
        epoch_->advance();
        return *this;
    }
    void operator++(int) { epoch_->advance(); }
    bool operator==(std::default_sentinel_t) const noexcept { return epoch_->over_; }

private:
    Epoch* epoch_;
};

// Implementation.

template <Dataset D, Sampler S>
Epoch<D, S>::~Epoch() {
    if (!feed_) return;
    batch_.reset();
    feed_->read_by_an_epoch = false;
    try {
        feed_->release();
    } catch (const std::exception&) {  // a device that has failed says so again to the next one who asks
    }
}

template <Dataset D, Sampler S>
typename Epoch<D, S>::Iterator Epoch<D, S>::begin() {
    if (!batch_ && !over_) advance();
    return Iterator(this);
}

template <Dataset D, Sampler S>
void Epoch<D, S>::advance() {
    batch_.reset();  // first, so that its memory, still hot in the cache, is the next to be filled
    feed_->release();
    over_ = size() == 0 || feed_->left() == 0;
    if (!over_) batch_.emplace(feed_->next());
}

}  // namespace wick::inline v0
