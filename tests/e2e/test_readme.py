"""The README, taken at its word."""

import os
import re
import shlex
import subprocess
import sys

import pytest
import websockets.sync.client

import harness

README = (harness.ROOT / "README.md").read_text()


def block(name):
    """The code block below `<!-- test: name -->`."""
    found = re.search(rf"<!-- test: {name} -->\n```sh\n(.*?)```", README, re.S)
    assert found, name
    return found[1]


@pytest.fixture(scope="module")
def shell():
    """Runs a block as a reader would paste it, but against a gatelet on a port that is free."""
    with harness.Gatelet() as gatelet:
        def run(*names, fresh=False):
            if fresh:
                gatelet.request("POST", "/_gatelet/reset")
            script = "set -e\n" + "\n".join(map(block, names)).replace("4566", str(gatelet.port))
            done = subprocess.run(
                ["bash", "-c", script], cwd=harness.ROOT, capture_output=True, text=True, timeout=60,
                env={"PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}", "HOME": gatelet.folder.name,
                     "AWS_PAGER": ""})
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout

        yield run


def test_the_quickstart():
    install, up = block("quickstart").splitlines()
    assert install == "cargo install --locked --path ."
    with harness.Gatelet(shlex.split(up)[1:], under=["env", "-C", str(harness.ROOT)]) as gatelet:
        *calls, connect = block("quickstart-calls").replace("4566", str(gatelet.port)).splitlines()
        for call in calls:
            assert subprocess.run(shlex.split(call), capture_output=True, text=True).stdout == "Hello, you!\n", call
            # It is one of the URLs that were printed.
            assert call.removeprefix("curl ").replace("/you", "/{name}") in gatelet.stdout()
        # 4510, unless another program of this machine has it.
        assert re.fullmatch(r"npx wscat -c ws://localhost:45\d\d", connect)
        endpoint = re.search(r"connect (ws://localhost:45[1-5]\d)$", gatelet.stdout(), re.M)[1]
        with websockets.sync.client.connect(endpoint) as client:
            client.send("what you type")
            assert client.recv(timeout=20) == "what you type"


def test_the_first_api(shell):
    assert len(block("first-api").strip().splitlines()) == 5
    said = shell("first-api")
    assert "Hello, gatelet!\n" in said and "Hello, world!\n" in said
    # As one shell, since the second block relies on what the first one exported.
    said = shell("first-api", "second-function", fresh=True)
    assert '"path": "/python/is/fun"' in said and '"route": "GET /python/{proxy+}"' in said


def test_the_websocket_api(shell):
    said = shell("first-api", "websocket", fresh=True)
    endpoint = said.strip().splitlines()[-1]
    assert re.fullmatch(r"ws://localhost:\d+", endpoint), said
    with websockets.sync.client.connect(endpoint) as client:
        client.send("what you type")
        assert client.recv(timeout=20) == "what you type"


def test_flags_and_variables_are_those_of_help():
    _, help, _ = harness.run(["--help"])
    # Its examples show the AWS CLI's flags too.
    help = help.split("An API is reached at")[0]
    flags = set(re.findall(r"(?<!\S)--[a-z][a-z-]+", help))
    variables = {word for word in re.findall(r"\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b|\bDEBUG\b", help)}
    section = README.split("## Flags and environment", 1)[1].split("\n## ", 1)[0]
    for word in sorted(flags | variables):
        assert f"`{word}" in section, f"{word} is in --help and not in the README"
    for word in set(re.findall(r"`(--[a-z][a-z-]+)", section)):
        assert word in flags, f"{word} is in the README and not in --help"


def test_links_lead_somewhere():
    for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", README):
        assert (harness.ROOT / target).exists(), target
