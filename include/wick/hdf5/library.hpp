// SPDX-License-Identifier: MIT
#pragma once

// The door to the HDF5 library. Most of its builds are not safe from several threads, and those that are hold
// one lock of their own; so every call in this process goes through one lock here.

#include <wick/core/error.hpp>

#include <filesystem>
#include <hdf5.h>
#include <mutex>
#include <string>
#include <string_view>

namespace wick::inline v0::detail {

/// Held while the HDF5 library is called, by any function of this library; keeps it from printing to stderr.
///
/// Threads: the same thread may hold several at a time.
class Hdf5Lock {
public:
    Hdf5Lock();
    Hdf5Lock(const Hdf5Lock&) = delete;
    Hdf5Lock& operator=(const Hdf5Lock&) = delete;
    ~Hdf5Lock();

private:
    std::lock_guard<std::recursive_mutex> lock_;
    bool silenced_ = false;
    H5E_auto2_t print_ = nullptr;
    void* data_ = nullptr;
};

/// What the library says of its last failure in this thread: the innermost reason.
///
/// Requires: a lock is held, and the library was not called since it failed.
std::string hdf5_reason();

/// Where a dataset lies, for messages.
struct Hdf5Place {
    std::filesystem::path file;
    std::string dataset;

    /// "file: dataset /x: problem".
    Error error(std::string_view problem) const { return Error(file, dataset_text() + std::string(problem)); }

    /// "file: byte 128: dataset /x: problem".
    Error error(std::uint64_t offset, std::string_view problem) const {
        return Error(file, offset, dataset_text() + std::string(problem));
    }

    /// The same for what the library fails at, with its reason.
    Error failure(std::string_view what) const { return error(std::string(what) + ": " + hdf5_reason()); }

    std::string dataset_text() const { return "dataset " + dataset + ": "; }
};

// Implementation.

/// One lock for all, however many translation units there are.
inline std::recursive_mutex& hdf5_mutex() {
    static std::recursive_mutex mutex;
    return mutex;
}

inline Hdf5Lock::Hdf5Lock() : lock_(hdf5_mutex()) {
    silenced_ =
        H5Eget_auto2(H5E_DEFAULT, &print_, &data_) >= 0 && H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
}

inline Hdf5Lock::~Hdf5Lock() {
    if (silenced_) H5Eset_auto2(H5E_DEFAULT, print_, data_);
}

inline std::string hdf5_reason() {
    std::string reason;
    const auto first = [](unsigned, const H5E_error2_t* error, void* text) -> herr_t {
        try {
            auto& out = *static_cast<std::string*>(text);
            if (out.empty() && error->desc) out = error->desc;
            return 0;
        } catch (...) {
            return -1;
        }
    };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first, &reason);
    return reason.empty() ? "the HDF5 library gives no reason" : "the HDF5 library says \"" + reason + "\"";
}

}  // namespace wick::inline v0::detail
