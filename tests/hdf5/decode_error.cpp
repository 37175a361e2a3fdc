// SPDX-License-Identifier: MIT
#include <wick/hdf5/decode_error.hpp>

#include "support/catch.hpp"

#include <string>

TEST_CASE("decode_error: it says which filter expected what and found what", "[hdf5]") {
    const wick::detail::DecodeError error("deflate", wick::detail::bytes_text(4096), "12");
    CHECK(std::string(error.what()) == "deflate: expected 4096 bytes, found 12");
}

TEST_CASE("decode_error: one byte is not called bytes", "[hdf5]") {
    CHECK(wick::detail::bytes_text(0) == "0 bytes");
    CHECK(wick::detail::bytes_text(1) == "1 byte");
    CHECK(wick::detail::bytes_text(2) == "2 bytes");
}
