// SPDX-License-Identifier: MIT
#pragma once

// What decoding chunk after chunk needs beside the chunks, so that a warm thread asks for no memory.

#include <wick/hdf5/deflate.hpp>
#include <wick/hdf5/growing_bytes.hpp>
#include <wick/hdf5/zstd.hpp>

namespace wick::inline v0::detail {

/// Memory and tables that decoders work in. Nothing in it means anything between two chunks.
///
/// Threads: one at a time: each worker has its own.
struct FilterScratch {
    GrowingBytes stages[2];  // What one filter made, and the next one reads, by turns.
    GrowingBytes block;
    GrowingBytes planes;
    Inflater inflater;
    ZstdDecoder zstd;
};

}  // namespace wick::inline v0::detail
