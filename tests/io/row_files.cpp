// SPDX-License-Identifier: MIT
#include <wick/io/row_files.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

using wick::Index;
using wick::detail::OpenFile;
using wick::detail::RowFiles;
using wick::detail::RowPlan;

TEST_CASE("row files: copied and read, the rows of parts in several files are the same") {
    const wick_test::TempDir dir;
    for (const wick::Engine engine : {wick::Engine::mapped, wick::Engine::pread, wick::Engine::direct}) {
        wick::detail::FileReader::Files open;
        RowPlan plan{.layout = wick::RowLayout(wick::Dtype::u8, {2})};
        for (const char* text : {"-a1b2c3", "-d4e5"}) {
            const auto path = dir.write(text, std::string(text));
            open.push_back(
                std::make_shared<const OpenFile>(std::make_shared<const wick::File>(path), engine));
            plan.add({.file = open.back().get(),
                      .offset = 1,
                      .first = 0,
                      .rows = static_cast<Index>(std::string(text).size() / 2),
                      .swap_unit = 1,
                      .fortran_order = false});
        }
        plan.finish();
        RowFiles rows(std::move(plan), std::move(open), std::nullopt);
        const std::vector<Index> wanted{4, 0, 1, 2, 3, 0};
        std::string out(12, '?');
        rows.read(wanted, reinterpret_cast<std::byte*>(out.data()));
        CHECK(out == "e5a1b2c3d4a1");
        if (engine != wick::Engine::mapped) continue;
        out.assign(12, '?');
        rows.copy(wanted, reinterpret_cast<std::byte*>(out.data()), false);
        CHECK(out == "e5a1b2c3d4a1");
    }
}
