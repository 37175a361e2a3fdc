// SPDX-License-Identifier: MIT
#include <wick/io/glob.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

using namespace std::literals;

TEST_CASE("glob: what matches comes sorted byte by byte") {
    const wick_test::TempDir dir;
    for (const char* const name :
         {"b.npy", "a10.npy", "a9.npy", "B.npy", "a.txt", "\xc3\xa4.npy", ".hidden.npy"})
        dir.write(name, "x"sv);
    const std::vector<std::filesystem::path> expected{dir / "B.npy", dir / "a10.npy", dir / "a9.npy",
                                                      dir / "b.npy", dir / "\xc3\xa4.npy"};
    CHECK(wick::glob((dir / "*.npy").string()) == expected);
    CHECK(wick::glob((dir / "a[0-9].npy").string()) == std::vector{dir / "a9.npy"});
    CHECK(wick::glob((dir / "a.txt").string()) == std::vector{dir / "a.txt"});
    // So many that no directory lists them in this order by chance.
    std::vector<std::filesystem::path> shards;
    for (char letter = 'a'; letter <= 'z'; ++letter) shards.push_back(dir / ("shard-"s + letter));
    for (auto shard = shards.rbegin(); shard != shards.rend(); ++shard)
        dir.write(shard->filename().string(), "x"sv);
    CHECK(wick::glob((dir / "shard-*").string()) == shards);
}

TEST_CASE("glob: a pattern that nothing matches is refused by name") {
    const wick_test::TempDir dir;
    for (const char* const pattern : {"*.npy", "none.npy"})
        CHECK_THROWS_MATCHES(wick::glob((dir / pattern).string()), wick::Error,
                             MessageMatches(ContainsSubstring(std::string(pattern) + ": no file matches")));
    CHECK_THROWS_MATCHES(wick::glob((dir / "none/*.npy").string()), wick::Error,
                         MessageMatches(ContainsSubstring("No such file or directory")));
}
