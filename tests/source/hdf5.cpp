// SPDX-License-Identifier: MIT
#include <wick/source/hdf5.hpp>

#include "contract/source.hpp"
#include "support/catch.hpp"
#include "support/hdf5_cases.hpp"
#include "support/hdf5_writer.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::literals;
using wick::Dtype;
using wick::Hdf5Source;
using wick::Index;
using wick_test::hdf5_data;

namespace {

auto says(const std::string& words) { return MessageMatches(ContainsSubstring(words)); }

/// A copy of a golden file, with some of its bytes changed.
class Damaged {
public:
    explicit Damaged(const std::string& file) : bytes_(wick_test::bytes_of(hdf5_data + file)) {}

    /// Where the bytes of `pattern` stand for the first time from `from` on.
    std::size_t find(std::string_view pattern, std::size_t from = 0) const {
        const auto wanted = std::as_bytes(std::span(pattern.data(), pattern.size()));
        const auto at = std::search(bytes_.begin() + static_cast<std::ptrdiff_t>(from), bytes_.end(),
                                    wanted.begin(), wanted.end());
        REQUIRE(at != bytes_.end());
        return static_cast<std::size_t>(at - bytes_.begin());
    }

    std::vector<std::byte>& bytes() { return bytes_; }

    std::filesystem::path write(const wick_test::TempDir& dir) const {
        return dir.write("damaged.h5", bytes_);
    }

private:
    std::vector<std::byte> bytes_;
};

/// The first `count` rows that an Hdf5Writer writes.
std::vector<std::byte> written_rows(int count) {
    std::vector<std::int32_t> values;
    for (int row = 0; row < count; ++row) values.push_back(row + 1);
    return wick_test::bytes_of_values(values);
}

}  // namespace

TEST_CASE("hdf5: what h5py wrote is read as it was written, directly and by the library", "[hdf5]") {
    const auto cases = wick_test::hdf5_cases();
    REQUIRE(cases.size() > 100);
    for (const auto& one : cases) {
        INFO(one.name);
        const Hdf5Source source(one.path(), one.dataset, {.member = one.member});
        CHECK(source.size() == one.rows);
        CHECK(source.block_rows() == one.block);
        const bool by_library = one.how == "library" || one.how == "converted" || one.how == "virtual";
        CHECK_THAT(source.access(), ContainsSubstring(one.how));
        CHECK((source.access().find("library") != std::string::npos) == by_library);
        wick_test::check_source(source, one.layout, one.bytes());
        if (by_library || one.file == "filters.h5") continue;  // the library has no plugins for those
        const Hdf5Source library(one.path(), one.dataset, {.member = one.member, .through_library = true});
        CHECK((one.rows == 0 || one.layout.bytes() == 0 ||
               ContainsSubstring("library").match(library.access())));
        const std::vector<Index> rows = wick_test::orders(one.rows).back();
        CHECK((wick_test::read_rows(library, rows) ==
               wick_test::cut_rows(one.bytes(), one.layout.bytes(), rows)));
    }
}

TEST_CASE("hdf5: contiguous data are read by every engine", "[hdf5]") {
    for (const wick::Engine engine : {wick::Engine::mapped, wick::Engine::pread, wick::Engine::direct})
        for (const char* const name : {"f32_little", "f64_big"}) {
            const Hdf5Source source(hdf5_data + "types.h5", name, {.engine = engine});
            wick_test::check_source(source, source.layout(),
                                    wick_test::bytes_of(hdf5_data + "types."s + name + ".bytes"));
        }
}

TEST_CASE("hdf5: a dataset that was hardly written gives its rows, and the fill value for the others",
          "[hdf5]") {
    for (const char* const file : {"layouts_old.h5", "layouts_new.h5"}) {
        const Hdf5Source source(hdf5_data + file, "sparse");
        CHECK(source.size() == 1 << 24);
        const auto bytes = wick_test::read_rows(source, {5, 4, 0, (1 << 24) - 1, 5});
        const std::vector<std::byte> six(2, std::byte{6});
        CHECK(std::ranges::equal(
            bytes, std::vector<std::byte>{six[0], six[0], {}, {}, {}, {}, {}, {}, six[0], six[0]}));
    }
}

TEST_CASE("hdf5: a cache for one chunk, or for none, changes nothing but the time", "[hdf5]") {
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{200}})
        for (const char* const name :
             {"rows_all", "part_rows_all", "columns_gzip", "four_all", "line_gzip"}) {
            const Hdf5Source source(hdf5_data + "layouts_new.h5", name, {.decoded_bytes = bytes});
            wick_test::check_source(source, source.layout(),
                                    wick_test::bytes_of(hdf5_data + "layouts_new."s + name + ".bytes"));
        }
}

TEST_CASE("hdf5: a loader's budget is taken for chunks, as far as they are in use together", "[hdf5]") {
    const auto taken = [](const char* name, wick::Access access,
                          std::optional<std::size_t> limit = std::nullopt) {
        Hdf5Source source(hdf5_data + "layouts_new.h5", name, {.decoded_bytes = limit});
        const std::size_t before = access.memory_bytes;
        source.prepare(access);
        wick_test::check_source(source, source.layout(),
                                wick_test::bytes_of(hdf5_data + "layouts_new."s + name + ".bytes"));
        return before - access.memory_bytes;
    };
    constexpr std::size_t much = std::size_t{1} << 30;
    // 20 rows in chunks of 3 rows: 7 chunks of 72 bytes, and of 225 in the file, which may be read ahead.
    CHECK(taken("rows_all", {.memory_bytes = much}) == 7 * 72 + 225);
    CHECK(taken("rows_all", {.memory_bytes = 100}) == 100);
    CHECK(taken("rows_all", {.memory_bytes = 0}) == 0);
    CHECK(taken("rows_all", {.memory_bytes = much}, 80) == 80 + 225);
    CHECK(taken("rows_all", {.block_rows = 3, .window_blocks = 1, .memory_bytes = much}) == 7 * 72 + 225);
    // 3000 rows in 1500 chunks of 2 bytes: windows of 10 blocks and 8 beside, each of 2 chunks. 20 rows on their way to
    // batches begin 5 blocks. Blocks that share chunks with others take all.
    CHECK(taken("many_gzip", {.block_rows = 4, .window_blocks = 10, .memory_bytes = much}) ==
          18 * 2 * 2 + 15'000);
    CHECK(taken("many_gzip",
                {.block_rows = 4, .window_blocks = 10, .memory_bytes = much, .batch_memory_bytes = 20}) ==
          23 * 2 * 2 + 15'000);
    CHECK(taken("many_gzip", {.block_rows = 4, .first_row = 1, .window_blocks = 10, .memory_bytes = much}) ==
          1500 * 2 + 15'000);
    // A tenth of them, and one chunk at each end.
    CHECK(taken("many_gzip", {.share = 0.1, .memory_bytes = much}) == 152 * 2 + 15'000);
    CHECK(taken("rows", {.memory_bytes = much}) == 0);
    CHECK(taken("part_rows", {.memory_bytes = much}) == 0);
}

TEST_CASE("hdf5: rows that are announced are read as they are, and the source tells how", "[hdf5]") {
    for (const wick::Engine engine : {wick::Engine::automatic, wick::Engine::pread, wick::Engine::direct})
        for (const char* const name : {"rows", "part_rows", "rows_all", "missing_gzip", "compact", "nbit"}) {
            const Hdf5Source source(hdf5_data + "layouts_new.h5", name, {.engine = engine});
            const std::vector<Index> rows = wick_test::orders(source.size()).back();
            CHECK(source.prefetch_distance() >= 0);
            source.prefetch(rows);
            const auto whole = wick_test::bytes_of(hdf5_data + "layouts_new."s + name + ".bytes");
            CHECK((wick_test::read_rows(source, rows) ==
                   wick_test::cut_rows(whole, source.layout().bytes(), rows)));
            CHECK_THAT(source.explain(), ContainsSubstring(source.access()));
        }
    CHECK_THAT(
        Hdf5Source(hdf5_data + "layouts_new.h5", "rows_all", {.engine = wick::Engine::pread}).explain(),
        ContainsSubstring("read through the page cache, as was asked for") &&
            ContainsSubstring("decoded chunks are kept in up to"));
}

TEST_CASE("hdf5: a row outside is refused also where it is only announced", "[hdf5]") {
    for (const char* const name : {"rows", "part_rows", "rows_all", "compact", "nbit"}) {
        const Hdf5Source source(hdf5_data + "layouts_new.h5", name);
        for (const Index bad : {Index{-1}, source.size(), std::numeric_limits<Index>::min()}) {
            const std::vector<Index> rows{0, bad};
            CHECK_THROWS_MATCHES(source.prefetch(rows), std::out_of_range,
                                 says("row " + std::to_string(bad) + " is outside [0, "));
        }
    }
}

TEST_CASE("hdf5: 16-bit data are bf16, and a byte of bits a bool, if the caller says so", "[hdf5]") {
    const std::string file = hdf5_data + "types.h5";
    for (const char* const name : {"bf16_as_u16", "bf16_as_void"})
        wick_test::check_source(Hdf5Source(file, name, {.dtype = Dtype::bf16}), {Dtype::bf16, {3}},
                                wick_test::bytes_of(hdf5_data + "types.bf16_as_u16.bytes"));
    CHECK_THROWS_MATCHES(Hdf5Source(file, "bf16_as_void"), wick::Error,
                         says("expected numbers, found opaque bytes"));
    wick_test::check_source(Hdf5Source(file, "bitfield", {.dtype = Dtype::boolean}), {Dtype::boolean, {2}},
                            wick_test::bytes_of(hdf5_data + "types.bitfield.bytes"));
    CHECK_NOTHROW(Hdf5Source(file, "f32_big", {.dtype = Dtype::f32}));
    CHECK_THROWS_MATCHES(Hdf5Source(file, "f32_big", {.dtype = Dtype::f64}), wick::Error,
                         says("expected f64, as the option .dtype says, found f32"));
}

#if H5_VERSION_GE(2, 0, 0)
TEST_CASE("hdf5: complex numbers of HDF5 2's own type are read in both orders", "[hdf5]") {
    using wick::detail::Hdf5Handle;
    const wick_test::TempDir dir;
    const std::vector<float> values{1, -2, 0.5F, 3, -4, 1e10F};  // 3 rows of a real and an imaginary part
    const bool big_endian = GENERATE(false, true), chunked = GENERATE(false, true);
    {
        const wick::detail::Hdf5Lock lock;
        const hid_t type = big_endian ? H5T_COMPLEX_IEEE_F32BE : H5T_COMPLEX_IEEE_F32LE;
        const hsize_t rows = 3, chunk = 2;
        const Hdf5Handle file(H5Fcreate((dir / "z.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT),
                              H5Fclose);
        const Hdf5Handle space(H5Screate_simple(1, &rows, nullptr), H5Sclose);
        const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
        if (chunked) H5Pset_chunk(creation.id(), 1, &chunk);
        const Hdf5Handle dataset(
            H5Dcreate2(file.id(), "z", type, space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT), H5Dclose);
        REQUIRE(H5Dwrite(dataset.id(), H5T_NATIVE_FLOAT_COMPLEX, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                         values.data()) >= 0);
    }
    for (const bool library : {false, true}) {
        const Hdf5Source source(dir / "z.h5", "z", {.through_library = library});
        CHECK(library == ContainsSubstring("library").match(source.access()));
        wick_test::check_source(source, {Dtype::c64, {}}, wick_test::bytes_of_values(values));
    }
}
#endif

TEST_CASE("hdf5: a family of files and a split file are read by the library", "[hdf5]") {
    const auto whole = wick_test::bytes_of(hdf5_data + "family_%d.data.bytes");
    for (const char* const name : {"family_%d.h5", "split.h5"}) {
        const Hdf5Source source(hdf5_data + name, "data");
        CHECK_THAT(source.access(), ContainsSubstring("library") && ContainsSubstring("several parts"));
        wick_test::check_source(source, {Dtype::i32, {6}}, whole);
    }
}

TEST_CASE("hdf5: the datasets of a file are listed, each by one path", "[hdf5]") {
    const std::vector<std::string> expected{"/data", "/group/hard"};
    CHECK(Hdf5Source::datasets(hdf5_data + "links.h5") == expected);
}

TEST_CASE("hdf5: a dataset that is missing is refused with the names of those that are there", "[hdf5]") {
    const std::string file = hdf5_data + "links.h5";
    const std::string there = "the file holds /data, /group/hard";
    CHECK_THROWS_MATCHES(Hdf5Source(file, "/no"), wick::Error,
                         says("links.h5: dataset /no: there is no /no; " + there));
    CHECK_THROWS_MATCHES(Hdf5Source(file, "group/no"), wick::Error, says("there is no /group/no; " + there));
    CHECK_THROWS_MATCHES(Hdf5Source(file, "data/no"), wick::Error, says("/data is no group"));
    CHECK_THROWS_MATCHES(Hdf5Source(file, "group"), wick::Error, says("is a group, not a dataset; " + there));
    CHECK_THROWS_MATCHES(Hdf5Source(file, ""), wick::Error, says("is a group, not a dataset; " + there));
    CHECK_THROWS_MATCHES(Hdf5Source(hdf5_data + "types.h5", "a_type"), wick::Error,
                         says("is a type, not a dataset"));
    CHECK_THROWS_MATCHES(Hdf5Source(hdf5_data + "types.h5", "no"), wick::Error, says(", ..."));
}

TEST_CASE("hdf5: links that lead nowhere, round in circles or out of the folder are refused", "[hdf5]") {
    const auto [name, words] = GENERATE(table<std::string, std::string>({
        {"dangling", "there is no /no"},
        {"loop_a", "more than 64 links lead to one another"},
        {"loop_out", "more than 64 links lead to one another"},
        {"missing_file", "leads to "},
        {"missing_object", "there is no /no in "},
        {"absolute", "names /nowhere/target.h5, which lies outside"},
        {"climbs", "names ../hdf5/below/target.h5, which lies outside"},
        {"there_and_back", "names ../links.h5, which lies outside"},
    }));
    CHECK_THROWS_MATCHES(Hdf5Source(hdf5_data + "links.h5", name), wick::Error, says(words));
}

TEST_CASE("hdf5: names that lead out of the folder are followed if the caller allows it", "[hdf5]") {
    const auto whole = wick_test::bytes_of(hdf5_data + "links.data.bytes");
    for (const char* const name : {"climbs", "there_and_back"})
        wick_test::check_source(Hdf5Source(hdf5_data + "links.h5", name, {.outside = true}),
                                {Dtype::i32, {3}}, whole);
    CHECK_THROWS_MATCHES(Hdf5Source(hdf5_data + "links.h5", "absolute", {.outside = true}), wick::Error,
                         says("leads to /nowhere/target.h5, which does not exist"));
    CHECK_NOTHROW(Hdf5Source(hdf5_data + "virtual.h5", "climbs", {.outside = true}));
    CHECK_THROWS_MATCHES(
        Hdf5Source(hdf5_data + "external.h5", "climbs", {.outside = true}), wick::Error,
        says("second.raw: byte 60: expected 96 bytes from byte 0 on, as dataset /climbs of "));
}

TEST_CASE("hdf5: external files that are missing, too short or out of the folder are refused", "[hdf5]") {
    const auto [name, words] = GENERATE(table<std::string, std::string>({
        {"missing", "no.raw, which does not exist"},
        {"short", "short.raw: byte 95: expected 96 bytes from byte 0 on, as dataset /short of "},
        {"climbs", "names ../hdf5/second.raw, which lies outside"},
        {"absolute", "names /nowhere/second.raw, which lies outside"},
    }));
    for (const bool library : {false, true})
        CHECK_THROWS_MATCHES(Hdf5Source(hdf5_data + "external.h5", name, {.through_library = library}),
                             wick::Error, says(words));
}

TEST_CASE("hdf5: sources of a virtual dataset that are missing or out of the folder are refused", "[hdf5]") {
    const auto [name, words] = GENERATE(table<std::string, std::string>({
        {"missing_file", "no.h5 does not exist"},
        {"missing_data", "there is no /no"},
        {"climbs", "names ../hdf5/below/part_0.h5, which lies outside"},
        {"absolute", "names /nowhere/part_0.h5, which lies outside"},
    }));
    CHECK_THROWS_MATCHES(Hdf5Source(hdf5_data + "virtual.h5", name), wick::Error, says(words));
}

TEST_CASE("hdf5: what is no number is refused by its name", "[hdf5]") {
    const auto [name, words] = GENERATE(table<std::string, std::string>({
        {"refused_text", "found strings"},
        {"refused_long_text", "found strings of variable length"},
        {"refused_ragged", "found sequences of variable length"},
        {"refused_reference", "found references"},
        {"refused_opaque", "found opaque bytes (5 each)"},
        {"refused_long_double", "found floats of 16 bytes"},
        {"refused_scalar", "is a scalar, which has no rows"},
        {"refused_null", "is empty by its type"},
        {"refused_time", "found times"},
        {"table_whole",
         "found compounds of id, energy, hits, inner, amplitude, good (choose one by the option .member)"},
    }));
    CHECK_THROWS_MATCHES(Hdf5Source(hdf5_data + "types.h5", name), wick::Error,
                         says("types.h5: dataset /" + name + ": ") && says(words));
}

TEST_CASE("hdf5: a member that is not there is refused with those that are", "[hdf5]") {
    const std::string file = hdf5_data + "types.h5";
    CHECK_THROWS_MATCHES(
        Hdf5Source(file, "table_whole", {.member = "mass"}), wick::Error,
        says("expected a member \"mass\", as the option .member says, found only id, energy"));
    CHECK_THROWS_MATCHES(Hdf5Source(file, "table_whole", {.member = "inner.no"}), wick::Error,
                         says("expected a member \"no\", as the option .member says, found only tag, place"));
    CHECK_THROWS_MATCHES(Hdf5Source(file, "table_whole", {.member = "inner.tag"}), wick::Error,
                         says("found strings"));
    CHECK_THROWS_MATCHES(Hdf5Source(file, "f32_big", {.member = "x"}), wick::Error,
                         says("found no compound"));
}

TEST_CASE("hdf5: a chunk that is corrupt is refused with its file, dataset, place and byte", "[hdf5]") {
    const wick_test::TempDir dir;
    const Hdf5Source whole(hdf5_data + "layouts_new.h5", "noise");
    // The library's zlib stream begins with these two bytes at level 4; `noise` holds the first ones of its file
    // that are as long as a chunk of it.
    for (const char* const name : {"noise", "rows_all", "fletcher_only"}) {
        INFO(name);
        Damaged file("layouts_new.h5");
        const auto place =
            wick::detail::open_dataset({.file = hdf5_data + "layouts_new.h5", .dataset = name});
        const auto grid = *wick::detail::grid_of(place);
        const wick::detail::Hdf5Lock lock;
        const auto chunks = wick::detail::find_chunks(place, grid, file.bytes().size());
        REQUIRE(chunks.index);
        const auto last = chunks.index->size() - 1;
        const auto stored = *chunks.index->find(last);
        file.bytes()[static_cast<std::size_t>(stored.offset) + stored.bytes / 2] ^= std::byte{0x10};
        const auto path = file.write(dir);
        const Hdf5Source source(path, name);
        CHECK_THAT(source.access(), ContainsSubstring("directly"));
        std::vector<std::byte> out(source.layout().bytes());
        const std::vector<Index> first{0}, bad{source.size() - 1};
        CHECK_NOTHROW(source.read(first, out));
        try {
            source.read(bad, out);
            FAIL("read a corrupt chunk");
        } catch (const wick::Error& error) {
            CHECK(error.path() == path);
            CHECK(error.offset() == stored.offset);
            CHECK_THAT(error.what(),
                       ContainsSubstring("dataset /"s + name + ": chunk " + grid.name_of(last) + ": "));
        }
        CHECK_NOTHROW(source.read(first, out));
    }
}

TEST_CASE(
    "hdf5: a chunk that makes more or less than it should is refused in little memory, and others are read",
    "[hdf5]") {
    for (const char* const name : {"bomb", "short", "long"}) {
        const Hdf5Source source(hdf5_data + "damaged.h5", name);
        CHECK_THAT(source.access(), ContainsSubstring("decoded here"));
        const auto read = [&](Index row) { return wick_test::read_rows(source, {row}); };
        for (const Index row : {3, 4, 5})
            CHECK_THROWS_MATCHES(
                read(row), wick::Error,
                says("dataset /"s + name + ": chunk [1, 0]: ") && says("expected 72 bytes, found "));
        for (const Index row : {0, 2, 6, 8}) CHECK_NOTHROW(read(row));
    }
}

TEST_CASE("hdf5: a chunk that is said to lie outside the file is refused with its place", "[hdf5]") {
    const wick_test::TempDir dir;
    for (const char* const name : {"one_row", "part_rows", "rows_all"}) {
        INFO(name);
        Damaged file("layouts_old.h5");
        std::uint64_t offset = 0;
        {
            const wick::detail::Hdf5Lock lock;
            const auto dataset =
                wick::detail::open_dataset({.file = hdf5_data + "layouts_old.h5", .dataset = name});
            const auto found =
                wick::detail::find_chunks(dataset, *wick::detail::grid_of(dataset), file.bytes().size());
            REQUIRE(found.index);
            offset = found.index->find(1)->offset;
        }
        // The index names each place once, in 8 bytes.
        const std::string_view place(reinterpret_cast<const char*>(&offset), sizeof offset);
        for (const std::uint64_t wrong : {std::uint64_t{file.bytes().size()}, std::uint64_t{1} << 40}) {
            Damaged moved("layouts_old.h5");
            std::memcpy(moved.bytes().data() + moved.find(place), &wrong, sizeof wrong);
            CHECK_THROWS_MATCHES(Hdf5Source(moved.write(dir), name), wick::Error,
                                 says("found the file's end at byte "));
        }
    }
}

TEST_CASE("hdf5: numbers that are said to have bits beyond their bytes are refused", "[hdf5]") {
    const wick_test::TempDir dir;
    struct Wrong {
        const char* dataset;
        std::string_view type;  // as it stands in the file, behind 4 bytes: class, size, offset and precision
        std::size_t at;
        char byte;
        const char* words;
    };
    const std::string_view u4 = "\x01\x00\x00\x00\x10\x00\x00\x00\x04\x00\x00\x00\x00\x00\x20\x00"sv;
    const std::string_view f4 =
        "\x01\x00\x00\x00\x11\x20\x1f\x00\x04\x00\x00\x00\x00\x00\x20\x00\x17\x08\x00\x17"sv;
    for (const Wrong& wrong :
         {Wrong{"u32_little", u4, 4, 1, "within their 8 bits, found some that end at bit 32"},
          Wrong{"u32_little", u4, 8, 1, "within their 32 bits, found some that end at bit 33"},
          Wrong{"f32_little", f4, 4, 2, "within their 16 bits, found some that end at bit 32"},
          Wrong{"f32_little", f4, 8, 4, "within their 32 bits, found some that end at bit 36"},
          Wrong{"f32_little", f4, 13, 20, "within their 32 bits, found some that end at bit 43"}})
        for (const bool through_library : {false, true}) {
            INFO(wrong.dataset << " with " << int{wrong.byte} << " at " << wrong.at);
            Damaged file("types.h5");
            file.bytes()[file.find(wrong.type) + 4 + wrong.at] = static_cast<std::byte>(wrong.byte);
            const wick::Hdf5Options options{.through_library = through_library};
            CHECK_THROWS_MATCHES(Hdf5Source(file.write(dir), wrong.dataset, options), wick::Error,
                                 says(H5_VERSION_GE(1, 14, 0) ? "" : wrong.words));
        }
}

TEST_CASE("hdf5: a truncated file is refused wherever it is cut", "[hdf5]") {
    const wick_test::TempDir dir;
    const auto whole = wick_test::bytes_of(hdf5_data + "user_block_512.h5");
    for (std::size_t size = 1; size < whole.size(); size += 7) {
        const auto path = dir.write("cut.h5", std::span(whole).first(size));
        CHECK_THROWS_AS(Hdf5Source(path, "chunked"), wick::Error);
    }
}

TEST_CASE("hdf5: files of other formats that carry HDF5's name are told apart", "[hdf5]") {
    const wick_test::TempDir dir;
    const auto [start, words] = GENERATE(table<std::string, std::string>({
        {"\x0e\x03\x13\x01 and more", "an HDF4 file"},
        {"CDF\x01 and more", "a netCDF-3 file"},
        {"CDF\x02 and more", "a netCDF-3 file"},
        {"CDF\x05 and more", "a netCDF-3 file"},
        {"MATLAB 5.0 MAT-file, Platform: GLNXA64", "a MATLAB 5 file"},
        {"\x93NUMPY and more", "a .npy file"},
        {"PAR1 and more", "a Parquet file"},
        {"PK\x03\x04 and more", "a zip archive"},
        {"\x1f\x8b\x08 and more", "compressed by gzip as a whole"},
        {"version https://git-lfs.github.com/spec/v1", "a pointer of Git LFS"},
        {"x", "not an HDF5 file"},
        {"\x89HDF\r\n\x1a", "not an HDF5 file"},
    }));
    const auto path = dir.write("data.h5", start);
    CHECK_THROWS_MATCHES(Hdf5Source(path, "x"), wick::Error,
                         says("data.h5: byte 0: the signature of HDF5 is missing: it is " + words));
}

TEST_CASE("hdf5: no file, a directory and an empty file are refused by name", "[hdf5]") {
    const wick_test::TempDir dir;
    CHECK_THROWS_MATCHES(Hdf5Source(dir / "no.h5", "x"), wick::Error,
                         says("no.h5: cannot be opened: No such file"));
    CHECK_THROWS_MATCHES(Hdf5Source(dir.path(), "x"), wick::Error, says("is a directory"));
    CHECK_THROWS_MATCHES(Hdf5Source(dir.write("e.h5", ""sv), "x"), wick::Error, says("e.h5: is empty"));
}

TEST_CASE("hdf5: a file that another process writes to is refused, and read when that has closed it",
          "[hdf5]") {
    const bool swmr = GENERATE(false, true);
    const wick_test::TempDir dir;
    wick_test::Hdf5Writer writer(dir / "live.h5", swmr);
    const auto check_refused = [&] {
        for (const bool library : {false, true})
            CHECK_THROWS_MATCHES(Hdf5Source(dir / "live.h5", "x", {.through_library = library}), wick::Error,
                                 says("live.h5: is open for writing elsewhere"));
        CHECK_THROWS_MATCHES(Hdf5Source::datasets(dir / "live.h5"), wick::Error,
                             says("live.h5: is open for writing elsewhere"));
    };
    writer.create();
    check_refused();
    writer.append();
    check_refused();
    writer.append();
    writer.close();
    const Hdf5Source source(dir / "live.h5", "x");
    CHECK_THAT(source.access(), ContainsSubstring("directly"));
    wick_test::check_source(source, {Dtype::i32, {}}, written_rows(12));
}

TEST_CASE("hdf5: a file that another process begins to write to is refused from then on", "[hdf5]") {
    const bool swmr = GENERATE(false, true);
    const wick_test::TempDir dir;
    wick_test::Hdf5Writer writer(dir / "live.h5", swmr);
    writer.create();
    writer.append();
    writer.close();
    for (const wick::Engine engine : {wick::Engine::automatic, wick::Engine::pread}) {
        const Hdf5Source source(dir / "live.h5", "x", {.engine = engine});
        const std::vector<Index> rows{0, source.size() - 1};
        CHECK_NOTHROW(wick_test::read_rows(source, rows));
        writer.open();
        writer.append();
        CHECK_THROWS_MATCHES(wick_test::read_rows(source, rows), wick::Error,
                             says("changed since it was opened"));
        writer.close();
        CHECK_THROWS_MATCHES(wick_test::read_rows(source, rows), wick::Error,
                             says("changed since it was opened"));
    }
    wick_test::check_source(Hdf5Source(dir / "live.h5", "x"), {Dtype::i32, {}}, written_rows(18));
}

TEST_CASE(
    "hdf5: what this process writes itself is read through the library, whether it is in the file or not",
    "[hdf5]") {
    using wick::detail::Hdf5Handle;
    const wick_test::TempDir dir;
    std::filesystem::copy_file(hdf5_data + "links.h5", dir / "a.h5");
    const Hdf5Handle file(H5Fopen((dir / "a.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    const Hdf5Handle dataset(H5Dopen2(file.id(), "data", H5P_DEFAULT), H5Dclose);
    REQUIRE(dataset);
    const Hdf5Source source(dir / "a.h5", "data");
    CHECK_THAT(source.access(), ContainsSubstring("this process has the file open for writing"));
    wick_test::check_source(source, {Dtype::i32, {3}}, wick_test::bytes_of(hdf5_data + "links.data.bytes"));
    std::vector<std::int32_t> values(static_cast<std::size_t>(3 * source.size()), 7);
    REQUIRE(H5Dwrite(dataset.id(), H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    wick_test::check_source(source, {Dtype::i32, {3}}, wick_test::bytes_of_values(values));
}

namespace {

/// A dataset of one chunk, 1 2 3 4, that says it went through a filter.
void write_filtered(const std::filesystem::path& path, H5Z_filter_t filter) {
    using wick::detail::Hdf5Handle;
    const hsize_t extent = 4, first = 0;
    const unsigned char bytes[4] = {1, 2, 3, 4};
    const wick::detail::Hdf5Lock lock;
    const Hdf5Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    const Hdf5Handle space(H5Screate_simple(1, &extent, nullptr), H5Sclose);
    const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_chunk(creation.id(), 1, &extent);
    // Optional, or no dataset would be made; the chunk says that it went through it.
    H5Pset_filter(creation.id(), filter, H5Z_FLAG_OPTIONAL, 0, nullptr);
    const Hdf5Handle dataset(
        H5Dcreate2(file.id(), "x", H5T_STD_U8LE, space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
        H5Dclose);
    REQUIRE(dataset);
    REQUIRE(H5Dwrite_chunk(dataset.id(), H5P_DEFAULT, 0, &first, 4, bytes) >= 0);
}

}  // namespace

TEST_CASE("hdf5: a filter that nobody here knows is refused with its number and its plugin", "[hdf5]") {
    const auto [filter, words] = GENERATE(table<H5Z_filter_t, std::string>({
        {32013, "filter 32013 (zfp), whose plugin comes from H5Z-ZFP"},
        {32026, "filter 32026 (Blosc2), whose plugin comes from hdf5plugin of PyPI"},
    }));
    const wick_test::TempDir dir;
    write_filtered(dir / "filter.h5", filter);
    CHECK_THROWS_MATCHES(
        Hdf5Source(dir / "filter.h5", "x"), wick::Error,
        says("filter.h5: dataset /x: its chunks went through " + words) && says("HDF5_PLUGIN_PATH"));
}

TEST_CASE("hdf5: a filter that only the HDF5 library knows is left to it, and named", "[hdf5]") {
    const wick_test::TempDir dir;
    write_filtered(dir / "filter.h5", 32026);
    // What a plugin would be: it turns the bits of all bytes.
    H5Z_class2_t plugin{};
    plugin.version = H5Z_CLASS_T_VERS;
    plugin.id = 32026;
    plugin.encoder_present = plugin.decoder_present = 1;
    plugin.name = "turned";
    plugin.filter = [](unsigned, std::size_t, const unsigned*, std::size_t bytes, std::size_t*,
                       void** memory) -> std::size_t {
        auto* const values = static_cast<unsigned char*>(*memory);
        std::transform(values, values + bytes, values,
                       [](unsigned char byte) { return static_cast<unsigned char>(~byte); });
        return bytes;
    };
    {
        const wick::detail::Hdf5Lock lock;
        REQUIRE(H5Zregister(&plugin) >= 0);
    }
    {
        const Hdf5Source source(dir / "filter.h5", "x");
        CHECK_THAT(source.access(), ContainsSubstring("through the HDF5 library") &&
                                        ContainsSubstring("no decoder here for filter 32026 (Blosc2)"));
        const std::vector<unsigned char> expected{0xfe, 0xfd, 0xfc, 0xfb};
        wick_test::check_source(source, {Dtype::u8, {}}, wick_test::bytes_of_values(expected));
    }
    const wick::detail::Hdf5Lock lock;
    CHECK(H5Zunregister(plugin.id) >= 0);
}

TEST_CASE(
    "source/hdf5: a damaged header that says more than there is is refused before anything is read by it",
    "[hdf5][source]") {
    // Most were found by the fuzzer; the first ended in our copies, the others behind memory that the HDF5 library writes
    // to. Newer libraries refuse some of them themselves, in words of their own.
    const std::string found = WICK_TEST_DATA "/../fuzz/corpus/hdf5_file/";
    const auto refused = [](const char* reason) { return says(H5_VERSION_GE(1, 14, 0) ? "" : reason); };
    CHECK_THROWS_MATCHES(
        Hdf5Source(found + "member_outside_compound", "/x", {.member = "a"}), wick::Error,
        refused("expected the member \"a\" within the 9 bytes of its compound, found 8 bytes at 4125488626"));
    for (const bool through_library : {false, true}) {
        const wick::Hdf5Options options{.through_library = through_library};
        CHECK_THROWS_MATCHES(Hdf5Source(found + "compact_too_short", "/x", options), wick::Error,
                             refused("dataset /x: is compact: expected 180 bytes in its header, found 80"));
        CHECK_THROWS_MATCHES(
            Hdf5Source(found + "scaleoffset_other_chunk", "/x", options), wick::Error,
            refused(through_library
                        ? "filter 6 (scaleoffset): expected chunks of 8200 elements of 4 bytes, found 8 of 4"
                        : "expected 3 chunks, as many as the library counts, found 1 at places of its grid"));
    }
#if !H5_VERSION_GE(1, 14, 0)
    CHECK_THROWS_MATCHES(Hdf5Source(found + "plain_long_chunk", "/x"), wick::Error,
                         says("dataset /x: expected a chunk of 64 bytes, found one of 200"));
#endif
}
