// SPDX-License-Identifier: MIT
#include <wick/hdf5/copy_match.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

namespace {

std::string text_of(const std::vector<std::byte>& memory, std::size_t bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(memory[i]);
    return text;
}

/// Asked with no room behind the match, and with plenty: it must make no difference.
std::string match(const std::string& before, std::size_t distance, std::size_t bytes) {
    std::string texts[2];
    for (const std::size_t more : std::initializer_list<std::size_t>{0, 100}) {
        std::vector<std::byte> memory(before.size() + bytes + more);
        for (std::size_t i = 0; i < before.size(); ++i) memory[i] = static_cast<std::byte>(before[i]);
        wick::detail::copy_match(memory.data() + before.size(), distance, bytes, bytes + more);
        texts[more > 0] = text_of(memory, before.size() + bytes);
    }
    CHECK(texts[0] == texts[1]);
    return texts[0];
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

TEST_CASE("copy_match: matches of every length and distance end where they should", "[hdf5]") {
    std::string before;
    for (int i = 0; i < 70; ++i) before += static_cast<char>('0' + i);
    for (std::size_t distance = 1; distance <= 70; ++distance) {
        for (std::size_t bytes = 0; bytes <= 80; ++bytes) {
            std::string expected = before;
            for (std::size_t i = 0; i < bytes; ++i) expected += expected[expected.size() - distance];
            REQUIRE(match(before, distance, bytes) == expected);
        }
    }
}

TEST_CASE("copy_match: literals are taken as they are, without a byte beyond what may be read or written",
          "[hdf5]") {
    for (const std::size_t bytes : std::initializer_list<std::size_t>{0, 1, 31, 32, 33, 100}) {
        for (const std::size_t more : std::initializer_list<std::size_t>{0, 1, 31, 32, 100}) {
            for (const std::size_t room : std::initializer_list<std::size_t>{0, 1, 31, 32, 100}) {
                std::vector<std::byte> from(bytes + more),
                    to(bytes + room);  // AddressSanitizer watches their ends.
                for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<std::byte>('a' + i % 26);
                wick::detail::copy_literals(to.data(), from.data(), bytes, from.size(), to.size());
                CHECK(text_of(to, bytes) == text_of(from, bytes));
            }
        }
    }
}
