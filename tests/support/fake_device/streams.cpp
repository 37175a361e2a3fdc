// SPDX-License-Identifier: MIT
#include "support/fake_device/streams.hpp"

#include "support/fake_device/unseen.hpp"

#include <c10/util/Exception.h>

#include <utility>

namespace wick_test::fake {

void Streams::rest() {
    release_all();
    wait_all();
    for (Stream* stream : all()) stream->join();
    runner_ = Runner::submitter;
    order_.clear();
}

void Streams::run_in_threads(std::chrono::microseconds pause) {
    pause_ = pause;
    runner_ = Runner::threads;
}

void Streams::run_in_steps(std::uint64_t seed) {
    random_.seed(seed);
    asked_in_vain_ = 0;
    runner_ = Runner::steps;
}

void Streams::submit(StreamId id, Operation operation) {
    const Clock* after = operation.after ? &operation.after->done : nullptr;
    order_.submit(id, operation.name, operation.accesses, after);
    push(id, std::move(operation));
}

void Streams::push(StreamId id, Operation operation) {
    Stream& stream = get(id);
    if (runner_ == Runner::threads) stream.start(pause_);
    stream.push(std::move(operation));
    if (runner_ == Runner::threads) return;
    const std::lock_guard lock(stepping_);
    asked_in_vain_ = 0;
    // In steps, one time in three something goes on, so that some streams are far behind and others are not.
    while ((runner_ == Runner::submitter || random_() % 3 == 0) && step_once()) {
    }
}

std::shared_ptr<const Mark> Streams::mark(StreamId stream) {
    // It is dropped unseen: who drops it last has not waited for it.
    const std::shared_ptr<Mark> mark(new Mark, [](const Mark* dropped) {
        const Unseen unseen;
        delete dropped;
    });
    mark->done = order_.submit(stream, "record", {}, nullptr);
    push(stream, {"record", [mark] { mark->reached.store(true, std::memory_order_release); }});
    return mark;
}

bool Streams::reached(const Mark& mark) {
    if (runner_ == Runner::steps) step_towards(mark);
    const bool reached = mark.reached.load(std::memory_order_acquire);
    if (reached) order_.seen(mark.done);
    return reached;
}

void Streams::step_towards(const Mark& mark) {
    const std::lock_guard lock(stepping_);
    if (mark.reached.load(std::memory_order_acquire)) return;
    constexpr int often = 10'000;
    if (step_once())
        asked_in_vain_ = 0;
    else
        TORCH_CHECK(++asked_in_vain_ < often, "fake device: an event is asked for over and over, but ",
                    standstill());
}

bool Streams::idle(StreamId id) {
    const Stream& stream = get(id);
    const Clock now = order_.now(id);
    if (runner_ == Runner::steps && stream.finished() != stream.pushed()) step();
    if (stream.finished() != stream.pushed()) return false;
    order_.seen(now);
    return true;
}

void Streams::wait(const Mark& mark) {
    wait_until([&] { return mark.reached.load(std::memory_order_acquire); }, "an event");
    order_.seen(mark.done);
}

void Streams::wait(StreamId id) {
    const Stream& stream = get(id);
    const Clock now = order_.now(id);
    wait_until([&stream, last = stream.pushed()] { return stream.finished() >= last; }, to_string(id));
    order_.seen(now);
}

void Streams::wait_device(int device) {
    for (const Stream* stream : all())
        if (stream->id().device == device) wait(stream->id());
}

void Streams::wait_all() {
    for (const Stream* stream : all()) wait(stream->id());
}

void Streams::release_all() {
    for (Stream* stream : all()) stream->release();
}

bool Streams::step() {
    const std::lock_guard lock(stepping_);
    return step_once();
}

void Streams::keep_log(bool kept) {
    const UnseenLock lock(logging_);
    log_.clear();
    logs_ = kept;
}

std::vector<Record> Streams::log() const {
    const UnseenLock lock(logging_);
    return log_;
}

void Streams::write_log(Record record) {
    if (!logs_.load(std::memory_order_relaxed)) return;
    const UnseenLock lock(logging_);
    log_.push_back(std::move(record));
}

Stream& Streams::get(StreamId id) {
    const UnseenLock lock(finding_);
    auto& stream = streams_[id];
    if (!stream)
        stream = std::make_unique<Stream>(id, pulse_, [this](StreamId where, const Operation& operation) {
            write_log({operation.name, where, operation.accesses.empty() ? 0 : operation.accesses[0].bytes});
        });
    return *stream;
}

std::vector<Stream*> Streams::all() const {
    const UnseenLock lock(finding_);
    std::vector<Stream*> streams;
    for (const auto& [id, stream] : streams_) streams.push_back(stream.get());
    return streams;
}

bool Streams::step_once() {
    std::vector<Stream*> ready;
    for (Stream* stream : all())
        if (stream->ready()) ready.push_back(stream);
    if (ready.empty()) return false;
    ready[random_() % ready.size()]->run_one();
    return true;
}

void Streams::wait_until(const std::function<bool()>& come, const std::string& what) {
    if (runner_ == Runner::threads) {
        for (;;) {
            const auto seen = pulse_.now();
            if (come()) return;
            pulse_.wait(seen);
        }
    }
    const std::lock_guard lock(stepping_);
    while (!come())
        TORCH_CHECK(step_once(), "fake device: deadlock: ", what, " is waited for, but ", standstill());
}

std::string Streams::standstill() const {
    std::string text = "nothing can go on:";
    for (const Stream* stream : all())
        if (stream->finished() != stream->pushed())
            text += " stream " + std::to_string(stream->id().number) + " of device " +
                    std::to_string(stream->id().device) +
                    (stream->held() ? " is held" : " waits for an event") + " before \"" + stream->first() +
                    "\";";
    return text;
}

}  // namespace wick_test::fake
