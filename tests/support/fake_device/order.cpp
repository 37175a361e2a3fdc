// SPDX-License-Identifier: MIT
#include "support/fake_device/order.hpp"

#include "support/fake_device/unseen.hpp"

#include <algorithm>

namespace wick_test::fake {

namespace {

void join(Clock& clock, const Clock& other) {
    for (const auto& [stream, number] : other) {
        auto& own = clock[stream];
        own = std::max(own, number);
    }
}

bool has(const Clock& clock, StreamId stream, std::uint64_t number) {
    const auto found = clock.find(stream);
    return found != clock.end() && found->second >= number;
}

bool overlap(const Access& a, const Access& b) {
    return a.begin < b.begin + b.bytes && b.begin < a.begin + a.bytes;
}

const char* verb(const Access& access) { return access.writes ? " writes" : " reads"; }

}  // namespace

std::string to_string(StreamId stream) {
    return "stream " + std::to_string(stream.number) + " of device " + std::to_string(stream.device);
}

Clock Order::submit(StreamId stream, const std::string& name, const std::vector<Access>& accesses,
                    const Clock* after) {
    const UnseenLock lock(mutex_);
    Clock& clock = streams_[stream];
    join(clock, host_);
    if (after != nullptr) join(clock, *after);
    const std::uint64_t number = ++clock[stream];
    for (const Access& access : accesses) {
        check("\"" + name + "\" on " + to_string(stream), access, clock);
        past_.push_back({name, stream, number, access});
    }
    return clock;
}

Clock Order::now(StreamId stream) const {
    const UnseenLock lock(mutex_);
    const auto found = streams_.find(stream);
    return found == streams_.end() ? Clock{} : found->second;
}

void Order::seen(const Clock& clock) {
    const UnseenLock lock(mutex_);
    join(host_, clock);
    std::erase_if(past_, [&](const Past& past) { return has(host_, past.stream, past.number); });
}

void Order::touch(const std::string& name, const Access& access) {
    const UnseenLock lock(mutex_);
    check(name, access, host_);
}

std::vector<std::string> Order::violations() const {
    const UnseenLock lock(mutex_);
    return violations_;
}

void Order::clear() {
    const UnseenLock lock(mutex_);
    past_.clear();
    violations_.clear();
}

void Order::check(const std::string& who, const Access& access, const Clock& done) {
    for (const Past& past : past_) {
        if (!(past.access.writes || access.writes) || !overlap(past.access, access)) continue;
        if (has(done, past.stream, past.number)) continue;
        const std::string text = who + verb(access) + " what \"" + past.name + "\" on " +
                                 to_string(past.stream) + verb(past.access) + ", and nothing orders the two";
        if (std::ranges::find(violations_, text) == violations_.end()) violations_.push_back(text);
    }
}

}  // namespace wick_test::fake
