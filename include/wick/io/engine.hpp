// SPDX-License-Identifier: MIT
#pragma once

// How bytes leave a file, and which way suits the file system it lies on.

#include <wick/io/file.hpp>

#include <cstdint>
#include <optional>
#if defined(__linux__)
#include <sys/vfs.h>
#elif defined(__APPLE__)
#include <sys/mount.h>
#include <sys/param.h>
#endif

namespace wick::inline v0 {

/// How bytes leave a file.
enum class Engine : std::uint8_t {
    /// What is in memory is copied from a mapping. Of the rest, as much as there is room for is brought there in the
    /// background; what is not there yet, or has no room, is read past the page cache, many reads at a time. Files on
    /// network file systems are never mapped, but read as by `pread`.
    automatic,
    mapped,  ///< copied from a mapping, page by page from the disk where the page cache does not hold them
    pread,  ///< read through the page cache by system calls; a file that fails or shrinks is an Error, never a signal
    direct,  ///< read past the page cache, many reads at a time
};

/// How a source reads its file.
struct ReadOptions {
    Engine engine = Engine::automatic;

    /// The most bytes of the file to keep in the page cache on purpose; 0 leaves the cache to others. Left out, what
    /// leaves a tenth of the free memory free. `Engine::mapped` does not heed it, nor do files in Fortran order.
    std::optional<std::uint64_t> cache_bytes = std::nullopt;
};

namespace detail {

/// Whether the file lies on a disk of this machine. Elsewhere the server may shrink a file or drop out while
/// we copy, and through a mapping that is a signal instead of an error.
bool is_local(const File& file);

}  // namespace detail

// Implementation.

namespace detail {

inline bool is_local(const File& file) {
    return file.with_descriptor([](int number) {
#if defined(__linux__)
        struct statfs status {};
        if (::fstatfs(number, &status) != 0) return false;
        switch (static_cast<std::uint32_t>(status.f_type)) {
            case 0x6969:      // NFS
            case 0x517b:      // SMB
            case 0xff534d42:  // CIFS
            case 0xfe534d42:  // SMB 2
            case 0x0bd00bd0:  // Lustre
            case 0x65735546:  // FUSE, and so virtiofs, sshfs, gcsfuse, s3fs
            case 0x01021997:  // 9p
            case 0x00c36400:  // Ceph
            case 0x47504653:  // GPFS
            case 0x19830326:  // BeeGFS
            case 0x20030528:  // OrangeFS
            case 0x5346414f:  // AFS
            case 0x73757245:  // Coda
            case 0x786f4256:  // VirtualBox shared folder
            case 0xaad7aaea:  // PanFS
                return false;
            default: return true;
        }
#elif defined(__APPLE__)
        struct statfs status {};
        return ::fstatfs(number, &status) == 0 && (status.f_flags & MNT_LOCAL) != 0;
#else
        return static_cast<void>(number), true;
#endif
    });
}

}  // namespace detail

}  // namespace wick::inline v0
