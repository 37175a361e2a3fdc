#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a command with so many bytes of memory, the page cache included:
#   benchmarks/limited.sh BYTES COMMAND [ARGUMENT...]
# Needs the right to make a control group (root, or a delegated one); ends with 3 and says why where it cannot.
set -eu

if [ $# -lt 2 ]; then
    echo "usage: $0 BYTES COMMAND [ARGUMENT...]" >&2
    exit 2
fi
bytes=$1
shift

cannot() {
    echo "$0: cannot limit memory: $1" >&2
    exit 3
}

name=wick-limited.$$
version=2
root=/sys/fs/cgroup
if [ -d "$root/memory" ] && [ -e "$root/memory/memory.limit_in_bytes" ]; then
    version=1
    group=$root/memory/$name
    limit=memory.limit_in_bytes
elif [ -e "$root/cgroup.controllers" ]; then
    grep -qw memory "$root/cgroup.controllers" || cannot "the memory controller is not enabled in $root"
    grep -qw memory "$root/cgroup.subtree_control" || echo +memory 2>/dev/null > "$root/cgroup.subtree_control" ||
        cannot "the memory controller cannot be enabled below $root"
    group=$root/$name
    limit=memory.max
else
    cannot "there are no control groups in $root"
fi
mkdir "$group" 2>/dev/null || cannot "no right to make the group $group"
status=0
if (echo "$bytes" > "$group/$limit") 2>/dev/null; then
    # Swapping would only move the question to another disk.
    [ $version = 1 ] || (echo 0 > "$group/memory.swap.max") 2>/dev/null || true
    sh -c 'echo $$ > "$0/cgroup.procs" && exec "$@"' "$group" "$@" || status=$?
    [ $version = 2 ] || (echo 0 > "$group/memory.force_empty") 2>/dev/null || true
    rmdir "$group" || echo "$0: $group is still there" >&2
    exit $status
fi
rmdir "$group"
cannot "the group does not take a limit of $bytes bytes"
