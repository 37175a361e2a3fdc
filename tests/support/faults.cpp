// SPDX-License-Identifier: MIT
#include "support/faults.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <mutex>
#include <span>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <utility>
#include <vector>

#if __has_include(<linux/io_uring.h>)
#include <linux/io_uring.h>
#endif

namespace {

using wick_test::Call;

/// What becomes of a call.
struct Verdict {
    int error = 0;
    std::size_t most = SIZE_MAX;
    bool is_good() const { return error == 0 && most == SIZE_MAX; }
};

class Plan {
public:
    void set(Verdict verdict, int times, int after) {
        const std::lock_guard lock(mutex_);
        verdict_ = verdict, times_ = times, after_ = after;
        set_ = true;
    }
    void set(std::function<void()> action, int after) {
        const std::lock_guard lock(mutex_);
        action_ = std::move(action), action_after_ = after;
        set_ = true;
    }
    void clear() {
        const std::lock_guard lock(mutex_);
        set_ = false, verdict_ = {}, times_ = 0, after_ = 0, action_ = nullptr, hits_ = 0;
    }
    int hits() const { return hits_; }

    Verdict next() {
        if (!set_) return {};
        std::function<void()> action;
        Verdict verdict;
        {
            const std::lock_guard lock(mutex_);
            if (action_ && action_after_-- <= 0) action = std::exchange(action_, nullptr), ++hits_;
            if (times_ != 0 && after_-- <= 0) {
                after_ = 0;
                if (times_ > 0) --times_;
                verdict = verdict_, ++hits_;
            }
        }
        if (action) action();  // may itself make calls of this kind
        return verdict;
    }

private:
    std::mutex mutex_;
    std::atomic<bool> set_{false};
    std::atomic<int> hits_{0};
    Verdict verdict_{};
    int times_ = 0, after_ = 0, action_after_ = 0;
    std::function<void()> action_;
};

std::array<Plan, static_cast<std::size_t>(Call::count)> plans;
std::atomic<bool> network{false};

std::mutex rings_mutex;  // guards all that is known of rings
bool notes_reads = false;
std::vector<std::span<const std::byte>> noted_reads;

Plan& plan(Call call) { return plans[static_cast<std::size_t>(call)]; }

/// Whether the call is to fail; errno says how.
bool fails(Call call) {
    const Verdict verdict = plan(call).next();
    if (verdict.error != 0) errno = verdict.error;
    return verdict.error != 0;
}

template <class Function>
Function* system_call(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

void spoil(void* memory, std::size_t bytes) { std::memset(memory, 0xBD, bytes); }

#if __has_include(<linux/io_uring.h>)

/// The rings that were set up, so that the reads in them can be changed before the kernel sees them.
struct RingMemory {
    int number = -1;
    io_uring_params parameters{};
    std::byte* queue = nullptr;
    io_uring_sqe* entries = nullptr;
};
std::array<RingMemory, 64> rings;  // never full: a number that is used again takes its old place

RingMemory* ring_of(int number) {
    const auto found =
        std::find_if(rings.begin(), rings.end(), [&](const auto& ring) { return ring.number == number; });
    return found == rings.end() ? nullptr : &*found;
}

void note_ring(int number, const io_uring_params& parameters) {
    const std::lock_guard lock(rings_mutex);
    RingMemory* ring = ring_of(number);
    if (ring == nullptr) ring = ring_of(-1);
    if (ring != nullptr) *ring = {.number = number, .parameters = parameters};
}

void note_ring_memory(int number, off_t offset, void* memory) {
    const std::lock_guard lock(rings_mutex);
    RingMemory* const ring = ring_of(number);
    if (ring == nullptr || memory == MAP_FAILED) return;
    if (offset == static_cast<off_t>(IORING_OFF_SQ_RING)) ring->queue = static_cast<std::byte*>(memory);
    if (offset == static_cast<off_t>(IORING_OFF_SQES)) ring->entries = static_cast<io_uring_sqe*>(memory);
}

/// Changes a read so that the kernel itself ends it as the test wants.
void change_read(io_uring_sqe& entry, const Verdict& verdict) {
    if (verdict.is_good() || entry.opcode != IORING_OP_READ) return;
    auto* const memory = reinterpret_cast<std::byte*>(entry.addr);
    if (verdict.error == 0) {
        const auto most = static_cast<std::uint32_t>(std::min<std::size_t>(entry.len, verdict.most));
        spoil(memory + most, entry.len - most);
        entry.len = most;
        return;
    }
    spoil(memory, entry.len);
    // A no-operation with a result of our choice; a kernel before 6.10 gives 0 instead: nothing was read.
    constexpr std::uint32_t inject_result = 1;
    entry.opcode = IORING_OP_NOP;
    entry.rw_flags = inject_result;
    entry.len = static_cast<std::uint32_t>(-verdict.error);
}

void change_reads(int number, unsigned count) {
    const std::lock_guard lock(rings_mutex);
    const RingMemory* const ring = ring_of(number);
    if (ring == nullptr || ring->queue == nullptr || ring->entries == nullptr) return;
    const io_sqring_offsets& at = ring->parameters.sq_off;
    const auto value = [&](std::uint32_t offset) {
        return reinterpret_cast<unsigned*>(ring->queue + offset);
    };
    const unsigned head = *value(at.head), mask = *value(at.ring_mask);
    for (unsigned i = 0; i < count; ++i) {
        io_uring_sqe& entry = ring->entries[value(at.array)[(head + i) & mask]];
        if (notes_reads && entry.opcode == IORING_OP_READ)
            noted_reads.emplace_back(reinterpret_cast<const std::byte*>(entry.addr), entry.len);
        change_read(entry, plan(Call::ring_read).next());
    }
}

#endif

}  // namespace

namespace wick_test {

Faults::Faults() = default;

Faults::~Faults() {
    for (Plan& one : plans) one.clear();
    network = false;
    const std::lock_guard lock(rings_mutex);
    notes_reads = false;
    noted_reads.clear();
}

Faults& Faults::fail(Call call, int error, int times, int after) {
    plan(call).set(Verdict{.error = error}, times, after);
    return *this;
}

Faults& Faults::shorten(Call call, std::size_t bytes, int times, int after) {
    plan(call).set(Verdict{.most = bytes}, times, after);
    return *this;
}

Faults& Faults::before(Call call, std::function<void()> action, int after) {
    plan(call).set(std::move(action), after);
    return *this;
}

Faults& Faults::pretend_network() {
    network = true;
    return *this;
}

Faults& Faults::note_queued_reads() {
    const std::lock_guard lock(rings_mutex);
    notes_reads = true;
    return *this;
}

std::vector<std::span<const std::byte>> Faults::queued_reads() const {
    const std::lock_guard lock(rings_mutex);
    return noted_reads;
}

int Faults::hits(Call call) const { return plan(call).hits(); }

int Faults::hits() const {
    int sum = 0;
    for (const Plan& one : plans) sum += one.hits();
    return sum;
}

}  // namespace wick_test

extern "C" {

ssize_t pread(int number, void* to, std::size_t bytes, off_t offset) {
    static auto* const system = system_call<ssize_t(int, void*, std::size_t, off_t)>("pread");
    const Verdict verdict = plan(Call::pread).next();
    if (verdict.error != 0) {
        spoil(to, bytes);
        errno = verdict.error;
        return -1;
    }
    return system(number, to, std::min(bytes, verdict.most), offset);
}

int open(const char* path, int flags, ...) {
    static auto* const system = system_call<int(const char*, int, ...)>("open");
    va_list list;
    va_start(list, flags);
    const int mode = (flags & O_CREAT) != 0 ? va_arg(list, int) : 0;
    va_end(list);
    if (fails((flags & O_DIRECT) != 0 ? Call::open_direct : Call::open)) return -1;
    return system(path, flags, mode);
}

int fstat(int number, struct stat* status) noexcept {
    static auto* const system = system_call<int(int, struct stat*)>("fstat");
    return fails(Call::fstat) ? -1 : system(number, status);
}

int fstatfs(int number, struct statfs* status) noexcept {
    static auto* const system = system_call<int(int, struct statfs*)>("fstatfs");
    const int result = system(number, status);
    if (network) status->f_type = 0x6969;  // NFS
    return result;
}

void* mmap(void* address, std::size_t bytes, int protection, int flags, int number, off_t offset) noexcept {
    const bool is_anonymous = (flags & MAP_ANONYMOUS) != 0;
    const bool is_ring = !is_anonymous && (protection & PROT_WRITE) != 0;
    if (!is_anonymous && fails(is_ring ? Call::map_ring : Call::map_file)) return MAP_FAILED;
    // The same call by its other name: sanitizers make it before `dlsym` works.
    void* const memory = ::mmap64(address, bytes, protection, flags, number, offset);
#if __has_include(<linux/io_uring.h>)
    if (is_ring) note_ring_memory(number, offset, memory);
#endif
    return memory;
}

int madvise(void* memory, std::size_t bytes, int advice) noexcept {
    static auto* const system = system_call<int(void*, std::size_t, int)>("madvise");
    return fails(Call::madvise) ? -1 : system(memory, bytes, advice);
}

int mincore(void* memory, std::size_t bytes, unsigned char* flags) noexcept {
    static auto* const system = system_call<int(void*, std::size_t, unsigned char*)>("mincore");
    return fails(Call::mincore) ? -1 : system(memory, bytes, flags);
}

int posix_fadvise(int number, off_t offset, off_t bytes, int advice) noexcept {
    static auto* const system = system_call<int(int, off_t, off_t, int)>("posix_fadvise");
    return fails(Call::fadvise) ? errno : system(number, offset, bytes, advice);
}

long syscall(long number, ...) noexcept {
    static auto* const system = system_call<long(long, ...)>("syscall");
    std::array<long, 6> arguments{};
    va_list list;
    va_start(list, number);
    // More than were given must not be read; only this call has six.
    const std::size_t count = number == SYS_io_uring_enter ? 6 : 5;
    for (std::size_t i = 0; i < count; ++i) arguments[i] = va_arg(list, long);
    va_end(list);
    constexpr long cachestat = 451;
    if (number == cachestat && fails(Call::cachestat)) return -1;
#if __has_include(<linux/io_uring.h>)
    if (number == __NR_io_uring_setup && fails(Call::ring_setup)) return -1;
    if (number == __NR_io_uring_enter) {
        if (fails(Call::ring_enter)) return -1;
        change_reads(static_cast<int>(arguments[0]), static_cast<unsigned>(arguments[1]));
    }
#endif
    const long result =
        system(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
#if __has_include(<linux/io_uring.h>)
    if (number == __NR_io_uring_setup && result >= 0)
        note_ring(static_cast<int>(result), *reinterpret_cast<const io_uring_params*>(arguments[1]));
#endif
    return result;
}

}  // extern "C"
