// SPDX-License-Identifier: MIT
#include <wick/memory/pages.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>

TEST_CASE("pages: their bytes are a power of two") {
    CHECK(wick::page_bytes() >= 4096);
    CHECK((wick::page_bytes() & (wick::page_bytes() - 1)) == 0);
}

#if defined(MADV_HUGEPAGE)

namespace {

struct Free {
    void operator()(std::byte* memory) const {
        ::operator delete (memory, std::align_val_t{wick::huge_page});
    }
};

/// Memory that begins at a huge page, each byte of it a seven, as one is left by who had it before.
std::unique_ptr<std::byte, Free> used_memory(std::size_t bytes) {
    auto* memory = static_cast<std::byte*>(::operator new (bytes, std::align_val_t{wick::huge_page}));
    std::memset(memory, 7, bytes);
    return std::unique_ptr<std::byte, Free>(memory);
}

bool all_are(std::span<const std::byte> bytes, std::byte value) {
    return std::ranges::all_of(bytes, [value](std::byte one) { return one == value; });
}

}  // namespace

// A page that was touched lies where it lies, so only a page that reads as zero again can become part of a huge one.
TEST_CASE("pages: whole huge ones are untouched afterwards, and what lies behind the last of them stays") {
    const std::size_t whole = 2 * wick::huge_page, bytes = whole + 5;
    const auto memory = used_memory(bytes);
    wick::use_huge_pages(memory.get(), bytes);
    CHECK(all_are({memory.get(), whole}, std::byte{0}));
    CHECK(all_are({memory.get() + whole, bytes - whole}, std::byte{7}));
    std::memset(memory.get(), 9, bytes);
    CHECK(all_are({memory.get(), bytes}, std::byte{9}));
}

TEST_CASE("pages: memory shorter than a huge one stays as it is") {
    const std::size_t bytes = wick::huge_page - 1;
    const auto memory = used_memory(bytes);
    wick::use_huge_pages(memory.get(), bytes);
    CHECK(all_are({memory.get(), bytes}, std::byte{7}));
}

TEST_CASE("pages: those that are given back lie whole in the memory, and what is around them stays") {
    const std::size_t page = wick::page_bytes(), bytes = 4 * page, all = 8 * page;
    for (const std::size_t before : {std::size_t{0}, std::size_t{1}, page - 1})
        for (const std::size_t behind : {std::size_t{0}, std::size_t{1}, page - 1}) {
            const auto memory = used_memory(all);
            wick::give_back_pages(memory.get() + before, bytes - before - behind);
            const std::size_t first = before == 0 ? 0 : page, end = behind == 0 ? bytes : bytes - page;
            CHECK(all_are({memory.get(), first}, std::byte{7}));
            CHECK(all_are({memory.get() + first, end - first}, std::byte{0}));
            CHECK(all_are({memory.get() + end, all - end}, std::byte{7}));
        }
    const auto memory = used_memory(all);
    wick::give_back_pages(memory.get() + 1, 2 * page - 2);
    CHECK(all_are({memory.get(), all}, std::byte{7}));
}

#endif
