// SPDX-License-Identifier: MIT
#pragma once

// Whether operations that touch the same bytes are ordered by what was submitted, however they happen to run:
// a wait that is missing is found even when the copy was quick enough.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace wick_test::fake {

/// The name of a stream. Number 0 is a device's default stream.
struct StreamId {
    int device = 0;
    std::int64_t number = 0;
    auto operator<=>(const StreamId&) const = default;
};

std::string to_string(StreamId stream);

/// How far each stream has come.
using Clock = std::map<StreamId, std::uint64_t>;

/// Bytes that are read, or written.
struct Access {
    const std::byte* begin;
    std::size_t bytes;
    bool writes;
};

/// Knows of every access whether those before it are sure to be done. Streams keep their own order, a wait
/// orders a stream behind what an event stands for, and what the host has seen to be done is done for all
/// that is submitted later. The threads of the host count as one: between those, ThreadSanitizer sees more.
///
/// Threads: safe from any number of threads.
class Order {
public:
    /// One more operation of a stream, after what `after` says. Gives all that is done once this one is.
    Clock submit(StreamId stream, const std::string& name, const std::vector<Access>& accesses,
                 const Clock* after);

    /// All that is done once the stream has come to where it is now.
    Clock now(StreamId stream) const;

    /// The host has seen that this is done.
    void seen(const Clock& clock);

    /// The host itself reads or writes bytes now.
    void touch(const std::string& name, const Access& access);

    /// What was not ordered, one sentence for each pair of names and streams.
    std::vector<std::string> violations() const;

    /// All is done, and nothing was ever wrong.
    void clear();

private:
    struct Past {
        std::string name;
        StreamId stream;
        std::uint64_t number;
        Access access;
    };

    void check(const std::string& who, const Access& access, const Clock& done);

    mutable std::mutex mutex_;  // guards all below
    std::map<StreamId, Clock> streams_;
    Clock host_;
    std::vector<Past> past_;  // what the host has not seen to be done
    std::vector<std::string> violations_;
};

}  // namespace wick_test::fake
