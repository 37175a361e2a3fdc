// SPDX-License-Identifier: MIT
#include <wick/hdf5/copy_match.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace {

std::string match(const std::string& before, std::size_t distance, std::size_t bytes) {
    std::vector<std::byte> memory(before.size() + bytes);
    for (std::size_t i = 0; i < before.size(); ++i) memory[i] = static_cast<std::byte>(before[i]);
    wick::detail::copy_match(memory.data() + before.size(), distance, bytes);
    std::string text;
    for (const std::byte byte : memory) text += static_cast<char>(byte);
    return text;
}

}  // namespace

TEST_CASE("copy_match: bytes from before are repeated", "[hdf5]") {
    CHECK(match("abcdef", 6, 3) == "abcdefabc");
    CHECK(match("abcdef", 3, 3) == "abcdefdef");
    CHECK(match("abc", 3, 0) == "abc");
}

TEST_CASE("copy_match: a match longer than it lies back repeats itself", "[hdf5]") {
    CHECK(match("ab", 1, 5) == "abbbbbb");
    CHECK(match("xab", 2, 7) == "xababababa");
    CHECK(match("abc", 3, 40) == "abcabcabcabcabcabcabcabcabcabcabcabcabcabca");
    CHECK(match("abcdefghi", 9, 20) == "abcdefghiabcdefghiabcdefghiab");
}
