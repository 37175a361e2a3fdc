// SPDX-License-Identifier: MIT
#include <wick/io/found_rows.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using wick::Index;
using wick::detail::FileReader;
using wick::detail::OpenFile;
using wick::detail::RowPlan;

namespace {

/// Six rows of two bytes behind a header of three: "aA", "bB" ...
struct Letters {
    explicit Letters(std::uint8_t swap_unit)
        : file(std::make_shared<const OpenFile>(
              std::make_shared<const wick::File>(dir.write("letters", std::string("...aAbBcCdDeEfF"))),
              wick::Engine::pread)),
          files({file}, 0) {
        plan.layout = wick::RowLayout(swap_unit == 1 ? wick::Dtype::u8 : wick::Dtype::u16,
                                      swap_unit == 1 ? std::vector<Index>{2} : std::vector<Index>{});
        plan.add({.file = file.get(),
                  .offset = 3,
                  .first = 0,
                  .rows = 6,
                  .swap_unit = swap_unit,
                  .fortran_order = false});
        plan.finish();
    }
    std::string copy(const std::vector<Index>& rows, const std::vector<const char*>& where) {
        std::vector<const std::byte*> places;
        for (const char* const place : where) places.push_back(reinterpret_cast<const std::byte*>(place));
        std::string out(2 * rows.size(), ' ');
        wick::detail::copy_found(plan, files, rows, places, reinterpret_cast<std::byte*>(out.data()));
        return out;
    }
    wick_test::TempDir dir;
    std::shared_ptr<const OpenFile> file;
    FileReader files;
    RowPlan plan{.layout = wick::RowLayout(wick::Dtype::u8, {})};
};

}  // namespace

TEST_CASE(
    "found rows: those that lie in memory come from there, the others from their file, all in their order") {
    Letters letters(1);
    CHECK(letters.copy({5, 0, 0, 3, 2}, {nullptr, "xX", nullptr, nullptr, "yY"}) == "fFxXaAdDyY");
    CHECK(letters.copy({1, 4}, {"xX", "yY"}) == "xXyY");
    CHECK(letters.copy({1, 4}, {nullptr, nullptr}) == "bBeE");
    CHECK(letters.copy({}, {}).empty());
}

TEST_CASE("found rows: bytes of the other order are turned, wherever they come from") {
    Letters letters(2);
    CHECK(letters.copy({5, 0, 3}, {nullptr, "xX", nullptr}) == "FfXxDd");
}

TEST_CASE("found rows: a row that its file has lost is an Error") {
    Letters letters(1);
    std::filesystem::resize_file(letters.file->file().path(), 14);
    CHECK(letters.copy({5}, {"xX"}) == "xX");
    CHECK_THROWS_AS(letters.copy({5}, {nullptr}), wick::Error);
}
