// SPDX-License-Identifier: MIT
#include <wick/io/explain.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <memory>
#include <string>

using wick::Engine;
using wick::detail::bytes_in_words;
using wick::detail::CacheState;
using wick::detail::OpenFile;

TEST_CASE("explain: bytes are told with two or three digits and a unit") {
    CHECK(bytes_in_words(0) == "0 bytes");
    CHECK(bytes_in_words(999) == "999 bytes");
    CHECK(bytes_in_words(1000) == "1.0 kB");
    CHECK(bytes_in_words(9'900) == "9.9 kB");
    CHECK(bytes_in_words(9'960) == "10 kB");
    CHECK(bytes_in_words(999'400) == "999 kB");
    CHECK(bytes_in_words(999'600) == "1.0 MB");
    CHECK(bytes_in_words(8'200'000'000) == "8.2 GB");
    CHECK(bytes_in_words(12'000'000'000'000) == "12 TB");
    CHECK(bytes_in_words(UINT64_MAX) == "18446744 TB");
}

TEST_CASE("explain: one sentence names the file, where its bytes are, and what follows from that") {
    const wick_test::TempDir dir;
    const auto file = std::make_shared<const wick::File>(dir.write("x.npy", std::string(5000, 'x')));
    const auto say = [&](Engine chosen, const CacheState& state, bool warming, Engine now) {
        return wick::detail::explain({std::make_shared<const OpenFile>(file, chosen)}, state, warming, now);
    };
    const CacheState hot{5000, 5000, 5000}, fits{5000, 1000, 5000}, large{5000, 1000, 2000};
    const auto says = [](const std::string& text) { return ContainsSubstring(text); };
    CHECK_THAT(say(Engine::mapped, hot, false, Engine::mapped),
               says("x.npy (5.0 kB): copied from a mapping, as was asked"));
    CHECK_THAT(say(Engine::pread, hot, false, Engine::pread), says("page cache, as was asked for"));
    CHECK_THAT(say(Engine::direct, hot, false, Engine::direct), says("page cache"));
    if (!OpenFile(file, Engine::automatic).is_mapped()) return;
    CHECK_THAT(say(Engine::automatic, hot, false, Engine::mapped), says("for all of it is in memory"));
    CHECK_THAT(
        say(Engine::automatic, fits, true, Engine::direct),
        says("1.0 kB of it are in memory; all of it fits there, so it is being read in, in file order"));
    CHECK_THAT(say(Engine::automatic, fits, false, Engine::direct), says("once most of it is wanted"));
    CHECK_THAT(say(Engine::automatic, large, false, Engine::direct),
               says("2.0 kB of memory may be used for it, so that part is kept there, and the other rows are "
                    "read past"));
    CHECK_THAT(say(Engine::automatic, {5000, 1000, 0}, false, Engine::direct),
               says("1.0 kB of it are in memory; no more is brought there, so the other rows are read past"));
    CHECK_THAT(say(Engine::automatic, {5000, 0, 0}, false, Engine::direct),
               says("0 bytes of it are in memory; no memory may be used for it, so its rows are read past"));
    CHECK_THAT(wick::detail::explain({std::make_shared<const OpenFile>(file, Engine::automatic, true)}, large,
                                     false, Engine::direct),
               says("copied from a mapping, column by column"));
    CHECK_THAT(say(Engine::automatic, large, false, Engine::pread),
               says("the other rows are read through the page cache"));
}

TEST_CASE("explain: of several files the first is named and the others are counted") {
    const wick_test::TempDir dir;
    wick::detail::Warmer::Files files;
    for (const char* name : {"a", "b", "c"})
        files.push_back(std::make_shared<const OpenFile>(
            std::make_shared<const wick::File>(dir.write(name, "x")), Engine::pread));
    CHECK_THAT(wick::detail::explain(files, {3, 0, 0}, false, Engine::pread),
               ContainsSubstring("a and 2 more (3 bytes): read through the page cache, as was asked for"));
    files.push_back(std::make_shared<const OpenFile>(std::make_shared<const wick::File>(dir.write("d", "x")),
                                                     Engine::mapped));
    CHECK_THAT(wick::detail::explain(files, {4, 0, 0}, false, Engine::pread),
               ContainsSubstring("a and 3 more (4 bytes): each as was asked for it"));
}
