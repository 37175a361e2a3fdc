// SPDX-License-Identifier: MIT
#include <wick/io/warmer.hpp>

#include "support/catch.hpp"
#include "support/page_cache.hpp"
#include "support/temp_dir.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using wick::detail::OpenFile;
using wick::detail::Warmer;

namespace {

constexpr std::uint64_t mib = OpenFile::block_bytes;

/// Two cold files of 3 and 4 blocks.
struct Cold {
    Cold() {
        for (const std::size_t blocks : {3u, 4u}) {
            const auto path = dir.write(std::to_string(blocks), std::string(blocks * mib, 'x'));
            wick_test::drop_pages(path);
            files.push_back(std::make_shared<const OpenFile>(std::make_shared<const wick::File>(path),
                                                             wick::Engine::automatic));
            files.back()->look();
        }
    }
    /// Whether the system tells what lies in memory, and nothing does.
    bool is_cold() const {
        for (const auto& file : files)
            if (!file->can_be_warmed() || file->blocks_in_memory() != 0) return false;
        return true;
    }
    wick_test::TempDir dir;
    Warmer::Files files;
};

/// Reads on, as it were, until `done` or for a minute. To look only once is for who checks what was not brought in: the
/// system may have read more than it was asked for.
template <class Done>
bool comes_true(Warmer& warmer, const Done& done, bool look_once = false) {
    const std::int64_t began = wick::File::tick();
    for (int i = 0; i < 60'000; ++i) {
        warmer.tick(look_once ? began : wick::File::tick());
        if (done()) return true;
        std::this_thread::sleep_for(1ms);
    }
    return false;
}

}  // namespace

TEST_CASE("warmer: once an epoch is to be read, files that fit are brought into memory whole") {
    Cold cold;
    if (!cold.is_cold()) return;
    Warmer warmer(cold.files, std::nullopt);
    CHECK(!warmer.all_in_memory());
    warmer.begin();
    CHECK(comes_true(warmer, [&] { return warmer.all_in_memory(); }));
    CHECK(warmer.state().in_memory == 7 * mib);
    CHECK(warmer.state().bytes == 7 * mib);
}

TEST_CASE("warmer: of files that do not fit the first part is kept, and no more") {
    Cold cold;
    if (!cold.is_cold()) return;
    Warmer warmer(cold.files, 5 * mib);
    warmer.begin();
    CHECK(comes_true(
        warmer, [&] { return warmer.state().in_memory >= 5 * mib && !warmer.is_warming(); }, true));
    CHECK(cold.files[0]->is_all_in_memory());
    CHECK(cold.files[1]->is_in_memory(0, 2 * mib));
    CHECK(!cold.files[1]->is_in_memory(2 * mib, 1));
    CHECK(warmer.state().wanted == 5 * mib);
}

TEST_CASE("warmer: files that share the memory with others take no more of it than their part") {
    Cold cold;
    if (!cold.is_cold()) return;
    Warmer warmer(cold.files, std::nullopt);
    const double part = 4.5 * mib / (0.9 * static_cast<double>(wick::detail::free_memory()));
    warmer.leave_room(part, 0);
    warmer.begin();
    CHECK(comes_true(
        warmer, [&] { return warmer.state().in_memory >= 3 * mib && !warmer.is_warming(); }, true));
    CHECK(warmer.state().wanted < 6 * mib);
    CHECK(!warmer.all_in_memory());
}

TEST_CASE("warmer: what is brought in because so much was missed leaves the same room") {
    Cold cold;
    if (!cold.is_cold()) return;
    Warmer warmer(cold.files, std::nullopt);
    warmer.leave_room(4.5 * mib / (0.9 * static_cast<double>(wick::detail::free_memory())), 0);
    warmer.note_missed(1000 * mib);
    CHECK(comes_true(warmer, [&] { return warmer.state().in_memory >= 3 * mib && !warmer.is_warming(); }));
    CHECK(warmer.state().wanted < 6 * mib);
}

TEST_CASE("warmer: with no bytes to fill, none are brought in") {
    Cold cold;
    if (!cold.is_cold()) return;
    Warmer warmer(cold.files, 0);
    warmer.begin();
    for (int i = 0; i < 50; ++i) {
        warmer.tick(wick::File::tick() + 1000 * i);  // each of them a time to look
        std::this_thread::sleep_for(1ms);
    }
    CHECK(warmer.state().in_memory == 0);
}

TEST_CASE("warmer: reading by hand brings nothing in until a sixteenth was read from elsewhere") {
    Cold cold;
    if (!cold.is_cold()) return;
    Warmer warmer(cold.files, std::nullopt);
    warmer.tick(wick::File::tick());
    warmer.note_missed(7 * mib / 16 - 1);
    for (int i = 0; i < 20; ++i) {
        warmer.tick(wick::File::tick() + 1000 * i);
        std::this_thread::sleep_for(1ms);
    }
    CHECK(warmer.state().in_memory == 0);
    warmer.note_missed(1);
    CHECK(comes_true(warmer, [&] { return warmer.all_in_memory(); }));
}

TEST_CASE(
    "warmer: what the system took away is known at the next look, and brought back only some looks later") {
    Cold cold;
    if (!cold.is_cold()) return;
    Warmer warmer(cold.files, std::nullopt);
    warmer.begin();
    REQUIRE(comes_true(warmer, [&] { return warmer.all_in_memory() && !warmer.is_warming(); }));
    for (const auto& file : cold.files) {
        // The system drops no pages that are mapped.
        ::madvise(const_cast<std::byte*>(file->data()), file->file().size(), MADV_DONTNEED);
        wick_test::drop_pages(file->file().path());
    }
    const auto there = wick::detail::resident_pages(cold.files[0]->file(), {}, 0, mib);
    if (!there || *there != 0) return;
    int looks = 0;
    const auto look = [&] {
        warmer.tick(wick::File::tick() + 1000 * ++looks);
        std::this_thread::sleep_for(20ms);
    };
    while (warmer.all_in_memory() && looks < 3000) look();
    CHECK(warmer.state().in_memory == 0);
    CHECK(warmer.state().wanted == 0);
    for (int i = 0; i < 3; ++i) look();
    CHECK(warmer.state().in_memory == 0);
    while (!warmer.all_in_memory() && looks < 6000) look();
    CHECK(warmer.all_in_memory());
}

TEST_CASE("warmer: it may be let go at any moment") {
    for (int i = 0; i < 20; ++i) {
        Cold cold;
        Warmer warmer(cold.files, std::nullopt);
        warmer.begin();
        warmer.tick(wick::File::tick());
        if (i % 2 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100 * i));
        const wick::detail::CacheState state = warmer.state();
        CHECK((state.bytes == 7 * mib && state.in_memory <= state.bytes));
    }
}
