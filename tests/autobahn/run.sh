#!/usr/bin/env bash
# The Autobahn fuzzing client against examples/ws_echo.rs, which is nothing but a loop around proto/ws.
#
#   tests/autobahn/run.sh            runs every case and compares with expected.json
#   tests/autobahn/run.sh '6.*'      only these cases
#
# It needs Python 2.7 ($PYTHON27, else pyenv's, else python2.7), as the suite does, and Python 3 with venv and the
# package registry to install it with. Sections 12 and 13 are about compression, which is declined. The reports
# are in target/autobahn/reports/index.html.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly SUITE='autobahntestsuite==25.10.1'
# The last one that makes environments for Python 2.7.
readonly VIRTUALENV='virtualenv==20.21.1'
readonly WORK=$PWD/target/autobahn
readonly ALL=('1.*' '2.*' '3.*' '4.*' '5.*' '6.*' '7.*' '9.*' '10.*')
MODE=some
CASES=("$@")
[ ${#CASES[@]} -gt 0 ] || { CASES=("${ALL[@]}") MODE=all; }

main() {
    mkdir -p "$WORK"
    install_suite
    cargo build --quiet --example ws_echo
    start_echo
    rm -rf "$WORK/reports"
    write_spec >"$WORK/spec.json"
    (cd "$WORK" && suite/bin/wstest -m fuzzingclient -s spec.json >wstest.log 2>&1) || {
        tail -n 20 "$WORK/wstest.log" >&2
        exit 1
    }
    python3 tests/autobahn/compare.py "$WORK/reports/index.json" tests/autobahn/expected.json "$MODE"
}

install_suite() {
    local python=${PYTHON27:-}
    if [ "$(cat "$WORK/suite/.installed" 2>/dev/null)" = "$SUITE" ]; then return; fi
    [ -n "$python" ] || python=$(ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/2.7.*/bin/python2.7 2>/dev/null | tail -n 1)
    [ -n "$python" ] || python=$(command -v python2.7) ||
        { echo 'Python 2.7 is missing: pyenv install 2.7.18, or set PYTHON27' >&2; exit 2; }
    rm -rf "$WORK/suite" "$WORK/virtualenv"
    python3 -m venv "$WORK/virtualenv"
    "$WORK/virtualenv/bin/pip" install --quiet --disable-pip-version-check "$VIRTUALENV"
    "$WORK/virtualenv/bin/virtualenv" --quiet -p "$python" "$WORK/suite"
    "$WORK/suite/bin/pip" install --quiet --disable-pip-version-check "$SUITE"
    echo "$SUITE" >"$WORK/suite/.installed"
}

# On a port that is free; the echo prints where it listens.
start_echo() {
    "${CARGO_TARGET_DIR:-target}/debug/examples/ws_echo" 127.0.0.1:0 >"$WORK/echo.log" &
    local echo=$!
    # shellcheck disable=SC2064 # this very process
    trap "kill $echo 2>/dev/null || true" EXIT
    for _ in {1..100}; do
        URL=$(head -n 1 "$WORK/echo.log")
        [ -z "$URL" ] || return 0
        sleep 0.05
    done
    echo 'the echo server does not start' >&2
    exit 1
}

write_spec() {
    local cases
    cases=$(printf '"%s", ' "${CASES[@]}")
    cat <<EOF
{"outdir": "$WORK/reports", "servers": [{"agent": "gatelet", "url": "$URL"}],
 "cases": [${cases%, }], "exclude-cases": [], "exclude-agent-cases": {}}
EOF
}

main
