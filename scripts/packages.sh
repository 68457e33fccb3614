# What has to be installed, all of it Debian's own packages.
# shellcheck shell=bash

packages_build=(cmake ninja-build gcc libc6-dev pkg-config libssl-dev libcurl4-openssl-dev libcjson-dev
    libmicrohttpd-dev libsqlite3-dev uthash-dev libcmocka-dev mosquitto-dev libmosquitto-dev)
# Node that came from elsewhere is as good, and would not stand Debian's npm beside it.
packages_node=(nodejs npm)
if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null; then
    packages_node=()
fi
packages_run=(mosquitto mosquitto-clients curl python3 python3-paho-mqtt nginx "${packages_node[@]}")
packages_test=(python3-pytest python3-pytest-xdist openssl strace chromium chromium-driver python3-selenium)
packages_lint=(clang-format clang-tidy)
packages_fuzz=(clang libclang-rt-14-dev)

missing_packages() {
    local package
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || printf '%s\n' "$package"
    done
}

is_debian_12() {
    [[ -r /etc/os-release ]] || return 1
    (
        # shellcheck disable=SC1091
        . /etc/os-release
        [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]]
    )
}

apt_install() {
    local as_root=()
    ((EUID == 0)) || as_root=(sudo)
    "${as_root[@]}" apt-get -q update
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@"
}

# need_packages PACKAGE… installs what is not there yet; with nothing to do it takes one look per package.
need_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    if ! is_debian_12; then
        warn "This is not Debian 12, so nothing is installed for you. Needed are these, by their names in Debian 12:"
        die "  ${missing[*]}"
    fi
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            warn "Packages are missing, and there is neither root nor sudo to install them. As root, run:"
            die "  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
        fi
        # Ask for the password here: a step's output is not on the terminal.
        sudo -v || die "sudo was refused; packages that are missing: ${missing[*]}"
    fi
    step "Installing ${#missing[@]} packages (${missing[*]})" apt_install "${missing[@]}"
}
