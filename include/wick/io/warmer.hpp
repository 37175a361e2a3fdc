// SPDX-License-Identifier: MIT
#pragma once

// Keeps as much of some files in memory as there is room for. A disk gives its bytes several times faster in file order
// than row by row, so files that fit are read through once, in the background; of others a fixed part is kept, which no
// policy of a cache can beat where every row is wanted once an epoch.

#include <wick/core/error.hpp>
#include <wick/io/cache_state.hpp>
#include <wick/io/file.hpp>
#include <wick/io/free_memory.hpp>
#include <wick/io/open_file.hpp>
#include <wick/io/warm_front.hpp>
#include <wick/io/warm_steps.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// Looks now and then what lies in memory, and brings there what is wanted, while somebody reads.
///
/// Threads: everything is safe from any thread.
class Warmer {
public:
    using Files = std::vector<std::shared_ptr<const OpenFile>>;

    /// Never wants more than `cache_bytes`; left out, what leaves a tenth of the free memory free.
    Warmer(Files files, std::optional<std::uint64_t> cache_bytes);
    Warmer(const Warmer&) = delete;
    Warmer& operator=(const Warmer&) = delete;
    ~Warmer();

    /// Whether every byte is to be copied from a mapping.
    bool all_in_memory() const noexcept { return all_in_memory_.load(std::memory_order_relaxed); }

    /// Looks where the bytes lie, unless that was done before.
    void look_first() {
        // Not every system's call_once can be left by an exception.
        std::call_once(first_look_, [this] {
            try {
                look();
            } catch (const std::bad_alloc&) {  // then nothing is known until the next look
            }
        });
    }

    /// To be called by whoever reads, before each read; `now` is File::tick().
    void tick(std::int64_t now);

    /// Leaves free what who reads is going to use, and takes of the rest that share. Of several who read the same files,
    /// each says it; room is left for the one who uses most.
    void leave_room(double share, std::uint64_t own_bytes) {
        share_ = share;
        own_bytes_ = std::max(own_bytes_.load(), own_bytes);
    }

    /// Most of the bytes are going to be read, and soon: what there is room for is worth bringing in.
    void begin() {
        begun_ = true;
        next_ = 0;
    }

    /// So many bytes had to be read from elsewhere. Enough of them are a reason to begin, too.
    void note_missed(std::uint64_t bytes);

    bool is_warming() const noexcept { return front_.is_moving(); }

    /// Waits if these bytes are just being brought in. Returns whether they are in memory.
    bool wait_for(const OpenFile& file, std::uint64_t offset, std::size_t bytes) const {
        return front_.wait_for(file, offset, bytes);
    }

    CacheState state() const;

private:
    static constexpr std::uint64_t block_bytes = OpenFile::block_bytes;

    void run();
    void look();
    void warm();
    std::uint64_t room() const;
    void start_thread();
    void note_whether_all_in_memory();

    const Files files_;
    const std::optional<std::uint64_t> cache_bytes_;
    std::uint64_t bytes_ = 0;
    const bool is_forced_;  // to be copied from mappings, wherever the bytes lie

    std::atomic<bool> all_in_memory_{false};
    std::atomic<bool> begun_{false};
    std::atomic<double> share_{1};  // of the memory for files
    std::atomic<std::uint64_t> own_bytes_{0};
    std::atomic<bool> stop_{false};
    static constexpr std::int64_t never = -1;
    std::atomic<std::int64_t> next_{never};  // tick of the next look
    std::atomic<std::uint64_t> missed_{0};   // bytes
    std::atomic<std::uint64_t> wanted_{0};   // bytes
    WarmFront front_;
    std::once_flag first_look_;
    std::mutex mutex_;    // guards thread_
    std::thread thread_;  // looks once and brings in what is wanted; there is none while nobody reads
    std::atomic<bool> is_running_{false};
    int patience_ = 0;  // looks until more is wanted again than the system left us; one look runs at a time
};

// Implementation.

inline Warmer::Warmer(Files files, std::optional<std::uint64_t> cache_bytes)
    : files_(std::move(files)),
      cache_bytes_(cache_bytes),
      is_forced_(
          std::ranges::all_of(files_, [](const auto& file) { return file->engine() == Engine::mapped; })),
      front_(files_) {
    for (const auto& file : files_) bytes_ += file->file().size();
    note_whether_all_in_memory();
}

inline void Warmer::note_whether_all_in_memory() {
    all_in_memory_ = std::ranges::all_of(files_, [](const auto& file) { return file->is_all_in_memory(); });
}

inline Warmer::~Warmer() {
    stop_ = true;
    const std::lock_guard lock(mutex_);
    if (thread_.joinable()) thread_.join();
}

inline void Warmer::tick(std::int64_t now) {
    constexpr std::int64_t interval = 500;  // of 4 ms
    if (is_forced_ || now < next_.load(std::memory_order_relaxed)) return;
    // The first read must know where the bytes lie, or it would fault its way through a cold mapping.
    look_first();
    // Just looked, unless this is not the first time.
    const bool due = next_.exchange(now + interval, std::memory_order_relaxed) != never;
    if (due || begun_.load(std::memory_order_relaxed)) start_thread();
}

inline void Warmer::note_missed(std::uint64_t bytes) {
    const std::uint64_t missed = missed_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    if (missed >= bytes_ / 16 && !begun_.load(std::memory_order_relaxed)) begin();
}

inline CacheState Warmer::state() const {
    CacheState state{.bytes = bytes_, .wanted = std::min(bytes_, wanted_.load(std::memory_order_relaxed))};
    for (const auto& file : files_)
        state.in_memory +=
            file->is_all_in_memory() ? file->file().size() : file->blocks_in_memory() * block_bytes;
    return state;
}

inline void Warmer::start_thread() {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock || is_running_.load(std::memory_order_acquire)) return;
    if (thread_.joinable()) thread_.join();
    is_running_.store(true, std::memory_order_relaxed);
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::exception&) {  // then nothing is brought in, and all is read
        is_running_.store(false, std::memory_order_relaxed);
    }
}

inline void Warmer::run() {
    try {
        look();
        if (begun_.load(std::memory_order_relaxed)) warm();
    } catch (...) {  // what is wrong with a file, its reads will say
    }
    front_.end();
    is_running_.store(false, std::memory_order_release);
}

/// Bytes that may be kept in memory, of whatever files.
inline std::uint64_t Warmer::room() const {
    if (cache_bytes_) return *cache_bytes_;
    const std::uint64_t free = free_memory(), own = std::min(free, own_bytes_.load());
    return static_cast<std::uint64_t>(0.9 * share_.load() * static_cast<double>(free - own));
}

inline void Warmer::look() {
    std::uint64_t lost = 0, kept = 0;  // kept: from the first block on, without a gap
    bool unbroken = true;
    for (const auto& file : files_) {
        try {
            lost += file->look() * block_bytes;
        } catch (const Error&) {  // what is wrong with it, its reads will say
        }
        const std::uint64_t first = unbroken ? file->first_blocks_in_memory() : 0;
        kept += std::min(first * block_bytes, file->file().size());
        unbroken = unbroken && first == file->blocks();
    }
    std::uint64_t wanted = room();
    // Where the system takes pages away again, it has a better use for them than we know of.
    if (lost > 0)
        patience_ = 8;
    else if (patience_ > 0)
        --patience_;
    if (patience_ > 0) wanted = std::min(wanted, kept);
    wanted_.store(wanted, std::memory_order_relaxed);
    std::uint64_t left = wanted;
    for (const auto& file : files_) {
        const bool forced = file->engine() != Engine::automatic && !cache_bytes_;
        file->keep_first(file->engine() == Engine::direct ? 0 : forced ? UINT64_MAX : left);
        left -= std::min(left, file->file().size());
    }
    note_whether_all_in_memory();
}

inline void Warmer::warm() {
    WarmSteps steps(files_, wanted_.load(std::memory_order_relaxed));
    // Less free memory than that says that others need it.
    const std::uint64_t reserve = cache_bytes_ ? 0 : free_memory() / 10;
    const auto bring = [&] {
        for (std::uint64_t done = 1;; ++done) {
            if (stop_.load(std::memory_order_relaxed) ||
                (done % 16 == 0 && reserve != 0 && free_memory() < reserve))
                return steps.end();
            const auto step = steps.next();
            if (!step) return;
            front_.move_to(*step->file, step->block);
            if (!step->file->warm(step->block, step->count)) return steps.end();
        }
    };
    const auto bring_quietly = [&] {
        try {
            bring();
        } catch (...) {  // what is wrong with a file, its reads will say
        }
    };
    // Two at a time: the disk has the next read before it is done with one.
    std::thread second;
    try {
        second = std::thread(bring_quietly);
    } catch (const std::exception&) {  // then one at a time
    }
    bring_quietly();
    if (second.joinable()) second.join();
    note_whether_all_in_memory();
}

}  // namespace wick::inline v0::detail
