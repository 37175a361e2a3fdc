// SPDX-License-Identifier: MIT
// What cannot be had is an Error that names the file, and the byte where there is one, by every engine.

#include "support/catch.hpp"
#include "support/fault_data.hpp"
#include "support/faults.hpp"

#include <cerrno>
#include <cstddef>
#include <iterator>
#include <system_error>
#include <thread>
#include <vector>

using wick::Engine;
using wick::Index;
using namespace wick_test;

TEST_CASE("faults: what cannot be read at all is an Error that names file and byte, and only then") {
    const Engine engine = GENERATE(from_range(std::begin(engines), std::end(engines)));
    const FaultData data;
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
    const FaultData data;
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

TEST_CASE("faults: what could not be read ahead is read again when it is asked for") {
    const Engine engine = GENERATE(Engine::pread, Engine::direct);
    const FaultData data;
    auto source = data.raw(engine);
    wick::Access access{.block_rows = 60, .window_blocks = 5, .memory_bytes = std::size_t{1} << 30};
    source.prepare(access);
    for (unsigned read = 1; read < 9; ++read) {
        {
            Faults faults;
            faults.fail(Call::pread, EIO).fail(Call::ring_read, EIO);
            source.prefetch(some_rows(read));
            while (read == 1 && faults.hits(Call::pread) == 0) std::this_thread::yield();
            if (read == 1) CHECK(end_of_read(source, data, read) == End::error);
        }
        CHECK(end_of_read(source, data, read) == End::right);
    }
}
