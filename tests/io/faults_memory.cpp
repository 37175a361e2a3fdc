// SPDX-License-Identifier: MIT
// What holds where the process gets no memory any more.

#include <wick/core/access.hpp>
#include <wick/io/free_memory.hpp>
#include <wick/io/residency.hpp>

#include "support/catch.hpp"
#include "support/fault_data.hpp"
#include "support/scarce.hpp"

#include <cstddef>
#include <cstdint>
#include <new>
#include <unistd.h>
#include <vector>

using wick_test::AllocationLimit;

namespace {

/// Calls `step(number)` where the first `number` allocations go well, first none and then ever more, until all of them do.
/// Returns how often.
template <class Step>
int for_each_allocation(const Step& step) {
    int times = 0, number = 0;
    do {
        step(number);
        REQUIRE(number < 10'000);
        number += 1 + number / 16;
        ++times;
    } while (AllocationLimit::refusals() > 0);
    return times;
}

}  // namespace

TEST_CASE("faults: where memory runs out the free memory is unknown, or no more than there is") {
    const std::uint64_t all = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * wick::page_bytes();
    CHECK(for_each_allocation([&](int number) {
              std::uint64_t free = 0;
              {
                  const AllocationLimit limit(number);
                  try {
                      free = wick::detail::free_memory();
                  } catch (const std::bad_alloc&) {
                  }
              }
              REQUIRE(free <= all);
          }) > 2);
}

TEST_CASE(
    "faults: where memory runs out, now or later, a read says so or is right, and the next one is right") {
    const wick_test::FaultData data;
    const wick::Engine engine =
        GENERATE(from_range(std::vector(std::begin(wick_test::engines), std::end(wick_test::engines))));
    const bool in_blocks = GENERATE(false, true);
    CAPTURE(wick_test::name(engine), in_blocks);
    std::vector<std::byte> out(wick_test::some_rows(0).size() * wick_test::row_bytes);
    CHECK(for_each_allocation([&](int number) {
              data.drop();
              wick::RawSource source = data.raw(engine);
              const std::vector<wick::Index> rows = wick_test::some_rows(static_cast<unsigned>(number));
              bool done = false;
              {
                  const AllocationLimit limit(number);
                  try {
                      wick::Access access{.memory_bytes = std::size_t{200} << 20};
                      if (in_blocks) access.block_rows = 64;
                      source.prepare(access);
                      source.prefetch(rows);
                      source.read(rows, out);
                      done = true;
                  } catch (const std::bad_alloc&) {
                  }
              }
              if (done) REQUIRE(out == wick_test::expected(data, rows));
              REQUIRE(wick_test::end_of_read(source, data, static_cast<unsigned>(number) + 1) ==
                      wick_test::End::right);
          }) > 1);
}
