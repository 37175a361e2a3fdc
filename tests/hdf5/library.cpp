// SPDX-License-Identifier: MIT
#include <wick/hdf5/library.hpp>

#include "support/catch.hpp"

#include <atomic>
#include <thread>
#include <vector>

using wick::detail::Hdf5Lock;
using wick::detail::Hdf5Place;

namespace {

herr_t count_prints(hid_t, void* prints) {
    ++*static_cast<int*>(prints);
    return 0;
}

}  // namespace

TEST_CASE("hdf5/library: nothing is printed while the lock is held, and again afterwards", "[hdf5]") {
    int prints = 0;
    H5E_auto2_t before = nullptr;
    void* before_data = nullptr;
    H5Eget_auto2(H5E_DEFAULT, &before, &before_data);
    H5Eset_auto2(H5E_DEFAULT, count_prints, &prints);
    {
        const Hdf5Lock lock;
        const Hdf5Lock again;
        CHECK(H5Dget_type(-1) < 0);
        CHECK(prints == 0);
    }
    CHECK(H5Dget_type(-1) < 0);
    CHECK(prints == 1);
    H5Eset_auto2(H5E_DEFAULT, before, before_data);
}

TEST_CASE("hdf5/library: one thread at a time holds the lock, and it may hold it twice", "[hdf5]") {
    std::atomic<int> inside{0}, most{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int turn = 0; turn < 200; ++turn) {
                    const Hdf5Lock lock;
                    const Hdf5Lock again;
                    const int now = ++inside;
                    if (now > most) most = now;
                    std::this_thread::yield();
                    --inside;
                }
            });
    }
    CHECK(most == 1);
}

TEST_CASE("hdf5/library: a failure is told with file, dataset and the library's reason", "[hdf5]") {
    const Hdf5Lock lock;
    const Hdf5Place place{"a.h5", "/x"};
    CHECK(H5Dget_type(-1) < 0);
    const wick::Error failure = place.failure("cannot be read");
    CHECK_THAT(failure.what(),
               ContainsSubstring("a.h5: dataset /x: cannot be read: the HDF5 library says \""));
    CHECK(place.error(7, "is odd").offset() == 7);
    H5Eclear2(H5E_DEFAULT);
    CHECK(wick::detail::hdf5_reason() == "the HDF5 library gives no reason");
}
