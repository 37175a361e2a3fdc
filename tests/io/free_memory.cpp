// SPDX-License-Identifier: MIT
#include <wick/io/free_memory.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace {

/// A folder that looks like the root of a system with 1,000,000 kB available.
struct System {
    System() {
        write("proc/meminfo", "MemTotal:        2000000 kB\nMemFree: 5 kB\nMemAvailable:    1000000 kB\n");
    }
    void write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((dir / name).parent_path());
        dir.write(name, text);
    }
    std::uint64_t free() const { return wick::detail::free_memory(dir.path()); }
    wick_test::TempDir dir;
};

}  // namespace

TEST_CASE("free memory: this machine has some, and less than an exabyte") {
    const std::uint64_t bytes = wick::detail::free_memory();
    CHECK((bytes > 1'000'000 && bytes < std::uint64_t{1} << 60));
}

TEST_CASE(
    "free memory: without groups it is what the system calls available, and nothing where it says nothing") {
    const System system;
    CHECK(system.free() == 1'024'000'000);
    CHECK(wick::detail::free_memory(system.dir / "elsewhere") == 0);
}

TEST_CASE(
    "free memory: a group of the second kind counts, and every one around it; files in memory are free") {
    const System system;
    system.write("proc/self/cgroup", "0::/job/step\n");
    system.write("sys/fs/cgroup/job/step/memory.max", "max\n");
    CHECK(system.free() == 1'024'000'000);
    system.write("sys/fs/cgroup/job/memory.max", "5000000\n");
    system.write("sys/fs/cgroup/job/memory.current", "4000000\n");
    CHECK(system.free() == 1'000'000);
    system.write("sys/fs/cgroup/job/memory.stat",
                 "anon 1\nactive_file 300000\ninactive_file 200000\nshmem 7\n");
    CHECK(system.free() == 1'500'000);
    system.write("sys/fs/cgroup/job/memory.high", "4200000\n");
    CHECK(system.free() == 700'000);
    system.write("sys/fs/cgroup/job/step/memory.max", "10\n");
    CHECK(system.free() == 10);
    system.write("sys/fs/cgroup/job/memory.current", "9000000\n");
    CHECK(system.free() == 0);
}

TEST_CASE("free memory: a group of the first kind counts, among other controllers") {
    const System system;
    system.write("proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/box\n3:cpuset:/\n");
    system.write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "700000\n");
    system.write("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "600000\n");
    system.write("sys/fs/cgroup/memory/box/memory.stat",
                 "inactive_file 1\ntotal_inactive_file 50000\ntotal_active_file 60000\n");
    CHECK(system.free() == 210'000);
}
