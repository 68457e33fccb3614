# Telling what goes on: one line per step, a moving one on a terminal, the log of a step only when it failed.
# shellcheck shell=bash

if [[ -t 1 ]]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m' erase=$'\r\e[K'
else
    bold='' dim='' red='' green='' plain='' erase=''
fi

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "${red}$*${plain}" >&2; }
die() {
    warn "$*"
    exit 1
}

seconds_since() { printf '%d' $((SECONDS - $1)); }

# The last line of a log, without control characters, cut to what is left of the terminal's width.
last_line() {
    local width=$((${COLUMNS:-80} - $2))
    ((width > 10)) || width=10
    tail -n 1 "$1" 2>/dev/null | tr -d '\000-\037' | cut -c "1-$width"
}

# step TITLE COMMAND… runs the command with its output in a log and shows that time goes by.
step() {
    local title=$1 log pid began=$SECONDS rc=0
    shift
    log=$(mktemp)
    if [[ ! -t 1 ]]; then printf '%s …\n' "$title"; fi
    "$@" >"$log" 2>&1 &
    pid=$!
    # What runs in the background does not hear Ctrl-C by itself.
    trap 'kill "$pid" 2>/dev/null; wait "$pid"; rm -f "$log"; exit 130' INT TERM
    while [[ -t 1 ]] && kill -0 "$pid" 2>/dev/null; do
        printf '%s%s … %ss %s%s%s' "$erase" "$title" "$(seconds_since "$began")" "$dim" \
            "$(last_line "$log" $((${#title} + 12)))" "$plain"
        sleep 0.3
    done
    wait "$pid" || rc=$?
    if ((rc != 0)); then
        printf '%s%s%s: failed%s\n' "$erase" "$red" "$title" "$plain"
        sed '/^\[[0-9]*\/[0-9]*\] /d' "$log" | tail -n 60 # without the steps of a build that went well
    elif [[ -t 1 ]] || (($(seconds_since "$began") > 2)); then
        printf '%s%s: %sdone%s (%s s)\n' "$erase" "$title" "$green" "$plain" "$(seconds_since "$began")"
    fi
    trap - INT TERM
    rm -f "$log"
    return "$rc"
}
