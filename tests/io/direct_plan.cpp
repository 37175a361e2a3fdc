// SPDX-License-Identifier: MIT
#include <wick/io/direct_plan.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

using wick::detail::DirectRead;
using wick::detail::OpenFile;
using wick::detail::Piece;

namespace {

// Only its address is looked at.
const auto* const file_a = reinterpret_cast<const OpenFile*>(std::uintptr_t{4096});
const auto* const file_b = reinterpret_cast<const OpenFile*>(std::uintptr_t{8192});

std::vector<DirectRead> plan(std::vector<Piece>& pieces, std::size_t most) {
    std::vector<DirectRead> reads;
    wick::detail::sort_pieces(pieces);
    wick::detail::plan_reads(pieces, most, reads);
    return reads;
}

}  // namespace

TEST_CASE("direct plan: neighbours become one read, and what is wanted twice is read once") {
    std::vector<Piece> pieces{{file_a, 30'000, 1000, nullptr},
                              {file_a, 1000, 1000, nullptr},
                              {file_a, 31'000, 1000, nullptr},
                              {file_a, 1000, 1000, nullptr},
                              {file_a, 2500, 500, nullptr}};
    const auto reads = plan(pieces, 65'536);
    REQUIRE(reads.size() == 2);
    CHECK((reads[0].from == 1000 && reads[0].to == 3000 && reads[0].first == 0 && reads[0].pieces == 3));
    CHECK((reads[1].from == 30'000 && reads[1].to == 32'000 && reads[1].first == 3 && reads[1].pieces == 2));
}

TEST_CASE("direct plan: pieces of two files, or with more than a page between them, are two reads") {
    std::vector<Piece> pieces{{file_a, 0, 100, nullptr},
                              {file_b, 100, 100, nullptr},
                              {file_a, 4196, 100, nullptr},
                              {file_a, 8393, 100, nullptr}};
    const auto reads = plan(pieces, 65'536);
    REQUIRE(reads.size() == 3);
    CHECK((reads[0].file == file_a && reads[0].to == 4296));
    CHECK((reads[1].file == file_a && reads[1].from == 8393));
    CHECK((reads[2].file == file_b && reads[2].from == 100));
}

TEST_CASE("direct plan: a long piece is cut, one a little too long is not, an empty one is no read") {
    std::vector<Piece> pieces{
        {file_a, 7, 0, nullptr}, {file_a, 100'000, 3000, nullptr}, {file_b, 5, 1250, nullptr}};
    const auto reads = plan(pieces, 1000);
    REQUIRE(reads.size() == 4);
    CHECK((reads[0].from == 100'000 && reads[0].to == 101'000 && reads[2].to == 103'000));
    CHECK((reads[3].from == 5 && reads[3].to == 1255));
}

TEST_CASE("direct plan: a long piece is cut into equal reads of whole pages, with no little one at the end") {
    std::vector<Piece> pieces{{file_a, 8192, (1 << 20) + 4096, nullptr}};
    const auto reads = plan(pieces, 256 << 10);
    REQUIRE(reads.size() == 4);
    for (std::size_t i = 0; i < 4; ++i)
        CHECK((reads[i].from == 8192 + i * (65 << 12) && reads[i].bytes() > std::size_t{60} << 12));
    CHECK(reads[3].to == 8192 + (1 << 20) + 4096);
}

TEST_CASE("direct plan: every byte of every piece is in one of its reads, and no read is too long") {
    std::mt19937 random(3);
    for (int round = 0; round < 50; ++round) {
        std::vector<Piece> pieces;
        for (auto i = random() % 40; i > 0; --i)
            pieces.push_back(
                {random() % 2 == 0 ? file_a : file_b, random() % 50'000, random() % 9000, nullptr});
        const std::size_t most = 500 + random() % 8000;
        std::vector<std::vector<bool>> seen(pieces.size());
        const auto reads = plan(pieces, most);
        for (std::size_t i = 0; i < pieces.size(); ++i) seen[i].resize(pieces[i].bytes);
        for (const DirectRead& read : reads) {
            REQUIRE(read.bytes() <= wick::detail::longest_read(most));
            for (std::size_t i = read.first; i < read.first + read.pieces; ++i) {
                REQUIRE(pieces[i].file == read.file);
                for (std::size_t at = 0; at < pieces[i].bytes; ++at)
                    if (pieces[i].offset + at >= read.from && pieces[i].offset + at < read.to)
                        seen[i][at] = true;
            }
        }
        for (const auto& bytes : seen) REQUIRE(std::ranges::count(bytes, false) == 0);
    }
}
