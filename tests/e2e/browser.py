"""A real browser, headless, and without a driver: a page runs a script and reports to where it was served from."""

import contextlib
import http.server
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading

import pytest

import harness

# Of Debian's packages the first is the smallest.
NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
         "--disable-background-networking", "--no-first-run", "--mute-audio"]

PAGE = """<!doctype html><script type="module">
// What a page may learn of an answer; of one that it may not read, only that there is none.
async function ask(url, options) {
  try {
    const answer = await fetch(url, options);
    return {status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text()};
  } catch (error) {
    return {refused: error.name};
  }
}
const script = async () => { %s };
const outcome = await script().catch((error) => ({failed: String(error)}));
await fetch("/report", {method: "POST", body: JSON.stringify(outcome)});
</script>"""


def program():
    """The browser of this machine. Tests that need one are skipped where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip(f"no browser is installed: none of {', '.join(NAMES)}")
    return found


class Site:
    """Serves one page, under every name that leads here, and takes its report."""

    def __init__(self):
        self.page, self.reports = b"", queue.Queue()
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, content_type, body):
                self.send_response(200)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.answer("text/html", site.page if self.path == "/" else b"")

            def do_POST(self):
                site.reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.answer("text/plain", b"")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def origin(self, host):
        return f"http://{host}:{self.port}"

    def run(self, host, script):
        """What `script` (the body of an asynchronous function) comes to on a page of this host."""
        self.page = (PAGE % script).encode()
        with opened(self.origin(host) + "/") as said:
            try:
                outcome = self.reports.get(timeout=3 * harness.PATIENCE)
            except queue.Empty:
                raise AssertionError(f"the page did not report:\n{said()}") from None
        assert not (isinstance(outcome, dict) and "failed" in outcome), outcome
        return outcome

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@contextlib.contextmanager
def opened(url):
    """The browser with this page open; gives a function that says what it printed."""
    with tempfile.TemporaryDirectory(prefix="gatelet-browser-", ignore_cleanup_errors=True) as profile:
        log = open(os.path.join(profile, "log"), "w+")
        process = subprocess.Popen([program(), *FLAGS, f"--user-data-dir={profile}/data", url], stdout=log, stderr=log)

        def said():
            log.seek(0)
            return log.read()

        try:
            yield said
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.close()
