// SPDX-License-Identifier: MIT
#include <wick/hdf5/element_copy.hpp>

#include "support/catch.hpp"

#include <array>
#include <cstddef>
#include <vector>

using wick::detail::ElementCopy;

namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
    std::vector<std::byte> out;
    for (const int value : values) out.push_back(static_cast<std::byte>(value));
    return out;
}

}  // namespace

TEST_CASE("hdf5/element_copy: whole elements are copied, in place if need be, and turned", "[hdf5]") {
    const ElementCopy plain{.stride = 2, .bytes = 2};
    CHECK(plain.is_whole());
    CHECK(plain.is_identity());
    auto out = bytes({0, 0, 0, 0, 9});
    plain(bytes({1, 2, 3, 4, 5}).data(), 2, out.data());
    CHECK((out == bytes({1, 2, 3, 4, 9})));
    const ElementCopy turned{.stride = 2, .bytes = 2, .swap_unit = 2};
    CHECK_FALSE(turned.is_identity());
    turned(out.data(), 2, out.data());
    CHECK((out == bytes({2, 1, 4, 3, 9})));
}

TEST_CASE("hdf5/element_copy: a member is taken out of each element, and turned", "[hdf5]") {
    const ElementCopy member{.stride = 5, .offset = 1, .bytes = 2, .swap_unit = 2};
    CHECK_FALSE(member.is_whole());
    auto out = bytes({0, 0, 0, 0, 9});
    member(bytes({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}).data(), 2, out.data());
    CHECK((out == bytes({3, 2, 8, 7, 9})));
}

TEST_CASE("hdf5/element_copy: a fill value is repeated as it is", "[hdf5]") {
    const ElementCopy copy{.stride = 7, .offset = 1, .bytes = 2, .swap_unit = 2};
    auto out = bytes({0, 0, 0, 0, 9});
    copy.fill(bytes({1, 2}).data(), 2, out.data());
    CHECK((out == bytes({1, 2, 1, 2, 9})));
}
