// SPDX-License-Identifier: MIT
// A file that changes after it was opened: no engine gives a byte that is not of the file that was opened.

#include "support/catch.hpp"
#include "support/fault_data.hpp"
#include "support/faults.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ios>
#include <iterator>
#include <thread>
#include <vector>

using wick::Engine;
using wick::Index;
using namespace wick_test;

TEST_CASE(
    "faults: a file that was shrunk, grown, rewritten or replaced is an Error before a byte of it is given") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const std::function<void(const FaultData&)> changes[] = {
        [](const FaultData& data) { std::filesystem::resize_file(data.path, 100'000); },
        [](const FaultData& data) { std::filesystem::resize_file(data.path, 0); },
        [](const FaultData& data) { std::filesystem::resize_file(data.path, 4'000'000); },
        [](const FaultData& data) {
            // Only the time tells, and some file systems count it in steps of some milliseconds.
            std::fstream(data.path, std::ios::in | std::ios::out | std::ios::binary).seekp(5000).put('x');
            const auto time = std::filesystem::last_write_time(data.path);
            std::filesystem::last_write_time(data.path, time + std::chrono::seconds(1));
        },
        [](const FaultData& data) {
            std::filesystem::copy_file(data.path, data.dir / "other");
            std::filesystem::rename(data.dir / "other", data.path);
        }};
    for (const auto& change : changes) {
        const FaultData data;
        const auto source = data.raw(engine);
        CHECK(end_of_read(source, data, 1) == End::right);
        change(data);
        next_tick();
        CHECK(end_of_read(source, data, 2) == End::error);
        CHECK(end_of_read(source, data, 3) == End::error);
    }
}

TEST_CASE("faults: a file that was only deleted stays readable") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const FaultData data;
    const auto source = data.raw(engine);
    std::filesystem::remove(data.path);
    next_tick();
    for (unsigned read = 1; read < 4; ++read) CHECK(end_of_read(source, data, read) == End::right);
}

// A file that is open holds its file system, unless that is one that a server or a process stands behind.
TEST_CASE(
    "faults: a file whose file system was unmounted by force is an Error, and readable when it is back") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    for (const int error : {ESTALE, ENOTCONN, EIO}) {
        INFO(name(engine) << ", error " << error);
        const FaultData data;
        const auto source = data.raw(engine);
        CHECK(end_of_read(source, data, 1) == End::right);
        {
            Faults faults;
            faults.fail(Call::fstat, error);
            for (unsigned read = 2; read < 5; ++read) CHECK(end_of_read(source, data, read) == End::error);
            CHECK(faults.hits(Call::fstat) > 0);
        }
        if (engine == Engine::pread || engine == Engine::direct) {  // gone after it was asked for
            data.drop();
            Faults faults;
            faults.fail(Call::pread, error).fail(Call::ring_read, error);
            for (unsigned read = 2; read < 5; ++read) CHECK(end_of_read(source, data, read) == End::error);
            CHECK(faults.hits(Call::pread) > 0);
        }
        CHECK(end_of_read(source, data, 5) == End::right);
    }
}

TEST_CASE("faults: a file that shrinks in the middle of a read is an Error with the byte that is missing") {
    // Not by a mapping: there it is a signal, which <wick/io/bus_guard.hpp> is for.
    const Engine engine = GENERATE(Engine::pread, Engine::direct);
    for (const int after : {0, 1, 3}) {
        const FaultData data;
        const auto source = data.raw(engine);
        Faults faults;
        const auto shrink = [&] { std::filesystem::resize_file(data.path, 5000); };
        const bool by_ring = engine == Engine::direct && has_ring();
        faults.before(by_ring ? Call::ring_enter : Call::pread, shrink, by_ring ? 0 : after);
        const std::vector<Index> rows = some_rows(1);
        std::vector<std::byte> out(rows.size() * row_bytes, std::byte{0xEE});
        try {
            source.read(rows, out);
            FAIL("bytes that are no longer there were read");
        } catch (const wick::Error& error) {
            INFO(error.what());
            CHECK(error.path() == data.path);
            CHECK(error.offset() >= 5000);
        }
    }
}

TEST_CASE("faults: a file that shrinks while blocks of it are read ahead is an Error for who asks for them") {
    const Engine engine = GENERATE(Engine::pread, Engine::direct);
    for (const int after : {0, 1}) {
        const FaultData data;
        auto source = data.raw(engine);
        wick::Access access{.block_rows = 60, .window_blocks = 5, .memory_bytes = std::size_t{1} << 30};
        source.prepare(access);
        std::atomic<bool> shrunk{false};
        Faults faults;
        const bool by_ring = engine == Engine::direct && has_ring();
        faults.before(
            by_ring ? Call::ring_enter : Call::pread,
            [&] { std::filesystem::resize_file(data.path, 5000), shrunk = true; }, after);
        source.prefetch(some_rows(1));
        while (!shrunk) std::this_thread::yield();
        for (int again = 0; again < 3; ++again) CHECK(end_of_read(source, data, 1) == End::error);
    }
}
