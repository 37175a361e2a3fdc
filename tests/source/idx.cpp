// SPDX-License-Identifier: MIT
#include <wick/source/idx.hpp>

#include "contract/source.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace std::literals;
using wick::Dtype;
using wick::Engine;
using wick::IdxSource;

TEST_CASE("idx: images are rows of pixels, and numbers come in native byte order") {
    const wick_test::TempDir dir;
    const Engine engine = GENERATE(Engine::automatic, Engine::mapped, Engine::pread, Engine::direct);
    const auto images = dir.write("images", "\0\0\x08\3\0\0\0\3\0\0\0\2\0\0\0\2abcdefghijkl"s);
    wick_test::check_source(IdxSource(images, {.engine = engine}), {Dtype::u8, {2, 2}},
                            wick_test::bytes_of_values("abcdefghijkl"s));
    const auto numbers = dir.write("numbers", "\0\0\x0c\1\0\0\0\2\1\2\3\4\xff\xff\xff\xfe"s);
    wick_test::check_source(IdxSource(numbers, {.engine = engine}), {Dtype::i32, {}},
                            wick_test::bytes_of_values(std::vector<std::int32_t>{0x01020304, -2}));
    const auto doubles = dir.write("doubles", "\0\0\x0e\2\0\0\0\1\0\0\0\1\xbf\xf8\0\0\0\0\0\0"s);
    wick_test::check_source(IdxSource(doubles, {.engine = engine}), {Dtype::f64, {1}},
                            wick_test::bytes_of_values(std::vector<double>{-1.5}));
}

TEST_CASE("idx: a file of another length than its header says is refused") {
    const wick_test::TempDir dir;
    const auto refuses = [&](const std::string& file, const std::string& words) {
        CHECK_THROWS_MATCHES(IdxSource(dir.write("a", file)), wick::Error,
                             MessageMatches(ContainsSubstring(words)));
    };
    refuses("\0\0\x08\1\0\0\0\3ab"s, "byte 10: expected the file to end at byte 11");
    refuses("\0\0\x08\1\0\0\0\3abcd"s, "byte 11: expected the end of the file, found 1 bytes more");
    refuses("\0\0\x08\2\xff\xff\xff\xff\xff\xff\xff\xff"s,
            "(4294967295 rows of u8 [4294967295] from byte 12 on)");
    refuses("\0\0\x0e\4\0\0\0\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s,
            "more bytes than can be addressed");
    refuses("\x1f\x8b\x08\0\0\0\0\0"s, "gunzip it first");
    CHECK(IdxSource(dir.write("a", "\0\0\x08\2\0\0\0\0\0\0\0\5"s)).size() == 0);
}
