// SPDX-License-Identifier: MIT
#pragma once

// A place in a text of Python, and what every part of the reader of literals needs there.

#include <wick/version.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace wick::inline v0::detail {

/// The text is no Python literal; `at` says from where on.
class PythonSyntaxError : public std::runtime_error {
public:
    PythonSyntaxError(std::size_t at, const std::string& problem) : std::runtime_error(problem), at_(at) {}
    std::size_t at() const noexcept { return at_; }

private:
    std::size_t at_;
};

/// A place in a text; beyond its end there are only zeros.
class PythonCursor {
public:
    explicit PythonCursor(std::string_view text) noexcept : text_(text) {}

    std::size_t at() const noexcept { return at_; }
    bool at_end() const noexcept { return at_ >= text_.size(); }
    char peek(std::size_t further = 0) const noexcept {
        return further < text_.size() - at_ ? text_[at_ + further] : '\0';
    }
    /// Requires: the text has so many bytes left.
    std::string_view take(std::size_t length) noexcept {
        at_ += length;
        return text_.substr(at_ - length, length);
    }
    /// Whether this was the next character; then it is taken.
    bool take_if(char c) noexcept {
        if (at_end() || peek() != c) return false;
        ++at_;
        return true;
    }
    void go_back_to(std::size_t at) noexcept { at_ = at; }

    /// Passes blanks, and line ends behind a backslash.
    void skip_blanks() noexcept;

    /// Passes comments and all line ends, too.
    void skip_space() noexcept;

    [[noreturn]] void fail(const std::string& expected) const {
        throw PythonSyntaxError(at_, "expected " + expected);
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

// Implementation.

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

inline void PythonCursor::skip_blanks() noexcept {
    for (; !at_end(); ++at_) {
        const bool joins = peek() == '\\' && (peek(1) == '\n' || peek(1) == '\r') && at_ + 2 < text_.size();
        if (joins)
            at_ += peek(1) == '\r' && peek(2) == '\n' ? 2U : 1U;
        else if (peek() != ' ' && peek() != '\t' && peek() != '\f')
            return;
    }
}

inline void PythonCursor::skip_space() noexcept {
    for (;; ++at_) {
        skip_blanks();
        if (peek() == '#')
            while (at_ + 1 < text_.size() && peek(1) != '\n' && peek(1) != '\r') ++at_;
        else if (peek() != '\n' && peek() != '\r')
            return;
    }
}

}  // namespace wick::inline v0::detail
