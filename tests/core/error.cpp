// SPDX-License-Identifier: MIT
#include <wick/core/error.hpp>

#include "support/catch.hpp"

#include <stdexcept>
#include <string>

TEST_CASE("error: it says the file, the byte, what was expected and what was found") {
    const wick::Error located("a/b.npy", 128, "4096 bytes", "17");
    CHECK(located.what() == std::string("a/b.npy: byte 128: expected 4096 bytes, found 17"));
    CHECK(located.path() == "a/b.npy");
    CHECK(located.offset() == 128u);

    const wick::Error plain("a/b.npy", "is a directory");
    CHECK(plain.what() == std::string("a/b.npy: is a directory"));
    CHECK_FALSE(plain.offset().has_value());

    CHECK(wick::Error("x", 7, "is bad").what() == std::string("x: byte 7: is bad"));
}

TEST_CASE("error: it is caught as any runtime error, and survives being copied") {
    try {
        throw wick::Error("x", 7, "is bad");
    } catch (const std::runtime_error& error) {
        const auto copy = dynamic_cast<const wick::Error&>(error);
        CHECK(copy.offset() == 7u);
        CHECK(copy.path() == "x");
    }
}
