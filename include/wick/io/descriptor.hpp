// SPDX-License-Identifier: MIT
#pragma once

// Owns one open file descriptor, so that no error path can leak it.

#include <wick/version.hpp>

#include <unistd.h>
#include <utility>

namespace wick::inline v0::detail {

/// An open file descriptor, or none.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() { close(); }

    bool is_open() const noexcept { return number_ >= 0; }
    int number() const noexcept { return number_; }

    void close() noexcept {
        if (is_open()) ::close(std::exchange(number_, -1));
    }

private:
    int number_ = -1;
};

}  // namespace wick::inline v0::detail
