// SPDX-License-Identifier: MIT
#include <wick/core/concepts.hpp>

#include "support/catch.hpp"

#include <cstdint>
#include <span>

namespace {

using wick::Bytes;
using wick::Index;
using wick::RowLayout;
using wick::Rows;

// The least that each contract asks for.
struct Source {
    Source() = default;
    Source(Source&&) = default;  // move-only is enough
    Source& operator=(Source&&) = default;
    Index size() const { return 0; }
    RowLayout layout() const { return {wick::Dtype::u8, {}}; }  // by value is enough, too
    void read(Rows, Bytes) const {}
};

struct Dataset {
    static constexpr std::size_t field_count = 2;
    Index size() const { return 0; }
    RowLayout layout(std::size_t) const { return {wick::Dtype::u8, {}}; }
    void read(Rows, std::span<const Bytes>) const {}
};

struct Sampler {
    Index size(Index rows) const { return rows; }
    void fill(Index, std::int64_t, Index, std::span<Index>) const {}
};

struct Strided : Sampler {
    using Sampler::fill;
    void fill(Index, std::int64_t, Index, Index, std::span<Index>) const {}
};

struct ReadsOnlyWhenMutable : Source {
    void read(Rows, Bytes) {}
};

struct CountsWithInt : Source {
    int size() const { return 0; }
};

struct NoFieldCount {
    Index size() const { return 0; }
    RowLayout layout(std::size_t) const { return {wick::Dtype::u8, {}}; }
    void read(Rows, std::span<const Bytes>) const {}
};

static_assert(wick::Source<Source> && !wick::Dataset<Source> && !wick::Sampler<Source>);
static_assert(wick::Dataset<Dataset> && !wick::Source<Dataset>);
static_assert(wick::Sampler<Sampler> && !wick::StridedSampler<Sampler>);
static_assert(wick::Sampler<Strided> && wick::StridedSampler<Strided>);
static_assert(!wick::Source<ReadsOnlyWhenMutable>);
static_assert(!wick::Source<CountsWithInt>);
static_assert(!wick::Dataset<NoFieldCount>);
static_assert(!wick::Source<int>);

}  // namespace

TEST_CASE("concepts: row numbers and memory are views that anything contiguous converts to") {
    const Index numbers[] = {3, 1};
    const Rows rows = numbers;
    CHECK(rows.size() == 2);
    std::byte memory[4];
    const Bytes bytes = memory;
    CHECK(bytes.size() == 4);
}
