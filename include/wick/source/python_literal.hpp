// SPDX-License-Identifier: MIT
#pragma once

// The header of a .npy file is a Python literal, and writers have used all of Python's ways to spell one. This
// reads a literal as `ast.literal_eval` does; it evaluates nothing else.

#include <wick/version.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wick::inline v0 {

namespace detail {

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

/// The text is no Python literal; `at` says from where on.
class PythonSyntaxError : public std::runtime_error {
public:
    PythonSyntaxError(std::size_t at, const std::string& problem) : std::runtime_error(problem), at_(at) {}
    std::size_t at() const noexcept { return at_; }

private:
    std::size_t at_;
};

/// Reads one literal and nothing after it. `longs` also takes Python 2's way to write a long integer, `5L`.
///
/// Throws: PythonSyntaxError for anything else, and for brackets nested more than 200 deep, as Python does.
PythonValue parse_python_literal(std::string_view text, bool longs);

}  // namespace detail

// Implementation.

namespace detail {

inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
inline bool is_word(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// The value of a digit in bases up to 16; 16 or more if it is none.
inline unsigned digit_value(char c) noexcept {
    if (is_digit(c)) return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
    return 99;
}

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

/// A recursive descent over the text, each byte looked at a bounded number of times.
class PythonParser {
public:
    PythonParser(std::string_view text, bool longs) : text_(text), longs_(longs) {}

    PythonValue whole() {
        PythonValue value = expression(0);
        skip_space();
        if (at_ < text_.size()) fail("the literal to end");
        return value;
    }

private:
    using Kind = PythonValue::Kind;
    static constexpr int deepest = 200;

    char peek(std::size_t further = 0) const noexcept {
        return at_ + further < text_.size() ? text_[at_ + further] : '\0';
    }
    bool take(char c) noexcept { return peek() == c && at_ < text_.size() ? (++at_, true) : false; }
    [[noreturn]] void fail(const std::string& expected) const {
        throw PythonSyntaxError(at_, "expected " + expected);
    }

    void skip_space();
    PythonValue expression(int depth);
    PythonValue container(char open, int depth);
    PythonValue word();
    PythonValue number();
    void digits(PythonValue& value, unsigned base);
    PythonValue strings();
    void string(PythonValue& value, bool raw);
    void escape(std::string& text, bool bytes);
    std::uint32_t code(unsigned base, std::size_t least, std::size_t most);

    std::string_view text_;
    std::size_t at_ = 0;
    bool longs_;
};

inline PythonValue parse_python_literal(std::string_view text, bool longs) {
    return PythonParser(text, longs).whole();
}

inline void PythonParser::skip_space() {
    for (; at_ < text_.size(); ++at_) {
        if (peek() == '#') {
            while (at_ + 1 < text_.size() && peek(1) != '\n' && peek(1) != '\r') ++at_;
        } else if (peek() == '\\' && (peek(1) == '\n' || peek(1) == '\r')) {
            ++at_;
        } else if (const char c = peek(); c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
            return;
        }
    }
}

inline PythonValue PythonParser::expression(int depth) {
    if (depth > deepest) fail("brackets nested at most 200 deep");
    skip_space();
    const std::size_t start = at_;
    const char c = peek();
    PythonValue value;
    if (c == '+' || c == '-') {
        ++at_;
        value = expression(depth + 1);
        if (value.kind != Kind::integer && value.kind != Kind::real) fail("a number after the sign");
        if (value.is_signed) fail("a number with only one sign");
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
    ++at_;
    bool comma = true;
    for (;;) {
        skip_space();
        if (take(close)) break;
        if (!comma) fail(std::string("a comma or ") + close);
        value.items.push_back(expression(depth + 1));
        skip_space();
        if (open == '{') {
            if (value.items.size() == 1 && peek() != ':') value.kind = Kind::set;
            if (value.kind == Kind::dict) {
                if (!take(':')) fail("a colon");
                value.items.push_back(expression(depth + 1));
                skip_space();
            }
        }
        comma = take(',');
    }
    // Brackets round a single value only group it.
    if (open == '(' && value.items.size() == 1 && !comma) {
        PythonValue only = std::move(value.items.front());
        return only;
    }
    return value;
}

inline PythonValue PythonParser::word() {
    if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) return number();
    std::size_t length = 0;
    while (is_word(peek(length))) ++length;
    if (const char next = peek(length); length <= 2 && (next == '\'' || next == '"')) return strings();
    const std::string_view name = text_.substr(at_, length);
    PythonValue value;
    if (name == "True" || name == "False") {
        value.kind = Kind::boolean;
        value.number = name == "True";
    } else if (name != "None") {
        fail("a Python literal");
    }
    at_ += length;
    return value;
}

inline PythonValue PythonParser::number() {
    PythonValue value;
    value.kind = Kind::integer;
    const char mark = static_cast<char>(peek(1) | 0x20);
    const unsigned base = peek() != '0' ? 10 : mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
    if (base != 10) {
        at_ += 2;
        if (peek() == '_') ++at_;
    }
    const bool zero_first = base == 10 && peek() == '0';
    digits(value, base);
    const char next = static_cast<char>(peek() | 0x20);
    if (base == 10 && (peek() == '.' || next == 'e' || next == 'j')) {
        value.kind = Kind::real;
        for (char before = '0';
             is_digit(peek()) || peek() == '.' || peek() == '_' || (peek() | 0x20) == 'e' ||
             (peek() | 0x20) == 'j' || ((peek() == '+' || peek() == '-') && before == 'e');
             ++at_)
            before = static_cast<char>(peek() | 0x20);
    } else if (zero_first && (value.number != 0 || value.overflow)) {
        fail("a number without leading zeros");
    }
    if (longs_) {
        const std::size_t end = at_;
        skip_space();
        if (!take('L')) at_ = end;
    }
    if (is_word(peek())) fail("the number to end");
    return value;
}

inline void PythonParser::digits(PythonValue& value, unsigned base) {
    if (base == 10 && peek() == '.') return;
    if (digit_value(peek()) >= base) fail("a digit");
    for (;; ++at_) {
        if (peek() == '_' && digit_value(peek(1)) < base) ++at_;
        const unsigned digit = digit_value(peek());
        if (digit >= base) return;
        if (__builtin_mul_overflow(value.number, std::uint64_t{base}, &value.number) ||
            __builtin_add_overflow(value.number, std::uint64_t{digit}, &value.number))
            value.overflow = true;
    }
}

// Strings that stand side by side are one.
inline PythonValue PythonParser::strings() {
    PythonValue value;
    for (bool first = true;; first = false) {
        std::size_t length = 0;
        while (length < 3 && is_word(peek(length))) ++length;
        if (length > 2 || (peek(length) != '\'' && peek(length) != '"')) break;
        bool raw = false;
        bool bytes = false;
        bool unicode = false;
        for (; length > 0; --length, ++at_) {
            const char mark = static_cast<char>(peek() | 0x20);
            bool& seen = mark == 'r' ? raw : mark == 'b' ? bytes : unicode;
            if ((mark != 'r' && mark != 'b' && mark != 'u') || seen) fail("a string");
            seen = true;
        }
        if (unicode && (raw || bytes)) fail("a string");
        const Kind kind = bytes ? Kind::bytes : Kind::string;
        if (!first && value.kind != kind) fail("strings of one kind side by side");
        value.kind = kind;
        string(value, raw);
        skip_space();
    }
    return value;
}

inline void PythonParser::string(PythonValue& value, bool raw) {
    const char quote = peek();
    const bool triple = peek(1) == quote && peek(2) == quote;
    at_ += triple ? 3 : 1;
    for (;;) {
        if (at_ >= text_.size()) fail("the string to end");
        const char c = peek();
        if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) break;
        if ((c == '\n' || c == '\r') && !triple) fail("the string to end on its line");
        ++at_;
        if (c != '\\') {
            value.text += c;
        } else if (raw) {
            value.text += c;
            if (at_ < text_.size()) value.text += text_[at_++];
        } else {
            escape(value.text, value.kind == Kind::bytes);
        }
    }
    at_ += triple ? 3 : 1;
}

inline void PythonParser::escape(std::string& text, bool bytes) {
    constexpr std::string_view letters = "\\'\"abfnrtv";
    constexpr std::string_view meanings = "\\'\"\a\b\f\n\r\t\v";
    const char c = peek();
    if (digit_value(c) < 8) return append_utf8(text, code(8, 1, 3));
    if (at_ >= text_.size()) return;  // the string's end is missed by the caller
    ++at_;
    if (const std::size_t which = letters.find(c); which != letters.npos) {
        text += meanings[which];
    } else if (c == '\r') {
        take('\n');
    } else if (c == 'x') {
        append_utf8(text, code(16, 2, 2));
    } else if (!bytes && (c == 'u' || c == 'U')) {
        const std::size_t length = c == 'u' ? 4 : 8;
        const std::uint32_t point = code(16, length, length);
        if (point > 0x10ffff) fail("a code point up to 10ffff");
        append_utf8(text, point);
    } else if (!bytes && c == 'N') {
        fail("no character by its name");
    } else if (c != '\n') {
        text += '\\';
        text += c;
    }
}

inline std::uint32_t PythonParser::code(unsigned base, std::size_t least, std::size_t most) {
    std::uint32_t value = 0;
    std::size_t count = 0;
    for (; count < most && digit_value(peek()) < base; ++count, ++at_)
        value = value * base + digit_value(peek());
    if (count < least) fail("a digit of the escape");
    return value;
}

}  // namespace detail

}  // namespace wick::inline v0
