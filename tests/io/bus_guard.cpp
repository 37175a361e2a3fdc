// SPDX-License-Identifier: MIT
#include <wick/io/bus_guard.hpp>
#include <wick/io/file.hpp>
#include <wick/io/mapping.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using wick::BusGuard;
using wick::detail::guarded;

namespace {

constexpr std::size_t page = 65536;  // as large as any system's

/// Three pages that were mapped whole, of which only the first is still there.
struct Truncated {
    Truncated() : map(wick::File(dir.write("data", std::string(3 * page, 'x')))) {
        std::filesystem::resize_file(dir / "data", page);
    }
    const std::byte* at(std::size_t offset) const { return map.bytes().data() + offset; }
    const void* copy(std::size_t offset, std::size_t bytes) {
        return guarded([&] { std::copy_n(at(offset), bytes, out.data()); });
    }
    wick_test::TempDir dir;
    wick::Mapping map;
    std::vector<std::byte> out = std::vector<std::byte>(3 * page);
};

struct sigaction handler_now() {
    struct sigaction now {};
    ::sigaction(SIGBUS, nullptr, &now);
    return now;
}

void set_handler(void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    ::sigaction(SIGBUS, &action, nullptr);
}

/// Handlers cannot be told anything, so they write here.
std::atomic<int> calls{0};
std::atomic<bool> was_blocked{false};

void count_call(int) {
    sigset_t now;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &now);
    was_blocked = ::sigismember(&now, SIGBUS) == 1;
    ++calls;
}

void leave_with_7(int, siginfo_t*, void*) { ::_exit(7); }

/// How a process of its own ends that runs `body`: its exit code, or minus the signal.
template <class Body>
int end_of_child(const Body& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit no_core{0, 0};
        ::setrlimit(RLIMIT_CORE, &no_core);
        ::alarm(60);  // an access that is repeated for ever has to end, too
        body();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/// The handler that was there before the test is there after it.
struct HandlerKept {
    struct sigaction before = handler_now();
    ~HandlerKept() { ::sigaction(SIGBUS, &before, nullptr); }
};

}  // namespace

TEST_CASE(
    "bus guard: a read beyond the end of a file that has shrunk gives the address instead of a signal") {
    Truncated file;
    const BusGuard guard;
    CHECK(file.copy(0, page) == nullptr);
    CHECK(file.out[page - 1] == std::byte{'x'});
    for (int again = 0; again < 3; ++again) {
        const auto* const address = static_cast<const std::byte*>(file.copy(page / 2, page));
        CHECK(address >= file.at(page));
        CHECK(address < file.at(3 * page / 2));
        CHECK(file.copy(2 * page, 1) == file.at(2 * page));
    }
}

TEST_CASE("bus guard: every thread lands in its own read") {
    Truncated file;
    const BusGuard guard;
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            std::byte out[16];
            for (std::size_t i = 0; i < 200; ++i) {
                const std::byte* const from = file.at((i % 2 + t % 2) * page + 16 * t);
                const bool there = from < file.at(page);
                const void* const address = guarded([&] { std::copy_n(from, 16, out); });
                const auto* const expected = there ? nullptr : from;
                wrong += address != expected;
            }
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
}

TEST_CASE("bus guard: what a leaf throws comes out, and no later fault lands in what is gone") {
    Truncated file;
    const HandlerKept kept;
    set_handler(SIG_DFL);
    const BusGuard guard;
    CHECK_THROWS_AS(guarded([] { throw std::runtime_error("leaf"); }), std::runtime_error);
    CHECK(end_of_child([&] { ::_exit(static_cast<int>(*file.at(2 * page))); }) == -SIGBUS);
}

TEST_CASE("bus guard: a guarded read within another lands where it began, and so does the outer one later") {
    Truncated file;
    const BusGuard guard;
    const void* inner = nullptr;
    std::byte out{};
    const void* const outer = guarded([&] {
        inner = guarded([&] { out = *file.at(2 * page); });
        out = *file.at(page);
    });
    CHECK(inner == file.at(2 * page));
    CHECK(outer == file.at(page));
}

TEST_CASE("bus guard: without one the handler stays as it is, and the leaf just runs") {
    const HandlerKept kept;
    set_handler(count_call);
    int runs = 0;
    CHECK(guarded([&] { ++runs; }) == nullptr);
    CHECK(runs == 1);
    CHECK(handler_now().sa_handler == count_call);
}

TEST_CASE("bus guard: the last guard to go puts the earlier handler back") {
    const HandlerKept kept;
    set_handler(count_call);
    {
        const BusGuard first;
        { const BusGuard second; }
        Truncated file;
        CHECK(file.copy(page, 1) == file.at(page));
        CHECK(handler_now().sa_handler != count_call);
    }
    CHECK(handler_now().sa_handler == count_call);
}

TEST_CASE("bus guard: a signal that somebody sends goes to the earlier handler, called as the system would") {
    const HandlerKept kept;
    set_handler(count_call);
    const BusGuard guard;
    calls = 0;
    ::raise(SIGBUS);
    CHECK(calls == 1);
    CHECK(was_blocked);
    CHECK(guarded([] { ::raise(SIGBUS); }) == nullptr);
    CHECK(calls == 2);
}

TEST_CASE("bus guard: a fault outside guarded reads goes to the earlier handler, with its address") {
    Truncated file;
    const HandlerKept kept;
    struct sigaction action {};
    action.sa_sigaction = leave_with_7;
    action.sa_flags = SA_SIGINFO;
    ::sigaction(SIGBUS, &action, nullptr);
    CHECK(end_of_child([&] {
              const BusGuard guard;
              ::_exit(static_cast<int>(*file.at(2 * page)));
          }) == 7);
}

TEST_CASE(
    "bus guard: where no handler was before, a fault or a signal that is not ours ends the process as ever") {
    Truncated file;
    const HandlerKept kept;
    for (void (*const nobody)(int) : {SIG_DFL, SIG_IGN}) {
        set_handler(nobody);
        CHECK(end_of_child([&] {
                  const BusGuard guard;
                  ::_exit(static_cast<int>(*file.at(2 * page)));
              }) == -SIGBUS);
        const bool ignored = nobody == SIG_IGN;
        CHECK(end_of_child([&] {
                  const BusGuard guard;
                  ::raise(SIGBUS);
                  ::_exit(0);
              }) == (ignored ? 0 : -SIGBUS));
    }
}

TEST_CASE("bus guard: a handler that was set meanwhile stays, and no circle is made of it and ours") {
    static struct sigaction below {};
    const HandlerKept kept;
    Truncated file;
    set_handler(count_call);
    {
        const BusGuard guard;
        struct sigaction above {};
        above.sa_sigaction = [](int signal, siginfo_t* info, void* context) {
            below.sa_sigaction(signal, info, context);
        };
        above.sa_flags = SA_SIGINFO | SA_NODEFER;
        ::sigaction(SIGBUS, &above, &below);
        CHECK(file.copy(page, 1) == file.at(page));
    }
    CHECK((handler_now().sa_flags & SA_SIGINFO) != 0);
    calls = 0;
    ::raise(SIGBUS);
    CHECK(calls == 1);
    {
        const BusGuard again;
        CHECK(file.copy(page, 1) == file.at(page));
        ::raise(SIGBUS);
        CHECK(calls == 2);
    }
    ::sigaction(SIGBUS, &below, nullptr);  // the one above goes, and leaves ours
    const BusGuard at_last;
    CHECK(file.copy(page, 1) == file.at(page));
    ::raise(SIGBUS);
    CHECK(calls == 3);
}
