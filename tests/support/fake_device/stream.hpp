// SPDX-License-Identifier: MIT
#pragma once

// One stream of a fake device: operations that run one after another, later than they were submitted.

#include "support/fake_device/order.hpp"
#include "support/fake_device/pulse.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace wick_test::fake {

/// A place in a stream, and whether the stream has come there.
struct Mark {
    std::atomic<bool> reached{false};
    Clock done;  ///< with it
};

/// What a stream does in its turn. It holds no tensor of a device: dropping that would submit something.
struct Operation {
    std::string name;
    std::function<void()> run;
    std::shared_ptr<const Mark> after = nullptr;  ///< the stream stops before this operation until then
    std::vector<Access> accesses = {};            ///< the bytes that it reads and writes
};

/// Operations in order.
///
/// Threads: anyone may push, hold, release and ask; one at a time may run, a thread of the stream's own or
///          another. What is pushed happens after what its pusher did before, and after nothing else but the
///          operations of this stream and the marks they wait for; so ThreadSanitizer sees every order that
///          is missing.
class Stream {
public:
    using Log = std::function<void(StreamId, const Operation&)>;

    Stream(StreamId id, Pulse& pulse, Log log);
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream();

    StreamId id() const noexcept { return id_; }

    void push(Operation operation);

    /// Operations pushed and finished so far.
    std::uint64_t pushed() const;
    std::uint64_t finished() const noexcept { return finished_.load(std::memory_order_acquire); }

    /// From when this returns until `release`, no operation begins.
    void hold();
    void release();
    bool held() const noexcept { return held_; }

    /// Runs by a thread of its own from now on, pausing before each operation.
    void start(std::chrono::microseconds pause);

    /// Lets the thread finish what was pushed, and ends it.
    void join();

    /// Whether there is an operation that may begin. Runner only.
    bool ready() const;

    /// Runs the first operation, which is `ready`. Runner only.
    void run_one();

    /// What stands first, for a message. Runner only.
    std::string first() const;

private:
    struct Node {
        Operation operation;
        std::atomic<Node*> next{nullptr};
    };

    void work(std::chrono::microseconds pause);

    const StreamId id_;
    Pulse& pulse_;
    const Log log_;
    Node* done_;  // the operation that ran last; runner only
    std::atomic<std::uint64_t> finished_{0};
    std::atomic<bool> held_{false};
    std::atomic<bool> busy_{false};
    std::atomic<bool> starts_{false};
    std::atomic<bool> ends_{false};
    mutable std::mutex pushing_;  // guards both below; the runner never takes it
    Node* last_;
    std::uint64_t pushed_ = 0;
    std::thread thread_;
};

}  // namespace wick_test::fake
