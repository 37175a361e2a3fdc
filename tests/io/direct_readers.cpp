// SPDX-License-Identifier: MIT
#include <wick/io/direct_readers.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

TEST_CASE("direct readers: many threads read at a time, each its own pieces") {
    const wick_test::TempDir dir;
    std::vector<std::byte> bytes(400'000);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 31 >> 3);
    const auto path = dir.write("data", std::span<const std::byte>(bytes));
    const wick::detail::OpenFile file(std::make_shared<const wick::File>(path), wick::Engine::direct);
    wick::detail::DirectReaders readers;
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (std::size_t round = 0; round < 50; ++round) {
                std::vector<std::byte> out(10 * 1000);
                std::vector<wick::detail::Piece> pieces;
                for (std::size_t i = 0; i < 10; ++i)
                    pieces.push_back(
                        {&file, (t * 97 + round * 7 + i * 13) * 500 % 399'000, 1000, out.data() + i * 1000});
                readers.read(pieces);
                for (const auto& piece : pieces)
                    for (std::size_t i = 0; i < 1000; ++i) wrong += piece.out[i] != bytes[piece.offset + i];
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
}

TEST_CASE("direct readers: an Error in one read leaves the next one whole") {
    const wick_test::TempDir dir;
    const auto path = dir.write("data", std::string(5000, 'x'));
    const wick::detail::OpenFile file(std::make_shared<const wick::File>(path), wick::Engine::direct);
    wick::detail::DirectReaders readers;
    std::byte out[100];
    wick::detail::Piece beyond{&file, 4950, 100, out}, inside{&file, 4900, 100, out};
    CHECK_THROWS_AS(readers.read(std::span(&beyond, 1)), wick::Error);
    readers.read(std::span(&inside, 1));
    CHECK(out[99] == std::byte{'x'});
}
