// SPDX-License-Identifier: MIT
#include <wick/io/warm_steps.hpp>

#include "support/catch.hpp"
#include "support/page_cache.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

using wick::detail::OpenFile;
using wick::detail::WarmSteps;

TEST_CASE(
    "warm steps: they cover the first blocks of the files in order, but for those that are warm already") {
    const wick_test::TempDir dir;
    std::vector<std::shared_ptr<const OpenFile>> files;
    for (const std::size_t blocks : {6u, 3u}) {
        const auto path = dir.write(std::to_string(blocks), std::string(blocks * OpenFile::block_bytes, 'x'));
        wick_test::drop_pages(path);
        files.push_back(std::make_shared<const OpenFile>(std::make_shared<const wick::File>(path),
                                                         wick::Engine::automatic));
    }
    if (!files[0]->can_be_warmed() || !files[0]->warm(0, 4)) return;
    WarmSteps steps(files, 8 * OpenFile::block_bytes);
    const auto first = steps.next(), second = steps.next();
    REQUIRE((first && second));
    CHECK((first->file == files[0].get() && first->block == 4 && first->count == 2));
    CHECK((second->file == files[1].get() && second->block == 0 && second->count == 2));
    CHECK(!steps.next());

    WarmSteps ended(files, 9 * OpenFile::block_bytes);
    ended.end();
    CHECK(!ended.next());
}

TEST_CASE(
    "warm steps: a file shorter than a block counts as what it has, and no block is begun that does not "
    "fit") {
    const wick_test::TempDir dir;
    std::vector<std::shared_ptr<const OpenFile>> files;
    for (const char* const name : {"a", "b", "c"}) {
        const auto path = dir.write(name, std::string(100'000, 'x'));
        wick_test::drop_pages(path);
        files.push_back(std::make_shared<const OpenFile>(std::make_shared<const wick::File>(path),
                                                         wick::Engine::automatic));
    }
    if (!files[0]->can_be_warmed()) return;
    WarmSteps steps(files, 299'999);
    for (const std::size_t file : {0u, 1u}) {
        const auto step = steps.next();
        REQUIRE(step);
        CHECK((step->file == files[file].get() && step->block == 0 && step->count == 1));
    }
    CHECK(!steps.next());
    CHECK(!steps.next());
}
