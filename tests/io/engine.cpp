// SPDX-License-Identifier: MIT
#include <wick/io/engine.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>
#include <string_view>

using namespace std::literals;

TEST_CASE("engine: a file in the temporary directory is on a disk of this machine, and so may be mapped") {
    const wick_test::TempDir dir;
    CHECK(wick::detail::is_local(wick::File(dir.write("a", "x"sv))));
}
