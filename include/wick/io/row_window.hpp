// SPDX-License-Identifier: MIT
#pragma once

// Blocks of neighbouring rows that are read whole and kept while their rows are asked for one by one: what turns the
// order of a BlockShuffleSampler, or a pass in file order, into long reads of every byte once.

#include <wick/core/concepts.hpp>
#include <wick/io/block_pieces.hpp>
#include <wick/io/buffer.hpp>
#include <wick/io/direct_reader.hpp>
#include <wick/io/file_reader.hpp>
#include <wick/io/found_rows.hpp>
#include <wick/io/held_blocks.hpp>
#include <wick/io/piece.hpp>
#include <wick/io/row_plan.hpp>
#include <wick/io/window_shape.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// A window of blocks over the rows of a plan; a block goes when its last row is gone.
///
/// Threads:  safe from any thread: a block that one thread is reading is waited for by the others.
/// Lifetime: plan and files are the owner's, who stays for as long as the window does.
/// Requires: a dense plan.
class RowWindow {
    // Threads that read 2 MiB at a time in turn keep a disk busy; they wait for it nearly all of their time.
    static constexpr std::size_t threads = 4, read_at_once = std::size_t{2} << 20;

public:
    /// Memory of the readers that fill it, beside its own.
    static constexpr std::size_t reader_bytes = threads * DirectReader::memory_bytes;

    RowWindow(std::shared_ptr<const void> owner, const RowPlan& plan, FileReader& files, WindowShape shape);

    RowWindow(const RowWindow&) = delete;
    RowWindow& operator=(const RowWindow&) = delete;
    ~RowWindow();

    const WindowShape& shape() const noexcept { return shape_; }

    /// Bytes of all windows that there are: of each, memory is taken only as it fills.
    static std::size_t bytes_of_all() noexcept { return all_bytes_.load(std::memory_order_relaxed); }

    /// Has the blocks that these rows lie in read in the background. What goes wrong with them is said when their rows are
    /// read.
    void prefetch(Rows rows);

    /// Copies rows one after another to `out`, reading the blocks that are not there yet.
    ///
    /// Throws: Error if a file has changed or cannot be read.
    void read(Rows rows, std::byte* out);

private:
    using Place = HeldBlocks::Place;
    static constexpr Place none = HeldBlocks::none;

    const std::byte* mapped_row(Index row) const noexcept;
    Index block_of(Index row) const noexcept { return (row - shape_.first_row) / shape_.block_rows; }
    void start_threads();
    void read_ahead();
    void load(const std::vector<Place>& places);
    void settle(const std::vector<Place>& places, HeldBlock::State state);
    void let_go(const std::vector<Place>& places);
    std::size_t held_bytes() const noexcept { return shape_.blocks_held * slot_bytes_; }
    std::byte* memory_of(Place place) const noexcept { return memory_.data() + place * slot_bytes_; }

    inline static std::atomic<std::size_t> all_bytes_{0};

    const std::shared_ptr<const void> owner_;
    const RowPlan& plan_;
    FileReader& files_;
    const WindowShape shape_;
    const std::size_t row_bytes_;
    const std::size_t slot_bytes_;
    const Buffer memory_;
    std::mutex mutex_;                 // guards all below
    std::condition_variable settled_;  // some blocks are ready, or have failed
    std::condition_variable wanted_;   // some blocks were noted, or it is time to stop
    bool stopping_ = false;
    std::deque<Index> noted_;  // blocks that will be wanted soon
    HeldBlocks held_;
    std::vector<std::thread> threads_;  // from the first block on that is wanted ahead
};

// Implementation.

inline RowWindow::RowWindow(std::shared_ptr<const void> owner, const RowPlan& plan, FileReader& files,
                            WindowShape shape)
    : owner_(std::move(owner)),
      plan_(plan),
      files_(files),
      shape_(shape),
      row_bytes_(plan.layout.bytes()),
      slot_bytes_(shape.slot_bytes(row_bytes_)),
      memory_(held_bytes()),
      held_(shape.blocks(plan.size()), shape.block_rows, shape.blocks_held) {
    all_bytes_ += held_bytes();
}

inline RowWindow::~RowWindow() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wanted_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    all_bytes_ -= held_bytes();
}

inline void RowWindow::prefetch(Rows rows) {
    const std::lock_guard lock(mutex_);
    if (threads_.empty()) start_threads();
    if (threads_.empty()) return;  // nobody would read what is noted
    for (const Index row : rows) {
        if (row < shape_.first_row || mapped_row(row) != nullptr) continue;
        if (held_.note(block_of(row))) noted_.push_back(block_of(row));
    }
    if (!noted_.empty()) wanted_.notify_one();
}

/// Where a row lies if it is in memory without us, else null.
inline const std::byte* RowWindow::mapped_row(Index row) const noexcept {
    const OpenPart& part = plan_.part_of(row);
    const std::uint64_t offset = part.offset_of(row, row_bytes_);
    return part.file->is_in_memory(offset, row_bytes_) ? part.file->data() + offset : nullptr;
}

/// The lock is held.
inline void RowWindow::start_threads() {
    try {
        while (threads_.size() < threads) threads_.emplace_back([this] { read_ahead(); });
    } catch (const std::exception&) {  // then a block is read by who asks for it first
    }
}

inline void RowWindow::read_ahead() {
    std::vector<Place> to_load;
    try {
        to_load.reserve(read_at_once / slot_bytes_ + 2);
    } catch (const std::bad_alloc&) {  // then every block is read by who asks for it first
        return;
    }
    std::unique_lock lock(mutex_);
    for (;;) {
        wanted_.wait(lock, [this] { return stopping_ || !noted_.empty(); });
        if (stopping_) return;
        to_load.clear();
        for (; !noted_.empty() && to_load.size() * slot_bytes_ < read_at_once; noted_.pop_front()) {
            // If it is not, its first reader came before us.
            if (held_.is_noted(noted_.front())) held_.place(noted_.front(), to_load);
        }
        if (!noted_.empty()) wanted_.notify_one();
        lock.unlock();
        try {
            load(to_load);
        } catch (...) {  // whoever wants the block will get the error
        }
        lock.lock();
    }
}

inline void RowWindow::read(Rows rows, std::byte* out) {
    std::vector<Place> places(rows.size()), to_load;
    to_load.reserve(rows.size());  // nothing may be thrown once a block is ours to load
    if (files_.asks_each()) {
        const std::int64_t now = File::tick();
        for (const Index row : rows) files_.check(*plan_.part_of(row).file, now);
    }
    std::vector<const std::byte*> where(rows.size());  // null: neither in memory nor in the window
    {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            where[i] = mapped_row(rows[i]);
            const bool ours = where[i] == nullptr && rows[i] >= shape_.first_row;
            places[i] = ours ? held_.use(block_of(rows[i]), to_load) : none;
        }
    }
    try {
        load(to_load);
    } catch (...) {  // then its rows are read one by one, and each says for itself what is wrong
    }
    {
        std::unique_lock lock(mutex_);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (places[i] == none) continue;
            const HeldBlock& held = held_[places[i]];
            settled_.wait(lock, [&] { return held.state != HeldBlock::State::loading; });
            const Index first = shape_.first_row + held.block * shape_.block_rows;
            if (held.state == HeldBlock::State::ready)
                where[i] =
                    memory_of(places[i]) + held.skip + static_cast<std::size_t>(rows[i] - first) * row_bytes_;
        }
    }
    try {
        copy_found(plan_, files_, rows, where, out);
    } catch (...) {
        let_go(places);
        throw;
    }
    let_go(places);
}

inline void RowWindow::load(const std::vector<Place>& places) {
    if (places.empty()) return;
    try {
        std::vector<Piece> pieces;
        // A place that is being loaded belongs to who loads it, so no lock is needed.
        for (const Place place : places) {
            const Index row = shape_.first_row + held_[place].block * shape_.block_rows;
            const Index end = std::min(row + shape_.block_rows, plan_.size());
            held_[place].skip = add_block(plan_, files_, row, end, memory_of(place), pieces);
        }
        files_.read(pieces);
    } catch (...) {
        settle(places, HeldBlock::State::failed);
        throw;
    }
    settle(places, HeldBlock::State::ready);
}

inline void RowWindow::settle(const std::vector<Place>& places, HeldBlock::State state) {
    {
        const std::lock_guard lock(mutex_);
        held_.settle(places, state);
    }
    settled_.notify_all();
}

inline void RowWindow::let_go(const std::vector<Place>& places) {
    const std::lock_guard lock(mutex_);
    held_.let_go(places);
}

}  // namespace wick::inline v0::detail
