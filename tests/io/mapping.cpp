// SPDX-License-Identifier: MIT
#include <wick/io/mapping.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

using namespace std::literals;

namespace {

std::string_view text_of(const wick::Mapping& mapping) {
    return {reinterpret_cast<const char*>(mapping.bytes().data()), mapping.bytes().size()};
}

}  // namespace

TEST_CASE("mapping: it shows the file's bytes, and outlives the File and the file's name") {
    const wick_test::TempDir dir;
    const auto path = dir.write("a", "0123456789"sv);
    std::optional<wick::Mapping> mapping;
    {
        const wick::File file(path);
        mapping.emplace(file);
    }
    CHECK(text_of(*mapping) == "0123456789");
    std::filesystem::remove(path);
    CHECK(text_of(*mapping) == "0123456789");
}

TEST_CASE("mapping: moved, it shows the same bytes from the same place") {
    const wick_test::TempDir dir;
    wick::Mapping b(wick::File(dir.write("b", "bb"sv)));
    {
        wick::Mapping a(wick::File(dir.write("a", "aaa"sv)));
        const auto* const place = a.bytes().data();
        wick::Mapping moved(std::move(a));
        CHECK(moved.bytes().data() == place);
        CHECK(a.bytes().empty());
        b = std::move(moved);
        CHECK(b.bytes().data() == place);
    }
    // Those it was moved from are gone, and took nothing with them.
    CHECK(text_of(b) == "aaa");
}
