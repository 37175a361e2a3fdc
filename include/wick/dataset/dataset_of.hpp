// SPDX-License-Identifier: MIT
#pragma once

// Wherever a dataset is taken, a single source is taken as well.

#include <wick/core/concepts.hpp>
#include <wick/dataset/zip.hpp>

namespace wick::inline v0 {

namespace detail {

template <class T>
struct DatasetOf {
    using type = T;
};

template <Source T>
    requires(!Dataset<T>)
struct DatasetOf<T> {
    using type = ZipDataset<T>;
};

}  // namespace detail

/// The dataset that a T stands for: itself, or a source as a dataset of one field.
template <class T>
    requires(Dataset<T> || Source<T>)
using DatasetOf = typename detail::DatasetOf<T>::type;

}  // namespace wick::inline v0
