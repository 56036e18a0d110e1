"""The edge: HTTP/1.1 to the letter, clients that misbehave, our own endpoints. RFC 9110, RFC 9112."""

import json
import random
import re
import signal
import socket
import struct
import time

import pytest

import aws
import harness

HEALTH = b"GET /_localstack/health HTTP/1.1\r\nHost: localhost\r\n"
OK = HEALTH + b"\r\n"


def statuses(data):
    """The statuses of all responses in what a server sent, bodies skipped by their length."""
    found = []
    while data:
        head, rest = data.split(b"\r\n\r\n", 1)
        found.append(int(head[9:12]))
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        data = rest[int(length[1]):] if length else rest
    return found


# ---- refused, never guessed -----------------------------------------------------------------------------------


def post(headers, body=b"", version=b"1.1"):
    return b"POST /2015-03-31/x HTTP/" + version + b"\r\nHost: localhost\r\n" + headers + b"\r\n" + body


CHUNKED = b"Transfer-Encoding: chunked\r\n"

REFUSED = {
    "content-length and transfer-encoding": (post(CHUNKED + b"Content-Length: 5\r\n", b"0\r\n\r\n"), 400),
    "transfer-encoding and content-length": (post(b"Content-Length: 5\r\n" + CHUNKED, b"0\r\n\r\n"), 400),
    "two lengths": (post(b"Content-Length: 1\r\nContent-Length: 2\r\n", b"ab"), 400),
    "two lengths in one": (post(b"Content-Length: 1, 2\r\n", b"ab"), 400),
    "negative length": (post(b"Content-Length: -1\r\n"), 400),
    "signed length": (post(b"Content-Length: +1\r\n", b"a"), 400),
    "hexadecimal length": (post(b"Content-Length: 0x1\r\n", b"a"), 400),
    "spaced length": (post(b"Content-Length: 1 1\r\n", b"a"), 400),
    "empty length": (post(b"Content-Length: \r\n"), 400),
    "endless length": (post(b"Content-Length: 99999999999999999999999\r\n"), (400, 413)),
    "gzip": (post(b"Transfer-Encoding: gzip\r\n"), (400, 501)),
    "gzip, chunked": (post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), (400, 501)),
    "chunked, chunked": (post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"), 400),
    "chunked twice": (post(CHUNKED + CHUNKED, b"0\r\n\r\n"), 400),
    "chunked, identity": (post(b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"), (400, 501)),
    "identity": (post(b"Transfer-Encoding: identity\r\n"), (400, 501)),
    "xchunked": (post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"), (400, 501)),
    "quoted chunked": (post(b'Transfer-Encoding: "chunked"\r\n', b"0\r\n\r\n"), (400, 501)),
    "vertical tab before chunked": (post(b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n"), 400),
    "chunked on 1.0": (post(CHUNKED, b"0\r\n\r\n", b"1.0"), 400),
    "chunk size of nothing": (post(CHUNKED, b"\r\n\r\n"), 400),
    "chunk size with a sign": (post(CHUNKED, b"+1\r\na\r\n0\r\n\r\n"), 400),
    "chunk size 0x": (post(CHUNKED, b"0x1\r\na\r\n0\r\n\r\n"), 400),
    "chunk size with a leading space": (post(CHUNKED, b" 1\r\na\r\n0\r\n\r\n"), 400),
    "chunk size of a word": (post(CHUNKED, b"xyz\r\n"), 400),
    "endless chunk size": (post(CHUNKED, b"fffffffffffffffff\r\n"), (400, 413)),
    "chunk longer than its size": (post(CHUNKED, b"1\r\nab\r\n0\r\n\r\n"), 400),
    "chunk ended by LF": (post(CHUNKED, b"1\r\na\n0\r\n\r\n"), 400),
    "chunk size ended by LF": (post(CHUNKED, b"1\na\r\n0\r\n\r\n"), 400),
    "chunk extension with a bare CR": (post(CHUNKED, b"1;a=\rb\r\na\r\n0\r\n\r\n"), 400),
    "trailer that is none": (post(CHUNKED, b"0\r\nnonsense\r\n\r\n"), 400),
    "trailer with a space before the colon": (post(CHUNKED, b"0\r\nA : b\r\n\r\n"), 400),
    "space before the colon": (HEALTH + b"X : y\r\n\r\n", 400),
    "tab before the colon": (HEALTH + b"X\t: y\r\n\r\n", 400),
    "space before the first name": (b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", 400),
    "folded header": (HEALTH + b"X: a\r\n b\r\n\r\n", 400),
    "folded by a tab": (HEALTH + b"X: a\r\n\tb\r\n\r\n", 400),
    "no colon": (HEALTH + b"nonsense\r\n\r\n", 400),
    "no name": (HEALTH + b": x\r\n\r\n", 400),
    "bad name": (HEALTH + b"X[]: y\r\n\r\n", 400),
    "name beyond ASCII": (HEALTH + b"X\xc3\xa9: y\r\n\r\n", 400),
    "NUL in a value": (HEALTH + b"X: a\0b\r\n\r\n", 400),
    "control byte in a value": (HEALTH + b"X: a\x01b\r\n\r\n", 400),
    "DEL in a value": (HEALTH + b"X: a\x7fb\r\n\r\n", 400),
    "NUL in a name": (HEALTH + b"X\0: b\r\n\r\n", 400),
    "NUL in the target": (b"GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "control byte in the target": (b"GET /\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "bare LF ends the request line": (b"GET / HTTP/1.1\nHost: localhost\r\n\r\n", 400),
    "bare LF ends a header": (HEALTH + b"X: y\n\r\n", 400),
    "bare LFs end the head": (b"GET / HTTP/1.1\nHost: localhost\n\n", 400),
    "bare LF ends the head": (HEALTH + b"\n", 400),
    "bare CR in a value": (HEALTH + b"X: a\rb\r\n\r\n", 400),
    "bare CR ends a header": (HEALTH + b"X: a\rY: b\r\n\r\n", 400),
    "bare CR in the request line": (b"GET /\r HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (HEALTH + b"Host: localhost\r\n\r\n", 400),
    "two different Hosts": (HEALTH + b"Host: other\r\n\r\n", 400),
    "Host with a path": (b"GET / HTTP/1.1\r\nHost: localhost/x\r\n\r\n", 400),
    "Host with user": (b"GET / HTTP/1.1\r\nHost: me@localhost\r\n\r\n", 400),
    "Host with a space": (b"GET / HTTP/1.1\r\nHost: local host\r\n\r\n", 400),
    "Host with a bad port": (b"GET / HTTP/1.1\r\nHost: localhost:x\r\n\r\n", 400),
    "Host list": (b"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
    "no version": (b"GET /\r\nHost: localhost\r\n\r\n", 400),
    "two spaces before the target": (b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "two spaces before the version": (b"GET /  HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "space in the target": (b"GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "tab in the request line": (b"GET\t/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "trailing space": (b"GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n", 400),
    "bad method": (b"GE(T / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "relative target": (b"GET x HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "fragment": (b"GET /#x HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "asterisk for GET": (b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "lower-case version": (b"GET / http/1.1\r\nHost: localhost\r\n\r\n", 400),
    "not HTTP": (b"\x15\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
    "empty Host": (b"GET / HTTP/1.1\r\nHost: \r\n\r\n", 400),
    "HTTP/0.9": (b"GET / HTTP/0.9\r\n\r\n", (400, 505)),
    "HTTP/3": (b"GET / HTTP/3\r\nHost: localhost\r\n\r\n", (400, 505)),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
    "CONNECT": (b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n", (400, 405, 501)),
    "CONNECT of a path": (b"CONNECT / HTTP/1.1\r\nHost: localhost\r\n\r\n", (400, 405, 501)),
    "TRACE": (b"TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", (405, 501)),
    "head beyond 10,240 bytes": (HEALTH + b"X: " + b"a" * 10_240 + b"\r\n\r\n", 431),
    "head that never ends": (HEALTH + b"X: " + b"a" * 20_000, 431),
    "endlessly many headers": (HEALTH + b"".join(b"X%d: y\r\n" % n for n in range(900)) + b"\r\n", 431),
    "target beyond 10,240 bytes": (b"GET /" + b"a" * 10_240 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", (414, 431)),
    "method without end": (b"A" * 20_000, (400, 414, 431, 501)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_and_closed(gatelet, name):
    data, expected = REFUSED[name]
    # What stands behind is never answered.
    answer = gatelet.raw(data + OK)
    assert statuses(answer)[:1] in [[status] for status in ([expected] if isinstance(expected, int) else expected)], \
        answer[:300]
    assert len(statuses(answer)) == 1
    assert b"\r\nconnection: close\r\n" in answer.lower()


@pytest.mark.parametrize("name", [name for name in REFUSED if len(REFUSED[name][0]) < 300])
def test_refused_in_any_segmentation(gatelet, name):
    data, expected = REFUSED[name]
    expected = [expected] if isinstance(expected, int) else expected
    dice = random.Random(name)
    for cut in sorted(dice.sample(range(1, len(data)), min(4, len(data) - 1))):
        with gatelet.wire() as wire:
            try:
                wire.send(data[:cut])
                time.sleep(0.001)
                wire.send(data[cut:] + OK)
            except (BrokenPipeError, ConnectionResetError):
                pass
            answer = wire.rest()
        # A reset may overtake the answer to bytes that were refused halfway.
        if answer:
            assert statuses(answer) in [[status] for status in expected], (cut, answer[:300])


# ---- accepted -------------------------------------------------------------------------------------------------

ACCEPTED = {
    "empty lines before": b"\r\n\r\n" + OK,
    "chunk sizes in both cases": post(CHUNKED, b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"),
    "chunk sizes with leading zeros": post(CHUNKED, b"0001\r\na\r\n000\r\n\r\n"),
    "chunk extensions": post(CHUNKED, b'1;a=b;c="d"\r\na\r\n0\r\n\r\n'),
    "trailers": post(CHUNKED, b"1\r\na\r\n0\r\nX: y\r\nZ: \r\n\r\n"),
    "Chunked in another case": post(b"transfer-encoding:CHUNKED\r\n", b"0\r\n\r\n"),
    "no space behind the colon": HEALTH + b"X:y\r\n\r\n",
    "white space around a value": HEALTH + b"X: \t y \t \r\n\r\n",
    "empty value": HEALTH + b"X:\r\n\r\n",
    "bytes beyond ASCII in a value": HEALTH + b"X: \xff\xc3\xa9\r\n\r\n",
    "absolute target": b"GET http://localhost/_localstack/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "absolute target without Host's agreement": b"GET http://localhost/_localstack/health HTTP/1.1\r\nHost: other\r\n\r\n",
    "OPTIONS *": b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    # RFC 9110 section 2.5: processed as the highest minor version that we know.
    "HTTP/1.2": b"GET /_localstack/health HTTP/1.2\r\nHost: localhost\r\n\r\n",
    "Host in brackets": b"GET /_localstack/health HTTP/1.1\r\nHost: [::1]:4566\r\n\r\n",
    "HTTP/1.0 without Host": b"GET /_localstack/health HTTP/1.0\r\n\r\n",
    "head of just under 10,240 bytes": HEALTH + b"X: " + b"a" * (10_240 - len(HEALTH) - 7) + b"\r\n\r\n",
    "an unknown method": b"BREW /_localstack/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(gatelet, name):
    """Whatever the answer says, the request was understood, and the next one on the connection is answered."""
    with gatelet.wire() as wire:
        answer = wire.send(ACCEPTED[name]).answer()
        assert answer.status not in (400, 431, 414, 505), answer
        if answer.version == 11 and name != "HTTP/1.0 without Host" and answer["connection"] != "close":
            assert wire.send(OK).answer().status == 200


@pytest.mark.parametrize("name", ["chunk sizes in both cases", "trailers", "absolute target"])
def test_byte_by_byte(gatelet, name):
    with gatelet.wire() as wire:
        for byte in ACCEPTED[name] + OK:
            wire.send(bytes([byte]))
        assert wire.answer().status not in (400, 431)
        assert wire.answer().status == 200


def test_every_split_of_a_request(gatelet, world, node_echo):
    api = world.http_api()
    api.route("POST /", api.function_integration(node_echo))
    request = (f"POST /?a=1 HTTP/1.1\r\nHost: {api.host}\r\nContent-Type: text/plain\r\n"
               "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").encode()
    with gatelet.wire() as wire:
        for cut in range(1, len(request)):
            wire.send(request[:cut])
            wire.send(request[cut:])
            answer = wire.answer()
            assert answer.status == 200 and answer.json()["body"] == "abcde", cut


# ---- keep-alive, pipelining, closing --------------------------------------------------------------------------


def test_keep_alive_is_the_default(gatelet):
    with gatelet.wire() as wire:
        for _ in range(100):
            answer = wire.send(OK).answer()
            assert answer.status == 200
            assert answer["connection"] == "keep-alive"


@pytest.mark.parametrize("header", [b"Connection: close\r\n", b"connection: CLOSE\r\n", b"Connection: x, close\r\n",
                                    b"Connection: x\r\nConnection: close\r\n"])
def test_close_is_honoured_and_nothing_behind_it_answered(gatelet, header):
    answer = gatelet.raw(HEALTH + header + b"\r\n" + OK)
    assert statuses(answer) == [200]
    assert b"connection: close" in answer.lower()


def test_http_1_0(gatelet):
    old = b"GET /_localstack/health HTTP/1.0\r\nHost: localhost\r\n"
    answer = gatelet.raw(old + b"\r\n")
    assert statuses(answer) == [200]
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    with gatelet.wire() as wire:
        for _ in range(3):
            answer = wire.send(old + b"Connection: keep-alive\r\n\r\n").answer()
            assert answer["connection"] == "keep-alive"


def test_pipelining_is_answered_in_order(gatelet, world, node_echo):
    api = world.http_api()
    api.route("GET /slow", api.function_integration(world.function(
        "exports.handler = async () => { await new Promise(r => setTimeout(r, 200)); return 'slow' }")))
    slow = f"GET /slow HTTP/1.1\r\nHost: {api.host}\r\n\r\n".encode()
    with gatelet.wire() as wire:
        wire.send(slow + OK + slow + b"GET /nosuch HTTP/1.1\r\nHost: localhost\r\n\r\n" + OK)
        assert wire.answer().body == b"slow"
        assert wire.answer().status == 200
        assert wire.answer().body == b"slow"
        assert wire.answer().status == 404
        assert wire.answer().status == 200


def test_ten_thousand_pipelined(gatelet):
    with gatelet.wire() as wire:
        import threading
        sender = threading.Thread(target=wire.send, args=(OK * 10_000,))
        sender.start()
        for _ in range(10_000):
            assert wire.answer().status == 200
        sender.join()


def test_half_closed_clients_get_all_answers(gatelet, world):
    api = world.http_api()
    api.route("GET /slow", api.function_integration(world.function(
        "exports.handler = async () => { await new Promise(r => setTimeout(r, 300)); return 'slow' }")))
    slow = f"GET /slow HTTP/1.1\r\nHost: {api.host}\r\n\r\n".encode()
    with gatelet.wire() as wire:
        answer = wire.send(slow + OK + slow).finish().rest()
    assert statuses(answer) == [200, 200, 200]


def test_a_request_cut_short_is_not_answered_as_if_whole(gatelet):
    for data in [HEALTH, b"GET", post(b"Content-Length: 10\r\n", b"abc"), post(CHUNKED, b"5\r\nab")]:
        with gatelet.wire() as wire:
            assert statuses(wire.send(data).finish().rest()) in ([], [400])


def test_head_has_the_length_and_no_body(gatelet):
    whole = gatelet.request("GET", "/_localstack/info").body
    assert whole
    with gatelet.wire() as wire:
        request = b"HEAD /2015-03-31/nosuch HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for _ in range(2):
            answer = wire.send(request).answer(head_only=True)
            assert answer.status == 404 and int(answer["content-length"]) > 0
        assert wire.send(OK).answer().status == 200


def test_expect_100_continue(gatelet, world, node_echo):
    api = world.http_api()
    api.route("POST /", api.function_integration(node_echo))
    head = (f"POST / HTTP/1.1\r\nHost: {api.host}\r\nContent-Type: text/plain\r\n"
            "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n").encode()
    with gatelet.wire() as wire:
        assert wire.send(head).answer(head_only=True).status == 100
        answer = wire.send(b"hello").answer()
        assert answer.status == 200 and answer.json()["body"] == "hello"
        # The body comes along: no interim answer is needed, one is allowed.
        answer = wire.send(head + b"hello").answer(head_only=True)
        if answer.status == 100:
            answer = wire.answer(head_only=True)
        assert answer.status == 200


def test_expect_anything_else(gatelet):
    assert statuses(gatelet.raw(HEALTH + b"Expect: miracles\r\nConnection: close\r\n\r\n")) in ([417], [200])


def test_too_large_is_said_before_the_body(gatelet, world, node_echo):
    api = world.http_api()
    api.route("POST /", api.function_integration(node_echo))
    for more in [b"", b"Expect: 100-continue\r\n"]:
        head = f"POST / HTTP/1.1\r\nHost: {api.host}\r\nContent-Length: 10485761\r\n".encode() + more + b"\r\n"
        with gatelet.wire() as wire:
            answer = wire.send(head).answer()
            assert (answer.status, answer.body) == (413, b'{"message":"Request Entity Too Large"}')
            assert answer["connection"] == "close"
            assert wire.closed()
    world.apis.update_api(ApiId=api.id, CorsConfiguration={"AllowOrigins": ["https://page.example"]})
    page = "Origin: https://page.example"
    with gatelet.wire() as wire:
        head = f"POST / HTTP/1.1\r\nHost: {api.host}\r\n{page}\r\nContent-Length: 10485761\r\n\r\n"
        answer = wire.send(head.encode()).answer()
        assert (answer.status, answer["access-control-allow-origin"]) == (413, "https://page.example")


def test_too_large_in_chunks(gatelet, world, node_echo):
    api = world.http_api()
    api.route("POST /", api.function_integration(node_echo))
    with gatelet.wire() as wire:
        wire.send(f"POST / HTTP/1.1\r\nHost: {api.host}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        try:
            for _ in range(12):
                wire.send(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = wire.rest()
    assert statuses(answer)[:1] in ([413], []), answer[:200]


def test_ten_megabytes_are_not_too_large(gatelet, world):
    api = world.http_api()
    with Counting() as backend:
        api.route("POST /", api.http_integration(backend.url))
        answer = api.call("POST", "/", {"Content-Type": "text/plain"}, b"x" * 10_485_760)
    assert answer.status == 200
    assert backend.seen[0] == 10_485_760


class Counting:
    """A back end that counts the bytes of bodies."""

    def __enter__(self):
        import http.server
        import threading

        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                seen.append(len(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


# ---- under abuse ----------------------------------------------------------------------------------------------


def probe(gatelet):
    """Seconds that a well-behaved client waits, connection included."""
    began = time.monotonic()
    assert gatelet.request("GET", "/_localstack/health").status == 200
    return time.monotonic() - began


def test_a_client_that_never_reads(alone):
    world = aws.World(alone)
    api = world.http_api()
    api.route("GET /", api.function_integration(world.function(
        "exports.handler = async () => ({ statusCode: 200, body: 'x'.repeat(1000000) })")))
    assert api.call("GET", "/").status == 200
    before = alone.resident_bytes()
    wires = []
    for _ in range(4):
        wire = alone.wire()
        wire.sock.setblocking(False)
        data = f"GET / HTTP/1.1\r\nHost: {api.host}\r\n\r\n".encode() * 2000
        try:
            while data:
                data = data[wire.sock.send(data):]
        except BlockingIOError:
            pass
        wires.append(wire)
    time.sleep(1)
    assert probe(alone) < 0.5
    assert alone.resident_bytes() - before < 64_000_000
    for wire in wires:
        wire.sock.close()


def test_endless_one_byte_chunks(alone):
    world = aws.World(alone)
    before = alone.resident_bytes()
    api = world.http_api()
    with alone.wire() as wire:
        wire.send(f"POST / HTTP/1.1\r\nHost: {api.host}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        piece = b"1\r\nx\r\n" * 50_000
        try:
            for _ in range(100):
                wire.send(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert alone.resident_bytes() - before < 40_000_000
    assert probe(alone) < 0.5


def test_slow_heads_delay_nobody(alone):
    slow = [alone.wire() for _ in range(300)]
    for wire in slow:
        wire.send(b"GET / HTTP/1.1\r\nHost: loc")
    assert max(probe(alone) for _ in range(20)) < 0.5
    for wire in slow:
        wire.send(b"alhost\r\n\r\n")
    assert [wire.answer().status for wire in slow] == [404] * 300
    for wire in slow:
        wire.sock.close()


@pytest.fixture(scope="module")
def hasty():
    """A gatelet whose clients have half a second."""
    with harness.Gatelet(["--client-timeout-ms", "500"]) as gatelet:
        yield gatelet


@pytest.mark.parametrize("sent, answered", [
    (b"", []),
    (b"GET / HTTP/1.1\r\nHost: loc", [408]),
    (post(b"Content-Length: 10\r\n", b"abc"), [408]),
    (post(CHUNKED, b"5\r\nab"), [408]),
    (OK, [200]),
    (OK + b"GET", [200, 408]),
])
def test_deadlines(hasty, sent, answered):
    began = time.monotonic()
    with hasty.wire() as wire:
        assert statuses(wire.send(sent).rest()) in (answered, [status for status in answered if status != 408])
    assert 0.4 < time.monotonic() - began < 3


def test_a_dribbled_head_is_no_progress(hasty):
    began = time.monotonic()
    with hasty.wire() as wire:
        try:
            for byte in HEALTH + b"X: " + b"y" * 1000:
                wire.send(bytes([byte]))
                time.sleep(0.05)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert time.monotonic() - began < 3


def test_a_body_in_progress_has_its_time(hasty):
    with hasty.wire() as wire:
        wire.send(post(b"Content-Length: 10\r\n"))
        for _ in range(10):
            time.sleep(0.15)
            wire.send(b"x")
        assert wire.answer().status not in (400, 408)


def test_an_answer_in_the_making_has_its_time(hasty):
    world = aws.World(hasty)
    world.function("exports.handler = async () => { await new Promise(r => setTimeout(r, 1500)); return 'slow' }", name="slow")
    assert world.invoke("slow")[0] == "slow"


def test_a_client_that_never_reads_is_dropped(hasty):
    world = aws.World(hasty)
    world.function("exports.handler = async () => ({ statusCode: 200, body: 'x'.repeat(5000000) })", name="large")
    api = world.http_api()
    api.route("GET /one/two", api.function_integration("arn:aws:lambda:us-east-1:000000000000:function:large"))
    before = hasty.descriptors()
    with hasty.wire() as wire:
        wire.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.send(f"GET /one/two HTTP/1.1\r\nHost: {api.host}\r\n\r\n".encode() * 4)
        time.sleep(0.3)
        harness.wait_until(lambda: hasty.descriptors() <= before + 3, "its connection is closed", 10)
        with pytest.raises(OSError):
            for _ in range(100):
                wire.send(OK)
                time.sleep(0.02)


def test_a_flood_of_resets(alone):
    before = alone.descriptors()
    linger = struct.pack("ii", 1, 0)
    for _ in range(2000):
        sock = socket.create_connection(("127.0.0.1", alone.port))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        sock.send(OK[:30])
        sock.close()
    harness.wait_until(lambda: alone.descriptors() <= before + 2, "descriptors are back", 5)
    assert probe(alone) < 0.5


def test_descriptors_exhausted():
    with harness.Gatelet(under=["bash", "-c", 'ulimit -n 256; exec "$@"', "-"]) as gatelet:
        held = []
        for _ in range(400):
            sock = socket.create_connection(("127.0.0.1", gatelet.port), 5)
            held.append(sock)
        time.sleep(0.5)
        assert gatelet.process.poll() is None
        # Those that were accepted are served.
        held[0].sendall(OK)
        assert held[0].recv(65536).startswith(b"HTTP/1.1 200")
        cpu = cpu_seconds(gatelet)
        time.sleep(1)
        assert cpu_seconds(gatelet) - cpu < 0.3, "it spins"
        for sock in held:
            sock.close()
        harness.wait_until(lambda: answers(gatelet), "it serves again", 5)


def answers(gatelet):
    try:
        return gatelet.request("GET", "/_localstack/health", timeout=1).status == 200
    except OSError:
        return False


def cpu_seconds(gatelet):
    with open(f"/proc/{gatelet.process.pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


# ---- starting and stopping ------------------------------------------------------------------------------------


def test_start_says_what_listens_then_ready():
    with harness.Gatelet() as gatelet:
        lines = gatelet.stdout().splitlines()
        assert lines.count("Ready.") == 1 and lines[-1] == "Ready."
        assert any(f"127.0.0.1:{gatelet.port}" in line for line in lines[:-1]), lines
        assert gatelet.start_seconds < 1


@pytest.mark.parametrize("listen, hosts", [
    ("127.0.0.1:{a}", [("127.0.0.1", "a")]),
    (":{a}", [("127.0.0.1", "a")]),
    ("{a}", [("127.0.0.1", "a")]),
    ("127.0.0.1:{a},127.0.0.1:{b}", [("127.0.0.1", "a"), ("127.0.0.1", "b")]),
    ("0.0.0.0:{a}", [("127.0.0.1", "a")]),
    ("[::1]:{a},127.0.0.1:{b}", [("::1", "a"), ("127.0.0.1", "b")]),
    ("localhost:{a}", [("127.0.0.1", "a")]),
    (" 127.0.0.1:{a} , :{b} ", [("127.0.0.1", "a"), ("127.0.0.1", "b")]),
])
@pytest.mark.parametrize("how", ["environment", "flag", "prefixed"])
def test_listen(listen, hosts, how):
    ports = {"a": harness.free_port(), "b": harness.free_port()}
    value = listen.format(**ports)
    arguments, environment = [], {"GATEWAY_LISTEN": value}
    if how == "flag":
        # A flag overrides the environment.
        arguments, environment = ["--listen", value], {"GATEWAY_LISTEN": "127.0.0.1:1"}
    if how == "prefixed":
        environment = {"GATEWAY_LISTEN": None, "LOCALSTACK_GATEWAY_LISTEN": value}
    with harness.Gatelet(arguments, environment, port=ports["a"]) as gatelet:
        for host, port in hosts:
            try:
                sock = socket.create_connection((host, ports[port]), 5)
            except OSError:
                assert host == "::1" and not has_ipv6()
                continue
            sock.sendall(OK)
            assert sock.recv(65536).startswith(b"HTTP/1.1 200")
            sock.close()


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
        return True
    except OSError:
        return False


def test_a_missing_port_is_4566():
    code, _, err = harness.run([], {"GATEWAY_LISTEN": "192.0.2.1"})
    assert code == 2
    assert "192.0.2.1:4566" in err


def test_a_busy_port():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        address = f"127.0.0.1:{busy.getsockname()[1]}"
        code, out, err = harness.run(["--listen", address])
    assert code == 2
    assert err.count("\n") == 1 and address in err, err
    assert "Ready." not in out


def test_two_gatelets_do_not_share_a_port():
    with harness.Gatelet() as gatelet:
        code, _, err = harness.run(["--listen", f"127.0.0.1:{gatelet.port}"])
        assert code == 2 and err.count("\n") == 1, err


@pytest.mark.parametrize("arguments, environment, says", [
    (["--nosuch"], {}, "--nosuch"),
    (["nosuch"], {}, "nosuch"),
    (["--listen"], {}, "--listen"),
    (["--listen", "127.0.0.1:x"], {}, "127.0.0.1:x"),
    (["--listen", "127.0.0.1:99999"], {}, "99999"),
    (["--parity", "azure"], {}, "azure"),
    (["--api-endpoint-style", "x"], {}, "--api-endpoint-style"),
    (["--runtime", "ruby3.3"], {}, "ruby3.3"),
    ([], {"GATEWAY_LISTEN": "127.0.0.1:x"}, "GATEWAY_LISTEN"),
    ([], {"API_ENDPOINT_STYLE": "x"}, "API_ENDPOINT_STYLE"),
    ([], {"LOG_FORMAT": "xml"}, "LOG_FORMAT"),
    ([], {"LS_LOG": "loud"}, "LS_LOG"),
])
def test_bad_settings(arguments, environment, says):
    code, out, err = harness.run(arguments, environment)
    assert code == 2
    assert err.count("\n") == 1 and says in err, err
    assert out == ""


def test_help_and_version():
    for flag in ["--help", "-h"]:
        code, out, err = harness.run([flag])
        assert (code, err) == (0, "")
        for word in ["--listen", "GATEWAY_LISTEN", "LOCALSTACK_HOST", "--api-endpoint-style", "API_ENDPOINT_STYLE",
                     "--parity", "--runtime", "LS_LOG", "DEBUG", "LOG_FORMAT", "--help", "--version"]:
            assert word in out, word
    for flag in ["--version", "-V"]:
        code, out, err = harness.run([flag])
        assert (code, err) == (0, "")
        assert re.fullmatch(r"gatelet \d+\.\d+\.\d+\n", out)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_process_at_once(number):
    with harness.Gatelet() as gatelet:
        with gatelet.wire() as idle:
            assert idle.send(OK).answer().status == 200
            began = time.monotonic()
            assert gatelet.stop(number) == 0
            assert time.monotonic() - began < 2
            assert idle.closed()


def test_sigterm_in_mid_flight_loses_nothing():
    with harness.Gatelet() as gatelet:
        world = aws.World(gatelet)
        arn = world.function("exports.handler = async () => { await new Promise(r => setTimeout(r, 1500)); return 'done' }")
        api = world.http_api()
        api.route("GET /", api.function_integration(arn))
        wires = [gatelet.wire() for _ in range(5)]
        for wire in wires:
            wire.send(f"GET / HTTP/1.1\r\nHost: {api.host}\r\n\r\n".encode())
        harness.wait_until(lambda: len(gatelet.children()) == 5, "five workers")
        time.sleep(0.3)
        workers = gatelet.children()
        gatelet.send(signal.SIGTERM)
        harness.wait_until(lambda: refuses(gatelet), "new connections are refused", 3)
        for wire in wires:
            answer = wire.answer()
            assert (answer.status, answer.body) == (200, b"done")
            assert wire.closed()
        assert gatelet.process.wait(5) == 0
        harness.wait_until(lambda: not any(alive(worker) for worker in workers), "workers are gone", 2)


def refuses(gatelet):
    try:
        with socket.create_connection(("127.0.0.1", gatelet.port), 1) as sock:
            sock.sendall(OK)
            return sock.recv(1) == b""
    except OSError:
        return True


def alive(process):
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_second_signal_exits_at_once():
    with harness.Gatelet() as gatelet:
        world = aws.World(gatelet)
        arn = world.function("exports.handler = async () => { await new Promise(r => setTimeout(r, 8000)) }", Timeout=20)
        api = world.http_api()
        api.route("GET /", api.function_integration(arn))
        with gatelet.wire() as wire:
            wire.send(f"GET / HTTP/1.1\r\nHost: {api.host}\r\n\r\n".encode())
            harness.wait_until(gatelet.children, "a worker")
            time.sleep(0.3)
            workers = gatelet.children()
            gatelet.send(signal.SIGTERM)
            time.sleep(0.3)
            assert gatelet.process.poll() is None
            began = time.monotonic()
            gatelet.stop(signal.SIGTERM)
            assert time.monotonic() - began < 1
        harness.wait_until(lambda: not any(alive(worker) for worker in workers), "workers are gone", 5)


def test_killed_it_leaves_no_process():
    with harness.Gatelet() as gatelet:
        world = aws.World(gatelet)
        world.invoke(world.function("exports.handler = async () => 1"))
        processes = gatelet.processes()
        assert len(processes) == 2
        assert gatelet.stop(signal.SIGKILL) == -signal.SIGKILL
        harness.wait_until(lambda: not any(alive(process) for process in processes), "all are gone", 5)


def test_nothing_is_left_behind_in_the_temporary_folder():
    import os

    with harness.Gatelet() as gatelet:
        world = aws.World(gatelet)
        world.invoke(world.function("exports.handler = async () => 1"))
        assert gatelet.stop() == 0
        assert [name for name in os.listdir(gatelet.folder.name) if name not in ("out", "err")] == []


# ---- our own endpoints ----------------------------------------------------------------------------------------


def test_health(gatelet):
    answer = gatelet.request("GET", "/_localstack/health")
    assert answer.status == 200 and answer["content-type"] == "application/json"
    health = answer.json()
    assert sorted(health) == ["edition", "services", "version"]
    for service in ["apigatewayv2", "apigatewaymanagementapi", "execute-api", "lambda", "sts"]:
        assert health["services"][service] in ("running", "available"), service
    assert "apigateway" in health["services"]
    assert gatelet.request("HEAD", "/_localstack/health").status == 200


def test_info(gatelet):
    info = gatelet.request("GET", "/_localstack/info").json()
    for name, kind in {"version": str, "edition": str, "is_license_activated": bool, "session_id": str,
                       "machine_id": str, "system": str, "is_docker": bool, "server_time_utc": str,
                       "uptime": int}.items():
        assert type(info[name]) is kind, name


def test_init(gatelet):
    assert gatelet.request("GET", "/_localstack/init/ready").json()["completed"] is True
    init = gatelet.request("GET", "/_localstack/init").json()
    assert init["completed"] == {"BOOT": True, "START": True, "READY": True, "SHUTDOWN": False}
    assert init["scripts"] == []
    assert gatelet.request("GET", "/_localstack/init/nosuch").status == 404


@pytest.mark.parametrize("path, body", [
    ("/_localstack/state/reset", None), ("/_gatelet/reset", None), ("/_localstack/health", '{"action":"restart"}'),
])
def test_reset(alone, path, body):
    world = aws.World(alone)
    arn = world.function("exports.handler = async () => process.pid", name=aws.unique("reset"))
    api = world.http_api()
    api.route("$default", api.function_integration(arn))
    assert api.call("GET", "/").status == 200
    workers = alone.children()
    assert workers
    with alone.wire() as idle:
        assert idle.send(OK).answer().status == 200
        began = time.monotonic()
        answer = alone.request("POST", path, None, body)
        elapsed = time.monotonic() - began
        assert answer.status == 200
        assert elapsed < 0.25
    assert world.apis.get_apis()["Items"] == []
    assert world.functions.list_functions()["Functions"] == []
    assert api.call("GET", "/").status == 404
    harness.wait_until(lambda: not any(alive(worker) for worker in workers), "workers are gone", 5)
    # And it can be filled again, with the same names.
    world.function("exports.handler = async () => 1", name=arn.rsplit(":", 1)[1])
    assert body or alone.request("GET", path).status == 404


def test_the_health_endpoint_ends_the_process():
    with harness.Gatelet() as gatelet:
        assert gatelet.request("POST", "/_localstack/health", None, '{"action":"kill"}').body == b"ok"
        assert gatelet.process.wait(5) == 0


def test_metrics(alone):
    world = aws.World(alone)
    arn = world.function("exports.handler = async () => 'x'", name=aws.unique("metrics"))
    api = world.http_api()
    api.route("GET /one/two", api.function_integration(arn))

    def sample():
        answer = alone.request("GET", "/_gatelet/metrics")
        assert answer.status == 200
        assert answer["content-type"].startswith("text/plain; version=0.0.4")
        found = {}
        for line in answer.text.splitlines():
            if not line.startswith("#"):
                assert re.fullmatch(r'[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [-+0-9.eE]+(Inf)?', line), line
                name, value = line.rsplit(" ", 1)
                assert name not in found, name
                found[name] = float(value)
        return found

    def total(found, prefix):
        return sum(value for name, value in found.items() if name.startswith(prefix))

    before = sample()
    for _ in range(3):
        assert api.call("GET", "/one/two").status == 200
    assert api.call("GET", "/nosuch").status == 404
    after = sample()
    grown = {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}
    assert any("200" in name and value == 3 for name, value in grown.items()), grown
    assert any("404" in name and value == 1 for name, value in grown.items()), grown
    assert any("invocations" in name and value == 3 for name, value in grown.items()), grown
    assert any(name.endswith('le="+Inf"}') for name in after)
    assert any("workers" in name and value >= 1 for name, value in after.items()), after
    assert any("connections" in name for name in after)


# ---- the log --------------------------------------------------------------------------------------------------


def test_a_line_for_each_request():
    with harness.Gatelet() as gatelet:
        world = aws.World(gatelet)
        arn = world.function("exports.handler = async () => { console.log('said by the function'); return 'x' }")
        api = world.http_api()
        api.route("GET /pets/{id}", api.function_integration(arn))
        api.call("GET", "/pets/1?secret=1")
        api.call("GET", "/nosuch")
        gatelet.request("GET", "/v2/apis")
        harness.wait_until(lambda: "GetApis" in gatelet.stderr(), "the last line")
        lines = gatelet.stderr().splitlines()
        line = next(line for line in lines if "/pets/1" in line)
        for word in ["GET", api.id, "GET /pets/{id}", "200", "ms"]:
            assert word in line, line
        assert any("/nosuch" in line and "404" in line for line in lines), lines
        assert any("GetApis" in line and "200" in line for line in lines), lines
        assert any("said by the function" in line for line in lines), lines


def test_a_line_for_each_request_as_json():
    with harness.Gatelet(environment={"LOG_FORMAT": "json"}) as gatelet:
        world = aws.World(gatelet)
        arn = world.function("exports.handler = async () => { console.log('said \"so\"'); return 'x' }")
        api = world.http_api()
        api.route("GET /pets/{id}", api.function_integration(arn))
        api.call("GET", '/pets/1')
        harness.wait_until(lambda: "/pets/1" in gatelet.stderr(), "the line")
        lines = [json.loads(line) for line in gatelet.stderr().splitlines()]
        line = next(line for line in lines if line.get("path") == "/pets/1")
        assert line["method"] == "GET" and line["api"] == api.id and line["status"] == 200
        assert line["route"] == "GET /pets/{id}"
        assert any('said "so"' in json.dumps(line, ensure_ascii=False).replace('\\"', '"') for line in lines), lines


@pytest.mark.parametrize("environment, shown", [
    ({}, True), ({"LS_LOG": "info"}, True), ({"LS_LOG": "error"}, False), ({"LS_LOG": "debug"}, True),
    ({"DEBUG": "1"}, True), ({"LS_LOG": "warn"}, False),
])
def test_log_levels(environment, shown):
    with harness.Gatelet(environment=environment) as gatelet:
        gatelet.request("GET", "/v2/apis")
        gatelet.stop()
        assert ("/v2/apis" in gatelet.stderr()) is shown


def test_a_log_that_nobody_reads_blocks_nobody():
    import os

    read, write = os.pipe()
    gatelet = harness.Gatelet()
    try:
        # Another one, whose stderr is a full pipe.
        import subprocess
        port = harness.free_port()
        process = subprocess.Popen(
            [harness.BINARY], stdout=subprocess.PIPE, stderr=write,
            env={"PATH": os.environ["PATH"], "GATEWAY_LISTEN": f"127.0.0.1:{port}"})
        while process.stdout.readline() != b"Ready.\n":
            assert process.poll() is None
        with harness.Wire(port) as wire:
            for _ in range(3000):
                assert wire.send(OK).answer().status == 200
        process.terminate()
        harness.wait_until(lambda: process.poll() is not None or drain(read), "it ends", 15)
        assert process.wait(5) == 0
        process.stdout.close()
    finally:
        os.close(write)
        os.close(read)
        gatelet.__exit__(None)


def drain(read):
    import os

    os.set_blocking(read, False)
    try:
        while os.read(read, 65536):
            pass
    except BlockingIOError:
        pass
    return False


def test_localstack_host_goes_into_urls():
    with harness.Gatelet(environment={"LOCALSTACK_HOST": "example.test:1234"}) as gatelet:
        api = aws.World(gatelet).apis.create_api(Name="x", ProtocolType="HTTP")
        assert api["ApiEndpoint"] == f"{api['ApiId']}.execute-api.example.test:1234"
    with harness.Gatelet(environment={"LOCALSTACK_HOST": "example.test"}) as gatelet:
        api = aws.World(gatelet).apis.create_api(Name="x", ProtocolType="HTTP")
        assert api["ApiEndpoint"] == f"{api['ApiId']}.execute-api.example.test:{gatelet.port}"
    with harness.Gatelet() as gatelet:
        api = aws.World(gatelet).apis.create_api(Name="x", ProtocolType="HTTP")
        assert api["ApiEndpoint"] == f"{api['ApiId']}.execute-api.localhost.localstack.cloud:{gatelet.port}"


@pytest.mark.parametrize("arguments, environment", [
    (["--api-endpoint-style", "url"], {}), (["--api-endpoint-style=url"], {}), ([], {"API_ENDPOINT_STYLE": "url"})])
def test_endpoints_as_urls(arguments, environment):
    with harness.Gatelet(arguments, environment) as gatelet:
        api = aws.World(gatelet).apis.create_api(Name="x", ProtocolType="HTTP")
        assert api["ApiEndpoint"] == f"http://{api['ApiId']}.execute-api.localhost.localstack.cloud:{gatelet.port}"
