// SPDX-License-Identifier: MIT
// Whatever filters a file names and whatever bytes it has, a chunk is decoded whole or refused with a DecodeError.

#include <wick/hdf5/filter_pipeline.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <vector>

namespace {

using wick::detail::DecodeError;
using wick::detail::Filter;
using wick::detail::FilterPipeline;
using wick::detail::FilterScratch;
using Bytes = std::vector<std::byte>;

void require(bool holds) {
    if (!holds) std::abort();
}

/// Takes numbers off the front of the input; 0 when there is nothing left.
struct Input {
    std::span<const std::byte> left;

    unsigned byte() {
        if (left.empty()) return 0;
        const auto first = std::to_integer<unsigned>(left.front());
        left = left.subspan(1);
        return first;
    }
};

/// A filter is a number of this list and a parameter, which means what it does to that filter.
Filter filter_of(Input& input) {
    constexpr unsigned ids[] = {1, 2, 3, 32000, 32001, 32004, 32008, 32015};
    const unsigned id = ids[input.byte() % 8], parameter = input.byte();
    if (id == 2) return {id, {parameter}};
    if (id == 32008) return {id, {0, 4, parameter % 32, parameter / 32 * 8 % 32, parameter / 64}};
    if (id == 32001) return {id, {2, 2, 4, 0, 5, 1, parameter % 8}};
    return {id, {}};
}

template <class Decode>
std::optional<Bytes> decoded(std::size_t size, Decode decode) {
    Bytes out(size);
    try {
        decode(out);
    } catch (const DecodeError&) {
        return std::nullopt;
    }
    return out;
}

/// liblz4 refuses a few odd endings that the format allows, and accepts distances of 0 that it forbids; what
/// both accept, they make the same of.
void compare_lz4(std::span<const std::byte> stored, std::size_t size) {
    const auto here =
        decoded(size, [&](Bytes& out) { wick::detail::decode_lz4_block_here(stored, out, "LZ4"); });
    const auto there = decoded(size, [&](Bytes& out) { wick::detail::decode_lz4_block(stored, out, "LZ4"); });
    require(!here || !there || here == there);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static FilterScratch
        scratch;  // Kept, as a worker keeps it: what one chunk leaves must not harm the next.
    Input input{std::as_bytes(std::span(data, size))};
    const std::size_t chunk_bytes = input.byte() + 256 * (input.byte() % 64);
    const std::uint32_t mask = input.byte();
    std::vector<Filter> filters(input.byte() % 4);
    for (Filter& filter : filters) filter = filter_of(input);
    // On the heap, and not one byte longer, so that a read of even one byte too many is seen.
    const Bytes stored(input.left.begin(), input.left.end());
    compare_lz4(stored, chunk_bytes);
    if (!FilterPipeline::unknown(filters).empty()) return 0;

    const FilterPipeline pipeline(filters, chunk_bytes);
    const auto whole = decoded(chunk_bytes, [&](Bytes& out) { pipeline.decode(stored, mask, out, scratch); });
    const auto shuffled =
        decoded(chunk_bytes, [&](Bytes& out) { pipeline.decode_shuffled(stored, mask, out, scratch); });
    require(whole.has_value() == shuffled.has_value());
    if (!whole) return 0;
    const std::size_t start = std::min(chunk_bytes, chunk_bytes / 3 + 1);
    Bytes part((chunk_bytes - start + 1) / 2);
    pipeline.read(*shuffled, mask, start, part);
    require(std::equal(part.begin(), part.end(), whole->begin() + static_cast<std::ptrdiff_t>(start)));
    return 0;
}
