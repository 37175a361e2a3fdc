// SPDX-License-Identifier: MIT
#pragma once

// Decodes a chunk through all its filters, from plain bytes to plain bytes: no library's lock, no file.

#include <wick/core/concepts.hpp>
#include <wick/hdf5/bitshuffle.hpp>
#include <wick/hdf5/blosc.hpp>
#include <wick/hdf5/decode_error.hpp>
#include <wick/hdf5/deflate.hpp>
#include <wick/hdf5/filter.hpp>
#include <wick/hdf5/filter_scratch.hpp>
#include <wick/hdf5/fletcher32.hpp>
#include <wick/hdf5/lz4.hpp>
#include <wick/hdf5/lzf.hpp>
#include <wick/hdf5/shuffle.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// The filters of one dataset, in the order of writing.
///
/// A chunk's `mask` says which were left out for it: bit i for filter i, as HDF5 stores it; a chunk that no
/// filter touched has all bits.
///
/// Threads: any number, each with a scratch of its own.
class FilterPipeline {
public:
    /// Throws: std::invalid_argument if one of the filters is not known.
    FilterPipeline(std::vector<Filter> filters, std::size_t chunk_bytes);

    /// True if a filter of this number, with these parameters, is decoded here.
    static bool knows(const Filter& filter);

    /// The first filter that is not known, in words; empty if all are.
    static std::string unknown(std::span<const Filter> filters);

    std::size_t chunk_bytes() const noexcept { return chunk_bytes_; }

    /// The longest that a chunk may be as it is stored, or between two filters. Compressors make what they cannot
    /// compress longer by a few bytes in a thousand, and deflate in blocks of one byte each, the worst that can
    /// be written, six times as long.
    std::size_t most_stored_bytes() const noexcept {
        return 8 * std::min(chunk_bytes_, std::numeric_limits<std::size_t>::max() / 16) +
               (std::size_t{1} << 16);
    }

    /// True if the chunk's bytes are stored as they are.
    bool is_plain(std::uint32_t mask) const noexcept { return active(mask) == 0; }

    /// True if the last step of decoding is to unshuffle, which `read` does for a part alone.
    bool is_shuffled(std::uint32_t mask) const noexcept;

    /// Decodes a chunk into `out`.
    ///
    /// Shape:  `out` has chunk_bytes().
    /// Throws: DecodeError if the bytes are corrupt, or do not make exactly a chunk: memory is bounded by the
    ///         chunk, whatever they say. std::invalid_argument for an `out` of another size.
    void decode(std::span<const std::byte> stored, std::uint32_t mask, Bytes out,
                FilterScratch& scratch) const;

    /// The same but for a last unshuffling. What `out` has then is for `read`.
    void decode_shuffled(std::span<const std::byte> stored, std::uint32_t mask, Bytes out,
                         FilterScratch& scratch) const;

    /// Writes bytes [offset, offset + out.size()) of the chunk that `decode_shuffled` made `shuffled` of.
    ///
    /// Throws: std::out_of_range if they are not all in the chunk.
    void read(std::span<const std::byte> shuffled, std::uint32_t mask, std::size_t offset, Bytes out) const;

private:
    struct Step {
        unsigned id = 0;
        std::size_t element_bytes = 1;  // Of shuffle.
        Bitshuffle bitshuffle{};
    };

    /// How many bytes a filter was given: that many, or at most.
    struct Size {
        std::size_t bytes = 0;
        bool exact = true;
    };

    std::uint32_t active(std::uint32_t mask) const noexcept;
    std::array<Size, 33> sizes(std::uint32_t steps) const noexcept;
    void run(std::span<const std::byte> stored, std::uint32_t steps, Bytes out, FilterScratch& scratch) const;
    static std::size_t undo(const Step& step, std::span<const std::byte> stored, Bytes out,
                            FilterScratch& scratch);

    std::vector<Step> steps_{};
    std::size_t chunk_bytes_;
};

// Implementation.

inline bool FilterPipeline::knows(const Filter& filter) {
    const auto parameter = [&](std::size_t i) {
        return i < filter.parameters.size() ? filter.parameters[i] : 0;
    };
    switch (filter.id) {
        case filter_deflate:
        case filter_fletcher32:
        case filter_lzf:
        case filter_lz4: return true;
        case filter_shuffle: return parameter(0) > 0;
        case filter_bitshuffle: return Bitshuffle::from(filter.parameters).has_value();
        case filter_blosc: return has_blosc(parameter(6));
        case filter_zstd: return has_zstd;
        default: return false;
    }
}

inline std::string FilterPipeline::unknown(std::span<const Filter> filters) {
    for (const Filter& filter : filters)
        if (!knows(filter)) return describe(filter);
    return filters.size() <= 32 ? "" : std::to_string(filters.size()) + " filters, more than HDF5's 32";
}

inline FilterPipeline::FilterPipeline(std::vector<Filter> filters, std::size_t chunk_bytes)
    : chunk_bytes_(chunk_bytes) {
    if (const std::string why = unknown(filters); !why.empty())
        throw std::invalid_argument("no decoder for " + why);
    for (const Filter& filter : filters) {
        Step step{.id = filter.id};
        if (filter.id == filter_shuffle) step.element_bytes = filter.parameters[0];
        if (filter.id == filter_bitshuffle) step.bitshuffle = *Bitshuffle::from(filter.parameters);
        steps_.push_back(step);
    }
}

inline std::uint32_t FilterPipeline::active(std::uint32_t mask) const noexcept {
    return ~mask & static_cast<std::uint32_t>((std::uint64_t{1} << steps_.size()) - 1);
}

inline bool FilterPipeline::is_shuffled(std::uint32_t mask) const noexcept {
    const std::uint32_t steps = active(mask);
    return steps != 0 && steps_[static_cast<std::size_t>(std::countr_zero(steps))].id == filter_shuffle;
}

inline void FilterPipeline::decode(std::span<const std::byte> stored, std::uint32_t mask, Bytes out,
                                   FilterScratch& scratch) const {
    run(stored, active(mask), out, scratch);
}

inline void FilterPipeline::decode_shuffled(std::span<const std::byte> stored, std::uint32_t mask, Bytes out,
                                            FilterScratch& scratch) const {
    const std::uint32_t steps = active(mask);
    run(stored, is_shuffled(mask) ? steps & (steps - 1) : steps, out, scratch);
}

inline void FilterPipeline::read(std::span<const std::byte> shuffled, std::uint32_t mask, std::size_t offset,
                                 Bytes out) const {
    if (shuffled.size() != chunk_bytes_ || offset > chunk_bytes_ || out.size() > chunk_bytes_ - offset)
        throw std::out_of_range(
            "bytes " + std::to_string(offset) + " to " + std::to_string(offset + out.size()) + " of " +
            std::to_string(shuffled.size()) + " are not in a chunk of " + std::to_string(chunk_bytes_));
    std::size_t element_bytes = 1;
    if (is_shuffled(mask))
        element_bytes = steps_[static_cast<std::size_t>(std::countr_zero(active(mask)))].element_bytes;
    unshuffle(shuffled, element_bytes, offset, out);
}

inline std::array<FilterPipeline::Size, 33> FilterPipeline::sizes(std::uint32_t steps) const noexcept {
    std::array<Size, 33> sizes{};
    sizes[0] = {chunk_bytes_, true};
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        sizes[i + 1] = sizes[i];
        if ((steps >> i & 1) == 0 || steps_[i].id == filter_shuffle) continue;
        if (steps_[i].id == filter_fletcher32)
            sizes[i + 1].bytes += 4;
        else if (steps_[i].id != filter_bitshuffle || steps_[i].bitshuffle.compression != Bitshuffle::none)
            sizes[i + 1] = {most_stored_bytes(), false};
    }
    return sizes;
}

inline void FilterPipeline::run(std::span<const std::byte> stored, std::uint32_t steps, Bytes out,
                                FilterScratch& scratch) const {
    if (out.size() != chunk_bytes_)
        throw std::invalid_argument(std::to_string(out.size()) + " bytes of room for a chunk of " +
                                    std::to_string(chunk_bytes_));
    const std::array<Size, 33> sizes = this->sizes(steps);
    std::span<const std::byte> bytes = stored;
    std::size_t turn = 0;
    for (std::size_t i = steps_.size(); i-- > 0;) {
        if ((steps >> i & 1) == 0) continue;
        if (steps_[i].id == filter_fletcher32) {
            bytes = checked_fletcher32(bytes);
            continue;
        }
        const bool last = (steps & ((std::uint32_t{1} << i) - 1)) == 0;
        const Bytes made = last ? out : scratch.stages[turn].take(sizes[i].bytes);
        turn ^= 1;
        const std::size_t count = undo(steps_[i], bytes, made, scratch);
        if (sizes[i].exact && count != sizes[i].bytes)
            throw DecodeError(filter_name(steps_[i].id), bytes_text(sizes[i].bytes), std::to_string(count));
        bytes = made.first(count);
    }
    if (bytes.size() != chunk_bytes_)
        throw DecodeError("chunk", bytes_text(chunk_bytes_), std::to_string(bytes.size()));
    if (bytes.data() != out.data() && !out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
}

inline std::size_t FilterPipeline::undo(const Step& step, std::span<const std::byte> stored, Bytes out,
                                        FilterScratch& scratch) {
    switch (step.id) {
        case filter_deflate: return scratch.inflater.decode(stored, out);
        case filter_lzf: return decode_lzf(stored, out);
        case filter_lz4: return decode_lz4(stored, out);
        case filter_zstd: return scratch.zstd.decode(stored, out, "zstd");
        case filter_blosc: return decode_blosc(stored, out);
        case filter_bitshuffle: return decode_bitshuffle(step.bitshuffle, stored, out, scratch);
        default: break;
    }
    if (stored.size() > out.size())
        throw DecodeError("shuffle", bytes_text(out.size()), std::to_string(stored.size()));
    unshuffle(stored, step.element_bytes, 0, out.first(stored.size()));
    return stored.size();
}

}  // namespace wick::inline v0::detail
