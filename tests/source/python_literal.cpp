// SPDX-License-Identifier: MIT
#include <wick/source/python_literal.hpp>

#include "support/catch.hpp"

#include <cstdint>
#include <string>
#include <string_view>

using wick::detail::parse_python_literal;
using wick::detail::PythonSyntaxError;
using Kind = wick::detail::PythonValue::Kind;

TEST_CASE("python literal: integers in every base, with signs, underscores and Python 2's L") {
    const auto [text, number, negative] = GENERATE(table<std::string, std::uint64_t, bool>({
        {"0", 0, false},
        {"000", 0, false},
        {"17", 17, false},
        {"1_000", 1000, false},
        {"0x1F", 31, false},
        {"0x_ff", 255, false},
        {"0o17", 15, false},
        {"0B101", 5, false},
        {"+5", 5, false},
        {"-5", 5, true},
        {"- 5", 5, true},
        {"-(5)", 5, true},
        {"-0", 0, false},
        {"5L", 5, false},
        {"0x5L", 5, false},
        {"18446744073709551615", ~std::uint64_t{0}, false},
    }));
    const auto value = parse_python_literal(text, true);
    CHECK(value.kind == Kind::integer);
    CHECK(value.number == number);
    CHECK(value.negative == negative);
    CHECK_FALSE(value.overflow);
    CHECK(parse_python_literal("18446744073709551616", false).overflow);
    CHECK(parse_python_literal("-18446744073709551616", false).negative);
    CHECK_THROWS_AS(parse_python_literal("5L", false), PythonSyntaxError);
}

TEST_CASE(
    "python literal: containers keep their items in order, and brackets round one value only group it") {
    const auto dict = parse_python_literal("{'a': (1, 2,), 3: [None, True], 'a': {4, 5}}", false);
    REQUIRE(dict.kind == Kind::dict);
    REQUIRE(dict.items.size() == 6);
    CHECK(dict.items[0].text == "a");
    CHECK(dict.items[1].kind == Kind::tuple);
    CHECK(dict.items[1].items.size() == 2);
    CHECK(dict.items[1].at == 6);
    CHECK(dict.items[3].kind == Kind::list);
    CHECK(dict.items[3].items[1].kind == Kind::boolean);
    CHECK(dict.items[5].kind == Kind::set);
    CHECK(parse_python_literal("((7))", false).kind == Kind::integer);
    CHECK(parse_python_literal("((7),)", false).kind == Kind::tuple);
    CHECK(parse_python_literal("()", false).kind == Kind::tuple);
    CHECK(parse_python_literal("{}", false).kind == Kind::dict);
}

TEST_CASE("python literal: what is none is refused where it ends to be one") {
    const auto [text, at] = GENERATE(table<std::string, std::size_t>({
        {"", 0},
        {"x", 0},
        {"(1", 2},
        {"(1 2)", 3},
        {"{1: 2, 3}", 8},
        {"{1, 2: 3}", 5},
        {"[1)", 2},
        {"1 2", 2},
        {"017", 3},
        {"1_", 1},
        {"0x", 2},
        {"--1", 3},
        {"-True", 5},
        {"'a", 2},
        {"Falsehood", 0},
        {"1 # c\n2", 6},
        {"(,)", 1},
        {"1.5x", 3},
    }));
    INFO(text);
    try {
        parse_python_literal(text, true);
        FAIL("accepted");
    } catch (const PythonSyntaxError& error) {
        CHECK(error.at() == at);
    }
}

TEST_CASE("python literal: brackets may be nested 200 deep, not deeper") {
    const auto nested = [](std::size_t deep) { return std::string(deep, '[') + std::string(deep, ']'); };
    CHECK_NOTHROW(parse_python_literal(nested(200), false));
    CHECK_THROWS_AS(parse_python_literal(nested(250), false), PythonSyntaxError);
    CHECK_THROWS_AS(parse_python_literal(std::string(1'000'000, '('), false), PythonSyntaxError);
    CHECK_THROWS_AS(parse_python_literal(std::string(1'000'000, '-'), false), PythonSyntaxError);
}
