// SPDX-License-Identifier: MIT
#include <wick/io/block_pieces.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

using wick::detail::OpenFile;
using wick::detail::Piece;

TEST_CASE(
    "block pieces: a block in one file takes the pages around it, up to the file's end; one in two files "
    "does not") {
    const wick_test::TempDir dir;
    wick::detail::FileReader::Files open;
    wick::detail::RowPlan plan{.layout = wick::RowLayout(wick::Dtype::u8, {1000})};
    for (const char* name : {"a", "b"}) {
        const auto path = dir.write(name, std::string(100 + 20 * 1000, 'x'));
        open.push_back(
            std::make_shared<const OpenFile>(std::make_shared<const wick::File>(path), wick::Engine::direct));
        plan.add({.file = open.back().get(),
                  .offset = 100,
                  .first = 0,
                  .rows = 20,
                  .swap_unit = 1,
                  .fortran_order = false});
    }
    plan.finish();
    const wick::detail::FileReader files(open, 0);
    alignas(4096) std::byte memory[3 * 4096];

    std::vector<Piece> inside, at_the_end, over;
    CHECK(wick::detail::add_block(plan, files, 5, 8, memory, inside) == 5100 % 4096);
    REQUIRE(inside.size() == 1);
    CHECK((inside[0].offset == 4096 && inside[0].end() == 8192));
    CHECK(wick::detail::add_block(plan, files, 17, 20, memory, at_the_end) == 17'100 % 4096);
    REQUIRE(at_the_end.size() == 1);
    CHECK((at_the_end[0].offset == 16'384 && at_the_end[0].end() == 20'100));
    CHECK(wick::detail::add_block(plan, files, 18, 22, memory, over) == 0);
    REQUIRE(over.size() == 2);
    CHECK((over[0].offset == 18'100 && over[0].bytes == 2000 && over[1].offset == 100 &&
           over[1].bytes == 2000));
    CHECK((over[0].file == open[0].get() && over[1].file == open[1].get() &&
           over[1].out - over[0].out == 2000));
}
