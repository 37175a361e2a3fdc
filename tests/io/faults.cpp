// SPDX-License-Identifier: MIT Whatever the system refuses, does by halves or takes away: a read ends with
// the right bytes or with an Error that names the file, by every engine. Each law is a list of faults, as
// <wick/source/raw.hpp> and <wick/source/npy.hpp> meet them.

#include "support/faults.hpp"

#include <wick/io/ring.hpp>
#include <wick/source/npy.hpp>
#include <wick/source/raw.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using wick::Engine;
using wick::Index;
using wick_test::Call;
using wick_test::Faults;

namespace {

// 2.9 MiB of rows that begin at no page, and that cross from one to the next.
constexpr Index row_count = 3000;
constexpr std::size_t row_bytes = 1000;
constexpr std::size_t header_bytes = 128;

/// A .npy file written by hand, and so a dump from byte 128 on; not in the page cache, where the system can
/// drop it.
struct Data {
    Data() : bytes(static_cast<std::size_t>(row_count) * row_bytes) {
        std::mt19937 random(7);
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
        using namespace std::literals;
        std::string header =
            "\x93NUMPY\x01\x00\x76\x00{'descr': '|u1', 'fortran_order': False, 'shape': (3000, 1000), }"s;
        header.resize(header_bytes - 1, ' ');
        header += '\n';
        std::vector<std::byte> file(header_bytes);
        std::transform(header.begin(), header.end(), file.begin(),
                       [](char c) { return static_cast<std::byte>(c); });
        file.insert(file.end(), bytes.begin(), bytes.end());
        path = dir.write("data.npy", std::span<const std::byte>(file));
        drop();
    }
    void drop() const {
        const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        ::fsync(number);
#if defined(POSIX_FADV_DONTNEED)
        ::posix_fadvise(number, 0, 0, POSIX_FADV_DONTNEED);
#endif
        ::close(number);
    }
    wick::RawSource raw(Engine engine) const {
        return {path, {wick::Dtype::u8, {row_bytes}}, {.offset = header_bytes, .engine = engine}};
    }
    wick::NpySource npy(Engine engine) const { return wick::NpySource(path, {.engine = engine}); }

    wick_test::TempDir dir;
    std::vector<std::byte> bytes;
    std::filesystem::path path;
};

/// Scattered rows, neighbours, the same row twice, the first and the last one; another mixture for each
/// number.
std::vector<Index> some_rows(unsigned number) {
    std::mt19937 random(number);
    std::vector<Index> rows{0, row_count - 1, 17, 17, 18, 19, 20};
    while (rows.size() < 300) rows.push_back(static_cast<Index>(random() % row_count));
    for (Index row = 1000; row < 1400; ++row) rows.push_back(row);
    return rows;
}

std::vector<std::byte> expected(const Data& data, wick::Rows rows) {
    std::vector<std::byte> bytes;
    for (const Index row : rows) {
        const auto first = data.bytes.begin() + row * static_cast<std::ptrdiff_t>(row_bytes);
        bytes.insert(bytes.end(), first, first + static_cast<std::ptrdiff_t>(row_bytes));
    }
    return bytes;
}

enum class End { right, error, wrong };

/// How a read ends; the memory is full of other bytes before it. An Error must name the file.
template <class Source>
End end_of_read(const Source& source, const Data& data, unsigned number) {
    const std::vector<Index> rows = some_rows(number);
    std::vector<std::byte> out(rows.size() * row_bytes, std::byte{0xEE});
    try {
        source.read(rows, out);
    } catch (const wick::Error& error) {
        return error.path() == data.path ? End::error : End::wrong;
    }
    return out == expected(data, rows) ? End::right : End::wrong;
}

constexpr Engine engines[] = {Engine::automatic, Engine::mapped, Engine::pread, Engine::direct};

std::string_view name(Engine engine) {
    switch (engine) {
        case Engine::automatic: return "automatic";
        case Engine::mapped: return "mapped";
        case Engine::pread: return "pread";
        default: return "direct";
    }
}

struct Fault {
    std::string_view name;
    std::function<void(Faults&)> set;
    std::vector<std::pair<Engine, Call>> meets;  // engines that are sure to make such calls
};

/// Whether this system has a queue for reads at all; where it has not, no read can fail in it.
bool has_ring() {
    static const bool works = wick::detail::Ring(4).works();
    return works;
}

void check_met(const Fault& fault, const Faults& faults, Engine engine) {
    for (const auto& [by, call] : fault.meets)
        if (by == engine && (has_ring() || call != Call::ring_read)) CHECK(faults.hits(call) > 0);
}

void next_tick() {
    for (const auto now = wick::File::tick(); wick::File::tick() == now;)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
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
    const Data data;
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
    const Data data;
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

TEST_CASE("faults: what cannot be read at all is an Error that names file and byte, and only then") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const Data data;
    for (const int error : {EIO, EBADF, ENOMEM, ESTALE})
        for (const int after : {0, 1, 5}) {
            INFO(name(engine) << ", error " << error << " after " << after << " reads");
            data.drop();
            const auto source = data.raw(engine);
            {
                Faults faults;
                faults.fail(Call::pread, error, Faults::always, after).fail(Call::ring_read, error);
                const std::vector<Index> rows = some_rows(1);
                std::vector<std::byte> out(rows.size() * row_bytes, std::byte{0xEE});
                bool failed = false;
                try {
                    source.read(rows, out);
                } catch (const wick::Error& caught) {
                    failed = true;
                    CHECK(caught.path() == data.path);
                    CHECK(caught.offset() >= header_bytes);
                    CHECK_THAT(caught.what(), ContainsSubstring(std::generic_category().message(error)));
                }
                if (!failed) CHECK(out == expected(data, rows));
                if (engine == Engine::pread || (engine == Engine::direct && has_ring())) CHECK(failed);
            }
            CHECK(end_of_read(source, data, 2) == End::right);
        }
}

TEST_CASE(
    "faults: a file that cannot be opened or examined is an Error, and a later try is not spoilt by it") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const Data data;
    for (const int error : {EMFILE, ENFILE, EACCES, EIO}) {
        INFO(name(engine) << ", error " << error);
        {
            Faults faults;
            faults.fail(Call::open, error);
            CHECK_THROWS_MATCHES(data.raw(engine), wick::Error,
                                 MessageMatches(ContainsSubstring("data.npy")));
        }
        const auto source = data.raw(engine);
        {
            Faults faults;
            faults.fail(Call::fstat, error);
            CHECK(end_of_read(source, data, 1) == End::error);
            CHECK_THROWS_MATCHES(data.raw(engine), wick::Error,
                                 MessageMatches(ContainsSubstring("data.npy")));
        }
        CHECK(end_of_read(source, data, 2) == End::right);
    }
}

TEST_CASE("faults: where a file cannot be mapped, only who insists on it hears of it") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const Data data;
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
    const Data data;
    Faults faults;
    faults.pretend_network().fail(Call::map_file, EIO);
    CHECK(end_of_read(data.raw(Engine::automatic), data, 1) == End::right);
    CHECK(faults.hits(Call::map_file) == 0);
}

TEST_CASE(
    "faults: a file that was shrunk, grown, rewritten or replaced is an Error before a byte of it is given") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const std::function<void(const Data&)> changes[] = {
        [](const Data& data) { std::filesystem::resize_file(data.path, 100'000); },
        [](const Data& data) { std::filesystem::resize_file(data.path, 0); },
        [](const Data& data) { std::filesystem::resize_file(data.path, 4'000'000); },
        [](const Data& data) {
            std::fstream(data.path, std::ios::in | std::ios::out | std::ios::binary).seekp(5000).put('x');
        },
        [](const Data& data) {
            std::filesystem::copy_file(data.path, data.dir / "other");
            std::filesystem::rename(data.dir / "other", data.path);
        }};
    for (const auto& change : changes) {
        const Data data;
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
    const Data data;
    const auto source = data.raw(engine);
    std::filesystem::remove(data.path);
    next_tick();
    for (unsigned read = 1; read < 4; ++read) CHECK(end_of_read(source, data, read) == End::right);
}

TEST_CASE("faults: a file that shrinks in the middle of a read is an Error with the byte that is missing") {
    // Not by a mapping: there it is a signal, which <wick/io/bus_guard.hpp> is for.
    const Engine engine = GENERATE(Engine::pread, Engine::direct);
    for (const int after : {0, 1, 3}) {
        const Data data;
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

TEST_CASE(
    "faults: without a byte of memory that may be locked, and without a descriptor left, rows are read") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const Data data;
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
    const Data data;
    const auto source = data.npy(engine);
    std::atomic<int> right{0}, failed{0}, wrong{0};
    {
        Faults faults;
        faults.fail(Call::ring_read, EIO, 200, 100)
            .fail(Call::pread, EIO, 3, 500)
            .fail(Call::madvise, EAGAIN, 2);
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
