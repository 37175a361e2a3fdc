// SPDX-License-Identifier: MIT
#pragma once

// Where every chunk of a dataset lies, in memory.

#include <wick/version.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

namespace wick::inline v0::detail {

/// One chunk as it is stored.
struct StoredChunk {
    std::uint64_t offset = 0;       ///< byte of the file, user block included
    std::uint32_t bytes = 0;        ///< as stored, so encoded; not used without filters
    std::uint32_t filter_mask = 0;  ///< bit i: filter i was left out
};

/// Where the chunks of a dataset lie, by their number.
///
/// Cost: 16 bytes for each chunk that could be; where most of them were never written, some 64 bytes for each
///       that was.
class ChunkIndex {
public:
    /// For `chunks` chunks, of which about `written` were written.
    ChunkIndex(std::uint64_t chunks, std::uint64_t written);

    std::uint64_t size() const noexcept { return size_; }

    /// Where a chunk lies; null if it was never written.
    const StoredChunk* find(std::uint64_t chunk) const noexcept;

    void set(std::uint64_t chunk, const StoredChunk& stored);

    /// Adds to every offset.
    void shift(std::uint64_t bytes);

    /// Chunks that were written.
    std::uint64_t written() const noexcept { return written_; }

    /// `use(chunk, stored)` for every chunk that was written, in no certain order.
    template <class Use>
    void for_each(const Use& use) const;

private:
    static constexpr std::uint64_t nowhere = std::numeric_limits<std::uint64_t>::max();

    std::uint64_t size_;
    std::uint64_t written_ = 0;
    bool is_table_;
    std::vector<StoredChunk> table_;
    std::unordered_map<std::uint64_t, StoredChunk> few_;  // if there is no table
};

// Implementation.

inline ChunkIndex::ChunkIndex(std::uint64_t chunks, std::uint64_t written)
    : size_(chunks), is_table_(chunks <= (std::uint64_t{1} << 16) || chunks / 8 <= written) {
    if (is_table_) table_.resize(static_cast<std::size_t>(chunks), StoredChunk{.offset = nowhere});
}

inline const StoredChunk* ChunkIndex::find(std::uint64_t chunk) const noexcept {
    if (is_table_) {
        const StoredChunk& stored = table_[static_cast<std::size_t>(chunk)];
        return stored.offset == nowhere ? nullptr : &stored;
    }
    const auto found = few_.find(chunk);
    return found == few_.end() ? nullptr : &found->second;
}

inline void ChunkIndex::set(std::uint64_t chunk, const StoredChunk& stored) {
    if (find(chunk) == nullptr) ++written_;
    if (is_table_)
        table_[static_cast<std::size_t>(chunk)] = stored;
    else
        few_[chunk] = stored;
}

inline void ChunkIndex::shift(std::uint64_t bytes) {
    for (StoredChunk& stored : table_)
        if (stored.offset != nowhere) stored.offset += bytes;
    for (auto& [chunk, stored] : few_) stored.offset += bytes;
}

template <class Use>
void ChunkIndex::for_each(const Use& use) const {
    for (std::uint64_t chunk = 0; chunk < table_.size(); ++chunk)
        if (const StoredChunk* const stored = find(chunk)) use(chunk, *stored);
    for (const auto& [chunk, stored] : few_) use(chunk, stored);
}

}  // namespace wick::inline v0::detail
