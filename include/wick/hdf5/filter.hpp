// SPDX-License-Identifier: MIT
#pragma once

// One step of a dataset's filter pipeline, and what the numbers mean that files name filters by.

#include <wick/version.hpp>

#include <string>
#include <vector>

namespace wick::inline v0::detail {

/// A filter as the file names it.
struct Filter {
    unsigned id = 0;
    std::vector<unsigned> parameters{};
};

/// The filters that are decoded here, and two that are left to the HDF5 library.
///
/// Source: HDF5's H5Zpublic.h, and the registry at github.com/HDFGroup/hdf5_plugins.
enum FilterId : unsigned {
    filter_deflate = 1,
    filter_shuffle = 2,
    filter_fletcher32 = 3,
    filter_nbit = 5,
    filter_scaleoffset = 6,
    filter_lzf = 32000,
    filter_blosc = 32001,
    filter_lz4 = 32004,
    filter_bitshuffle = 32008,
    filter_zstd = 32015,
};

/// "filter 32013 (zfp)".
std::string filter_name(unsigned id);

/// Its name, and for one that the HDF5 library does not bring along, where its plugin comes from.
std::string describe(const Filter& filter);

// Implementation.

struct FilterName {
    unsigned id;
    const char* name;
    const char* plugin;  // Null: part of the HDF5 library.
};

inline constexpr const char* plugin_package = "hdf5plugin of PyPI or hdf5_plugins of the HDF Group";
inline constexpr const char* plugin_own = "its authors";

inline constexpr FilterName filter_names[] = {
    {1, "deflate", nullptr},
    {2, "shuffle", nullptr},
    {3, "fletcher32", nullptr},
    {4, "szip", nullptr},
    {5, "nbit", nullptr},
    {6, "scaleoffset", nullptr},
    {257, "hzip", plugin_own},
    {258, "fpzip", plugin_own},
    {305, "LZO", "PyTables"},
    {307, "bzip2", plugin_package},
    {32000, "LZF", "h5py or Debian's hdf5-plugin-lzf"},
    {32001, "Blosc", plugin_package},
    {32002, "MAFISC", plugin_own},
    {32003, "Snappy", plugin_own},
    {32004, "LZ4", plugin_package},
    {32005, "APAX", plugin_own},
    {32006, "CBF", plugin_own},
    {32007, "JPEG-XR", plugin_own},
    {32008, "bitshuffle", plugin_package},
    {32009, "SPDP", plugin_own},
    {32010, "LPC-Rice", plugin_own},
    {32011, "CCSDS-123", plugin_own},
    {32012, "JPEG-LS", plugin_own},
    {32013, "zfp", "H5Z-ZFP, which hdf5plugin of PyPI contains"},
    {32014, "fpzip", plugin_own},
    {32015, "Zstandard", plugin_package},
    {32016, "B3D", plugin_own},
    {32017, "SZ", "hdf5plugin of PyPI"},
    {32018, "FCIDECOMP", "hdf5plugin of PyPI"},
    {32019, "JPEG", "hdf5_plugins of the HDF Group"},
    {32020, "VBZ", "vbz_compression of Oxford Nanopore"},
    {32021, "FAPEC", plugin_own},
    {32022, "BitGroom", "the Community Codec Repository (CCR)"},
    {32023, "Granular BitRound", "the Community Codec Repository (CCR)"},
    {32024, "SZ3", "hdf5plugin of PyPI"},
    {32025, "Delta-Rice", plugin_own},
    {32026, "Blosc2", plugin_package},
    {32027, "FLAC", plugin_own},
    {32028, "SPERR", "H5Z-SPERR, which hdf5plugin of PyPI contains"},
    {32029, "TERSE/PROLIX", plugin_own},
    {32030, "FFMPEG", plugin_own},
    {32033, "HTJ2K", "hdf5plugin of PyPI"},
};

inline const FilterName* find_filter_name(unsigned id) noexcept {
    for (const FilterName& known : filter_names)
        if (known.id == id) return &known;
    return nullptr;
}

inline std::string filter_name(unsigned id) {
    const FilterName* known = find_filter_name(id);
    return "filter " + std::to_string(id) + (known != nullptr ? std::string(" (") + known->name + ")" : "");
}

inline std::string describe(const Filter& filter) {
    const FilterName* known = find_filter_name(filter.id);
    if (known == nullptr) return filter_name(filter.id) + ", which no registry names";
    if (known->plugin == nullptr) return filter_name(filter.id);
    return filter_name(filter.id) + ", whose plugin comes from " + known->plugin;
}

}  // namespace wick::inline v0::detail
