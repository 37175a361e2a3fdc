// SPDX-License-Identifier: MIT
#include <wick/io/glob.hpp>
#include <wick/source/concat.hpp>
#include <wick/source/idx.hpp>
#include <wick/source/memory.hpp>
#include <wick/source/npy.hpp>
#include <wick/source/raw.hpp>

#include "contract/source.hpp"
#include "support/catch.hpp"
#include "support/fake_source.hpp"
#include "support/scarce.hpp"
#include "support/temp_dir.hpp"

#include <cstdint>
#include <filesystem>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::literals;
using wick::ConcatSource;
using wick::Dtype;
using wick::Engine;
using wick::MemorySource;
using wick::NpySource;

namespace {

const std::string data = WICK_TEST_DATA "/npy/";

std::vector<std::byte> joined(const std::vector<std::string>& names) {
    std::vector<std::byte> all;
    for (const std::string& name : names) {
        const auto bytes = wick_test::bytes_of(data + name + ".bytes");
        all.insert(all.end(), bytes.begin(), bytes.end());
    }
    return all;
}

std::vector<std::int16_t> counted(std::int16_t first, std::size_t count) {
    std::vector<std::int16_t> values(count);
    std::iota(values.begin(), values.end(), first);
    return values;
}

}  // namespace

TEST_CASE("concat: files of one layout are one source, whatever their byte and element order") {
    const std::vector<std::string> names{"i32_little", "i32_big", "i32_little_fortran", "i32_big_fortran",
                                         "i32_little"};
    std::vector<std::filesystem::path> paths;
    std::vector<NpySource> sources;
    for (const std::string& name : names) {
        paths.push_back(data + name + ".npy");
        sources.emplace_back(paths.back());
    }
    const wick::RowLayout layout(Dtype::i32, {3});
    const auto whole = joined(names);
    wick_test::check_source(ConcatSource(sources), layout, whole);
    wick_test::check_source(ConcatSource<NpySource>(paths), layout, whole);
    for (const Engine engine : {Engine::mapped, Engine::pread, Engine::direct}) {
        const ConcatSource<NpySource> source(paths, {.engine = engine});
        CHECK((source.engine() == Engine::mapped) == (engine == Engine::mapped));
        wick_test::check_source(source, layout, whole);
    }
}

TEST_CASE("concat: shards come in the order of a sorted glob, with what their kind needs") {
    const wick_test::TempDir dir;
    dir.write("s-2.dat", "efgh"sv);
    dir.write("s-1.dat", "abcd"sv);
    dir.write("s-3.dat", "ij"sv);
    const wick::RowLayout layout(Dtype::u8, {2});
    const auto paths = wick::glob((dir / "s-*.dat").string());
    wick_test::check_source(ConcatSource<wick::RawSource>(paths, layout), layout,
                            wick_test::bytes_of_values("abcdefghij"s));
    wick_test::check_source(
        ConcatSource<wick::RawSource>(paths, layout, wick::RawOptions{.engine = Engine::pread}), layout,
        wick_test::bytes_of_values("abcdefghij"s));
}

TEST_CASE("concat: any source can be laid end to end, empty ones among them, and concatenations themselves") {
    const std::vector<MemorySource> parts{
        MemorySource(counted(0, 0), {2}),    MemorySource(counted(0, 14), {2}),
        MemorySource(counted(0, 0), {2}),    MemorySource(counted(14, 2), {2}),
        MemorySource(counted(16, 800), {2}), MemorySource(counted(0, 0), {2})};
    const wick::RowLayout layout(Dtype::i16, {2});
    const ConcatSource<MemorySource> source(parts);
    wick_test::check_source(source, layout, wick_test::bytes_of_values(counted(0, 816)));
    auto twice = counted(0, 816);
    const auto again = twice;
    twice.insert(twice.end(), again.begin(), again.end());
    wick_test::check_source(ConcatSource(std::vector<ConcatSource<MemorySource>>{source, source}), layout,
                            wick_test::bytes_of_values(twice));
}

TEST_CASE("concat: concatenations of files can be laid end to end themselves, and so can bare readers") {
    const wick::RowLayout layout(Dtype::i32, {3});
    const auto whole = joined({"i32_little", "i32_big", "i32_little_fortran"});
    const NpySource first(data + "i32_little.npy"), second(data + "i32_big.npy"),
        third(data + "i32_little_fortran.npy");
    using Shards = ConcatSource<NpySource>;
    wick_test::check_source(
        ConcatSource<Shards>({Shards(std::vector{first}), Shards(std::vector{second, third})}), layout,
        whole);
    wick_test::check_source(ConcatSource<wick::RowReader>(std::vector<wick::RowReader>{first, second, third}),
                            layout, whole);
}

TEST_CASE("concat: nothing, and rows that differ, are refused; both files and both layouts are named") {
    CHECK_THROWS_AS(ConcatSource<NpySource>(std::vector<std::filesystem::path>{}), std::invalid_argument);
    CHECK_THROWS_AS(ConcatSource<NpySource>(std::vector<NpySource>{}), std::invalid_argument);
    CHECK_THROWS_AS(ConcatSource<MemorySource>({}), std::invalid_argument);
    const std::vector<std::filesystem::path> paths{data + "i32_little.npy", data + "f64_little.npy"};
    CHECK_THROWS_MATCHES(ConcatSource<NpySource>(paths), wick::Error,
                         MessageMatches(ContainsSubstring("f64_little.npy: has rows of f64 [3]") &&
                                        ContainsSubstring("i32_little.npy has rows of i32 [3]")));
    CHECK_THROWS_MATCHES(
        ConcatSource<MemorySource>({MemorySource(counted(0, 6), {2}), MemorySource(counted(0, 6), {3})}),
        std::invalid_argument,
        MessageMatches(ContainsSubstring("number 0 has i16 [2], number 1 has i16 [3]")));
    const std::vector<MemorySource> huge(
        2, MemorySource(nullptr, std::int64_t{1} << 62, {Dtype::u8, {0}}, nullptr));
    CHECK_THROWS_AS(ConcatSource(huge), std::invalid_argument);
    std::vector<std::filesystem::path> missing{data + "i32_little.npy", data + "none.npy"};
    CHECK_THROWS_MATCHES(ConcatSource<NpySource>(missing), wick::Error,
                         MessageMatches(ContainsSubstring("none.npy")));
}

TEST_CASE("concat: 3000 .npy shards are read under a limit of 256 descriptors, from paths or from sources") {
    const wick_test::TempDir dir;
    const auto shard = wick_test::bytes_of(data + "version_1.npy");
    const auto rows = wick_test::bytes_of(data + "version_1.bytes");
    std::vector<std::filesystem::path> paths;
    std::vector<std::byte> whole;
    for (int i = 0; i < 3000; ++i) {
        paths.push_back(dir.write(std::to_string(i), shard));
        whole.insert(whole.end(), rows.begin(), rows.end());
    }
    const wick_test::DescriptorLimit limit(256);
    const wick::RowLayout layout(Dtype::f32, {2});
    wick_test::check_source(ConcatSource<NpySource>(paths), layout, whole);
    wick_test::check_source(ConcatSource<NpySource>(paths, {.engine = Engine::pread}), layout, whole);
    wick_test::check_source(ConcatSource(std::vector<NpySource>(paths.begin(), paths.end())), layout, whole);
}

TEST_CASE("concat: paths can be written in place, two of them too") {
    const std::string one = data + "i32_little.npy";
    CHECK(ConcatSource<NpySource>({one}).size() == NpySource(one).size());
    CHECK(ConcatSource<NpySource>({one, one}).size() == 2 * NpySource(one).size());
    const char* const name = one.c_str();
    CHECK(ConcatSource<NpySource>({name, name}).size() == 2 * NpySource(one).size());
    CHECK(ConcatSource<NpySource>({name, name, name}).size() == 3 * NpySource(one).size());
}

TEST_CASE("concat: every source says for itself how it reads, if it can") {
    CHECK(ConcatSource<wick_test::FakeSpeakingSource>(
              {wick_test::FakeSpeakingSource(3), wick_test::FakeSpeakingSource(4)})
              .explain() == "3 rows of a fake\n4 rows of a fake");
    static_assert(!wick::Explainable<ConcatSource<wick_test::FakeSource>>);
}

TEST_CASE("concat: every source is told of its own rows, and where in it the first block begins") {
    const wick_test::FakeForesightedSource first(10, 2), second(7, 9), third(20, 4, 6);
    ConcatSource<wick_test::FakeForesightedSource> all({first, second, third});
    wick::Access access{.block_rows = 8, .first_row = 3, .memory_bytes = 80};
    all.prepare(access);
    CHECK(first.told()->accesses.at(0).first_row == 3);   // blocks from 3, 11, 19, 27 on
    CHECK(second.told()->accesses.at(0).first_row == 1);  // 11 is row 1 of it
    CHECK(third.told()->accesses.at(0).first_row == 2);   // 19 is row 2 of it
    CHECK(access.memory_bytes == 30);
    CHECK(first.told()->accesses[0].memory_bytes == 21);   // 80 * 10 / 37
    CHECK(second.told()->accesses[0].memory_bytes == 17);  // 69 * 7 / 27
    CHECK(third.told()->accesses[0].memory_bytes == 60);   // all that is left
    CHECK(first.told()->accesses[0].page_cache_share == Approx(10.0 / 37));
    CHECK(third.told()->accesses[0].page_cache_share == Approx(20.0 / 37));
    all.prefetch(std::vector<wick::Index>{16, 0, 17, 36});
    CHECK(first.told()->rows == std::vector<wick::Index>{0});
    CHECK(second.told()->rows == std::vector<wick::Index>{6});
    CHECK(third.told()->rows == std::vector<wick::Index>{0, 19});
    CHECK(all.prefetch_distance() == 7);  // among 37 rows 2 of the first source's
    CHECK(all.block_rows() == 6);
}

TEST_CASE("concat: a row that is not there is not told to any source, but refused") {
    const wick_test::FakeForesightedSource first(10, 2), second(7, 9);
    const ConcatSource<wick_test::FakeForesightedSource> all({first, second});
    for (const wick::Index row : {17, -1})
        CHECK_THROWS_MATCHES(
            all.prefetch(std::vector<wick::Index>{3, row}), std::out_of_range,
            MessageMatches(ContainsSubstring("row " + std::to_string(row) + " is outside [0, 17)")));
    CHECK((first.told()->rows.empty() && second.told()->rows.empty()));
}

TEST_CASE(
    "concat: of a window of blocks every source is told its part, and where rows come in order all of it") {
    const wick_test::FakeForesightedSource first(600, 5), second(200, 6), none(0, 7);
    ConcatSource<wick_test::FakeForesightedSource> all({first, second, none});
    wick::Access access{.block_rows = 2, .window_blocks = 64, .memory_bytes = 800};
    all.prepare(access);
    CHECK(first.told()->accesses.at(0).window_blocks == 64);   // 48 and three times its root are more
    CHECK(second.told()->accesses.at(0).window_blocks == 29);  // 16 + 3 * 4 + 1
    CHECK((first.told()->accesses[0].memory_bytes == 600 && second.told()->accesses[0].memory_bytes == 500));
    CHECK(all.prefetch_distance() == 6);  // 5 * 8 / 6
    access = {.block_rows = 2, .window_blocks = 64, .in_order = true, .memory_bytes = 800};
    all.prepare(access);
    CHECK(second.told()->accesses.at(1).window_blocks == 64);
    CHECK((first.told()->accesses[1].memory_bytes == 800 && second.told()->accesses[1].memory_bytes == 400));
    CHECK(all.prefetch_distance() == 5);
}

TEST_CASE("concat: the last source is offered all the memory that is left, however much that is") {
    const wick_test::FakeForesightedSource source(10, 1);
    ConcatSource<wick_test::FakeForesightedSource> all(std::vector{source});
    wick::Access access{.memory_bytes = SIZE_MAX};
    all.prepare(access);
    CHECK(source.told()->accesses.at(0).memory_bytes == SIZE_MAX);
}
