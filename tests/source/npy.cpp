// SPDX-License-Identifier: MIT
#include <wick/source/npy.hpp>

#include "contract/source.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace std::literals;
using wick::Engine;
using wick::Index;
using wick::NpySource;

namespace {

const std::string data = WICK_TEST_DATA "/npy/";

struct Golden {
    std::string name;
    wick::RowLayout layout;
    Index rows;
};

wick::Dtype dtype_named(std::string_view name) {
    for (int i = 0; i <= static_cast<int>(wick::Dtype::c128); ++i)
        if (wick::name_of(static_cast<wick::Dtype>(i)) == name) return static_cast<wick::Dtype>(i);
    FAIL("no dtype " << name);
    return wick::Dtype::u8;
}

std::vector<Golden> golden_files() {
    std::vector<Golden> files;
    std::ifstream index(data + "index.txt");
    for (std::string line; std::getline(index, line);) {
        std::istringstream words(line);
        std::string name;
        std::string dtype;
        Index rows = 0;
        words >> name >> dtype >> rows;
        std::vector<Index> shape;
        for (Index extent = 0; words >> extent;) shape.push_back(extent);
        files.push_back({name, wick::RowLayout(dtype_named(dtype), shape), rows});
    }
    return files;
}

/// A small array of version 1.0 whose header says what the test wants.
std::string file_with(const std::string& header, std::string_view bytes) {
    std::string file = "\x93NUMPY\x01\x00"s;
    file += static_cast<char>(header.size());
    file += '\0';
    return file + header + std::string(bytes);
}

}  // namespace

TEST_CASE("npy: what NumPy wrote is read as NumPy reads it, by every engine") {
    const auto files = golden_files();
    REQUIRE(files.size() > 50);
    for (const Golden& file : files)
        for (const Engine engine : {Engine::automatic, Engine::mapped, Engine::pread, Engine::direct}) {
            INFO(file.name);
            const NpySource source(data + file.name + ".npy", {.engine = engine});
            CHECK(source.size() == file.rows);
            CHECK((source.engine() == Engine::mapped) ==
                  (engine == Engine::automatic || engine == Engine::mapped));
            wick_test::check_source(source, file.layout, wick_test::bytes_of(data + file.name + ".bytes"));
        }
}

TEST_CASE("npy: bf16 is read from the void type that NumPy writes for it, if the caller says so") {
    const auto whole = wick_test::bytes_of(data + "bf16.bytes");
    for (const char* const name : {"bf16_little.npy", "bf16_big.npy"})
        for (const Engine engine : {Engine::mapped, Engine::pread, Engine::direct}) {
            const NpySource source(data + name, {.engine = engine, .dtype = wick::Dtype::bf16});
            wick_test::check_source(source, {wick::Dtype::bf16, {3}}, whole);
            CHECK_THROWS_MATCHES(NpySource(data + name), wick::Error,
                                 MessageMatches(ContainsSubstring("option .dtype")));
        }
}

TEST_CASE("npy: what NumPy writes but wick does not read is refused by its name") {
    const auto [name, words] = GENERATE(table<std::string, std::string>({
        {"refused_objects.npy", "pickled Python objects"},
        {"refused_structured.npy", "structured"},
        {"refused_subarray.npy", "structured"},
        {"refused_text.npy", "string arrays"},
        {"refused_bytes.npy", "string arrays"},
        {"refused_date.npy", "dates and times"},
        {"refused_long_double.npy", "long double"},
        {"refused_scalar.npy", "no dimension"},
        {"refused_archive.npz", "zip archive"},
    }));
    CHECK_THROWS_MATCHES(NpySource(data + name), wick::Error,
                         MessageMatches(ContainsSubstring(words) && ContainsSubstring(name + ": byte ")));
}

TEST_CASE("npy: a truncated file is refused with its byte, wherever it is cut") {
    const wick_test::TempDir dir;
    const auto whole = wick_test::bytes_of(data + "version_1.npy");
    REQUIRE(whole.size() == 128 + 24);
    for (std::size_t size = 1; size < whole.size(); ++size) {
        const auto path = dir.write("cut.npy", std::span(whole).first(size));
        try {
            NpySource source(path);
            FAIL("accepted " << size << " bytes");
        } catch (const wick::Error& error) {
            CHECK(error.path() == path);
            CHECK(error.offset() == size);
        }
    }
    CHECK_THROWS_MATCHES(
        NpySource(dir.write("cut.npy", std::span(whole).first(140))), wick::Error,
        MessageMatches(ContainsSubstring("byte 140: expected the file to end at byte 152 (3 rows "
                                         "of f32 [2] from byte 128 on)")));
}

TEST_CASE("npy: a shape beyond the file is refused, however large") {
    const wick_test::TempDir dir;
    const auto [shape, accepted] = GENERATE(table<std::string, bool>({
        {"(2, 1)", true},
        {"(3, 1)", false},
        {"(9223372036854775807, 1)", false},
        {"(4294967296, 4294967296)", false},
        {"(2305843009213693951, 1)", false},
        {"(9223372036854775807, 0)", true},
        {"(0, 9223372036854775807)", false},
        {"(-1, 2)", false},
    }));
    const auto path = dir.write(
        "a.npy", file_with("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}", "12345678"));
    INFO(shape);
    if (accepted)
        CHECK_NOTHROW(NpySource(path));
    else
        CHECK_THROWS_AS(NpySource(path), wick::Error);
}

TEST_CASE("npy: no file, a directory and an empty file are refused by name") {
    const wick_test::TempDir dir;
    CHECK_THROWS_MATCHES(NpySource(dir / "no.npy"), wick::Error,
                         MessageMatches(ContainsSubstring("no.npy: cannot be opened: No such file")));
    CHECK_THROWS_MATCHES(NpySource(dir.path()), wick::Error,
                         MessageMatches(ContainsSubstring("is a directory")));
    CHECK_THROWS_MATCHES(NpySource(dir.write("e.npy", ""sv)), wick::Error,
                         MessageMatches(ContainsSubstring("e.npy: is empty")));
}
