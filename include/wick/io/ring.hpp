// SPDX-License-Identifier: MIT
#pragma once

// The kernel's queue for reads (io_uring), by its system calls alone: what a user copies in must link without a
// further library.

#include <wick/io/descriptor.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

#if defined(__linux__) && __has_include(<linux/io_uring.h>)
#include <atomic>
#include <cerrno>
#include <cstring>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace wick::inline v0::detail {

/// A queue of reads that are on their way at the same time.
///
/// Threads: one at a time.
/// Source:  io_uring(7), io_uring_setup(2), io_uring_enter(2).
class Ring {
public:
    /// A queue for up to `depth` reads; where the system has none, or forbids it, `works()` is false.
    explicit Ring(unsigned depth);
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;
    ~Ring();

    bool works() const noexcept { return memory_ != nullptr; }

    /// Notes a read into `to`, to be started by `submit`.
    ///
    /// Requires:  less than `depth` reads are on their way or noted.
    /// Lifetime:  `to` stays until the read has been collected.
    void add(int descriptor, std::uint64_t offset, void* to, unsigned bytes, std::uint64_t tag) noexcept;

    /// Starts what was noted and waits until at least `least` reads are done, or for less long: look by `collect`.
    ///
    /// Returns how many of the reads noted, the last ones, the system did not take: none, if all is well.
    unsigned submit(unsigned least) noexcept;

    /// Hands every read that is done to `done(tag, result)`: bytes, or minus an error number.
    template <class Done>
    void collect(const Done& done);

private:
    unsigned* at(std::uint32_t offset) const noexcept {
        return reinterpret_cast<unsigned*>(static_cast<std::byte*>(memory_) + offset);
    }

    Descriptor descriptor_;
    void* memory_ = nullptr;
    std::size_t memory_bytes_ = 0;
    void* entries_ = nullptr;
    std::size_t entries_bytes_ = 0;
    unsigned noted_ = 0;
    // Where the two queues' counters and arrays lie in the memory that the kernel shares with us.
    std::uint32_t sq_tail_ = 0, sq_mask_ = 0, sq_array_ = 0;
    std::uint32_t cq_head_ = 0, cq_tail_ = 0, cq_mask_ = 0, cq_entries_ = 0;
};

// Implementation.

#if defined(__linux__) && __has_include(<linux/io_uring.h>)

inline Ring::Ring(unsigned depth) {
    io_uring_params parameters{};
    Descriptor queue(static_cast<int>(::syscall(__NR_io_uring_setup, depth, &parameters)));
    if (!queue.is_open() || (parameters.features & IORING_FEAT_SINGLE_MMAP) == 0) return;
    const std::size_t sq_bytes = parameters.sq_off.array + parameters.sq_entries * sizeof(unsigned);
    const std::size_t cq_bytes = parameters.cq_off.cqes + parameters.cq_entries * sizeof(io_uring_cqe);
    memory_bytes_ = sq_bytes > cq_bytes ? sq_bytes : cq_bytes;
    entries_bytes_ = parameters.sq_entries * sizeof(io_uring_sqe);
    void* const memory = ::mmap(nullptr, memory_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                                queue.number(), IORING_OFF_SQ_RING);
    if (memory == MAP_FAILED) return;
    entries_ = ::mmap(nullptr, entries_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                      queue.number(), IORING_OFF_SQES);
    if (entries_ == MAP_FAILED) {
        ::munmap(memory, memory_bytes_);
        return;
    }
    memory_ = memory;
    descriptor_ = std::move(queue);
    sq_tail_ = parameters.sq_off.tail;
    sq_mask_ = parameters.sq_off.ring_mask;
    sq_array_ = parameters.sq_off.array;
    cq_head_ = parameters.cq_off.head;
    cq_tail_ = parameters.cq_off.tail;
    cq_mask_ = parameters.cq_off.ring_mask;
    cq_entries_ = parameters.cq_off.cqes;
}

inline Ring::~Ring() {
    if (!works()) return;
    ::munmap(entries_, entries_bytes_);
    ::munmap(memory_, memory_bytes_);
}

inline void Ring::add(int descriptor, std::uint64_t offset, void* to, unsigned bytes,
                      std::uint64_t tag) noexcept {
    const unsigned tail = *at(sq_tail_) + noted_++;
    const unsigned index = tail & *at(sq_mask_);
    auto* const entry = static_cast<io_uring_sqe*>(entries_) + index;
    std::memset(entry, 0, sizeof *entry);
    entry->opcode = IORING_OP_READ;
    entry->fd = descriptor;
    entry->off = offset;
    entry->addr = reinterpret_cast<std::uint64_t>(to);
    entry->len = bytes;
    entry->user_data = tag;
    at(sq_array_)[index] = index;
}

inline unsigned Ring::submit(unsigned least) noexcept {
    std::atomic_ref<unsigned>(*at(sq_tail_)).fetch_add(noted_, std::memory_order_release);
    unsigned left = noted_;
    noted_ = 0;
    // EAGAIN and EBUSY pass when memory or room in the queue is free again; not for ever, though.
    for (int patience = 100'000;;) {
        const long done = ::syscall(__NR_io_uring_enter, descriptor_.number(), left, least,
                                    IORING_ENTER_GETEVENTS, nullptr, 0);
        if (done > 0 || (done == 0 && left == 0)) {
            left -= static_cast<unsigned>(done);
            if (left == 0) return 0;
        } else if ((done < 0 && errno != EINTR && errno != EAGAIN && errno != EBUSY) || --patience == 0) {
            break;
        }
    }
    // What was refused must not stay in the queue, or the next submit would start it in place of what it means.
    std::atomic_ref<unsigned>(*at(sq_tail_)).fetch_sub(left, std::memory_order_release);
    return left;
}

template <class Done>
void Ring::collect(const Done& done) {
    const std::atomic_ref<unsigned> head(*at(cq_head_));
    const unsigned tail = std::atomic_ref<unsigned>(*at(cq_tail_)).load(std::memory_order_acquire);
    const auto* const entries = reinterpret_cast<const io_uring_cqe*>(at(cq_entries_));
    for (unsigned i = head.load(std::memory_order_relaxed); i != tail; ++i) {
        const io_uring_cqe& entry = entries[i & *at(cq_mask_)];
        done(entry.user_data, entry.res);
    }
    head.store(tail, std::memory_order_release);
}

#else

inline Ring::Ring(unsigned) {}
inline Ring::~Ring() {}
inline void Ring::add(int, std::uint64_t, void*, unsigned, std::uint64_t) noexcept {}
inline unsigned Ring::submit(unsigned) noexcept { return 0; }
template <class Done>
void Ring::collect(const Done&) {}

#endif

}  // namespace wick::inline v0::detail
