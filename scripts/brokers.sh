# Other versions of Mosquitto beside the installed one: Debian's packages of another suite with all of the libraries
# that they need, unpacked under .brokers/ and started by the dynamic loader that came with them. So the broker sees the
# same files as we do, nothing is installed, and nobody has to be root.
# shellcheck shell=bash

broker_versions=(2.0.11 2.0.21 2.1.2)

# The suite that holds a version; empty: the installed one.
broker_suite() {
    case $1 in
    2.0.11) ;;
    2.0.21) printf 'bookworm-backports' ;;
    2.1.2) printf 'forky' ;;
    *) return 1 ;;
    esac
}

# The mirror that this machine's own apt uses for Debian 12.
debian_mirror() {
    apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        awk '$2 == "bookworm" && $3 == "main" { print $1; exit }'
}

# apt with lists, cache and the knowledge of what is installed (nothing) of its own; the machine's are not touched.
apt_beside() { # FOLDER COMMAND ARGUMENT…
    local apt=$1 command=$2
    shift 2
    "$command" -q -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferencesparts=/dev/null -o "Dir::State::lists=$apt/lists" -o "Dir::State::status=$apt/status" \
        -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User="$(id -un)" "$@"
}

# Of what the broker depends on only the libraries are of use to us.
broker_packages() { # APT-FOLDER SUITE
    apt_beside "$1" apt-get -s --no-install-recommends -t "$2" install mosquitto |
        awk '/^Inst (lib|zlib|mosquitto)/ { print $2 }'
}

write_broker_start() { # FOLDER
    local loader
    loader=$(cd "$1/root" && find . -type f -name 'ld-linux*.so.*' -print -quit)
    [[ $loader ]] || { printf 'no dynamic loader among the packages\n'; return 1; }
    mkdir -p "$1/bin"
    cat >"$1/bin/mosquitto" <<START
#!/bin/sh
root=\$(cd "\$(dirname "\$0")/../root" && pwd) || exit 1
libraries=
for folder in "\$root"/lib/*-linux-gnu "\$root"/usr/lib/*-linux-gnu; do
    [ -d "\$folder" ] && libraries=\${libraries:+\$libraries:}\$folder
done
exec "\$root/$loader" --library-path "\$libraries" "\$root/usr/sbin/mosquitto" "\$@"
START
    chmod +x "$1/bin/mosquitto"
}

fetch_broker() { # FOLDER SUITE
    local folder=$1 suite=$2 apt="$1/apt" mirror packages deb
    local signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
    mirror=$(debian_mirror)
    [[ $mirror ]] || { printf 'apt knows no mirror for Debian 12 (bookworm main)\n'; return 1; }
    rm -rf "$folder"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs" "$folder/root"
    : >"$apt/status"
    printf 'deb %s %s %s main\n' "$signed" "$mirror" "$suite" >"$apt/sources.list"
    # Backports stand on their release.
    if [[ $suite == *-backports ]]; then
        printf 'deb %s %s %s main\n' "$signed" "$mirror" "${suite%-backports}" >>"$apt/sources.list"
    fi
    apt_beside "$apt" apt-get update || return
    packages=$(broker_packages "$apt" "$suite") || return
    # shellcheck disable=SC2086
    (cd "$apt/debs" && apt_beside "$apt" apt-get -t "$suite" download $packages) || return
    for deb in "$apt"/debs/*.deb; do dpkg -x "$deb" "$folder/root" || return; done
    # Some packages leave it to this program, which installing would run, to make the link of a library's name.
    /sbin/ldconfig -n "$folder"/root/lib/*-linux-gnu "$folder"/root/usr/lib/*-linux-gnu
    rm -rf "$apt"
    write_broker_start "$folder"
}

# Asking for help is a failure in Mosquitto's eyes; its words are what counts.
broker_help() { "$1" -h 2>&1 || true; }
broker_says() { broker_help "$1" | sed -n 's/^mosquitto version //p'; }

# need_broker VERSION sets `mosquitto` to the program to start.
need_broker() {
    local suite folder found
    suite=$(broker_suite "$1") || die "There is no broker $1 here; there are: ${broker_versions[*]}"
    if [[ ! $suite ]]; then
        mosquitto=$(PATH=$PATH:/usr/sbin command -v mosquitto) || die "mosquitto is not installed"
    else
        folder=$PWD/.brokers/$1
        mosquitto=$folder/bin/mosquitto
        if [[ ! -x $mosquitto ]]; then
            step "Fetching Mosquitto $1 ($suite) to .brokers/$1" fetch_broker "$folder" "$suite" ||
                die "Mosquitto $1 could not be fetched"
        fi
    fi
    found=$(broker_says "$mosquitto")
    [[ $found ]] || die "$mosquitto does not start: $(broker_help "$mosquitto")"
    if [[ ${found%.*} != "${1%.*}" ]]; then
        die "asked for Mosquitto $1, and found $found${suite:+ in $suite; remove .brokers/$1 to look again}"
    fi
    [[ $found == "$1" ]] || say "Mosquitto $1 is not to be had any more; this is $found"
}
