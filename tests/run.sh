#!/usr/bin/env bash
# The whole test run: `tests/run.sh`, or only some parts of it: `tests/run.sh lint rust fuzz build e2e deploy`.
#
#   lint   formatting, clippy and rustdoc with warnings denied
#   rust   all Rust tests, the fuzz corpora replayed among them; every bench built and run once
#   fuzz   the fuzz targets built (cargo-fuzz is only needed to run them)
#   build  the release binary
#   e2e    real clients against the release binary: boto3, the AWS CLI, AWS SDK for JavaScript, raw sockets
#   deploy deploy tools against it: the Serverless Framework, the AWS CDK (half a gigabyte of npm packages)
#
# It needs: Rust, Python 3 with venv, Node.js with npm, and the package registries of the three. The last line
# counts; a part that fails doesn't keep the others from running, but fails the run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly ROOT=$PWD
readonly LOGS=$ROOT/target/test-logs
readonly E2E=$ROOT/tests/e2e
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=${CARGO_INCREMENTAL:-0} PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
mkdir -p "$LOGS"

passed=0
failed=0
summary=()

# Runs a command under a name, shows what it prints, keeps it for counting. A command that ends well counts as
# one passed, unless the counter (a function of the log) finds its own figures.
part() {
    local name=$1 counter=$2 log began=$SECONDS status=0 good bad
    shift 2
    log=$LOGS/${name// /-}.log
    printf '\n== %s\n' "$name"
    "$@" 2>&1 | tee "$log" || status=1
    read -r good bad < <("$counter" "$log" "$status")
    if [[ $status -ne 0 && $bad -eq 0 ]]; then bad=1; fi
    passed=$((passed + good))
    failed=$((failed + bad))
    summary+=("$(printf '%-14s %5d passed, %d failed  (%d s)' "$name" "$good" "$bad" $((SECONDS - began)))")
    printf '%s\n' "${summary[-1]}"
}

once() { # log status
    if [[ $2 -eq 0 ]]; then echo 1 0; else echo 0 1; fi
}

cargo_tests() { # log status
    awk '/^test result: /{ good += $4; bad += $6 } /^Testing .*$/{ benches = 1 } /^Success$/{ good += 1 }
         END { print good + 0, bad + 0 }' "$1"
}

pytest_tests() { # log status
    tail -n 1 "$1" | awk '{ for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) good = $(i - 1)
                            if ($i ~ /^(failed|error)/) bad += $(i - 1) } } END { print good + 0, bad + 0 }'
}

lint() {
    part format once cargo fmt --check
    part "format e2e" once rustfmt --check --edition 2024 tests/e2e/provided/*.rs
    part clippy once cargo clippy --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" part rustdoc once cargo doc --no-deps
}

rust() {
    part "rust tests" cargo_tests cargo test --no-fail-fast
    if compgen -G 'benches/*.rs' >/dev/null; then
        part benches cargo_tests cargo test --bench '*'
    fi
}

# `cargo fuzz build` wants the nightly toolchain; what it builds is checked by the stable one just as well.
fuzz() {
    if [[ -f fuzz/Cargo.toml ]]; then
        part "fuzz targets" once env CARGO_TARGET_DIR=target/fuzz cargo check --manifest-path fuzz/Cargo.toml
    fi
}

build() {
    part "release build" once cargo build --release
}

e2e() {
    if ! compgen -G 'tests/e2e/test_*.py' >/dev/null; then return; fi
    part "e2e packages" once e2e_packages
    part "e2e browser" once e2e_browser
    part e2e pytest_tests e2e_pytest "$E2E" --ignore "$E2E/deploy"
}

deploy() {
    if ! compgen -G 'tests/e2e/deploy/test_*.py' >/dev/null; then return; fi
    part "deploy tools" once deploy_packages
    part deploy pytest_tests e2e_pytest "$E2E/deploy"
}

e2e_pytest() { # what pytest is to run
    GATELET_BIN="${GATELET_BIN:-$ROOT/target/release/gatelet}" \
        "$E2E/.venv/bin/python" -m pytest -q -p no:cacheprovider -c "$E2E/pytest.ini" "$@"
}

# A virtual environment and npm packages of their own, pinned; made anew only when the pins change.
e2e_packages() {
    python_packages && npm_packages "$E2E" && count_packages "$E2E"
}

# Their scripts after installing only print.
deploy_packages() {
    python_packages && npm_packages "$E2E/deploy" --ignore-scripts && count_packages "$E2E/deploy" &&
        du -sh "$E2E/deploy/node_modules"
}

# The tests of CORS want a browser, and are skipped where there is none. Only a machine of continuous integration is ours
# to install one on.
e2e_browser() {
    if command -v chromium-headless-shell chromium chromium-browser google-chrome; then return; fi
    if [[ ${CI:-} == true && $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
        apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell
    else
        echo "no browser is installed (apt-get install chromium-headless-shell): what needs one is skipped"
    fi
}

python_packages() {
    cd "$E2E" || return 1
    if ! cmp -s requirements.txt .venv/requirements.txt; then
        rm -rf .venv && python3 -m venv .venv && .venv/bin/pip install --quiet --requirement requirements.txt &&
            cp requirements.txt .venv/requirements.txt || return 1
    fi
}

npm_packages() { # folder flags...
    cd "$1" || return 1
    shift
    if ! cmp -s package-lock.json node_modules/.installed; then
        npm ci --no-audit --no-fund --loglevel=error "$@" && cp package-lock.json node_modules/.installed || return 1
    fi
}

count_packages() { # folder
    printf '%d Python packages, %d npm packages\n' "$(wc -l <"$E2E/requirements.txt")" \
        "$(grep -c '^    "node_modules/' "$1/package-lock.json")"
}

if [[ $# -eq 0 ]]; then set -- lint rust fuzz build e2e deploy; fi
for each in "$@"; do
    case $each in
    lint | rust | fuzz | build | e2e | deploy) "$each" ;;
    *) printf 'unknown part: %s (lint rust fuzz build e2e deploy)\n' "$each" >&2; exit 2 ;;
    esac
done

printf '\n'
printf '%s\n' "${summary[@]}"
printf '%d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
