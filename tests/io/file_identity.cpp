// SPDX-License-Identifier: MIT
#include <wick/io/file_identity.hpp>

#include "support/catch.hpp"

#include <string>
#include <sys/stat.h>

using wick::FileIdentity;
using wick::detail::check_same;

namespace {

const FileIdentity before{.device = 5, .inode = 6, .size = 7, .modified_ns = 8'000'000'009};

}  // namespace

TEST_CASE("file identity: it is the device, the inode, the size and the time of the last write") {
    struct stat status {};
    status.st_dev = 5;
    status.st_ino = 6;
    status.st_size = 7;
#if defined(__APPLE__)
    status.st_mtimespec = {8, 9};
#else
    status.st_mtim = {8, 9};
#endif
    CHECK(wick::detail::identity_of(status) == before);
}

TEST_CASE("file identity: any difference is an Error that tells what happened, and both values") {
    CHECK_NOTHROW(check_same("a", before, before));
    const auto says = [](FileIdentity found, const std::string& words) {
        CHECK_THROWS_MATCHES(check_same("a", before, found), wick::Error,
                             MessageMatches(ContainsSubstring("a: " + words)));
    };
    FileIdentity found = before;
    found.modified_ns = 1;
    says(found, "changed since it was opened: expected modification time (ns) 8000000009, found 1");
    found.size = 3;
    says(found, "changed since it was opened: expected size 7, found 3");
    found.inode = 2;
    says(found, "replaced since it was opened: expected inode 6, found 2");
    found.device = 4;
    says(found, "replaced since it was opened: expected device 5, found 4");
}
