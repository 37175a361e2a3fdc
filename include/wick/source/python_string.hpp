// SPDX-License-Identifier: MIT
#pragma once

// Python's string literals: prefixes, quotes, escapes, and neighbours that are one.

#include <wick/source/python_cursor.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wick::inline v0::detail {

/// The value of a string or bytes literal.
struct PythonString {
    std::string text{};
    bool is_bytes = false;
};

/// Whether a string literal begins here.
bool at_python_string(const PythonCursor& cursor) noexcept;

/// Reads string literals that stand side by side, which are one.
///
/// Throws: PythonSyntaxError if one of them does not end or has a wrong escape. A character by its name,
///         `\N{...}`, is taken for wrong: it would need the table of all names.
PythonString parse_python_strings(PythonCursor& cursor);

// Implementation.

inline void append_utf8(std::string& text, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
        put(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            put(0xe0 | code >> 12);
        } else {
            put(0xf0 | code >> 18);
            put(0x80 | (code >> 12 & 0x3f));
        }
        put(0x80 | (code >> 6 & 0x3f));
    }
    put(0x80 | (code & 0x3f));
}

/// Reads `least` to `most` digits.
inline std::uint32_t parse_code(PythonCursor& cursor, unsigned base, std::size_t least, std::size_t most) {
    std::uint32_t value = 0;
    std::size_t count = 0;
    for (; count < most && digit_value(cursor.peek()) < base; ++count)
        value = value * base + digit_value(cursor.take(1).front());
    if (count < least) cursor.fail("a digit of the escape");
    return value;
}

/// Reads what follows a backslash.
inline void parse_escape(PythonCursor& cursor, PythonString& string) {
    constexpr std::string_view letters = "\\'\"abfnrtv";
    constexpr std::string_view meanings = "\\'\"\a\b\f\n\r\t\v";
    if (digit_value(cursor.peek()) < 8) return append_utf8(string.text, parse_code(cursor, 8, 1, 3));
    if (cursor.at_end()) return;  // that the string has no end is said by the caller
    const char c = cursor.take(1).front();
    if (const std::size_t which = letters.find(c); which != letters.npos) {
        string.text += meanings[which];
    } else if (c == '\r') {
        cursor.take_if('\n');
    } else if (c == 'x') {
        append_utf8(string.text, parse_code(cursor, 16, 2, 2));
    } else if (!string.is_bytes && (c == 'u' || c == 'U')) {
        const std::size_t length = c == 'u' ? 4 : 8;
        const std::uint32_t code = parse_code(cursor, 16, length, length);
        if (code > 0x10ffff) cursor.fail("a code point up to 10ffff");
        append_utf8(string.text, code);
    } else if (!string.is_bytes && c == 'N') {
        cursor.fail("no character by its name");
    } else if (c != '\n') {
        string.text += {'\\', c};
    }
}

/// Reads from the opening quote to the closing one.
inline void parse_quoted(PythonCursor& cursor, bool raw, PythonString& string) {
    const char quote = cursor.peek();
    const bool triple = cursor.peek(1) == quote && cursor.peek(2) == quote;
    const std::size_t quotes = triple ? 3 : 1;
    cursor.take(quotes);
    for (;;) {
        if (cursor.at_end()) cursor.fail("the string to end");
        const char c = cursor.peek();
        if (c == quote && (!triple || (cursor.peek(1) == quote && cursor.peek(2) == quote))) break;
        if ((c == '\n' || c == '\r') && !triple) cursor.fail("the string to end on its line");
        cursor.take(1);
        if (c != '\\') {
            string.text += c;
        } else if (raw) {
            string.text += c;
            if (!cursor.at_end()) string.text += cursor.take(1);
        } else {
            parse_escape(cursor, string);
        }
    }
    cursor.take(quotes);
}

inline std::size_t string_prefix_length(const PythonCursor& cursor) noexcept {
    std::size_t length = 0;
    while (length < 3 && is_word(cursor.peek(length))) ++length;
    return length;
}

inline bool at_python_string(const PythonCursor& cursor) noexcept {
    const char quote = cursor.peek(string_prefix_length(cursor));
    return quote == '\'' || quote == '"';
}

inline PythonString parse_python_strings(PythonCursor& cursor) {
    PythonString string;
    for (bool first = true; first || at_python_string(cursor); first = false) {
        bool raw = false;
        bool bytes = false;
        bool unicode = false;
        for (std::size_t length = string_prefix_length(cursor); length > 0; --length) {
            const char mark = static_cast<char>(cursor.peek() | 0x20);
            bool& seen = mark == 'r' ? raw : mark == 'b' ? bytes : unicode;
            if ((mark != 'r' && mark != 'b' && mark != 'u') || seen) cursor.fail("a string");
            seen = true;
            cursor.take(1);
        }
        if (unicode && (raw || bytes)) cursor.fail("a string");
        if (!first && string.is_bytes != bytes) cursor.fail("strings of one kind side by side");
        string.is_bytes = bytes;
        parse_quoted(cursor, raw, string);
        cursor.skip_space();
    }
    return string;
}

}  // namespace wick::inline v0::detail
