// SPDX-License-Identifier: MIT
#pragma once

// Owns what the HDF5 library has opened. Nothing may be left to the end of the process: HDF5 1.10 crashes
// there on a property list of a virtual dataset that is still open.

#include <wick/hdf5/library.hpp>

#include <hdf5.h>
#include <utility>

namespace wick::inline v0::detail {

/// An identifier of the HDF5 library, closed in the end; or none.
class Hdf5Handle {
public:
    using Close = herr_t (*)(hid_t);

    Hdf5Handle() = default;

    /// A negative `id` is none, as the library's functions return it.
    Hdf5Handle(hid_t id, Close close) noexcept : id_(id), close_(close) {}
    Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
    Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~Hdf5Handle() {
        if (id_ < 0) return;
        const Hdf5Lock lock;
        close_(id_);
    }

    explicit operator bool() const noexcept { return id_ >= 0; }
    hid_t id() const noexcept { return id_; }

private:
    hid_t id_ = -1;
    Close close_ = nullptr;
};

}  // namespace wick::inline v0::detail
