// SPDX-License-Identifier: MIT
#pragma once

// Sources and datasets in memory whose every byte tells where it belongs, and that fail when told to.

#include <wick/core/access.hpp>
#include <wick/core/concepts.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wick_test {

/// The element that belongs at a row, column and field: any misplaced row, column or field shows.
constexpr std::int64_t pattern(wick::Index row, std::size_t column, int field = 0) noexcept {
    return row * 1000003 + static_cast<std::int64_t>(column) * 101 + field * 7;
}

/// The bytes that belong to `rows`, in that order.
inline std::vector<std::byte> pattern_bytes(wick::Rows rows, std::size_t columns, int field = 0) {
    std::vector<std::int64_t> values;
    for (const wick::Index row : rows)
        for (std::size_t column = 0; column < columns; ++column)
            values.push_back(pattern(row, column, field));
    std::vector<std::byte> bytes(values.size() * sizeof(std::int64_t));
    if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

/// Rows of `columns` i64 after the pattern.
class FakeSource {
public:
    /// What copies and moved-to sources count together.
    struct State {
        std::atomic<int> reads{0};
        std::atomic<int> throw_at{-1};  ///< the read, counted from 0, that throws
        std::mutex mutex;
        std::vector<wick::Index> last_rows;
    };

    explicit FakeSource(wick::Index size, std::size_t columns = 3, int field = 0)
        : size_(size),
          columns_(columns),
          field_(field),
          layout_(wick::Dtype::i64, {static_cast<wick::Index>(columns)}) {}

    wick::Index size() const { return size_; }
    const wick::RowLayout& layout() const { return layout_; }

    void read(wick::Rows rows, wick::Bytes out) const {
        const int number = state_->reads++;
        if (number == state_->throw_at) throw std::runtime_error("read " + std::to_string(number) + " fails");
        {
            const std::lock_guard lock(state_->mutex);
            state_->last_rows.assign(rows.begin(), rows.end());
        }
        for (const wick::Index row : rows)
            if (row < 0 || row >= size_) throw std::out_of_range("row " + std::to_string(row) + " of a fake");
        const std::vector<std::byte> bytes = pattern_bytes(rows, columns_, field_);
        if (bytes.size() != out.size()) throw std::invalid_argument("a fake's rows do not fill the memory");
        if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
    }

    /// The n-th read from now on, counted from 0, throws std::runtime_error.
    FakeSource& throw_in(int reads) {
        state_->throw_at = state_->reads + reads;
        return *this;
    }

    const std::shared_ptr<State>& state() const { return state_; }

private:
    wick::Index size_;
    std::size_t columns_;
    int field_;
    wick::RowLayout layout_;
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

static_assert(wick::Source<FakeSource>);

/// A source that says its layout by value, and that cannot be copied.
class FakeMoveOnlySource {
public:
    explicit FakeMoveOnlySource(wick::Index size, std::size_t columns = 2) : inner_(size, columns, 5) {}
    FakeMoveOnlySource(FakeMoveOnlySource&&) = default;
    FakeMoveOnlySource& operator=(FakeMoveOnlySource&&) = default;

    wick::Index size() const { return inner_.size(); }
    wick::RowLayout layout() const { return inner_.layout(); }
    void read(wick::Rows rows, wick::Bytes out) const { inner_.read(rows, out); }

private:
    FakeSource inner_;
};

static_assert(wick::Source<FakeMoveOnlySource>);

/// A fake that says how it reads.
class FakeSpeakingSource : public FakeSource {
public:
    using FakeSource::FakeSource;
    std::string explain() const { return std::to_string(size()) + " rows of a fake"; }
};

static_assert(wick::Source<FakeSpeakingSource> && wick::Explainable<FakeSpeakingSource>);

/// A fake that keeps in mind what it was told beforehand.
class FakeForesightedSource : public FakeSource {
public:
    struct Told {
        std::mutex mutex;
        std::vector<wick::Access> accesses;
        std::vector<wick::Index> rows;
        std::atomic<bool> fails{false};
    };

    explicit FakeForesightedSource(wick::Index size, wick::Index distance = 1, wick::Index block_rows = 1,
                                   std::size_t columns = 3)
        : FakeSource(size, columns), distance_(distance), block_rows_(block_rows) {}

    void prepare(wick::Access& access) {
        const std::lock_guard lock(told_->mutex);
        told_->accesses.push_back(access);
        access.memory_bytes /= 2;
    }
    void prefetch(wick::Rows rows) const {
        if (told_->fails) throw std::runtime_error("a prefetch fails");
        const std::lock_guard lock(told_->mutex);
        told_->rows.insert(told_->rows.end(), rows.begin(), rows.end());
    }
    wick::Index prefetch_distance() const { return distance_; }
    wick::Index block_rows() const { return block_rows_; }

    const std::shared_ptr<Told>& told() const { return told_; }

private:
    wick::Index distance_, block_rows_;
    std::shared_ptr<Told> told_ = std::make_shared<Told>();
};

static_assert(wick::Source<FakeForesightedSource> && wick::Preparable<FakeForesightedSource> &&
              wick::Prefetchable<FakeForesightedSource> && wick::Blocked<FakeForesightedSource>);

}  // namespace wick_test
