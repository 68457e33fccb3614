# The mini-program's packages, and MQTT.js in the form it needs: miniprogram/lib/mqtt.js.
# shellcheck shell=bash

miniprogram_is_built() {
    local made=miniprogram/lib/mqtt.js file
    [[ -f $made && -f miniprogram/node_modules/.package-lock.json ]] || return 1
    for file in miniprogram/package-lock.json miniprogram/scripts/build-mqtt.mjs miniprogram/scripts/mqtt/*; do
        [[ ! $file -nt $made ]] || return 1
    done
}

make_miniprogram() {
    cd miniprogram || return 1
    npm ci --ignore-scripts --no-audit --no-fund && npm run build
}

# build_miniprogram: with nothing to do it looks at a few files. Two at once do it one after the other.
build_miniprogram() {
    local lock rc=0
    miniprogram_is_built && return 0
    exec {lock}<miniprogram
    flock "$lock"
    miniprogram_is_built || step "Getting the mini-program's packages" make_miniprogram || rc=$?
    exec {lock}<&-
    return "$rc"
}

chat_page_is_built() { # FOLDER
    [[ -f $1/page.js && ! $(find miniprogram/web miniprogram/view miniprogram/lib -newer "$1/page.js" -print -quit) ]]
}

# build_chat_page FOLDER: the chat in a browser, as nginx serves it.
build_chat_page() {
    local lock rc=0
    build_miniprogram || return
    exec {lock}<miniprogram/web
    flock "$lock"
    chat_page_is_built "$1" || step "Building the chat page" node miniprogram/web/build.mjs "$1" || rc=$?
    exec {lock}<&-
    return "$rc"
}
