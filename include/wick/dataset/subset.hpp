// SPDX-License-Identifier: MIT
#pragma once

// Some rows of a dataset as a dataset, without copying any.

#include <wick/core/access.hpp>
#include <wick/core/check.hpp>
#include <wick/core/concepts.hpp>
#include <wick/core/permutation.hpp>
#include <wick/dataset/dataset_of.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace wick::inline v0 {

/// Rows of another dataset under new numbers: a range, a list, or a range of a random order.
///
/// Lifetime: shares the dataset with every other subset of it.
/// Cost:     a range and a range of an order take no memory, whatever their length; a read maps its row
///           numbers and passes them on in one call.
template <Dataset D>
class SubsetDataset {
public:
    static constexpr std::size_t field_count = D::field_count;

    /// Row i is the dataset's row first + i, up to `last`, which is not in it.
    ///
    /// Throws: std::invalid_argument without a dataset; std::out_of_range unless 0 <= first <= last <= size.
    SubsetDataset(std::shared_ptr<const D> dataset, Index first, Index last);
    SubsetDataset(D dataset, Index first, Index last);

    /// Row i is the dataset's row rows[i], in any order, repeats allowed.
    ///
    /// Throws: std::invalid_argument without a dataset; std::out_of_range for a row that it does not have.
    SubsetDataset(std::shared_ptr<const D> dataset, std::vector<Index> rows);
    SubsetDataset(D dataset, std::vector<Index> rows);

    /// Row i is the dataset's row order(first + i), up to `last`, which is not in it.
    ///
    /// Throws: std::invalid_argument without a dataset, or if `order` has another size than it;
    ///         std::out_of_range unless 0 <= first <= last <= size.
    SubsetDataset(std::shared_ptr<const D> dataset, Permutation order, Index first, Index last);
    SubsetDataset(D dataset, Permutation order, Index first, Index last);

    Index size() const noexcept { return size_; }
    const RowLayout& layout(std::size_t field) const { return dataset_->layout(field); }

    /// Reads the dataset's rows that `rows` stand for.
    ///
    /// Throws: std::out_of_range for a row outside [0, size()); what the dataset throws.
    void read(Rows rows, std::span<const Bytes> outs) const;

    /// Tells the dataset, if it wants to know and can be copied, how its rows will be read.
    void prepare(Access& access) requires Preparable<D> && std::copyable<D>;

    /// Tells the dataset which of its rows come next.
    void prefetch(Rows rows) const requires Prefetchable<D> { dataset_->prefetch(mapped(rows)); }
    Index prefetch_distance() const requires Prefetchable<D> { return dataset_->prefetch_distance(); }

    /// The rows that the dataset keeps together; in another order than the dataset's, none.
    Index block_rows() const requires Blocked<D> { return is_range() ? dataset_->block_rows() : 1; }

    /// How the dataset reads.
    std::string explain() const requires Explainable<D> { return dataset_->explain(); }

private:
    struct Range {};
    using Order = std::variant<Range, std::vector<Index>, Permutation>;

    SubsetDataset(std::shared_ptr<const D> dataset, Order order);

    void take_range(Index first, Index last);
    bool is_range() const noexcept { return std::holds_alternative<Range>(order_); }
    std::vector<Index> mapped(Rows rows) const;

    std::shared_ptr<const D> dataset_;
    Order order_;
    Index first_ = 0;
    Index size_ = 0;
};

template <class T, class... Rest>
SubsetDataset(T, Rest...) -> SubsetDataset<DatasetOf<T>>;

template <class T>
    requires(Dataset<T> || Source<T>)
SubsetDataset(T, std::vector<Index>)
->SubsetDataset<DatasetOf<T>>;

template <class T, class... Rest>
SubsetDataset(std::shared_ptr<T>, Rest...) -> SubsetDataset<std::remove_const_t<T>>;

// Implementation.

template <Dataset D>
SubsetDataset<D>::SubsetDataset(std::shared_ptr<const D> dataset, Order order)
    : dataset_(std::move(dataset)), order_(std::move(order)) {
    if (!dataset_) throw std::invalid_argument("a subset needs a dataset, not a null pointer");
}

template <Dataset D>
void SubsetDataset<D>::take_range(Index first, Index last) {
    const Index whole = dataset_->size();
    if (first < 0 || last < first || last > whole)
        throw std::out_of_range("rows " + std::to_string(first) + " to " + std::to_string(last) +
                                " are no range of a dataset of " + std::to_string(whole) + " rows");
    first_ = first;
    size_ = last - first;
}

template <Dataset D>
SubsetDataset<D>::SubsetDataset(std::shared_ptr<const D> dataset, Index first, Index last)
    : SubsetDataset(std::move(dataset), Order()) {
    take_range(first, last);
}

template <Dataset D>
SubsetDataset<D>::SubsetDataset(D dataset, Index first, Index last)
    : SubsetDataset(std::make_shared<const D>(std::move(dataset)), first, last) {}

template <Dataset D>
SubsetDataset<D>::SubsetDataset(std::shared_ptr<const D> dataset, std::vector<Index> rows)
    : SubsetDataset(std::move(dataset), Order(std::move(rows))) {
    const std::vector<Index>& list = std::get<std::vector<Index>>(order_);
    detail::check_rows(list, dataset_->size());
    size_ = static_cast<Index>(list.size());
}

template <Dataset D>
SubsetDataset<D>::SubsetDataset(D dataset, std::vector<Index> rows)
    : SubsetDataset(std::make_shared<const D>(std::move(dataset)), std::move(rows)) {}

template <Dataset D>
SubsetDataset<D>::SubsetDataset(std::shared_ptr<const D> dataset, Permutation order, Index first, Index last)
    : SubsetDataset(std::move(dataset), Order(order)) {
    take_range(first, last);
    if (order.size() != dataset_->size())
        throw std::invalid_argument("an order of " + std::to_string(order.size()) +
                                    " rows for a dataset of " + std::to_string(dataset_->size()));
}

template <Dataset D>
SubsetDataset<D>::SubsetDataset(D dataset, Permutation order, Index first, Index last)
    : SubsetDataset(std::make_shared<const D>(std::move(dataset)), order, first, last) {}

template <Dataset D>
std::vector<Index> SubsetDataset<D>::mapped(Rows rows) const {
    detail::check_rows(rows, size_);
    std::vector<Index> mapped(rows.begin(), rows.end());
    if (const auto* list = std::get_if<std::vector<Index>>(&order_)) {
        for (Index& row : mapped) row = (*list)[static_cast<std::size_t>(row)];
    } else {
        for (Index& row : mapped) row += first_;
        if (const auto* permutation = std::get_if<Permutation>(&order_)) permutation->apply(mapped);
    }
    return mapped;
}

template <Dataset D>
void SubsetDataset<D>::read(Rows rows, std::span<const Bytes> outs) const {
    dataset_->read(mapped(rows), outs);
}

template <Dataset D>
void SubsetDataset<D>::prepare(Access& access) requires Preparable<D> && std::copyable<D> {
    Access inner = access;
    const double part = static_cast<double>(size_) / std::max(1.0, static_cast<double>(dataset_->size()));
    inner.share *= part;
    inner.first_row += first_;
    if (!is_range()) {
        inner.density *= part;
        inner.block_rows = inner.window_blocks = 1;
        inner.first_row = 0;
        inner.in_order = false;
    }
    auto own = std::make_shared<D>(*dataset_);  // others may share it, and read it in another way
    own->prepare(inner);
    dataset_ = std::move(own);
    access.memory_bytes = inner.memory_bytes;
}

}  // namespace wick::inline v0
