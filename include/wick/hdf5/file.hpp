// SPDX-License-Identifier: MIT
#pragma once

// A file opened by the HDF5 library, or told apart from what only carries HDF5's name.

#include <wick/hdf5/handle.hpp>
#include <wick/hdf5/library.hpp>
#include <wick/io/file.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <hdf5.h>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace wick::inline v0::detail {

/// A file that the HDF5 library has open to be read.
class Hdf5OpenFile {
public:
    /// A name with `%d` in it is a family of files; one with `-m.h5` and `-r.h5` beside it, a split file.
    ///
    /// Throws: Error if it is missing, no HDF5 file, truncated, or open for writing elsewhere.
    explicit Hdf5OpenFile(const std::filesystem::path& path);

    hid_t id() const noexcept { return file_.id(); }
    const std::filesystem::path& path() const noexcept { return path_; }

    /// Whether this process writes to it, too.
    bool is_written() const;

    /// Whether addresses in it are bytes of the one file of that name.
    bool is_plain() const noexcept { return plain_; }

    /// Bytes in front of the HDF5 file proper, in the same file.
    std::uint64_t user_block() const;

private:
    std::filesystem::path path_;
    Hdf5Handle file_;
    bool plain_ = false;
};

/// The file that `name` means in a file at `from`: relative names are searched in its folder and below.
///
/// Throws: Error if the name leads out of there and `outside` does not allow it.
std::filesystem::path outside_file(const std::filesystem::path& from, const std::filesystem::path& name,
                                   bool outside, const Hdf5Place& place, const std::string& who);

// Implementation.

inline std::filesystem::path outside_file(const std::filesystem::path& from,
                                          const std::filesystem::path& name, bool outside,
                                          const Hdf5Place& place, const std::string& who) {
    const std::filesystem::path normal = name.lexically_normal();
    const bool leaves =
        normal.is_absolute() || normal.has_root_path() || (!normal.empty() && *normal.begin() == "..");
    if (leaves && !outside)
        throw place.error(who + " names " + name.string() +
                          ", which lies outside the file's folder; the option .outside allows that");
    return from.parent_path() / name;
}

/// What a file is that does not begin as HDF5 does.
inline std::string_view other_format(std::span<const std::byte> start) {
    struct Signature {
        std::string_view bytes, name;
    };
    using namespace std::string_view_literals;
    constexpr std::array signatures{
        Signature{"\x0e\x03\x13\x01"sv, "an HDF4 file, which is another format of that name"},
        Signature{"CDF\x01"sv, "a netCDF-3 file (nccopy -k netCDF-4 converts it)"},
        Signature{"CDF\x02"sv, "a netCDF-3 file (nccopy -k netCDF-4 converts it)"},
        Signature{"CDF\x05"sv, "a netCDF-3 file (nccopy -k netCDF-4 converts it)"},
        Signature{"MATLAB 5.0"sv, "a MATLAB 5 file (save it with -v7.3)"},
        Signature{"\x93NUMPY"sv, "a .npy file"},
        Signature{"PAR1"sv, "a Parquet file"},
        Signature{"PK\x03\x04"sv, "a zip archive"},
        Signature{"\x1f\x8b"sv, "compressed by gzip as a whole"},
        Signature{"version https://git-lfs"sv, "a pointer of Git LFS, not the file itself"},
    };
    const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
    for (const Signature& signature : signatures)
        if (text.starts_with(signature.bytes)) return signature.name;
    return "not an HDF5 file";
}

/// Why a file cannot be opened that is HDF5, in words that say what to do, from the library's reason.
inline std::string opening_problem(const std::string& reason) {
    const auto says = [&](const std::string& words) { return reason.find(words) != std::string::npos; };
    const bool is_locked = says("lock file");
    if (says("already open") || (is_locked && says("errno = " + std::to_string(EWOULDBLOCK) + ",")))
        return "is open for writing elsewhere, or a program that wrote it did not close it (then "
               "`h5clear -s` mends it): " +
               reason;
    if (is_locked)
        return "cannot be locked, which HDF5 does to notice writers: where its file system has no locks, "
               "and nobody writes to it, set HDF5_USE_FILE_LOCKING=FALSE: " +
               reason;
    return "cannot be opened as HDF5: " + reason;
}

/// Throws: Error saying what the file is if it is no HDF5 file.
inline void check_hdf5_signature(const File& file) {
    constexpr std::array<unsigned char, 8> signature{0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    std::array<std::byte, 24> start{};
    // It stands at the beginning, or behind a user block of 512, 1024, 2048, ... bytes.
    for (std::uint64_t at = 0; at + signature.size() <= file.size();
         at = std::max<std::uint64_t>(512, 2 * at)) {
        file.read_at(at, std::span(start).first(signature.size()));
        if (std::memcmp(start.data(), signature.data(), signature.size()) == 0) return;
    }
    const auto bytes =
        std::span(start).first(static_cast<std::size_t>(std::min<std::uint64_t>(start.size(), file.size())));
    file.read_at(0, bytes);
    throw Error(file.path(), 0,
                "the signature of HDF5 is missing: it is " + std::string(other_format(bytes)));
}

/// Whether a name stands for the files of a family: it has a number as printf takes it, and nothing else of that kind,
/// which the library would hand to printf all the same.
inline bool is_family_name(const std::string& name) {
    const std::size_t at = name.find('%');
    if (at == std::string::npos || name.find('%', at + 1) != std::string::npos) return false;
    const std::size_t end = name.find_first_not_of("0123456789", at + 1);
    return end != std::string::npos && (name[end] == 'd' || name[end] == 'i' || name[end] == 'u') &&
           end - at <= 3;
}

inline Hdf5OpenFile::Hdf5OpenFile(const std::filesystem::path& path) : path_(path) {
    const Hdf5Lock lock;
    const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    const std::string name = path.string();
    std::error_code unknown;
    const auto exists = [&](const std::string& other) { return std::filesystem::exists(other, unknown); };
    if (exists(name) || (!is_family_name(name) && !exists(name + "-m.h5"))) {
        check_hdf5_signature(File(path));
    } else if (is_family_name(name)) {
        H5Pset_fapl_family(access.id(), H5F_FAMILY_DEFAULT, H5P_DEFAULT);
    } else {
        H5Pset_fapl_split(access.id(), "-m.h5", H5P_DEFAULT, "-r.h5", H5P_DEFAULT);
    }
    file_ = {H5Fopen(name.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose};
    if (!file_) throw Error(path, opening_problem(hdf5_reason()));
    const Hdf5Handle opened(H5Fget_access_plist(file_.id()), H5Pclose);
    plain_ = H5Pget_driver(opened.id()) == H5FD_SEC2 && exists(name);
}

inline bool Hdf5OpenFile::is_written() const {
    unsigned intent = 0;
    return H5Fget_intent(file_.id(), &intent) < 0 || (intent & (H5F_ACC_RDWR | H5F_ACC_SWMR_WRITE)) != 0;
}

inline std::uint64_t Hdf5OpenFile::user_block() const {
    hsize_t bytes = 0;
    const Hdf5Handle creation(H5Fget_create_plist(file_.id()), H5Pclose);
    return H5Pget_userblock(creation.id(), &bytes) < 0 ? 0 : bytes;
}

}  // namespace wick::inline v0::detail
