// SPDX-License-Identifier: MIT
#include <wick/source/python_cursor.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <limits>
#include <string>

using wick::detail::digit_value;
using wick::detail::PythonCursor;
using wick::detail::PythonSyntaxError;

TEST_CASE("python cursor: beyond the end there are only zeros, and nothing to take") {
    PythonCursor cursor("ab");
    CHECK(cursor.peek() == 'a');
    CHECK(cursor.peek(1) == 'b');
    CHECK(cursor.peek(2) == '\0');
    CHECK(cursor.peek(std::numeric_limits<std::size_t>::max()) == '\0');
    CHECK_FALSE(cursor.take_if('b'));
    CHECK(cursor.take_if('a'));
    CHECK(cursor.take(1) == "b");
    CHECK(cursor.at_end());
    CHECK(cursor.peek() == '\0');
    CHECK_FALSE(cursor.take_if('\0'));
    CHECK(cursor.at() == 2);
    cursor.go_back_to(1);
    CHECK(cursor.peek() == 'b');
}

TEST_CASE("python cursor: blanks end at a line end, space does not, and a comment ends with its line") {
    const auto [text, after_blanks, after_space] = GENERATE(table<std::string, std::size_t, std::size_t>({
        {"", 0, 0},
        {"x", 0, 0},
        {" \t\fx", 3, 3},
        {" \n x", 1, 3},
        {"\r\nx", 0, 2},
        {" \\\n x", 4, 4},
        {"\\\r\n x", 4, 4},
        {"\\\rx", 2, 2},
        {"\\", 0, 0},
        {"\\\n", 0, 0},
        {"\\x", 0, 0},
        {"# a # b\n#c\rx", 0, 11},
        {"#", 0, 1},
        {"# abc", 0, 5},
        {"\vx", 0, 0},
    }));
    INFO(text);
    PythonCursor blanks(text);
    blanks.skip_blanks();
    CHECK(blanks.at() == after_blanks);
    PythonCursor space(text);
    space.skip_space();
    CHECK(space.at() == after_space);
}

TEST_CASE("python cursor: what fails says where") {
    PythonCursor cursor("abc");
    cursor.take(2);
    try {
        cursor.fail("a number");
    } catch (const PythonSyntaxError& error) {
        CHECK(error.at() == 2);
        CHECK(std::string(error.what()) == "expected a number");
    }
}

TEST_CASE("python cursor: digits have a value up to 15, and words may be of any script") {
    CHECK(digit_value('0') == 0);
    CHECK(digit_value('9') == 9);
    CHECK(digit_value('a') == 10);
    CHECK(digit_value('F') == 15);
    for (const char other : {'g', 'G', '_', '/', ':', '@', '`', '\0', '\xe9'})
        CHECK(digit_value(other) >= 16);
    for (const char word : {'a', 'Z', '0', '_', '\xe9'}) CHECK(wick::detail::is_word(word));
    for (const char other : {' ', '-', '\0', '\'', '(', '.'}) CHECK_FALSE(wick::detail::is_word(other));
}
