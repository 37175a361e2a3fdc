// SPDX-License-Identifier: MIT
#include <wick/hdf5/loaded_rows.hpp>

#include "support/catch.hpp"

#include <cstring>
#include <string>
#include <vector>

TEST_CASE("hdf5/loaded_rows: rows are copied as they are, in any order", "[hdf5]") {
    const std::string text = "aabbccdd";
    std::vector<std::byte> bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    const wick::detail::LoadedRows rows(bytes, 2);
    const auto copy = rows;
    const std::vector<wick::Index> wanted{3, 0, 0, 2};
    std::string out(8, '?');
    copy.read(wanted, std::as_writable_bytes(std::span(out)));
    CHECK(out == "ddaaaacc");
}
