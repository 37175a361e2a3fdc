// SPDX-License-Identifier: MIT
#include <wick/hdf5/stored_bytes.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace std::literals;
using wick::File;
using wick::detail::Piece;
using wick::detail::StoredBytes;

namespace {

std::string read(const StoredBytes& stored, std::vector<std::pair<std::uint64_t, std::size_t>> wanted) {
    std::size_t all = 0;
    for (const auto& [offset, bytes] : wanted) all += bytes;
    std::string out(all, '?');
    std::vector<Piece> pieces;
    std::size_t at = 0;
    for (const auto& [offset, bytes] : wanted) {
        stored.add(offset, std::as_writable_bytes(std::span(out)).subspan(at, bytes), pieces);
        at += bytes;
    }
    stored.read(pieces);
    return out;
}

}  // namespace

TEST_CASE("hdf5/stored_bytes: pieces of one file are its bytes", "[hdf5]") {
    const wick_test::TempDir dir;
    const StoredBytes stored(std::make_shared<const File>(dir.write("a", "0123456789"sv)), {});
    CHECK(read(stored, {{3, 4}}) == "3456");
    CHECK(read(stored, {{8, 2}, {0, 0}, {0, 3}, {0, 3}}) == "89012012");
    CHECK_THROWS_AS(read(stored, {{8, 3}}), wick::Error);
}

TEST_CASE("hdf5/stored_bytes: a piece may begin in one stretch and end in another", "[hdf5]") {
    const wick_test::TempDir dir;
    const auto one = std::make_shared<const File>(dir.write("a", "##0123##"sv));
    const auto two = std::make_shared<const File>(dir.write("b", "456##789"sv));
    const StoredBytes stored(std::vector<wick::detail::StoredStretch>{{one, 2, 0}, {two, 0, 4}, {two, 5, 7}},
                             {});
    const std::string whole = "0123456789";
    for (std::size_t from = 0; from < 10; ++from)
        for (std::size_t bytes = 0; from + bytes <= 10; ++bytes)
            CHECK(read(stored, {{from, bytes}}) == whole.substr(from, bytes));
}

TEST_CASE("hdf5/stored_bytes: pieces that lie end to end, in the file and in memory, become one", "[hdf5]") {
    const wick_test::TempDir dir;
    const StoredBytes stored(std::make_shared<const File>(dir.write("a", "0123456789"sv)), {});
    std::vector<std::byte> out(10);
    std::vector<Piece> pieces;
    stored.add(0, wick::Bytes(out).first(3), pieces);
    stored.add(3, wick::Bytes(out).subspan(3, 3), pieces);
    CHECK(pieces.size() == 1);
    stored.add(6, wick::Bytes(out).subspan(7, 2), pieces);
    stored.add(9, wick::Bytes(out).subspan(9, 1), pieces);
    CHECK(pieces.size() == 3);
    CHECK(pieces[0].bytes == 6);
}

TEST_CASE("hdf5/stored_bytes: a file that changes is noticed before a read", "[hdf5]") {
    const wick_test::TempDir dir;
    const StoredBytes stored(std::make_shared<const File>(dir.write("a", "0123456789"sv)), {});
    CHECK_NOTHROW(stored.begin_read());
    dir.write("a", "0123456"sv);
    CHECK_THROWS_AS(stored.begin_read(), wick::Error);
    CHECK_THROWS_AS(read(stored, {{0, 3}}), wick::Error);
}
