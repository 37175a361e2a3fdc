// SPDX-License-Identifier: MIT
#include <wick/hdf5/filter_pipeline.hpp>

#include "support/catch.hpp"
#include "support/hdf5_filter_cases.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

using wick::detail::DecodeError;
using wick::detail::Filter;
using wick::detail::FilterPipeline;
using wick::detail::FilterScratch;
using Plain = std::vector<std::byte>;

namespace {

bool known(const wick_test::FilterCase& one) { return FilterPipeline::unknown(one.filters).empty(); }

}  // namespace

TEST_CASE("filter_pipeline: what HDF5 and its plugins stored is decoded to what was written", "[hdf5]") {
    FilterScratch scratch;
    std::size_t decoded = 0;
    for (const auto& one : wick_test::filter_cases()) {
        INFO(one.name);
        if (!known(one)) continue;
        const FilterPipeline pipeline(one.filters, one.plain.size());
        Plain out(one.plain.size(), std::byte{0xcc});
        pipeline.decode(one.stored, one.mask, out, scratch);
        CHECK(out == one.plain);
        ++decoded;
    }
    CHECK(decoded >= 40);
}

TEST_CASE("filter_pipeline: any part of a chunk can be read without its last unshuffling", "[hdf5]") {
    FilterScratch scratch;
    for (const auto& one : wick_test::filter_cases()) {
        INFO(one.name);
        if (!known(one)) continue;
        const FilterPipeline pipeline(one.filters, one.plain.size());
        Plain shuffled(one.plain.size());
        pipeline.decode_shuffled(one.stored, one.mask, shuffled, scratch);
        for (std::size_t start = 0; start < one.plain.size(); start += 97) {
            const std::size_t bytes = std::min<std::size_t>(101 + start % 400, one.plain.size() - start);
            Plain part(bytes, std::byte{0xcc});
            pipeline.read(shuffled, one.mask, start, part);
            const auto from = one.plain.begin() + static_cast<std::ptrdiff_t>(start);
            CHECK(part == Plain(from, from + static_cast<std::ptrdiff_t>(bytes)));
        }
    }
}

TEST_CASE("filter_pipeline: a chunk cut short is refused", "[hdf5]") {
    FilterScratch scratch;
    for (const auto& one : wick_test::filter_cases()) {
        if (!known(one)) continue;
        INFO(one.name);
        const FilterPipeline pipeline(one.filters, one.plain.size());
        CHECK(wick_test::accepted_when_cut(one, [&](const Plain& cut, Plain& out) {
                  pipeline.decode(cut, one.mask, out, scratch);
                  return out.size();
              }) == 0);
    }
}

TEST_CASE("filter_pipeline: a chunk that decodes to another size is refused, larger ones without the memory",
          "[hdf5]") {
    FilterScratch scratch;
    for (const auto& one : wick_test::filter_cases()) {
        if (!known(one)) continue;
        INFO(one.name);
        for (const std::size_t wrong : {std::size_t{1}, one.plain.size() / 2, one.plain.size() - 1,
                                        one.plain.size() + 1, 2 * one.plain.size()}) {
            const FilterPipeline pipeline(one.filters, wrong);
            Plain out(wrong);
            CHECK_THROWS_AS(pipeline.decode(one.stored, one.mask, out, scratch), DecodeError);
        }
    }
}

TEST_CASE("filter_pipeline: the filter that made another size is named", "[hdf5]") {
    const FilterPipeline pipeline({{2, {4}}, {32000, {}}}, 3);
    const Plain two_bytes{std::byte{1}, std::byte{'a'}, std::byte{'b'}};  // LZF for "ab"
    FilterScratch scratch;
    Plain out(3);
    CHECK_THROWS_WITH(pipeline.decode(two_bytes, 0, out, scratch),
                      "filter 32000 (LZF): expected 3 bytes, found 2");
}

TEST_CASE("filter_pipeline: filters that the mask names are left out", "[hdf5]") {
    const FilterPipeline pipeline({{2, {4}}, {1, {6}}, {3, {}}}, 8);
    const Plain stored{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4},
                       std::byte{5}, std::byte{6}, std::byte{7}, std::byte{8}};
    FilterScratch scratch;
    Plain out(8);
    CHECK(pipeline.is_plain(7));
    CHECK(pipeline.is_plain(~std::uint32_t{0}));
    CHECK_FALSE(pipeline.is_plain(3));
    pipeline.decode(stored, 7, out, scratch);
    CHECK(out == stored);

    pipeline.decode(stored, 6, out, scratch);
    CHECK(out == Plain{std::byte{1}, std::byte{3}, std::byte{5}, std::byte{7}, std::byte{2}, std::byte{4},
                       std::byte{6}, std::byte{8}});
    CHECK(pipeline.is_shuffled(6));
    CHECK(pipeline.is_shuffled(0));
    CHECK_FALSE(pipeline.is_shuffled(7));
    CHECK_FALSE(pipeline.is_shuffled(1));
}

TEST_CASE("filter_pipeline: chunks of no filter are copied, if they have their size", "[hdf5]") {
    const FilterPipeline pipeline({}, 3);
    const Plain stored{std::byte{1}, std::byte{2}, std::byte{3}};
    FilterScratch scratch;
    Plain out(3);
    pipeline.decode(stored, 0, out, scratch);
    CHECK(out == stored);
    CHECK(pipeline.is_plain(0));
    CHECK_THROWS_WITH(pipeline.decode({stored.data(), 2}, 0, out, scratch),
                      ContainsSubstring("expected 3 bytes, found 2"));
}

TEST_CASE("filter_pipeline: room of another size, and parts outside the chunk, are the caller's mistake",
          "[hdf5]") {
    const FilterPipeline pipeline({}, 4);
    FilterScratch scratch;
    const Plain four(4);
    Plain out(5);
    CHECK_THROWS_AS(pipeline.decode(four, 0, out, scratch), std::invalid_argument);
    CHECK_THROWS_AS(pipeline.read(four, 0, 0, out), std::out_of_range);
    CHECK_THROWS_AS(pipeline.read(out, 0, 0, std::span(out).first(1)), std::out_of_range);
    CHECK_THROWS_AS(pipeline.read(four, 0, 4, std::span(out).first(1)), std::out_of_range);
    CHECK_THROWS_AS(pipeline.read(four, 0, SIZE_MAX, std::span(out).first(2)), std::out_of_range);
    pipeline.read(four, 0, 4, {});
}

TEST_CASE("filter_pipeline: what is not decoded here is told in words", "[hdf5]") {
    const Filter zfp{32013, {}}, szip{4, {}}, gzip{1, {6}};
    CHECK_FALSE(FilterPipeline::knows(zfp));
    CHECK_FALSE(FilterPipeline::knows(szip));
    CHECK(FilterPipeline::knows(gzip));
    const std::vector<Filter> both{gzip, zfp};
    CHECK_THAT(FilterPipeline::unknown(both), ContainsSubstring("filter 32013 (zfp)"));
    CHECK_THAT(FilterPipeline::unknown(both), ContainsSubstring("H5Z-ZFP"));
    CHECK(FilterPipeline::unknown(std::vector<Filter>{gzip}).empty());
    CHECK_THROWS_AS(FilterPipeline(both, 4), std::invalid_argument);
    CHECK_THROWS_AS(FilterPipeline(std::vector<Filter>(33, gzip), 4), std::invalid_argument);
}

TEST_CASE("filter_pipeline: parameters that make no sense are not known", "[hdf5]") {
    CHECK_FALSE(FilterPipeline::knows({2, {}}));
    CHECK_FALSE(FilterPipeline::knows({2, {0}}));
    CHECK_FALSE(FilterPipeline::knows({32008, {0, 4}}));
    CHECK_FALSE(FilterPipeline::knows({32008, {0, 4, 4, 12}}));
    CHECK_FALSE(FilterPipeline::knows({32008, {0, 4, 4, 0, 1}}));
    CHECK(FilterPipeline::knows({32008, {0, 4, 4, 16, 2}}));
    CHECK_FALSE(FilterPipeline::knows({32001, {2, 2, 4, 100, 5, 1, 17}}));
}

TEST_CASE("filter_pipeline: the longest deflate stream of a chunk is not longer than one may be", "[hdf5]") {
    // Each byte in a block of its own; zlib's header, a bit for the last block, and Adler-32.
    Plain stored{std::byte{0x78}, std::byte{1}};
    constexpr std::size_t count = 20000;
    for (std::size_t i = 0; i < count; ++i)
        for (const int byte : {i + 1 == count ? 1 : 0, 1, 0, 0xfe, 0xff, 0})
            stored.push_back(std::byte(byte));
    for (const std::size_t byte : {count / 256, count % 256, std::size_t{0}, std::size_t{1}})
        stored.push_back(std::byte(byte));
    const FilterPipeline pipeline({{wick::detail::filter_deflate, {}}}, count);
    FilterScratch scratch;
    Plain out(count, std::byte{1});
    pipeline.decode(stored, 0, out, scratch);
    CHECK(out == Plain(count));
    CHECK(stored.size() < pipeline.most_stored_bytes());
}
