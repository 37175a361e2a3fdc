// SPDX-License-Identifier: MIT
#include <wick/loader/options.hpp>

#include "support/catch.hpp"

TEST_CASE("options: they are an aggregate to be filled by name, and what is not named keeps its default") {
    constexpr wick::LoaderOptions options{.batch_size = 256, .drop_last = true};
    STATIC_REQUIRE(options.batch_size == 256);
    STATIC_REQUIRE(options.workers == 2);
    STATIC_REQUIRE(options.drop_last);
    STATIC_REQUIRE(options.memory_budget == std::size_t{1} << 30);
    STATIC_REQUIRE_FALSE(wick::LoaderOptions{}.drop_last);
}
