// SPDX-License-Identifier: MIT
#pragma once

// Memory for batches: aligned for any vector load, and in huge pages where the system lends them.

#include <wick/core/error.hpp>
#include <wick/memory/pages.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <string>

namespace wick::inline v0 {

/// One piece of uninitialised memory, aligned to 64 bytes, to a page from 64 KiB on, and to 2 MiB when it is that large.
class Block {
public:
    /// Throws: Error naming the bytes asked for when there is no memory.
    explicit Block(std::size_t bytes);

    std::byte* data() const noexcept { return memory_.get(); }
    std::size_t size() const noexcept { return memory_.get_deleter().bytes; }

    /// Bytes from which on a block begins a page.
    static constexpr std::size_t in_pages = std::size_t{64} << 10;

private:
    struct Free {
        std::size_t bytes;
        void operator()(std::byte* memory) const noexcept;
    };

    static std::align_val_t alignment(std::size_t bytes) noexcept {
        // Whole pages, so that a read past the page cache can end up in the memory itself.
        return std::align_val_t{bytes >= huge_page ? huge_page : bytes >= in_pages ? page_bytes() : 64};
    }

    std::unique_ptr<std::byte, Free> memory_;
};

// Implementation.

inline void Block::Free::operator()(std::byte* memory) const noexcept {
    // An allocator may keep what is freed.
    if (bytes >= in_pages) give_back_pages(memory, bytes);
    ::operator delete(memory, alignment(bytes));
}

inline Block::Block(std::size_t bytes) {
    auto* memory = static_cast<std::byte*>(::operator new(bytes, alignment(bytes), std::nothrow));
    if (memory == nullptr)
        throw Error("memory",
                    "expected " + std::to_string(bytes) + " bytes for a batch, found no room for them");
    memory_ = {memory, Free{bytes}};
    if (bytes >= huge_page) use_huge_pages(memory, bytes);
}

}  // namespace wick::inline v0
