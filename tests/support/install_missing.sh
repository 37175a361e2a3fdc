#!/bin/sh
# Installs those of the named Debian packages that are missing, as root or by sudo, and says so. Asks nothing.
#   sh tests/support/install_missing.sh g++ cmake ...
set -eu

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "This is no Debian: taking it that these are installed: $*"
    exit 0
fi

missing=
for package in "$@"; do
    if ! dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$'; then
        missing="$missing $package"
    fi
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "Missing packages, and no right to install them. As root: apt-get install$missing" >&2
    exit 1
fi

echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -q update
# shellcheck disable=SC2086  # words, on purpose
$as_root apt-get -q install -y --no-install-recommends $missing
