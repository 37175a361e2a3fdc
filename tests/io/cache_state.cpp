// SPDX-License-Identifier: MIT
#include <wick/io/cache_state.hpp>

#include "support/catch.hpp"

TEST_CASE("cache state: of no files nothing is known and nothing wanted") {
    const wick::detail::CacheState state;
    CHECK((state.bytes == 0 && state.in_memory == 0 && state.wanted == 0));
}
