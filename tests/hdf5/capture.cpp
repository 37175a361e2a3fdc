// SPDX-License-Identifier: MIT
#include <wick/hdf5/capture.hpp>

#include "support/catch.hpp"
#include "support/hdf5_cases.hpp"

#include <array>

#if !H5_VERSION_GE(1, 14, 0)

using wick::detail::Hdf5Capture;
using wick::detail::Hdf5Lock;
using wick_test::hdf5_data;

TEST_CASE("hdf5/capture: a chunk is found where its bytes lie, with the user block", "[hdf5]") {
    const Hdf5Lock lock;
    for (const int user_block : {512, 2048}) {
        const std::string path = hdf5_data + "user_block_" + std::to_string(user_block) + ".h5";
        const Hdf5Capture capture({path, "/chunked"});
        const std::array<hsize_t, 2> first{3, 4};
        const auto chunk = capture.find(first.data());
        REQUIRE(chunk);
        CHECK(chunk->bytes == 48);
        // Rows 3 to 5, columns 4 to 7, of which two are there: (6 row + column) / 3.
        const auto whole = wick_test::bytes_of(path);
        std::int32_t values[12];
        REQUIRE(chunk->offset + sizeof values <= whole.size());
        std::memcpy(values, whole.data() + chunk->offset, sizeof values);
        for (int row = 0; row < 3; ++row)
            for (int column = 0; column < 2; ++column)
                CHECK(values[4 * row + column] == (6 * (row + 3) + column + 4) / 3);
    }
}

TEST_CASE("hdf5/capture: a chunk that was never written is not found, and the next one is", "[hdf5]") {
    const Hdf5Lock lock;
    for (const char* const file : {"layouts_old.h5", "layouts_new.h5"}) {
        const Hdf5Capture capture({hdf5_data + file, "/missing_gzip"});
        const std::array<hsize_t, 2> missing{0, 0}, written{3, 0};
        CHECK_FALSE(capture.find(missing.data()));
        CHECK(capture.find(written.data()));
        CHECK_FALSE(capture.find(missing.data()));
    }
}

TEST_CASE("hdf5/capture: no file and no dataset are refused", "[hdf5]") {
    const Hdf5Lock lock;
    CHECK_THROWS_AS(Hdf5Capture({hdf5_data + "no.h5", "/x"}), wick::Error);
    CHECK_THROWS_AS(Hdf5Capture({hdf5_data + "types.h5", "/x"}), wick::Error);
}

#endif
