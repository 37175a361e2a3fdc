// SPDX-License-Identifier: MIT
#include <wick/io/row_plan.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <limits>
#include <memory>
#include <string>
#include <vector>

using wick::Index;
using wick::detail::OpenFile;
using wick::detail::RowPlan;

namespace {

struct Planned {
    explicit Planned(const std::vector<Index>& sizes)
        : file(std::make_shared<const wick::File>(dir.write("a", std::string(100, 'x'))),
               wick::Engine::pread) {
        for (const Index rows : sizes)
            plan.add({.file = &file,
                      .offset = 7,
                      .first = -1,
                      .rows = rows,
                      .swap_unit = 1,
                      .fortran_order = false});
        plan.finish();
    }
    wick_test::TempDir dir;
    OpenFile file;
    RowPlan plan{.layout = wick::RowLayout(wick::Dtype::u8, {2})};
};

}  // namespace

TEST_CASE(
    "row plan: every row lies in the part whose rows it is among, in equal parts, unequal and empty ones") {
    for (const std::vector<Index>& sizes :
         {std::vector<Index>{5, 5, 5}, {5, 5, 2}, {5, 5, 9}, {3, 0, 0, 4, 1, 0}, {0, 6}}) {
        const Planned planned(sizes);
        Index row = 0;
        for (std::size_t part = 0; part < sizes.size(); ++part)
            for (const Index end = row + sizes[part]; row < end; ++row)
                CHECK(&planned.plan.part_of(row) == &planned.plan.parts[part]);
        CHECK(planned.plan.size() == row);
    }
}

TEST_CASE("row plan: a run goes on while rows follow one another in one part") {
    const Planned planned({5, 5});
    const std::vector<Index> rows{3, 4, 5, 6, 8, 8, 9};
    const auto run = [&](std::size_t i) { return planned.plan.run(rows, i, planned.plan.part_of(rows[i])); };
    CHECK(run(0) == 2);
    CHECK(run(2) == 2);
    CHECK(run(4) == 1);
    CHECK(run(5) == 2);
    CHECK(planned.plan.parts[1].offset_of(6, 2) == 9);
}

TEST_CASE("row plan: it is dense if all parts are, and of one byte order") {
    Planned planned({5, 5});
    CHECK(planned.plan.dense);
    planned.plan.firsts.clear();
    planned.plan.parts[1].swap_unit = 2;
    planned.plan.finish();
    CHECK(!planned.plan.dense);
    planned.plan.firsts.clear();
    planned.plan.parts[1].swap_unit = 1;
    planned.plan.parts[0].fortran_order = true;
    planned.plan.finish();
    CHECK(!planned.plan.dense);
}

TEST_CASE("row plan: more rows than can be numbered are refused") {
    Planned planned({5});
    auto part = planned.plan.parts.front();
    part.rows = std::numeric_limits<Index>::max();
    CHECK_THROWS_AS(planned.plan.add(part), wick::Error);
}
