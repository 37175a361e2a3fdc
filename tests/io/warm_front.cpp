// SPDX-License-Identifier: MIT
#include <wick/io/warm_front.hpp>

#include "support/catch.hpp"
#include "support/page_cache.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using wick::detail::OpenFile;
using wick::detail::WarmFront;

namespace {

constexpr std::uint64_t mib = OpenFile::block_bytes;

/// Two files of which nothing is known to lie in memory.
struct Unknown {
    Unknown() {
        for (const std::size_t blocks : {4u, 40u})
            files.push_back(
                std::make_shared<const OpenFile>(std::make_shared<const wick::File>(dir.write(
                                                     std::to_string(blocks), std::string(blocks * mib, 'x'))),
                                                 wick::Engine::automatic));
    }
    wick_test::TempDir dir;
    std::vector<std::shared_ptr<const OpenFile>> files;
};

}  // namespace

TEST_CASE("warm front: nobody waits while nothing is brought in, nor for what is far from it") {
    const Unknown unknown;
    WarmFront front(unknown.files);
    CHECK(!front.is_moving());
    CHECK(!front.wait_for(*unknown.files[0], 0, 1));
    front.move_to(*unknown.files[1], 20);  // block 24 of all
    CHECK(front.is_moving());
    CHECK(!front.wait_for(*unknown.files[0], 3 * mib, mib));
    CHECK(!front.wait_for(*unknown.files[1], 36 * mib, 1));
    front.end();
    CHECK(!front.is_moving());
    CHECK(!front.wait_for(*unknown.files[1], 20 * mib, 1));
}

TEST_CASE("warm front: who is near waits until the bytes are there, or until nothing comes any more") {
    const Unknown unknown;
    const OpenFile& file = *unknown.files[0];
    if (!file.can_be_warmed()) return;
    WarmFront front(unknown.files);
    front.move_to(file, 0);
    std::atomic<int> came{0}, gone{0};
    std::thread waits([&] { (front.wait_for(file, 2 * mib, mib) ? came : gone)++; });
    std::thread in_vain([&] { (front.wait_for(*unknown.files[1], 3 * mib, mib) ? came : gone)++; });
    const bool warmed = file.warm(0, 4);
    front.move_to(*unknown.files[1], 0);
    if (!warmed) front.end();
    waits.join();
    CHECK(came == (warmed ? 1 : 0));
    front.end();
    in_vain.join();
    CHECK(gone == (warmed ? 1 : 2));
}
