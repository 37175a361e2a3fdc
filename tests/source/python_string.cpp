// SPDX-License-Identifier: MIT
#include <wick/source/python_string.hpp>

#include "support/catch.hpp"

#include <string>

using wick::detail::parse_python_strings;
using wick::detail::PythonCursor;

// The expected values are what Python 3.11 prints for the same literals.
TEST_CASE("python string: quotes, prefixes, escapes and neighbours mean what they mean to Python") {
    const auto [literal, value] = GENERATE(table<std::string, std::string>({
        {"'abc'", "abc"},
        {"\"a'c\"", "a'c"},
        {"'''a'b\nc'''", "a'b\nc"},
        {"\"\"\"a\"\"b\"\"\"", "a\"\"b"},
        {"''", ""},
        {"u'a'", "a"},
        {"R'\\x41'", "\\x41"},
        {"r'\\''", "\\'"},
        {"'a' \"b\"\n'''c'''", "abc"},
        {"'' 'a' ''", "a"},
        {"'\\x41\\101\\1012'", "AAA2"},
        {"'\\u0041\\U00000042'", "AB"},
        {"'\\xe9'", "\xc3\xa9"},
        {"'\\u20ac'", "\xe2\x82\xac"},
        {"'\\U0001f525'", "\xf0\x9f\x94\xa5"},
        {"'a\\\nb'", "ab"},
        {"'a\\\r\nb'", "ab"},
        {"'\\q\\n\\t\\\\'", "\\q\n\t\\"},
        {"'\\a\\b\\f\\v\\r\\'\\\"'", "\a\b\f\v\r'\""},
    }));
    PythonCursor cursor(literal);
    REQUIRE(at_python_string(cursor));
    CHECK(parse_python_strings(cursor).text == value);
    CHECK(cursor.at_end());
}

TEST_CASE("python string: bytes are told from text, and the two do not join") {
    PythonCursor bytes("b'a' Br'b'");
    CHECK(parse_python_strings(bytes).is_bytes);
    PythonCursor mixed("'a' b'b'");
    CHECK_THROWS_AS(parse_python_strings(mixed), wick::detail::PythonSyntaxError);
}

TEST_CASE("python string: one that does not end, or has a wrong escape or prefix, is refused") {
    for (const char* const literal :
         {"'a", "'a\nb'", "'''a''", "'a\\'", "'\\", "'\\x4'", "'\\u123'", "'\\U00110000'", "r'a\\'",
          "'\\N{DIGIT ONE}'", "f'a'", "uu'a'", "ur'a'", "rr'a'", "bb'a'"}) {
        PythonCursor cursor(literal);
        INFO(literal);
        CHECK_THROWS_AS(parse_python_strings(cursor), wick::detail::PythonSyntaxError);
    }
}
