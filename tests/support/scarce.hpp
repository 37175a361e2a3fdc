// SPDX-License-Identifier: MIT
#pragma once

// Makes a resource scarce for the time of a test.

#include "support/catch.hpp"

#include <cstddef>
#include <sys/resource.h>

namespace wick_test {

/// The process may have only so many open files while this lives.
class DescriptorLimit {
public:
    explicit DescriptorLimit(rlim_t most) {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        rlimit limit = before_;
        limit.rlim_cur = most;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
    }
    DescriptorLimit(const DescriptorLimit&) = delete;
    DescriptorLimit& operator=(const DescriptorLimit&) = delete;
    ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

/// While this lives, `new` gives memory so many times, and then none any more, whatever thread asks for it. Needs
/// scarce_memory.cpp in the program.
class AllocationLimit {
public:
    explicit AllocationLimit(int most);
    AllocationLimit(const AllocationLimit&) = delete;
    AllocationLimit& operator=(const AllocationLimit&) = delete;
    ~AllocationLimit();

    /// How often the last limit was felt.
    static int refusals();
};

/// While this lives, `new` gives no more than so many bytes at a time. Needs scarce_memory.cpp, too.
class AllocationSizeLimit {
public:
    explicit AllocationSizeLimit(std::size_t most);
    AllocationSizeLimit(const AllocationSizeLimit&) = delete;
    AllocationSizeLimit& operator=(const AllocationSizeLimit&) = delete;
    ~AllocationSizeLimit();
};

}  // namespace wick_test
