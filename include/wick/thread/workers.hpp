// SPDX-License-Identifier: MIT
#pragma once

// Threads that live as long as the loader: starting one costs as much as a whole small batch.

#include <wick/core/layout.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace wick::inline v0 {

/// Persistent threads that all run one function each time they are started, and rest in between.
///
/// Threads: `start`, `wait` and the destructor belong to one thread at a time.
class Workers {
public:
    /// Requires: `run` does not throw, and returns soon after its owner has told it to, by means of its own.
    Workers(Index count, std::function<void()> run);
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    /// Requires: `run` has been told to return.
    ~Workers() { end(); }

    /// Every thread runs the function once; what the caller wrote before is seen by it.
    ///
    /// Requires: all are at rest.
    void start();

    /// Returns when all are at rest; what they wrote is seen by the caller.
    void wait();

private:
    void live();
    void end() noexcept;

    const std::function<void()> run_;
    std::mutex mutex_;  // guards all but the threads
    std::condition_variable changed_;
    std::uint64_t round_ = 0;
    std::size_t running_ = 0;
    bool over_ = false;
    std::vector<std::thread> threads_;
};

// Implementation.

inline Workers::Workers(Index count, std::function<void()> run) : run_(std::move(run)) {
    threads_.reserve(static_cast<std::size_t>(count));
    try {
        for (Index i = 0; i < count; ++i) threads_.emplace_back([this] { live(); });
    } catch (...) {  // no more threads to be had: those that are there must end before the members do
        end();
        throw;
    }
}

inline void Workers::end() noexcept {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

inline void Workers::start() {
    {
        const std::lock_guard lock(mutex_);
        ++round_;
        running_ = threads_.size();
    }
    changed_.notify_all();
}

inline void Workers::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return running_ == 0; });
}

inline void Workers::live() {
    std::uint64_t seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return over_ || round_ != seen; });
        if (over_) return;
        seen = round_;
        lock.unlock();
        run_();
        lock.lock();
        if (--running_ == 0) changed_.notify_all();
    }
}

}  // namespace wick::inline v0
