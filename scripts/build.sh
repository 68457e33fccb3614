# Configuring and building by the presets of CMakePresets.json.
# shellcheck shell=bash

build_dir() { # PRESET
    if [[ $1 == dev ]]; then printf 'build'; else printf 'build-%s' "$1"; fi
}

# build PRESET [TARGET…]: configures when there is no build folder yet; ninja looks after the rest by itself.
build() {
    local preset=$1 folder
    folder=$(build_dir "$preset")
    shift
    if [[ ! -f $folder/build.ninja ]]; then
        step "Configuring ($preset)" cmake --preset "$preset"
    fi
    step "Building ($preset)" cmake --build --preset "$preset" ${1:+--target "$@"}
}
