// SPDX-License-Identifier: MIT
#include <wick/hdf5/recycled_memory.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <vector>

using wick::detail::RecycledMemory;

TEST_CASE("hdf5/recycled_memory: what nobody holds is given out again, and what somebody holds is not",
          "[hdf5]") {
    RecycledMemory memory(64, 2);
    CHECK(memory.bytes() == 64);
    auto first = memory.take();
    auto second = memory.take();
    CHECK(first != second);
    std::memset(first.get(), 1, 64);
    std::memset(second.get(), 2, 64);
    CHECK(first.get()[63] == std::byte{1});
    const std::byte* const place = first.get();
    first.reset();
    CHECK(memory.take().get() == place);
}

TEST_CASE("hdf5/recycled_memory: no more is kept than was said", "[hdf5]") {
    RecycledMemory memory(64, 2);
    std::vector<std::shared_ptr<std::byte>> held;
    std::set<const std::byte*> places;
    for (int i = 0; i < 4; ++i) places.insert(held.emplace_back(memory.take()).get());
    CHECK(places.size() == 4);
    const std::byte* const kept = held[0].get();
    held.clear();
    // The first two to be given back are those that were kept.
    const auto last = memory.take(), first = memory.take();
    CHECK(first.get() == kept);
    CHECK(places.contains(last.get()));
}

TEST_CASE("hdf5/recycled_memory: a piece may outlive the others' owner", "[hdf5]") {
    std::optional<RecycledMemory> memory(std::in_place, 64, 2);
    const auto piece = memory->take();
    memory.reset();
    std::memset(piece.get(), 1, 64);
    CHECK(piece.get()[0] == std::byte{1});
}
