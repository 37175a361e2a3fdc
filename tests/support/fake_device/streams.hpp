// SPDX-License-Identifier: MIT
#pragma once

// All streams of all fake devices, and who runs them.

#include "support/fake_device/order.hpp"
#include "support/fake_device/pulse.hpp"
#include "support/fake_device/stream.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace wick_test::fake {

/// A line of the log: an operation that began to run, or what the allocators did.
struct Record {
    std::string name;
    StreamId stream;
    std::size_t bytes = 0;
};

/// Threads: safe from any number of threads, but for the three that say who runs the streams.
class Streams {
public:
    /// Every operation runs at once, in the thread that submits it.
    void rest();

    /// Every stream has a thread of its own.
    void run_in_threads(std::chrono::microseconds pause);

    /// Nothing runs but here and there a few operations when something is submitted, and what somebody waits
    /// for; the seed decides which stream is next.
    void run_in_steps(std::uint64_t seed);

    void submit(StreamId stream, Operation operation);

    /// A place behind all that was submitted to the stream by now.
    std::shared_ptr<const Mark> mark(StreamId stream);

    /// In steps, asking gives the devices time to go on.
    ///
    /// Throws: c10::Error if it is asked over and over while nothing can go on, in steps.
    bool reached(const Mark& mark);

    /// Whether all is done that was submitted.
    bool idle(StreamId stream);

    /// Wait for one place, one stream, all streams of one device, or of all of them.
    ///
    /// Throws: c10::Error if that would never end, in steps.
    void wait(const Mark& mark);
    void wait(StreamId stream);
    void wait_device(int device);
    void wait_all();

    void hold(StreamId stream) { get(stream).hold(); }
    void release(StreamId stream) { get(stream).release(); }
    void release_all();

    /// Runs one operation; false if none can run. In steps only.
    bool step();

    /// What is submitted without the order that it needs.
    Order& order() noexcept { return order_; }

    void keep_log(bool kept);
    std::vector<Record> log() const;
    void write_log(Record record);

private:
    enum class Runner { submitter, threads, steps };

    Stream& get(StreamId id);
    std::vector<Stream*> all() const;
    void push(StreamId stream, Operation operation);
    void step_towards(const Mark& mark);
    bool step_once();
    void wait_until(const std::function<bool()>& come, const std::string& what);
    std::string standstill() const;

    Pulse pulse_;
    Order order_;
    std::atomic<Runner> runner_{Runner::submitter};
    std::chrono::microseconds pause_{0};

    mutable std::mutex finding_;  // guards the map, whose streams stay
    std::map<StreamId, std::unique_ptr<Stream>> streams_;

    std::mutex stepping_;  // who holds it runs all streams; guards both below
    std::mt19937_64 random_;
    int asked_in_vain_ = 0;

    std::atomic<bool> logs_{false};
    mutable std::mutex logging_;  // guards log_
    std::vector<Record> log_;
};

}  // namespace wick_test::fake
