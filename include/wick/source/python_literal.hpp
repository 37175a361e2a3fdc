// SPDX-License-Identifier: MIT
#pragma once

// The header of a .npy file is a Python literal, and writers have used all of Python's ways to spell one.
// This reads a literal as `ast.literal_eval` does; it evaluates nothing else.

#include <wick/source/python_cursor.hpp>
#include <wick/source/python_string.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// A Python value, and where in the text it begins.
struct PythonValue {
    enum class Kind : std::uint8_t { none, boolean, integer, real, string, bytes, tuple, list, set, dict };

    Kind kind = Kind::none;
    bool is_signed = false;            // a number written with + or -
    bool negative = false;             // an integer below 0
    bool overflow = false;             // an integer beyond 64 bits
    std::uint64_t number = 0;          // magnitude of an integer; 0 or 1 of a boolean
    std::string text{};                // of a string
    std::vector<PythonValue> items{};  // of a container; a dict has key, value, key, value, ...
    std::size_t at = 0;
};

/// Reads one literal and nothing after it. `longs` also takes Python 2's way to write a long integer, `5L`.
///
/// Throws: PythonSyntaxError for anything else, and for brackets nested more than 200 deep, as Python does.
PythonValue parse_python_literal(std::string_view text, bool longs);

// Implementation.

/// A recursive descent over the text; each byte is looked at a bounded number of times.
class PythonParser {
public:
    PythonParser(std::string_view text, bool longs) : cursor_(text), longs_(longs) {}

    PythonValue whole(std::string_view text) {
        // Not even a comment may have one.
        if (const std::size_t zero = text.find('\0'); zero != text.npos)
            throw PythonSyntaxError(zero, "expected a text without zero bytes");
        PythonValue value = expression(0);
        cursor_.skip_space();
        if (!cursor_.at_end()) cursor_.fail("the literal to end");
        return value;
    }

private:
    using Kind = PythonValue::Kind;
    static constexpr int deepest = 200;

    PythonValue expression(int depth);
    PythonValue container(char open, int depth);
    PythonValue word();
    PythonValue number();
    void skip_longs();
    void digits(PythonValue& value, unsigned base);
    void fraction();

    PythonCursor cursor_;
    bool longs_;
};

inline PythonValue parse_python_literal(std::string_view text, bool longs) {
    return PythonParser(text, longs).whole(text);
}

inline PythonValue PythonParser::expression(int depth) {
    if (depth > deepest) cursor_.fail("brackets nested at most 200 deep");
    cursor_.skip_space();
    const std::size_t start = cursor_.at();
    const char c = cursor_.peek();
    PythonValue value;
    if (c == '+' || c == '-') {
        cursor_.take(1);
        value = expression(depth + 1);
        if (value.kind != Kind::integer && value.kind != Kind::real) cursor_.fail("a number after the sign");
        if (value.is_signed) cursor_.fail("a number with only one sign");
        value.is_signed = true;
        value.negative = c == '-' && (value.number != 0 || value.overflow);
    } else {
        value = c == '(' || c == '[' || c == '{' ? container(c, depth) : word();
    }
    value.at = start;
    return value;
}

inline PythonValue PythonParser::container(char open, int depth) {
    const char close = open == '(' ? ')' : open == '[' ? ']' : '}';
    PythonValue value;
    value.kind = open == '(' ? Kind::tuple : open == '[' ? Kind::list : Kind::dict;
    cursor_.take(1);
    bool comma = true;
    for (;;) {
        cursor_.skip_space();
        if (cursor_.take_if(close)) break;
        if (!comma) cursor_.fail(std::string("a comma or ") + close);
        value.items.push_back(expression(depth + 1));
        cursor_.skip_space();
        if (open == '{' && value.items.size() == 1 && cursor_.peek() != ':') value.kind = Kind::set;
        if (value.kind == Kind::dict) {
            if (!cursor_.take_if(':')) cursor_.fail("a colon");
            value.items.push_back(expression(depth + 1));
            cursor_.skip_space();
        }
        comma = cursor_.take_if(',');
    }
    // Brackets round a single value only group it.
    if (open == '(' && value.items.size() == 1 && !comma) {
        PythonValue only = std::move(value.items.front());
        return only;
    }
    return value;
}

inline PythonValue PythonParser::word() {
    if (is_digit(cursor_.peek()) || (cursor_.peek() == '.' && is_digit(cursor_.peek(1)))) return number();
    PythonValue value;
    if (at_python_string(cursor_)) {
        PythonString string = parse_python_strings(cursor_);
        value.kind = string.is_bytes ? Kind::bytes : Kind::string;
        value.text = std::move(string.text);
        return value;
    }
    PythonCursor after = cursor_;
    std::size_t length = 0;
    while (is_word(after.peek(length))) ++length;
    const std::string_view name = after.take(length);
    if (name == "True" || name == "False") {
        value.kind = Kind::boolean;
        value.number = name == "True";
    } else if (name != "None") {
        cursor_.fail("a Python literal");
    }
    cursor_ = after;
    return value;
}

inline PythonValue PythonParser::number() {
    PythonValue value;
    value.kind = Kind::integer;
    const auto mark = [&](std::size_t further) { return static_cast<char>(cursor_.peek(further) | 0x20); };
    const bool zero_first = cursor_.peek() == '0';
    const unsigned base = !zero_first      ? 10
                          : mark(1) == 'x' ? 16
                          : mark(1) == 'o' ? 8
                          : mark(1) == 'b' ? 2
                                           : 10;
    if (base != 10) {
        cursor_.take(2);
        cursor_.take_if('_');
    }
    digits(value, base);
    if (base == 10 && (cursor_.peek() == '.' || mark(0) == 'e' || mark(0) == 'j')) {
        value.kind = Kind::real;
        fraction();
    } else if (base == 10 && zero_first && (value.number != 0 || value.overflow)) {
        cursor_.fail("a number without leading zeros");
    }
    if (longs_) skip_longs();
    if (is_word(cursor_.peek())) cursor_.fail("the number to end");
    return value;
}

// As NumPy does it: each L that follows on the same line is left out.
inline void PythonParser::skip_longs() {
    for (std::size_t end = cursor_.at();; end = cursor_.at()) {
        cursor_.skip_blanks();
        if (cursor_.peek() != 'L' || is_word(cursor_.peek(1))) return cursor_.go_back_to(end);
        cursor_.take(1);
    }
}

inline void PythonParser::digits(PythonValue& value, unsigned base) {
    if (base == 10 && cursor_.peek() == '.') return;
    if (digit_value(cursor_.peek()) >= base) cursor_.fail("a digit");
    for (;;) {
        if (cursor_.peek() == '_' && digit_value(cursor_.peek(1)) < base) cursor_.take(1);
        const unsigned digit = digit_value(cursor_.peek());
        if (digit >= base) return;
        cursor_.take(1);
        if (__builtin_mul_overflow(value.number, std::uint64_t{base}, &value.number) ||
            __builtin_add_overflow(value.number, std::uint64_t{digit}, &value.number))
            value.overflow = true;
    }
}

// No header has a use for such a number, so it is passed, not evaluated.
inline void PythonParser::fraction() {
    for (char before = '0';; before = static_cast<char>(cursor_.take(1).front() | 0x20)) {
        const char c = cursor_.peek();
        const char letter = static_cast<char>(c | 0x20);
        const bool sign = (c == '+' || c == '-') && before == 'e';
        if (!is_digit(c) && c != '.' && c != '_' && letter != 'e' && letter != 'j' && !sign) return;
    }
}

}  // namespace wick::inline v0::detail
