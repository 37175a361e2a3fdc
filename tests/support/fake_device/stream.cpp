// SPDX-License-Identifier: MIT
#include "support/fake_device/stream.hpp"

#include "support/fake_device/unseen.hpp"

#include <utility>

namespace wick_test::fake {

Stream::Stream(StreamId id, Pulse& pulse, Log log)
    : id_(id), pulse_(pulse), log_(std::move(log)), done_(new Node), last_(done_) {}

Stream::~Stream() {
    join();
    while (done_ != nullptr) delete std::exchange(done_, done_->next.load());
}

void Stream::push(Operation operation) {
    Node* node = nullptr;
    {
        const Unseen unseen;  // whoever pushes next writes to it, in no order with this
        node = new Node;
    }
    node->operation = std::move(operation);
    Node* before = nullptr;
    {
        const UnseenLock lock(pushing_);
        before = std::exchange(last_, node);
        ++pushed_;
    }
    // The one order that is seen. The node before cannot be gone: nobody comes past it before this.
    before->next.store(node, std::memory_order_release);
    pulse_.beat();
}

std::uint64_t Stream::pushed() const {
    const UnseenLock lock(pushing_);
    return pushed_;
}

void Stream::hold() {
    held_ = true;
    while (busy_) std::this_thread::yield();
}

void Stream::release() {
    held_ = false;
    pulse_.beat();
}

void Stream::start(std::chrono::microseconds pause) {
    if (starts_.exchange(true, std::memory_order_relaxed)) return;
    ends_ = false;
    thread_ = std::thread([this, pause] { work(pause); });
}

void Stream::join() {
    if (!thread_.joinable()) return;
    ends_ = true;
    pulse_.beat();
    thread_.join();
    starts_ = false;
}

bool Stream::ready() const {
    const Node* next = done_->next.load(std::memory_order_acquire);
    if (next == nullptr || held_) return false;
    const Mark* after = next->operation.after.get();
    return after == nullptr || after->reached.load(std::memory_order_acquire);
}

void Stream::run_one() {
    delete std::exchange(done_, done_->next.load(std::memory_order_acquire));
    Operation operation = std::exchange(done_->operation, {});
    // Before it is done, or else the log might tell first of what waits for it.
    log_(id_, operation);
    operation.run();
    {
        const Unseen unseen;  // the counts of what it shares with others would order it before them
        operation = {};
    }
    finished_.fetch_add(1, std::memory_order_release);
}

std::string Stream::first() const {
    const Node* next = done_->next.load(std::memory_order_acquire);
    return next == nullptr ? "nothing" : next->operation.name;
}

void Stream::work(std::chrono::microseconds pause) {
    for (;;) {
        const auto seen = pulse_.now();
        busy_ = true;  // first: `hold` looks at it after it has closed the gate
        const bool runs = ready();
        if (runs) {
            if (pause.count() > 0) std::this_thread::sleep_for(pause);
            run_one();
        }
        busy_ = false;
        if (runs)
            pulse_.beat();
        else if (ends_ && done_->next.load(std::memory_order_acquire) == nullptr)
            return;
        else
            pulse_.wait(seen);
    }
}

}  // namespace wick_test::fake
