// SPDX-License-Identifier: MIT
#pragma once

// System calls that fail when a test says so. The test program's own functions of these names
// (support/faults.cpp) stand before the system's, which they call.

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace wick_test {

/// The calls that can be told to fail.
enum class Call {
    pread,
    open,         ///< ordinary ones
    open_direct,  ///< with O_DIRECT
    fstat,
    map_file,  ///< a file's bytes, to be read
    map_ring,  ///< the memory that a ring shares with the kernel
    madvise,
    fadvise,
    mincore,
    cachestat,
    ring_setup,  ///< io_uring_setup
    ring_enter,  ///< io_uring_enter
    ring_read,   ///< one read among those that an io_uring_enter starts
    count
};

/// Faults for the time of a test; all of them are gone with it. One lives at a time.
///
/// Threads: the calls may come from any thread; they are told what to do before.
class Faults {
public:
    static constexpr int always = -1;

    Faults();
    Faults(const Faults&) = delete;
    Faults& operator=(const Faults&) = delete;
    ~Faults();

    /// After `after` of these calls that go well, the next `times` fail with `error`. What they were to fill
    /// holds other bytes then.
    Faults& fail(Call call, int error, int times = always, int after = 0);

    /// The same number of reads (`pread`, `ring_read`) give at most `bytes`.
    Faults& shorten(Call call, std::size_t bytes, int times = always, int after = 0);

    /// Runs `action` once, before the call that follows `after` others.
    Faults& before(Call call, std::function<void()> action, int after = 0);

    /// Every file seems to lie on a network file system.
    Faults& pretend_network();

    /// Notes where the reads that are handed to the system's queue from now on are to put their bytes.
    Faults& note_queued_reads();
    std::vector<std::span<const std::byte>> queued_reads() const;

    /// How many calls were made to fail, came short, or were preceded by an action.
    int hits(Call call) const;
    int hits() const;
};

}  // namespace wick_test
