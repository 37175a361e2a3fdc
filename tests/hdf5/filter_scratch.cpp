// SPDX-License-Identifier: MIT
#include <wick/hdf5/filter_pipeline.hpp>
#include <wick/hdf5/filter_scratch.hpp>

#include "support/catch.hpp"
#include "support/hdf5_filter_cases.hpp"

#include <cstddef>
#include <utility>
#include <vector>

using wick::detail::FilterPipeline;
using wick::detail::FilterScratch;

TEST_CASE("filter_scratch: what one chunk left behind is nothing to the next, of whatever filter", "[hdf5]") {
    FilterScratch shared;
    for (int round = 0; round < 2; ++round) {
        for (const auto& one : wick_test::filter_cases()) {
            INFO(one.name);
            if (!FilterPipeline::unknown(one.filters).empty()) continue;
            const FilterPipeline pipeline(one.filters, one.plain.size());
            std::vector<std::byte> out(one.plain.size());
            auto corrupt = one.stored;
            for (std::size_t i = 0; i < corrupt.size(); i += 7) corrupt[i] ^= std::byte{0x55};
            try {
                pipeline.decode(corrupt, one.mask, out, shared);
            } catch (const wick::detail::DecodeError&) {
            }
            pipeline.decode(one.stored, one.mask, out, shared);
            CHECK(out == one.plain);
        }
        FilterScratch moved = std::move(shared);
        shared = std::move(moved);
    }
}

TEST_CASE("filter_scratch: once warm, it gives the same memory again", "[hdf5]") {
    FilterScratch scratch;
    for (const auto& one : wick_test::filter_cases()) {
        INFO(one.name);
        if (!FilterPipeline::unknown(one.filters).empty()) continue;
        const FilterPipeline pipeline(one.filters, one.plain.size());
        std::vector<std::byte> out(one.plain.size());
        pipeline.decode(one.stored, one.mask, out, scratch);
        const std::byte* places[] = {scratch.stages[0].take(0).data(), scratch.stages[1].take(0).data(),
                                     scratch.block.take(0).data(), scratch.planes.take(0).data()};
        pipeline.decode(one.stored, one.mask, out, scratch);
        CHECK(places[0] == scratch.stages[0].take(0).data());
        CHECK(places[1] == scratch.stages[1].take(0).data());
        CHECK(places[2] == scratch.block.take(0).data());
        CHECK(places[3] == scratch.planes.take(0).data());
    }
}
