// SPDX-License-Identifier: MIT
// What the system refuses or does by halves costs no byte, by any engine, as <wick/source/raw.hpp> and
// <wick/source/npy.hpp> meet it. The law is a list of faults.

#include "support/faults.hpp"

#include "support/catch.hpp"
#include "support/fault_data.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <iterator>
#include <string_view>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using wick::Engine;
using wick::Index;
using namespace wick_test;

namespace {

struct Fault {
    std::string_view name;
    std::function<void(Faults&)> set;
    std::vector<std::pair<Engine, Call>> meets;  // engines that are sure to make such calls
};

void check_met(const Fault& fault, const Faults& faults, Engine engine) {
    for (const auto& [by, call] : fault.meets) {
        const bool needs_ring = call == Call::ring_read || call == Call::open_direct;
        if (by == engine && (has_ring() || !needs_ring)) CHECK(faults.hits(call) > 0);
    }
}

std::vector<Fault> harmless() {
    const auto fail = [](Call call, int error, int times = Faults::always, int after = 0) {
        return [=](Faults& faults) { faults.fail(call, error, times, after); };
    };
    const auto shorten = [](Call call, std::size_t bytes, int times = Faults::always, int after = 0) {
        return [=](Faults& faults) { faults.shorten(call, bytes, times, after); };
    };
    using enum Call;
    return {
        {"reads of 100 bytes at most", shorten(pread, 100), {{Engine::pread, pread}}},
        {"one read that comes short", shorten(pread, 1, 1, 2), {{Engine::pread, pread}}},
        {"reads that signals interrupt", fail(pread, EINTR, 20, 1), {{Engine::pread, pread}}},
        {"direct reads of 512 bytes at most", shorten(ring_read, 512), {{Engine::direct, ring_read}}},
        {"direct reads of 5000 bytes at most", shorten(ring_read, 5000), {{Engine::direct, ring_read}}},
        {"direct reads of nothing", shorten(ring_read, 0), {{Engine::direct, ring_read}}},
        {"one direct read of half its bytes", shorten(ring_read, 512, 1, 3), {{Engine::direct, ring_read}}},
        {"direct reads that fail", fail(ring_read, EIO), {{Engine::direct, ring_read}}},
        {"one direct read that fails", fail(ring_read, EIO, 1, 5), {{Engine::direct, ring_read}}},
        {"direct reads to be tried again", fail(ring_read, EAGAIN, 30), {{Engine::direct, ring_read}}},
        {"direct reads interrupted", fail(ring_read, EINTR, 30, 1), {{Engine::direct, ring_read}}},
        {"direct reads at an alignment refused", fail(ring_read, EINVAL), {{Engine::direct, ring_read}}},
        {"direct reads cancelled", fail(ring_read, ECANCELED, 9, 9), {{Engine::direct, ring_read}}},
        {"no ring in this kernel", fail(ring_setup, ENOSYS), {{Engine::direct, ring_setup}}},
        {"rings forbidden", fail(ring_setup, EPERM), {{Engine::direct, ring_setup}}},
        {"too little memory that may be locked", fail(ring_setup, ENOMEM), {{Engine::direct, ring_setup}}},
        {"no descriptor for a ring", fail(ring_setup, EMFILE), {{Engine::direct, ring_setup}}},
        {"a ring that cannot be mapped", fail(map_ring, ENOMEM), {}},
        {"half a ring that can be mapped", fail(map_ring, ENOMEM, Faults::always, 1), {}},
        {"starts interrupted", fail(ring_enter, EINTR, 7), {}},
        {"starts to be tried again", fail(ring_enter, EAGAIN, 50), {}},
        {"a ring that is busy", fail(ring_enter, EBUSY, 50), {}},
        {"no memory to start reads", fail(ring_enter, ENOMEM, 1, 1), {}},
        {"starts refused from now on", fail(ring_enter, EPERM), {}},
        {"starts to be tried again for ever", fail(ring_enter, EAGAIN), {}},
        {"no direct reads on this file system", fail(open_direct, EINVAL), {{Engine::direct, open_direct}}},
        {"no second descriptor", fail(open_direct, EMFILE), {{Engine::direct, open_direct}}},
        {"no advice on memory", fail(madvise, EINVAL), {}},
        {"memory that cannot be filled", fail(madvise, EFAULT), {}},
        {"no advice on files", fail(fadvise, EINVAL), {}},
        {"residency not told", fail(cachestat, ENOSYS), {}},
        {"residency forbidden",
         [](Faults& faults) { faults.fail(Call::cachestat, EPERM).fail(Call::mincore, ENOMEM); },
         {}},
        {"nothing but pread",
         [](Faults& faults) {
             for (const Call call : {ring_setup, open_direct, madvise, fadvise, cachestat, mincore})
                 faults.fail(call, EPERM);
             faults.shorten(pread, 777);
         },
         {{Engine::pread, pread}}},
        {"direct reads fail, and ordinary ones come short and are interrupted",
         [](Faults& faults) { faults.fail(ring_read, EIO, 40).shorten(pread, 99, 60); },
         {{Engine::direct, ring_read}, {Engine::direct, pread}}},
        {"a network file system", [](Faults& faults) { faults.pretend_network(); }, {}},
    };
}

}  // namespace

TEST_CASE("faults: what the system refuses or does by halves costs no byte") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const FaultData data;
    for (const Fault& fault : harmless()) {
        INFO(name(engine) << ", " << fault.name);
        data.drop();
        Faults faults;
        fault.set(faults);
        const auto raw = data.raw(engine);
        CHECK(end_of_read(raw, data, 1) == End::right);
        CHECK(end_of_read(raw, data, 2) == End::right);
        check_met(fault, faults, engine);
        CHECK(end_of_read(data.npy(engine), data, 3) == End::right);
    }
}

TEST_CASE("faults: a fault that begins between two reads costs no byte of the later one") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const FaultData data;
    for (const Fault& fault : harmless()) {
        INFO(name(engine) << ", " << fault.name);
        data.drop();
        const auto source = data.npy(engine);
        CHECK(end_of_read(source, data, 1) == End::right);
        Faults faults;
        fault.set(faults);
        for (unsigned read = 2; read < 5; ++read) CHECK(end_of_read(source, data, read) == End::right);
    }
}

TEST_CASE(
    "faults: blocks that are read ahead have the right bytes, and what fails there is read by who asks") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const FaultData data;
    for (const Fault& fault : harmless()) {
        INFO(name(engine) << ", " << fault.name);
        data.drop();
        auto source = data.raw(engine);
        wick::Access access{.block_rows = 60, .window_blocks = 5, .memory_bytes = std::size_t{1} << 30};
        source.prepare(access);
        Faults faults;
        fault.set(faults);
        for (unsigned read = 1; read < 5; ++read) {
            source.prefetch(some_rows(read + 1));
            CHECK(end_of_read(source, data, read) == End::right);
        }
    }
}

TEST_CASE("faults: where a file cannot be mapped, only who insists on it hears of it") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const FaultData data;
    for (const int error : {ENODEV, ENOMEM, EAGAIN}) {
        INFO(name(engine) << ", error " << error);
        Faults faults;
        faults.fail(Call::map_file, error);
        if (engine == Engine::mapped)
            CHECK_THROWS_MATCHES(data.raw(engine), wick::Error,
                                 MessageMatches(ContainsSubstring("data.npy")));
        else
            CHECK(end_of_read(data.raw(engine), data, 1) == End::right);
    }
}

TEST_CASE("faults: a file on a network file system is not mapped unasked") {
    const FaultData data;
    Faults faults;
    faults.pretend_network().fail(Call::map_file, EIO);
    CHECK(end_of_read(data.raw(Engine::automatic), data, 1) == End::right);
    CHECK(faults.hits(Call::map_file) == 0);
}

TEST_CASE(
    "faults: without a byte of memory that may be locked, and without a descriptor left, rows are read") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const FaultData data;
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_MEMLOCK, &before) == 0);
    const rlimit none{0, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_MEMLOCK, &none) == 0);
    CHECK(end_of_read(data.raw(engine), data, 1) == End::right);
    REQUIRE(::setrlimit(RLIMIT_MEMLOCK, &before) == 0);

    const auto source = data.raw(engine);
    std::vector<wick::detail::Descriptor> all;
    for (int number = ::dup(STDIN_FILENO); number >= 0; number = ::dup(STDIN_FILENO))
        all.emplace_back(number);
    CHECK(end_of_read(source, data, 2) == End::right);
    CHECK_THROWS_AS(data.raw(engine), wick::Error);
    all.clear();
    CHECK(end_of_read(data.raw(engine), data, 3) == End::right);
}

TEST_CASE("faults: threads that share a source each get right bytes or an Error, whoever meets the fault") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const FaultData data;
    const auto source = data.npy(engine);
    std::atomic<int> right{0}, failed{0}, wrong{0};
    {
        Faults faults;
        faults.fail(Call::ring_read, EIO, 200, 100)
            .fail(Call::pread, EIO, 3, 500)
            .fail(Call::madvise, EAGAIN, 12);
        faults.fail(Call::ring_enter, EAGAIN, 20, 10).fail(Call::ring_setup, ENOMEM, 1);
        std::vector<std::thread> threads;
        for (unsigned thread = 0; thread < 4; ++thread)
            threads.emplace_back([&, thread] {
                for (unsigned read = 0; read < 10; ++read)
                    switch (end_of_read(source, data, 10 * thread + read)) {
                        case End::right: ++right; break;
                        case End::error: ++failed; break;
                        case End::wrong: ++wrong; break;
                    }
            });
        for (std::thread& thread : threads) thread.join();
    }
    CHECK(wrong == 0);
    CHECK(failed <= 3);
    CHECK(right + failed == 40);
    CHECK(end_of_read(source, data, 99) == End::right);
}
