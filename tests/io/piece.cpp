// SPDX-License-Identifier: MIT
#include <wick/io/piece.hpp>

#include "support/catch.hpp"

TEST_CASE("piece: it ends behind its last byte") {
    CHECK(wick::detail::Piece{nullptr, 10, 5, nullptr}.end() == 15);
    CHECK(wick::detail::Piece{nullptr, 10, 0, nullptr}.end() == 10);
}
