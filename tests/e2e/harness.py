"""A gatelet process, and plain ways to talk to it: nothing here knows AWS."""

import http.client
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BINARY = os.environ.get("GATELET_BIN", str(ROOT / "target/release/gatelet"))
# Never needed by a test that passes; long enough for a busy machine.
PATIENCE = 30


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(condition, what, timeout=PATIENCE):
    """The first true value of `condition()`."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {timeout} s: {what}")


@dataclass
class Answer:
    """A response as it came: header names in their casing, repeated headers apart, in order."""

    status: int
    reason: str
    headers: list
    body: bytes
    version: int = 11

    def __getitem__(self, name):
        values = self.all(name)
        assert len(values) == 1, f"{name}: {values} in {self.headers}"
        return values[0]

    def get(self, name):
        values = self.all(name)
        return values[0] if values else None

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def names(self):
        return [key for key, _ in self.headers]

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        import json

        return json.loads(self.body)


@dataclass
class Wire:
    """A connection of raw bytes."""

    port: int
    timeout: float = PATIENCE
    sock: socket.socket = None
    kept: bytes = b""

    def __post_init__(self):
        self.sock = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)
        return self

    def finish(self):
        """No more requests: a half-closed client."""
        self.sock.shutdown(socket.SHUT_WR)
        return self

    def fill(self):
        piece = self.sock.recv(65536)
        self.kept += piece
        return bool(piece)

    def answer(self, head_only=False):
        """The next response; interim ones (1xx) too, one at a time."""
        while b"\r\n\r\n" not in self.kept:
            assert self.fill(), f"closed within a head: {self.kept!r}"
        head, self.kept = self.kept.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        version, status, reason = re.fullmatch(r"HTTP/1\.([01]) (\d{3}) ?(.*)", first).groups()
        headers = [tuple(line.split(": ", 1)) if ": " in line else (line.rstrip(":"), "") for line in lines]
        answer = Answer(int(status), reason, headers, b"", 10 + int(version))
        if not head_only and answer.status >= 200 and answer.status not in (204, 304):
            if answer.get("transfer-encoding"):
                answer.body = self.chunks()
            else:
                answer.body = self.take(int(answer["content-length"]))
        return answer

    def take(self, count):
        while len(self.kept) < count:
            assert self.fill(), f"closed within a body: {self.kept!r}"
        body, self.kept = self.kept[:count], self.kept[count:]
        return body

    def chunks(self):
        body = b""
        while True:
            while b"\r\n" not in self.kept:
                assert self.fill(), "closed within a chunk"
            size, self.kept = self.kept.split(b"\r\n", 1)
            piece = self.take(int(size, 16) + 2)
            if size == b"0":
                return body
            body += piece[:-2]

    def rest(self):
        """All until the server closes."""
        try:
            while self.fill():
                pass
        except ConnectionResetError:
            pass
        rest, self.kept = self.kept, b""
        return rest

    def closed(self):
        """Whether the server closes now, without a further byte."""
        return self.rest() == b""


@dataclass
class Gatelet:
    """A gatelet process of its own."""

    arguments: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    port: int = 0
    # A command to run it under: `["bash", "-c", "ulimit -n 256; exec \"$@\"", "-"]`
    under: list = field(default_factory=list)

    def __post_init__(self):
        self.port = self.port or free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="gatelet-e2e-")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": self.folder.name,
            "TMPDIR": self.folder.name,
            "GATEWAY_LISTEN": f"127.0.0.1:{self.port}",
            # A secret of the host: no function may see it.
            "HOST_SECRET": "for the host's eyes only",
        }
        environment.update(self.environment)
        environment = {name: value for name, value in environment.items() if value is not None}
        self.out = open(Path(self.folder.name) / "out", "w+b")
        self.err = open(Path(self.folder.name) / "err", "w+b")
        began = time.monotonic()
        self.process = subprocess.Popen(
            [*self.under, BINARY, *self.arguments],
            stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err, env=environment, start_new_session=True,
        )
        try:
            wait_until(lambda: self.ready() or self.process.poll() is not None, "Ready.")
        except AssertionError:
            self.process.kill()
            raise
        self.start_seconds = time.monotonic() - began
        assert self.process.poll() is None, f"exit {self.process.returncode}: {self.stderr()}"

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            code = self.stop()
            if kind is None:
                assert code == 0, f"exit {code}: {self.stderr()[-2000:]}"
        if kind is None:
            assert "panicked" not in self.stderr(), self.stderr()[-4000:]
        self.out.close()
        self.err.close()
        self.folder.cleanup()

    def ready(self):
        return "Ready." in self.stdout().splitlines()

    def stdout(self):
        return Path(self.out.name).read_text()

    def stderr(self):
        return Path(self.err.name).read_text(errors="replace")

    def send(self, number):
        """Sends the process a signal."""
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM, timeout=15):
        """Its exit code."""
        self.send(number)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def wire(self, timeout=PATIENCE):
        return Wire(self.port, timeout)

    def raw(self, data, timeout=PATIENCE):
        """Sends bytes, and returns all that comes until the server closes."""
        with self.wire(timeout) as wire:
            return wire.send(data).rest()

    def request(self, method, path, headers=None, body=None, timeout=PATIENCE):
        """One request on a connection of its own. `headers` may name `Host`, and may be a list with repeats."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        pairs = list(headers.items() if isinstance(headers, dict) else headers or [])
        names = {name.lower() for name, _ in pairs}
        body = body.encode() if isinstance(body, str) else body
        # `path` may hold what http.client refuses to send.
        connection._validate_path = lambda _: None
        connection.putrequest(method, path, skip_host="host" in names, skip_accept_encoding=True)
        for name, value in pairs:
            connection.putheader(name, value)
        if body is not None and "content-length" not in names and "transfer-encoding" not in names:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        answer = Answer(response.status, response.reason, response.getheaders(), response.read(), response.version)
        connection.close()
        return answer

    def children(self):
        """The workers that it started and that still run, by process id."""
        return [process for process in self.processes() if not is_guardian(process)]

    def processes(self):
        """The same with the guardian, which ends the workers however gatelet ends."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                rest = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(rest[1]) == self.process.pid and rest[0] != "Z":
                found.append(int(stat.parent.name))
        return found

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident_bytes(self):
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) * 1024


def is_guardian(process):
    try:
        return b"read -r change group" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def run(arguments, environment=None, timeout=PATIENCE):
    """Runs gatelet to its end: (exit code, stdout, stderr)."""
    done = subprocess.run(
        [BINARY, *arguments], env={"PATH": os.environ["PATH"], **(environment or {})},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
    )
    return done.returncode, done.stdout, done.stderr


def together(work, items):
    """Runs `work(item)` for all items at once, each in a thread; results in order, the first exception raised."""
    results, errors = [None] * len(items), []

    def one(index, item):
        try:
            results[index] = work(item)
        except BaseException as error:  # noqa: BLE001: raised again below
            errors.append(error)

    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(items)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results
