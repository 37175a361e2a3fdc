// SPDX-License-Identifier: MIT
#pragma once

// What a DataLoader can be told.

#include <wick/core/layout.hpp>

#include <cstddef>

namespace wick::inline v0 {

/// Options of a DataLoader, to be named where they are given: {.batch_size = 256, .workers = 8}.
struct LoaderOptions {
    /// Rows in a batch. At least 1.
    Index batch_size = 1;

    /// Threads that fill batches ahead of time, up to 1024; with 0, each batch is filled by the thread that asks for it.
    Index workers = 2;

    /// Leaves out an epoch's last batch if it is short, rather than giving it short.
    bool drop_last = false;

    /// Bytes that batches may take, the one in the user's hands included, and what sources hold of rows that they read
    /// together with others; batches kept longer are the user's own. What lies in the page cache is not counted: the
    /// system takes it back when it needs to. Nor are the threads, nor the 4 MiB that reading past the page cache takes
    /// for each thread and file source.
    /// As much is used as it takes to keep the workers busy, often far less than this. Room for one batch is needed;
    /// with room for one alone, there is none to fill ahead into, and workers rest.
    std::size_t memory_budget = std::size_t{1} << 30;
};

}  // namespace wick::inline v0
