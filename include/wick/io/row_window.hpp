// SPDX-License-Identifier: MIT
#pragma once

// Blocks of neighbouring rows that are read whole and kept while their rows are asked for one by one: what turns the
// order of a BlockShuffleSampler, or a pass in file order, into long reads of every byte once.

#include <wick/core/concepts.hpp>
#include <wick/io/buffer.hpp>
#include <wick/io/direct_file.hpp>
#include <wick/io/file_reader.hpp>
#include <wick/io/piece.hpp>
#include <wick/io/row_copy.hpp>
#include <wick/io/row_plan.hpp>
#include <wick/io/window_shape.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// A window of blocks over the rows of a plan; the blocks read first are the first to go.
///
/// Threads:  safe from any thread: a block that one thread is reading is waited for by the others.
/// Lifetime: plan and files are the owner's, who stays for as long as the window does.
/// Requires: a dense plan.
/// Cost:     4 bytes for each block of the plan, beside the window itself.
class RowWindow {
public:
    RowWindow(std::shared_ptr<const void> owner, const RowPlan& plan, FileReader& files, WindowShape shape);

    RowWindow(const RowWindow&) = delete;
    RowWindow& operator=(const RowWindow&) = delete;
    ~RowWindow();

    const WindowShape& shape() const noexcept { return shape_; }

    /// Has the blocks that these rows lie in read in the background. What goes wrong with them is said when their rows are
    /// read.
    void prefetch(Rows rows);

    /// Copies rows one after another to `out`, reading the blocks that are not there yet.
    ///
    /// Throws: Error if a file has changed or cannot be read.
    void read(Rows rows, std::byte* out);

private:
    enum class State : std::uint8_t { free, loading, ready, failed };
    struct Held {
        Index block = -1;
        std::uint32_t users = 0;  // rows that somebody is about to copy
        State state = State::free;
        std::size_t skip = 0;  // bytes before the block's first row
    };
    /// Hands out where the rows lie, in order.
    struct Pointers {
        mutable const std::byte* const* next;
        const std::byte* find(Index) const noexcept { return *next++; }
        static Index together(Index) noexcept { return 1; }
    };
    static constexpr std::uint32_t none = UINT32_MAX, noted = UINT32_MAX - 1;
    // Two threads that read 2 MiB at a time in turn keep a disk busy; they wait for it nearly all of their time.
    static constexpr std::size_t threads = 2, read_at_once = std::size_t{2} << 20;

    const std::byte* mapped_row(Index row) const noexcept;
    void start_threads();
    void read_ahead();
    std::uint32_t place_of(Index row, std::vector<std::uint32_t>& to_load);
    std::uint32_t claim(Index block);
    void load(const std::vector<std::uint32_t>& places);
    void add_pieces(std::uint32_t place, std::vector<Piece>& pieces);
    void settle(const std::vector<std::uint32_t>& places, State state);
    void let_go(const std::vector<std::uint32_t>& places);
    void copy(Rows rows, const std::vector<const std::byte*>& where, std::byte* out);
    std::byte* memory_of(std::uint32_t place) const noexcept { return memory_.data() + place * slot_bytes_; }

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
    std::vector<std::uint32_t> place_of_;  // of each block
    std::deque<Index> noted_;              // blocks that will be wanted soon
    std::vector<Held> held_;
    std::uint32_t oldest_ = 0;
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
      memory_(shape.bytes(row_bytes_)),
      place_of_(static_cast<std::size_t>((plan.size() - shape.first_row) / shape.block_rows + 1), none),
      held_(shape.blocks_held) {}

inline RowWindow::~RowWindow() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wanted_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

inline void RowWindow::prefetch(Rows rows) {
    const std::lock_guard lock(mutex_);
    if (threads_.empty()) start_threads();
    if (threads_.empty()) return;  // nobody would read what is noted
    for (const Index row : rows) {
        if (row < shape_.first_row) continue;
        const Index block = (row - shape_.first_row) / shape_.block_rows;
        std::uint32_t& place = place_of_[static_cast<std::size_t>(block)];
        if (place != none || mapped_row(row) != nullptr) continue;
        noted_.push_back(block);
        place = noted;
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
    } catch (const std::system_error&) {  // then every block is read by who asks for it first
    }
}

inline void RowWindow::read_ahead() {
    std::vector<std::uint32_t> to_load;
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
            std::uint32_t& place = place_of_[static_cast<std::size_t>(noted_.front())];
            if (place != noted) continue;  // its first reader came before us
            place = claim(noted_.front());
            if (place != none) to_load.push_back(place);
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
    std::vector<std::uint32_t> places(rows.size()), to_load;
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
            places[i] = where[i] != nullptr ? none : place_of(rows[i], to_load);
            if (places[i] != none) ++held_[places[i]].users;
        }
    }
    try {
        load(to_load);
    } catch (...) {
        let_go(places);
        throw;
    }
    {
        std::unique_lock lock(mutex_);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (places[i] == none) continue;
            const Held& held = held_[places[i]];
            settled_.wait(lock, [&] { return held.state != State::loading; });
            const Index first = shape_.first_row + held.block * shape_.block_rows;
            if (held.state == State::ready)
                where[i] =
                    memory_of(places[i]) + held.skip + static_cast<std::size_t>(rows[i] - first) * row_bytes_;
        }
    }
    try {
        copy(rows, where, out);
    } catch (...) {
        let_go(places);
        throw;
    }
    let_go(places);
}

/// Where a row's block is held or going to be: if nobody has it yet, the caller is to load it. The lock is held.
inline std::uint32_t RowWindow::place_of(Index row, std::vector<std::uint32_t>& to_load) {
    if (row < shape_.first_row) return none;
    const Index block = (row - shape_.first_row) / shape_.block_rows;
    std::uint32_t& place = place_of_[static_cast<std::size_t>(block)];
    if (place == none || place == noted) {
        place = claim(block);
        if (place != none) to_load.push_back(place);
    }
    return place;
}

/// The oldest place that nobody uses, or none. The lock is held.
inline std::uint32_t RowWindow::claim(Index block) {
    for (std::size_t tried = 0; tried < held_.size(); ++tried) {
        const std::uint32_t place = oldest_;
        oldest_ = (oldest_ + 1) % static_cast<std::uint32_t>(held_.size());
        Held& held = held_[place];
        if (held.users > 0 || held.state == State::loading) continue;
        if (held.state == State::ready) place_of_[static_cast<std::size_t>(held.block)] = none;
        held = {.block = block, .state = State::loading};
        return place;
    }
    return none;
}

inline void RowWindow::load(const std::vector<std::uint32_t>& places) {
    if (places.empty()) return;
    try {
        std::vector<Piece> pieces;
        for (const std::uint32_t place : places) add_pieces(place, pieces);
        files_.read(pieces);
    } catch (...) {
        settle(places, State::failed);
        throw;
    }
    settle(places, State::ready);
}

/// A place that is being loaded belongs to who loads it, so no lock is needed.
inline void RowWindow::add_pieces(std::uint32_t place, std::vector<Piece>& pieces) {
    Held& held = held_[place];
    const std::int64_t now = File::tick();
    Index row = shape_.first_row + held.block * shape_.block_rows;
    const Index end = std::min(row + shape_.block_rows, plan_.size());
    std::byte* to = memory_of(place);
    while (row < end) {
        const OpenPart& part = plan_.part_of(row);
        files_.check(*part.file, now);
        const Index last = std::min(end, part.end());
        std::uint64_t offset = part.offset_of(row, row_bytes_);
        std::uint64_t stop = part.offset_of(last, row_bytes_);
        if (to == memory_of(place) && last == end) {
            // Whole pages can be put here by the disk itself.
            constexpr std::uint64_t page = DirectFile::most_alignment;
            held.skip = offset % page;
            offset -= held.skip;
            const std::uint64_t whole = (stop + page - 1) / page * page;
            if (whole <= part.file->file().size()) stop = whole;
        }
        pieces.push_back({part.file, offset, static_cast<std::size_t>(stop - offset), to});
        to += stop - offset;
        row = last;
    }
}

inline void RowWindow::settle(const std::vector<std::uint32_t>& places, State state) {
    {
        const std::lock_guard lock(mutex_);
        for (const std::uint32_t place : places) {
            held_[place].state = state;
            if (state == State::failed) place_of_[static_cast<std::size_t>(held_[place].block)] = none;
        }
    }
    settled_.notify_all();
}

inline void RowWindow::let_go(const std::vector<std::uint32_t>& places) {
    const std::lock_guard lock(mutex_);
    for (const std::uint32_t place : places)
        if (place != none) --held_[place].users;
}

inline void RowWindow::copy(Rows rows, const std::vector<const std::byte*>& where, std::byte* out) {
    const std::size_t swap_unit = plan_.parts.front().swap_unit;
    std::vector<Piece> missing;
    for (std::size_t i = 0; i < rows.size();) {
        std::size_t end = i;
        while (end < rows.size() && where[end] != nullptr) ++end;
        files_.copy([&] {
            copy_rows(Pointers{where.data() + i}, rows.subspan(i, end - i), row_bytes_, swap_unit,
                      out + i * row_bytes_);
        });
        for (; end < rows.size() && where[end] == nullptr; ++end) {
            const OpenPart& part = plan_.part_of(rows[end]);
            missing.push_back(
                {part.file, part.offset_of(rows[end], row_bytes_), row_bytes_, out + end * row_bytes_});
        }
        i = end;
    }
    files_.read(missing);
    if (swap_unit != 1)
        for (const Piece& piece : missing) copy_swapped(piece.out, piece.bytes, swap_unit, piece.out);
}

}  // namespace wick::inline v0::detail
