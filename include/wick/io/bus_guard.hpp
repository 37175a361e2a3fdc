// SPDX-License-Identifier: MIT
#pragma once

// A file that shrinks, or a disk that fails, under a mapping is a signal (SIGBUS) instead of an error, and
// ends the process. Who would rather have the Error asks for it here: a signal handler is the whole
// process's, so a library does not set one unasked.

#include <wick/version.hpp>

#include <atomic>
#include <csetjmp>
#include <csignal>
#include <mutex>
#include <optional>

namespace wick::inline v0 {

namespace detail {

/// Runs `leaf`; while a BusGuard lives, a memory access in it that ends in SIGBUS ends the leaf instead.
///
/// Gives the address of that access, or null if the leaf came to its end. What it throws comes out.
///
/// Requires: between the leaf and the access nothing is constructed that has to be destroyed.
/// Threads:  safe from any thread.
/// Cost:     some nanoseconds while a guard lives, else one load.
template <class Leaf>
const void* guarded(const Leaf& leaf);

/// The handler of SIGBUS and who asked for it. Signals are the process's, and so is this.
class BusHandler {
public:
    static void add_guard();
    static void remove_guard();
    static bool is_wanted() noexcept { return wanted_.load(std::memory_order_relaxed); }

private:
    template <class Leaf>
    friend const void* guarded(const Leaf& leaf);

    struct Landing {
        sigjmp_buf place;
        const void* volatile address;
    };
    struct Restored {  // also when the leaf throws
        Landing* outer;
        ~Restored() { landing_ = outer; }
    };

    static void handle(int signal, siginfo_t* info, void* context);
    static void pass_on(int signal, siginfo_t* info, void* context);
    static bool is_ours(const struct sigaction& action) noexcept;
    static bool is_same(const struct sigaction& a, const struct sigaction& b) noexcept;
    static bool is_of_an_access(const siginfo_t& info) noexcept;

    inline static std::mutex mutex_;
    inline static int guards_ = 0;               // guarded by mutex_
    inline static struct sigaction earlier_ {};  // written under mutex_, while ours is not set
    // Guarded by mutex_: a handler that was set over ours and still was when the last guard went.
    inline static std::optional<struct sigaction> over_ours_{};
    inline static std::atomic<bool> wanted_{false};
    // Where the leaf that this thread runs is to end. Its place in memory is fixed when a program or library
    // is loaded: found in any other way it might have to be allocated first, in the handler.
#if defined(__linux__)
    [[gnu::tls_model("initial-exec")]]
#endif
    inline static thread_local constinit Landing* landing_ = nullptr;
};

}  // namespace detail

/// While one of these lives, a file that shrinks or cannot be read under a mapping is an Error for the reader
/// of its rows instead of the end of the process.
///
/// It sets a handler for SIGBUS. Signals that do not come from our reads go to the handler that was there
/// before, and the last guard to go puts that one back, unless somebody has set another one meanwhile.
///
/// Threads: protects the reads of all threads; any number of guards may come and go on any thread.
/// Cost:    some nanoseconds for every read.
class BusGuard {
public:
    BusGuard() { detail::BusHandler::add_guard(); }
    BusGuard(const BusGuard&) = delete;
    BusGuard& operator=(const BusGuard&) = delete;
    ~BusGuard() { detail::BusHandler::remove_guard(); }
};

// Implementation.

namespace detail {

template <class Leaf>
const void* guarded(const Leaf& leaf) {
    if (!BusHandler::is_wanted()) {
        leaf();
        return nullptr;
    }
    BusHandler::Landing landing;
    landing.address = nullptr;
    const BusHandler::Restored restored{BusHandler::landing_};
    if (sigsetjmp(landing.place, 0) == 0) {
        BusHandler::landing_ = &landing;
        std::atomic_signal_fence(std::memory_order_seq_cst);
        leaf();
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    return landing.address;
}

inline void BusHandler::add_guard() {
    const std::lock_guard lock(mutex_);
    if (guards_++ > 0) return;
    struct sigaction current {};
    ::sigaction(SIGBUS, nullptr, &current);
    // Whoever was set over ours passes on to it, or nobody does; to set ours over that one would make a
    // circle.
    if (!is_ours(current) && !(over_ours_ && is_same(current, *over_ours_))) {
        earlier_ = current;
        over_ours_.reset();
        // What is blocked meanwhile is what the earlier handler wants; on the thread's own signal stack if it
        // has one, as other languages' runtimes ask of every handler.
        struct sigaction ours = current;
        ours.sa_sigaction = handle;
        ours.sa_flags = SA_SIGINFO | SA_ONSTACK | (current.sa_flags & (SA_NODEFER | SA_RESTART));
        ::sigaction(SIGBUS, &ours, nullptr);
    }
    wanted_.store(true, std::memory_order_relaxed);
}

inline void BusHandler::remove_guard() {
    const std::lock_guard lock(mutex_);
    if (--guards_ > 0) return;
    wanted_.store(false, std::memory_order_relaxed);
    struct sigaction current {};
    ::sigaction(SIGBUS, nullptr, &current);
    if (is_ours(current))
        ::sigaction(SIGBUS, &earlier_, nullptr);
    else
        over_ours_ = current;
}

inline bool BusHandler::is_ours(const struct sigaction& action) noexcept {
    return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == handle;
}

inline bool BusHandler::is_same(const struct sigaction& a, const struct sigaction& b) noexcept {
    if (((a.sa_flags ^ b.sa_flags) & SA_SIGINFO) != 0) return false;
    return (a.sa_flags & SA_SIGINFO) != 0 ? a.sa_sigaction == b.sa_sigaction : a.sa_handler == b.sa_handler;
}

inline void BusHandler::handle(int signal, siginfo_t* info, void* context) {
    Landing* const landing = landing_;
    if (landing == nullptr || !is_of_an_access(*info)) return pass_on(signal, info, context);
    landing->address = info->si_addr;
    // The jump leaves the signal mask alone, since to save it before every read would be a system call.
    ::pthread_sigmask(SIG_SETMASK, &static_cast<const ucontext_t*>(context)->uc_sigmask, nullptr);
    siglongjmp(landing->place, 1);
}

/// Whether the signal was raised by what this thread did, not sent by somebody.
inline bool BusHandler::is_of_an_access(const siginfo_t& info) noexcept {
#if defined(BUS_MCEERR_AO)
    if (info.si_code == BUS_MCEERR_AO) return false;  // memory has failed somewhere, without an access
#endif
    return info.si_code > 0;
}

/// As the system would have called the earlier handler.
inline void BusHandler::pass_on(int signal, siginfo_t* info, void* context) {
    const bool has_information = (earlier_.sa_flags & SA_SIGINFO) != 0;
    if (!has_information && earlier_.sa_handler == SIG_IGN && !is_of_an_access(*info)) return;
    if (!has_information && (earlier_.sa_handler == SIG_DFL || earlier_.sa_handler == SIG_IGN)) {
        // The access is repeated when we return, and then ends the process; what was sent has to be sent
        // again.
        struct sigaction end {};
        end.sa_handler = SIG_DFL;
        ::sigaction(signal, &end, nullptr);
        if (!is_of_an_access(*info)) ::raise(signal);
        return;
    }
    if (has_information)
        earlier_.sa_sigaction(signal, info, context);
    else
        earlier_.sa_handler(signal);
}

}  // namespace detail

}  // namespace wick::inline v0
