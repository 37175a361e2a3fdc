// SPDX-License-Identifier: MIT
// Catch2's main, compiled once for all suites: in v2 it takes longer than any test.

#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
#else
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
