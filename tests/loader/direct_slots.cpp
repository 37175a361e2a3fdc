// SPDX-License-Identifier: MIT
// From the disk into the pinned slot, without a detour.

#include <wick/dataset/zip.hpp>
#include <wick/io/direct_file.hpp>
#include <wick/io/file.hpp>
#include <wick/loader/data_loader.hpp>
#include <wick/source/memory.hpp>
#include <wick/source/raw.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"
#include "support/fault_data.hpp"
#include "support/faults.hpp"
#include "support/temp_dir.hpp"

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <random>
#include <span>
#include <utility>
#include <vector>

using wick::Index;
using wick_test::FakeDevice;
using wick_test::Faults;

namespace {

constexpr Index rows = 120, batch_size = 16;
constexpr std::size_t page = 4096;

/// Rows that begin at a page, each with its number beside it.
struct Data {
    explicit Data(std::size_t pages_of_a_row)
        : row_bytes(pages_of_a_row * page), bytes(page + rows * row_bytes) {
        std::mt19937 random(7);
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
        path = dir.write("data", std::span<const std::byte>(bytes));
        wick_test::drop_pages(path);
    }
    auto dataset() const {
        std::vector<std::int64_t> numbers;
        for (Index row = 0; row < rows; ++row) numbers.push_back(row);
        return wick::ZipDataset(wick::MemorySource(std::move(numbers), {}),
                                wick::RawSource(path, {wick::Dtype::u8, {static_cast<Index>(row_bytes)}},
                                                {.offset = page, .engine = wick::Engine::direct}));
    }
    /// Whether a batch's rows lie there one after another.
    bool is(const std::byte* batch, wick::Rows numbers) const {
        for (std::size_t i = 0; i < numbers.size(); ++i)
            if (std::memcmp(batch + i * row_bytes, row(numbers[i]), row_bytes) != 0) return false;
        return true;
    }
    const std::byte* row(Index number) const {
        return bytes.data() + page + static_cast<std::size_t>(number) * row_bytes;
    }
    /// Whether the system has a queue for reads, and direct reads of this file.
    bool can_be_read_directly() const {
        return wick_test::has_ring() && wick::detail::DirectFile(wick::File(path)).number() >= 0;
    }

    wick_test::TempDir dir;
    std::size_t row_bytes;
    std::vector<std::byte> bytes;
    std::filesystem::path path;
};

/// An order without neighbours in a batch, which would be read together and then parted.
struct FarApart {
    Index size(Index of) const { return of; }
    void fill(Index of, std::int64_t epoch, Index position, std::span<Index> out) const {
        for (Index& row : out) row = (31 * position++ + epoch) % of;
    }
};
static_assert(wick::Sampler<FarApart>);

/// Rows of 32 KiB and more are read ahead into memory of the source's own, unless the budget has room for slots alone.
constexpr std::pair<std::size_t, std::size_t> shapes[] = {{1, 1 << 30}, {4, 1 << 30}, {16, 4 << 21}};

std::size_t sum(const std::vector<std::span<const std::byte>>& reads) {
    std::size_t bytes = 0;
    for (const auto& read : reads) bytes += read.size();
    return bytes;
}

}  // namespace

TEST_CASE("direct slots: the disk puts rows of whole pages into the pinned batch itself, each byte once") {
    for (const auto& [pages, budget] : shapes) {
        const Data data(pages);
        if (!data.can_be_read_directly()) return;
        const FakeDevice fake;
        wick::DataLoader loader(
            data.dataset(), FarApart(),
            {.batch_size = batch_size, .workers = 0, .pin_memory = true, .memory_budget = budget});
        for (int epoch = 0; epoch < 2; ++epoch) {
            Faults faults;
            faults.note_queued_reads();
            std::size_t before = 0;
            for (auto& batch : loader.epoch(epoch)) {
                const at::Tensor& field = batch.get<1>();
                REQUIRE(field.is_pinned(fake.device()));
                const auto* begin = static_cast<const std::byte*>(field.data_ptr());
                const auto reads = faults.queued_reads();
                for (std::size_t i = before; i < reads.size(); ++i) {
                    CHECK(reads[i].data() >= begin);
                    CHECK(reads[i].data() + reads[i].size() <= begin + field.nbytes());
                }
                CHECK(sum({reads.begin() + static_cast<std::ptrdiff_t>(before), reads.end()}) ==
                      field.nbytes());
                before = reads.size();
                CHECK(data.is(begin, batch.rows()));
            }
            CHECK(sum(faults.queued_reads()) == rows * data.row_bytes);
        }
    }
}

TEST_CASE(
    "direct slots: on the way to a device, too, the disk puts rows of whole pages into pinned slots alone") {
    for (const auto& [pages, budget] : shapes)
        for (const Index workers : {0, 2}) {
            const Data data(pages);
            if (!data.can_be_read_directly()) return;
            FakeDevice fake;
            Faults faults;
            faults.note_queued_reads();
            wick::DataLoader loader(data.dataset(), FarApart(),
                                    {.batch_size = batch_size,
                                     .workers = workers,
                                     .device = fake.device(),
                                     .memory_budget = budget});
            for (auto& batch : loader.epoch(0)) {
                const auto seen = fake.read(batch.get<1>());
                fake.synchronize();
                CHECK(data.is(seen->bytes.data(), batch.rows()));
            }
            const auto is_pinned = [&](const std::byte& byte) {
                return at::from_blob(const_cast<std::byte*>(&byte), {1}, at::kByte).is_pinned(fake.device());
            };
            const auto reads = faults.queued_reads();
            CHECK(sum(reads) >= rows * data.row_bytes);  // workers are in the next epoch already
            for (const auto& read : reads) CHECK((is_pinned(read.front()) && is_pinned(read.back())));
            CHECK(fake.counters().pageable_copies == 0);
        }
}
