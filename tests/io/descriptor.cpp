// SPDX-License-Identifier: MIT
#include <wick/io/descriptor.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <string_view>
#include <utility>

using namespace std::literals;
using wick::detail::Descriptor;

namespace {

bool is_open(int number) { return ::fcntl(number, F_GETFD) != -1; }

int opened(const wick_test::TempDir& dir) {
    const int number = ::open(dir.write("a", "x"sv).c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(number >= 0);
    return number;
}

}  // namespace

TEST_CASE("descriptor: it is closed when its owner dies, and closing it sooner is no second close") {
    const wick_test::TempDir dir;
    const int number = opened(dir);
    {
        const Descriptor descriptor(number);
        CHECK(descriptor.is_open());
        CHECK(descriptor.number() == number);
        CHECK(is_open(number));
    }
    CHECK_FALSE(is_open(number));

    Descriptor descriptor(opened(dir));
    descriptor.close();
    CHECK_FALSE(descriptor.is_open());
    // The system gives the lowest free number, so this is the one that was closed above.
    const int again = opened(dir);
    REQUIRE(again == number);
    descriptor.close();
    CHECK(is_open(again));
    ::close(again);
}

TEST_CASE("descriptor: moved, it has one owner, and what was owned before is closed, too") {
    const wick_test::TempDir dir;
    const int first = opened(dir);
    const int second = opened(dir);
    {
        Descriptor a(first);
        Descriptor b(std::move(a));
        CHECK_FALSE(a.is_open());
        CHECK(b.number() == first);
        {
            Descriptor c(second);
            b = std::move(c);
        }
        CHECK(b.number() == second);
        CHECK_FALSE(is_open(first));
        CHECK(is_open(second));
    }
    CHECK_FALSE(is_open(second));
    CHECK_FALSE(Descriptor().is_open());
}
