// SPDX-License-Identifier: MIT
#pragma once

// One regular file, opened to be read: the only place that knows how a file may fail or change under us.

#include <wick/core/concepts.hpp>
#include <wick/core/error.hpp>
#include <wick/io/descriptor.hpp>
#include <wick/io/file_identity.hpp>
#include <wick/memory/pages.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace wick::inline v0 {

/// A regular file, read-only, that notices when it is no longer the file that was opened.
///
/// It keeps its descriptor while the process has plenty of them: one whose number is beyond a quarter of the
/// process's limit is closed at once and opened again, with the identity checked, whenever it is needed. So
/// thousands of files can be held at a time.
///
/// Threads: everything const is safe from any thread.
class File {
public:
    /// Throws: Error if it is missing, unreadable, empty, or not a regular file.
    explicit File(std::filesystem::path path);
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;

    const std::filesystem::path& path() const noexcept { return path_; }

    /// Bytes, when it was opened.
    std::uint64_t size() const noexcept { return identity_.size; }
    const FileIdentity& identity() const noexcept { return identity_; }

    /// The size and alignment of reads that the file system likes best, in bytes.
    std::size_t preferred_alignment() const noexcept { return alignment_; }

    /// Whether it holds its descriptor, or opens the file again for each use.
    bool holds_descriptor() const noexcept { return descriptor_.is_open(); }

    /// Fills `out` with the bytes from `offset` on.
    ///
    /// Throws: Error if the file ends before `out` is full, or the system cannot read it.
    void read_at(std::uint64_t offset, Bytes out) const;

    /// Tells the system that these bytes will be read soon, if there is a way to.
    void expect(std::uint64_t offset, std::size_t bytes) const noexcept;

    /// Tells the system that the pages these bytes lie in need not be kept in memory, if there is a way to.
    void forget(std::uint64_t offset, std::size_t bytes) const noexcept;

    /// Looks whether the file was shrunk, grown, written to, or replaced by another one under its name. A
    /// file that was only deleted stays readable.
    ///
    /// Throws: Error saying what differs.
    /// Cost:   one fstat (0.2 us); a look at the name too, but only once in 4 ms.
    void check_unchanged() const;

    /// As `check_unchanged()`, but at most once in 4 ms; `now` is `tick()`.
    void check_unchanged_since(std::int64_t now) const;

    /// The running number of the 4 ms we are in.
    static std::int64_t tick() noexcept;

    /// Calls `use` with a descriptor that is open during the call.
    ///
    /// Throws: Error if it has to be opened again and is gone or another file by now.
    template <class Use>
    decltype(auto) with_descriptor(const Use& use) const;

private:
    detail::Descriptor open() const;
    struct stat status_of(const detail::Descriptor& descriptor) const;
    void check_name() const;
    void advise(std::uint64_t offset, std::uint64_t bytes, int advice) const noexcept;
    [[noreturn]] void fail(std::string_view what, int error) const;

    std::filesystem::path path_;
    std::filesystem::path absolute_;  // a later change of the working directory must not look like a new file
    FileIdentity identity_;
    std::size_t alignment_ = 0;
    detail::Descriptor descriptor_;
    mutable std::atomic<std::int64_t> looked_{-1};  // the tick in which the name was last looked at
};

// Implementation.

inline File::File(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code unknown;
    absolute_ = std::filesystem::absolute(path_, unknown);
    if (unknown) absolute_ = path_;
    descriptor_ = open();
    const struct stat status = status_of(descriptor_);
    if (S_ISDIR(status.st_mode)) throw Error(path_, "is a directory, not a file");
    if (!S_ISREG(status.st_mode)) throw Error(path_, "is not a regular file");
    if (status.st_size == 0) throw Error(path_, "is empty");
    identity_ = detail::identity_of(status);
    alignment_ = static_cast<std::size_t>(status.st_blksize);

    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
        static_cast<rlim_t>(descriptor_.number()) >= limit.rlim_cur / 4)
        descriptor_.close();
}

inline File::File(File&& other) noexcept
    : path_(std::move(other.path_)),
      absolute_(std::move(other.absolute_)),
      identity_(other.identity_),
      alignment_(other.alignment_),
      descriptor_(std::move(other.descriptor_)),
      looked_(other.looked_.load(std::memory_order_relaxed)) {}

inline File& File::operator=(File&& other) noexcept {
    path_ = std::move(other.path_);
    absolute_ = std::move(other.absolute_);
    identity_ = other.identity_;
    alignment_ = other.alignment_;
    descriptor_ = std::move(other.descriptor_);
    looked_.store(other.looked_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    return *this;
}

// Before its first use, because its result is deduced.
template <class Use>
decltype(auto) File::with_descriptor(const Use& use) const {
    if (holds_descriptor()) return use(descriptor_.number());
    const detail::Descriptor again = open();
    detail::check_same(path_, identity_, detail::identity_of(status_of(again)));
    return use(again.number());
}

inline void File::read_at(std::uint64_t offset, Bytes out) const {
    constexpr std::size_t most = std::size_t{1} << 30;  // the system takes no more than 2 GiB in one call
    with_descriptor([&](int number) {
        for (std::size_t done = 0; done < out.size();) {
            const std::uint64_t at = offset + done;
            const ssize_t got =
                ::pread(number, out.data() + done, std::min(out.size() - done, most), static_cast<off_t>(at));
            if (got > 0)
                done += static_cast<std::size_t>(got);
            else if (got == 0)
                throw Error(path_, at,
                            std::to_string(out.size()) + " bytes from byte " + std::to_string(offset) + " on",
                            std::to_string(done));
            else if (const int error = errno; error != EINTR)
                throw Error(path_, at, "cannot be read: " + std::generic_category().message(error));
        }
    });
}

inline void File::expect(std::uint64_t offset, std::size_t bytes) const noexcept {
#if defined(POSIX_FADV_WILLNEED)
    advise(offset, bytes, POSIX_FADV_WILLNEED);
#else
    static_cast<void>(offset), static_cast<void>(bytes);
#endif
}

inline void File::forget(std::uint64_t offset, std::size_t bytes) const noexcept {
#if defined(POSIX_FADV_DONTNEED)
    // Pages that are touched in part only would stay.
    const std::uint64_t page = page_bytes();
    const std::uint64_t from = offset / page * page, to = (offset + bytes + page - 1) / page * page;
    advise(from, to - from, POSIX_FADV_DONTNEED);
#else
    static_cast<void>(offset), static_cast<void>(bytes);
#endif
}

inline void File::advise(std::uint64_t offset, std::uint64_t bytes, int advice) const noexcept {
#if defined(POSIX_FADV_NORMAL)
    try {
        with_descriptor([&](int number) {
            return ::posix_fadvise(number, static_cast<off_t>(offset), static_cast<off_t>(bytes), advice);
        });
    } catch (const std::exception&) {  // what is wrong with the file, its reads will say
    }
#else
    static_cast<void>(offset), static_cast<void>(bytes), static_cast<void>(advice);
#endif
}

inline void File::check_unchanged() const {
    const std::int64_t now = tick();
    if (holds_descriptor()) {
        detail::check_same(path_, identity_, detail::identity_of(status_of(descriptor_)));
        if (looked_.load(std::memory_order_relaxed) == now) return;
    }
    check_name();
    looked_.store(now, std::memory_order_relaxed);
}

inline void File::check_unchanged_since(std::int64_t now) const {
    // Not `!=`: another thread may have looked in a later tick than the one that this thread's read began in.
    if (looked_.load(std::memory_order_relaxed) < now) check_unchanged();
}

inline std::int64_t File::tick() noexcept {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::milliseconds(4);
}

inline detail::Descriptor File::open() const {
    // Without O_NONBLOCK a named pipe would block here until somebody writes to it.
    for (;;) {
        const int number = ::open(absolute_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (number >= 0) return detail::Descriptor(number);
        if (errno != EINTR) fail("cannot be opened", errno);
    }
}

inline struct stat File::status_of(const detail::Descriptor& descriptor) const {
    struct stat status {};
    if (::fstat(descriptor.number(), &status) != 0) fail("cannot be examined", errno);
    return status;
}

inline void File::check_name() const {
    struct stat status {};
    if (::stat(absolute_.c_str(), &status) == 0)
        detail::check_same(path_, identity_, detail::identity_of(status));
    else if (errno != ENOENT && errno != ENOTDIR)
        fail("cannot be examined", errno);
}

inline void File::fail(std::string_view what, int error) const {
    throw Error(path_, std::string(what) + ": " + std::generic_category().message(error));
}

}  // namespace wick::inline v0
