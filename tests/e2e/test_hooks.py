"""Init hooks: scripts that run before `Ready.` and at the end, and call the gatelet that runs them."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import harness

# What a script finds on PATH: awslocal is beside the interpreter of these tests.
PATH = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"


@pytest.fixture
def hooks(tmp_path):
    """Writes scripts: `hooks({"ready.d/a.sh": text})`; the folder of them."""
    def write(scripts, mode=0o755):
        for name, text in scripts.items():
            path = tmp_path / "hooks" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(mode)
        return str(tmp_path / "hooks")

    return write


def gatelet(folder, **environment):
    return harness.Gatelet(["--init", folder], {"PATH": PATH, **environment})


def progress(server, stage=""):
    return server.request("GET", f"/_localstack/init{stage and '/' + stage}").json()


def test_scripts_make_what_ready_promises(hooks):
    folder = hooks({
        "ready.d/01-api.sh": "#!/bin/bash\nset -e\n"
                             "awslocal apigatewayv2 create-api --name made --protocol-type HTTP --tags _custom_id_=made\n"
                             "echo region $AWS_DEFAULT_REGION\n",
        "ready.d/02-more.py": "import os, urllib.request\n"
                              "url = os.environ['AWS_ENDPOINT_URL'] + '/_localstack/init/ready'\n"
                              "print('while it runs:', urllib.request.urlopen(url).read().decode())\n",
        "ready.d/readme.txt": "not a script",
    })
    with gatelet(folder, AWS_REGION="eu-central-1") as server:
        apis = server.request("GET", "/v2/apis", {
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20261124/eu-central-1/apigateway/aws4_request"})
        assert [api["apiId"] for api in apis.json()["items"]] == ["made"]
        log = server.stderr()
        assert "01-api.sh: region eu-central-1" in log
        running = re.search(r"while it runs: (.*)", log)[1]
        assert '"completed":false' in running and '"RUNNING"' in running and '"SUCCESSFUL"' in running
        scripts = [{"stage": "READY", "name": name, "state": "SUCCESSFUL"} for name in ["01-api.sh", "02-more.py"]]
        assert progress(server, "ready") == {"completed": True, "scripts": scripts}
        assert progress(server) == {
            "completed": {"BOOT": True, "START": True, "READY": True, "SHUTDOWN": False}, "scripts": scripts}
        assert server.stdout().endswith("\nReady.\n")


def test_a_script_that_fails_stops_nothing(hooks, tmp_path):
    trace = tmp_path / "trace"
    folder = hooks({name: f"#!/bin/sh\necho {name} >>{trace}\n{more}\n" for name, more in {
        "z-last.sh": "", "boot.d/b.sh": "", "start.d/s.sh": "exit 7", "a.sh": "", "ready.d/2.sh": "kill -9 $$",
        "ready.d/sub/1.sh": ""}.items()})
    hooks({"ready.d/3-no-mode.sh": "#!/bin/sh\n"}, mode=0o644)
    hooks({"ready.d/4-raises.py": "raise SystemExit('sorry')"})
    with gatelet(folder) as server:
        assert trace.read_text().split() == ["boot.d/b.sh", "start.d/s.sh", "a.sh", "z-last.sh", "ready.d/2.sh",
                                             "ready.d/sub/1.sh"]
        states = {script["name"]: script["state"] for script in progress(server)["scripts"]}
        assert states == {"b.sh": "SUCCESSFUL", "s.sh": "ERROR", "a.sh": "SUCCESSFUL", "z-last.sh": "SUCCESSFUL",
                          "2.sh": "ERROR", "3-no-mode.sh": "ERROR", "4-raises.py": "ERROR", "1.sh": "SUCCESSFUL"}
        log = server.stderr()
        for said in ["s.sh ended with exit code 7", "2.sh was ended by signal 9", "chmod +x", "4-raises.py: sorry"]:
            assert said in log, said


def test_what_runs_at_the_end_is_served(hooks, tmp_path):
    trace = tmp_path / "trace"
    folder = hooks({"shutdown.d/bye.sh": "#!/bin/bash\nset -e\nexec 3<>/dev/tcp/127.0.0.1/${AWS_ENDPOINT_URL##*:}\n"
                                         "printf 'GET /_localstack/init/shutdown HTTP/1.0\\r\\n\\r\\n' >&3\n"
                                         f"cat <&3 >{trace}\n"})
    with gatelet(folder) as server:
        assert progress(server, "shutdown") == {
            "completed": False, "scripts": [{"stage": "SHUTDOWN", "name": "bye.sh", "state": "UNKNOWN"}]}
        assert server.stop() == 0
    assert '"RUNNING"' in trace.read_text()


def test_nothing_that_scripts_started_outlives_us(hooks, tmp_path):
    pids = tmp_path / "pids"
    folder = hooks({
        "a.sh": f"#!/bin/sh\nsleep 1000 &\necho $! >>{pids}\n",
        "shutdown.d/hangs.sh": f"#!/bin/sh\necho $$ >>{pids}\nsleep 1000\n",
    })

    def alive():
        return [pid for pid in pids.read_text().split() if is_running(pid)]

    with gatelet(folder) as server:
        assert len(alive()) == 1, "what a script started stays while we run"
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 10, "docker stop kills after 10 s"
    harness.wait_until(lambda: not alive(), "all end")
    assert len(pids.read_text().split()) == 2

    pids.unlink()
    with gatelet(folder) as server:
        assert len(alive()) == 1
        server.stop(signal.SIGKILL)
    harness.wait_until(lambda: not alive(), "all end, even so")


def test_told_to_end_while_a_script_runs(hooks, tmp_path):
    pids = tmp_path / "pids"
    folder = hooks({"a.sh": f"#!/bin/sh\necho $$ >>{pids}\nsleep 1000\n"})
    child = subprocess.Popen([harness.BINARY, "--init", folder, "--listen", f"127.0.0.1:{harness.free_port()}"],
                             env={"PATH": PATH, "TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    harness.wait_until(lambda: pids.exists() and pids.read_text(), "the script runs")
    child.terminate()
    child.communicate(timeout=harness.PATIENCE)
    assert child.returncode == 0
    harness.wait_until(lambda: not is_running(pids.read_text().strip()), "the script ends")


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
