"""HTTP_PROXY integrations against real servers, plain and TLS, that the test starts."""

import datetime
import http.server
import ipaddress
import json
import re
import socket
import ssl
import threading
import time

import pytest

import aws
import harness

UNAVAILABLE = b'{"message":"Service Unavailable"}'
SERVER_ERROR = b'{"message":"Internal Server Error"}'
TRACE = re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}")


class Backend:
    """Answers with what it was asked, as JSON; the path decides what else it does."""

    def __init__(self, context=None):
        backend = self
        self.connections = 0
        self.requests = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def setup(self):
                super().setup()
                backend.connections += 1

            def answer(self):
                backend.requests += 1
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                if "chunked" in (self.headers.get("transfer-encoding") or ""):
                    body = b"CHUNKED"
                getattr(self, "do_" + self.path.split("?")[0].strip("/").split("/")[0], self.echo)(body)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = answer

            def send(self, status, body, headers=()):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def echo(self, body):
                said = {"method": self.command, "path": self.path, "headers": self.headers.items(),
                        "body": body.decode("latin-1"), "version": self.request_version}
                self.send(200, json.dumps(said).encode(), [("Content-Type", "application/json")])

            def do_status(self, _):
                self.send(int(self.path.split("/")[2].split("?")[0]), b"said so", [("Content-Type", "text/x")])

            def do_redirect(self, _):
                self.send(302, b"", [("Location", "http://elsewhere.example/")])

            def do_headers(self, _):
                self.send(200, b"x", [
                    ("X-One", "1"), ("x-two", "2"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Server", "mine"),
                    ("Keep-Alive", "timeout=5"), ("Connection", "x-hop"), ("X-Hop", "1"), ("Via", "1.1 other")])

            def do_chunked(self, _):
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for piece in [b"hello, ", b"chunked ", b"world"]:
                    self.wfile.write(b"%x;a=b\r\n%s\r\n" % (len(piece), piece))
                    self.wfile.flush()
                    time.sleep(0.01)
                self.wfile.write(b"0\r\nX-Trailer: 1\r\n\r\n")

            def do_close(self, _):
                # A body that ends with the connection.
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")
                self.close_connection = True

            def do_old(self, _):
                self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold")
                self.close_connection = True

            def do_early(self, _):
                self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")

            def do_slow(self, body):
                time.sleep(float(self.path.split("/")[2]))
                self.echo(body)

            def do_large(self, _):
                self.send(200, b"x" * int(self.path.split("/")[2]))

            def do_short(self, _):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
                self.close_connection = True

            def do_reset(self, _):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                self.close_connection = True
                self.connection.close()

            def do_empty(self, _):
                self.close_connection = True

            def do_garbage(self, _):
                self.wfile.write(b"what is this\r\n\r\n")
                self.close_connection = True

            def do_binary(self, body):
                self.send(200, bytes(range(256)), [("Content-Type", "application/octet-stream")])

            def do_count(self, body):
                self.send(200, str(len(body)).encode())

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 1024

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_port
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def backend():
    with Backend() as backend:
        yield backend


@pytest.fixture(scope="module")
def proxied(world, backend):
    api = world.http_api(variables={"host": f"127.0.0.1:{backend.port}", "part": "from-stage",
                                "all": f"127.0.0.1:{backend.port}/all?of=it"})
    api.stage("prod", variables={"host": f"127.0.0.1:{backend.port}", "part": "prod"})
    url = backend.url
    for key, uri, more in [
        ("ANY /pass/{proxy+}", url + "/{proxy}", {}),
        ("ANY /items/{id}", url + "/backend/{id}/x", {}),
        ("ANY /two/{a}/and/{b}", url + "/{b}/{a}", {}),
        ("ANY /fixed", url + "/fixed/path", {}),
        ("ANY /query", url + "/q?given=1", {}),
        ("ANY /query/{id}", url + "/q?id={id}", {}),
        ("GET /as-post", url + "/method", {"method": "POST"}),
        ("ANY /bare", url, {}),
        ("ANY /bare-greedy/{proxy+}", url, {}),
        ("ANY /stage-host", "http://${stageVariables.host}/x", {}),
        ("ANY /stage-part", url + "/${stageVariables.part}/x?p=${stageVariables.part}", {}),
        ("ANY /stage-all", "http://${stageVariables.all}", {}),
        ("ANY /stage-missing", "http://${stageVariables.nosuch}/x", {}),
        ("ANY /short", url + "/slow/2", {"TimeoutInMillis": 200}),
        ("ANY /refused", f"http://127.0.0.1:{harness.free_port()}/", {}),
        ("ANY /no-such-name", "http://no-such-name.invalid/", {}),
        ("ANY /named", f"http://localhost:{backend.port}/named", {}),
    ]:
        api.route(key, api.http_integration(uri, **more))
    return api


def headers_of(said):
    return {name.lower(): value for name, value in said["headers"]}


@pytest.mark.parametrize("method, path, expected", [
    ("GET", "/pass/a/b/c", "/a/b/c"),
    ("GET", "/pass/a%20b/%C3%A9", "/a%20b/%C3%A9"),
    ("GET", "/items/1", "/backend/1/x"),
    ("GET", "/items/a%20b", "/backend/a%20b/x"),
    ("GET", "/items/a%3Fb", "/backend/a%3Fb/x"),
    ("GET", "/two/1/and/2", "/2/1"),
    ("GET", "/fixed", "/fixed/path"),
    ("GET", "/fixed?a=1&b=%20+x", "/fixed/path?a=1&b=%20+x"),
    ("GET", "/query", "/q?given=1"),
    ("GET", "/query?own=2", "/q?given=1&own=2"),
    ("GET", "/query/7?own=2", "/q?id=7&own=2"),
    ("GET", "/bare", "/"),
    ("GET", "/bare-greedy/a/b", "/"),
    ("GET", "/bare?a=b", "/?a=b"),
    ("GET", "/stage-host", "/x"),
    ("GET", "/stage-part", "/from-stage/x?p=from-stage"),
    ("GET", "/prod/stage-part", "/prod/x?p=prod"),
    ("GET", "/stage-all", "/all?of=it"),
    ("GET", "/named", "/named"),
    ("GET", "/prod/items/1", "/backend/1/x"),
])
def test_paths_and_queries(proxied, method, path, expected):
    answer = proxied.call(method, path)
    assert answer.status == 200, answer
    assert answer.json()["path"] == expected


def test_no_injection_by_path_parameters(proxied):
    for path in ["/items/a%0d%0aX-Evil:1", "/items/a%20HTTP%2F1.1%0d%0a", "/pass/..%2f..%2fx", "/items/%00"]:
        answer = proxied.call("GET", path)
        if answer.status == 200:
            assert not any(ord(c) <= 32 for c in answer.json()["path"]), path
            assert "x-evil" not in headers_of(answer.json())


@pytest.mark.parametrize("method", ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"])
def test_methods_pass(proxied, method):
    assert proxied.call(method, "/fixed").json()["method"] == method


def test_the_integrations_own_method(proxied):
    assert proxied.call("GET", "/as-post").json()["method"] == "POST"


def test_head(proxied):
    answer = proxied.call("HEAD", "/fixed")
    assert answer.status == 200 and answer.body == b"" and int(answer["content-length"]) > 0
    assert proxied.call("GET", "/fixed").status == 200


def test_request_headers(proxied, backend):
    answer = proxied.call("GET", "/fixed", [
        ("Host", proxied.host), ("User-Agent", "e2e"), ("Cookie", "a=1"), ("Authorization", "Bearer x"),
        ("X-Dup", "1"), ("x-dup", "2"), ("Connection", "keep-alive, x-hop"), ("X-Hop", "1"), ("TE", "trailers"),
        ("Upgrade", "h2c"), ("Keep-Alive", "5"), ("Proxy-Authorization", "x"), ("Origin", "https://example.com")])
    said = answer.json()
    headers = headers_of(said)
    assert said["version"] == "HTTP/1.1"
    assert headers["host"] == f"127.0.0.1:{backend.port}"
    assert headers["user-agent"] == "e2e" and headers["cookie"] == "a=1" and headers["authorization"] == "Bearer x"
    assert headers["origin"] == "https://example.com"
    assert [value for name, value in said["headers"] if name.lower() == "x-dup"] in (["1", "2"], ["1,2"])
    for name in ["x-hop", "te", "upgrade", "keep-alive", "proxy-authorization", "x-forwarded-for", "x-forwarded-proto",
                 "x-forwarded-port", "x-forwarded-host", "transfer-encoding"]:
        assert name not in headers, name
    domain = proxied.host.removesuffix(":4566")
    assert re.fullmatch(rf"(by=[^;]+;)?for=127\.0\.0\.1;host={re.escape(domain)}(:4566)?;proto=https?", headers["forwarded"]), headers
    assert headers["via"] == "HTTP/1.1 AmazonAPIGateway"
    assert TRACE.fullmatch(headers["x-amzn-trace-id"])
    assert headers["content-length"] == "0"


@pytest.mark.parametrize("body", [b"", b"x", bytes(range(256)) * 40, b"y" * 3_000_000])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_request_bodies(proxied, body, framing):
    if framing == "length":
        answer = proxied.call("POST", "/pass/count", {"Content-Type": "application/octet-stream"}, body)
    else:
        with proxied.world.gatelet.wire() as wire:
            wire.send(f"POST /pass/count HTTP/1.1\r\nHost: {proxied.host}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
            for at in range(0, len(body), 100_000):
                piece = body[at:at + 100_000]
                wire.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            answer = wire.send(b"0\r\n\r\n").answer()
    assert (answer.status, answer.text) == (200, str(len(body)))


def test_bytes_are_bytes(proxied):
    body = bytes(range(256))
    assert proxied.call("POST", "/fixed", {}, body).json()["body"] == body.decode("latin-1")
    answer = proxied.call("GET", "/pass/binary")
    assert answer.body == body and answer["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("status", [200, 201, 204, 304, 400, 401, 404, 418, 429, 500, 502, 503, 599])
def test_statuses_pass(proxied, status):
    answer = proxied.call("GET", f"/pass/status/{status}")
    assert answer.status == status
    if status not in (204, 304):
        assert (answer.body, answer["content-type"]) == (b"said so", "text/x")


def test_redirects_are_not_followed(proxied):
    answer = proxied.call("GET", "/pass/redirect")
    assert (answer.status, answer["location"]) == (302, "http://elsewhere.example/")


def test_response_headers(proxied):
    answer = proxied.call("GET", "/pass/headers")
    assert answer.all("set-cookie") == ["a=1", "b=2"]
    assert (answer["x-one"], answer["x-two"]) == ("1", "2")
    assert re.fullmatch(r"[A-Za-z0-9_-]{15}=", answer["apigw-requestid"])
    assert answer.all("date") and len(answer.all("date")) == 1
    assert answer.get("keep-alive") is None and answer.get("x-hop") is None
    assert answer["connection"] == "keep-alive"


@pytest.mark.parametrize("path, body", [
    ("/pass/chunked", b"hello, chunked world"), ("/pass/close", b"until the end"), ("/pass/old", b"old"),
    ("/pass/early", b"late"), ("/pass/large/0", b""), ("/pass/large/5000000", b"x" * 5_000_000),
])
def test_response_bodies(proxied, path, body):
    answer = proxied.call("GET", path)
    assert (answer.status, answer.body) == (200, body)
    assert answer["content-length"] == str(len(body)) and answer.get("transfer-encoding") is None


@pytest.mark.parametrize("path, status, body", [
    ("/refused", 503, UNAVAILABLE),
    ("/no-such-name", 503, UNAVAILABLE),
    ("/short", 503, UNAVAILABLE),
    ("/pass/reset", 503, UNAVAILABLE),
    ("/pass/empty", 503, UNAVAILABLE),
    ("/pass/short", 503, UNAVAILABLE),
    ("/stage-missing", 500, SERVER_ERROR),
])
def test_failures(proxied, path, status, body):
    began = time.monotonic()
    answer = proxied.call("GET", path)
    assert (answer.status, answer.body) == (status, body)
    assert answer["content-type"] == "application/json"
    assert re.fullmatch(r"[A-Za-z0-9_-]{15}=", answer["apigw-requestid"])
    assert time.monotonic() - began < 6


def test_a_back_end_that_speaks_no_http(proxied):
    answer = proxied.call("GET", "/pass/garbage")
    assert (answer.status, answer.body) in [(500, SERVER_ERROR), (503, UNAVAILABLE)]


def test_a_response_beyond_10_mb(proxied):
    assert proxied.call("GET", "/pass/large/10500000").status in (500, 503)


def test_connections_are_reused(world):
    with Backend() as backend:
        api = world.http_api()
        api.route("ANY /{proxy+}", api.http_integration(backend.url + "/{proxy}"))
        for n in range(50):
            assert api.call("POST", f"/{n}", {}, b"x").status == 200
        assert backend.requests == 50 and backend.connections <= 2


def test_a_connection_that_went_stale_is_replaced(world):
    """A server that closes each connection after its first answer, without saying so."""
    listener = socket.create_server(("127.0.0.1", 0))
    served = []

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            request = connection.recv(65536)
            served.append(request.split(b" ")[1])
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            connection.close()

    threading.Thread(target=serve, daemon=True).start()
    api = world.http_api()
    api.route("ANY /{proxy+}", api.http_integration(f"http://127.0.0.1:{listener.getsockname()[1]}/{{proxy}}"))
    try:
        for n in range(20):
            assert api.call("GET", f"/{n}").status == 200
        assert served == [f"/{n}".encode() for n in range(20)]
    finally:
        listener.close()


def test_many_at_once(proxied):
    def call(n):
        answer = proxied.call("POST", "/fixed", {"Content-Type": "text/plain"}, str(n))
        return answer.status, answer.json()["body"]

    assert harness.together(call, range(100)) == [(200, str(n)) for n in range(100)]


def test_slow_back_ends_delay_nobody(proxied):
    wires = [proxied.world.gatelet.wire() for _ in range(50)]
    for wire in wires:
        wire.send(f"GET /pass/slow/1 HTTP/1.1\r\nHost: {proxied.host}\r\n\r\n".encode())
    began = time.monotonic()
    assert proxied.call("GET", "/fixed").status == 200
    assert time.monotonic() - began < 0.5
    assert [wire.answer().status for wire in wires] == [200] * 50
    assert time.monotonic() - began < 4
    for wire in wires:
        wire.sock.close()


def test_a_quick_created_proxy_forwards_the_path(world, backend):
    made = world.apis.create_api(Name="quick", ProtocolType="HTTP", Target=backend.url)
    answer = world.gatelet.request("GET", "/any/path?x=1", {"Host": f"{made['ApiId']}.execute-api.localhost:4566"})
    assert answer.json()["path"] == "/any/path?x=1"


# ---- parameter mappings ---------------------------------------------------------------------------------------

MAPPED = {
    "append:header.x-added": "$request.header.x-in",
    "overwrite:header.x-over": "written",
    "remove:header.x-gone": "''",
    "append:header.x-query": "$request.querystring.q",
    "append:header.x-path": "$request.path",
    "append:header.x-id": "$request.path.id",
    "append:header.x-body": "$request.body.items[1].name",
    "append:header.x-context": "$context.apiId",
    "append:header.x-stage": "$stageVariables.part",
    "append:header.x-mixed": "${request.path.id}-${stageVariables.part}!",
    "append:header.x-missing": "$request.header.nosuch",
    "append:querystring.added": "$request.header.x-in",
    "overwrite:querystring.q": "over",
    "remove:querystring.gone": "''",
}


@pytest.fixture(scope="module")
def mapped(world, backend):
    api = world.http_api(variables={"part": "from-stage"})
    api.route("ANY /mapped/{id}", api.http_integration(backend.url + "/fixed", RequestParameters=MAPPED))
    api.route("ANY /path/{id}", api.http_integration(backend.url + "/fixed", RequestParameters={
        "overwrite:path": "/over/${request.path.id}"}))
    api.route("ANY /host", api.http_integration(backend.url + "/fixed", RequestParameters={
        "overwrite:header.host": "other.example"}))
    api.route("ANY /answer/{proxy+}", api.http_integration(backend.url + "/{proxy}", ResponseParameters={
        "200": {"append:header.x-one": "again", "overwrite:header.x-two": "$context.requestId",
                "remove:header.server": "''", "append:header.x-added": "$response.header.x-one"},
        "404": {"overwrite:statuscode": "410", "append:header.x-was": "404"},
        "500": {"overwrite:statuscode": "404"},
    }))
    return api


def test_mapped_requests(mapped):
    answer = mapped.call("POST", "/mapped/7?q=1&gone=x&kept=y", {
        "X-In": "in", "X-Over": "before", "X-Gone": "x", "Content-Type": "application/json"},
        json.dumps({"items": [{"name": "a"}, {"name": "b"}]}))
    said = answer.json()
    headers = headers_of(said)
    for name, value in {
        "x-added": "in", "x-over": "written", "x-query": "1", "x-path": "/mapped/7", "x-id": "7", "x-body": "b",
        "x-context": mapped.id, "x-stage": "from-stage", "x-mixed": "7-from-stage!",
    }.items():
        assert headers.get(name) == value, name
    assert "x-gone" not in headers and "x-missing" not in headers
    path, query = said["path"].split("?")
    assert path == "/fixed" and sorted(query.split("&")) == ["added=in", "kept=y", "q=over"]


def test_mapped_paths_and_hosts(mapped, backend):
    assert mapped.call("GET", "/path/7?a=b").json()["path"] == "/over/7?a=b"
    assert mapped.call("GET", "/path/a%20b").json()["path"] == "/over/a%20b"
    assert headers_of(mapped.call("GET", "/host").json())["host"] == "other.example"


def test_mapped_values_cannot_split_a_request(mapped):
    for path in ["/mapped/a%0d%0aX-Evil:%201", "/path/a%0d%0aX-Evil:%201", "/mapped/1?q=%0d%0aX-Evil:%201"]:
        answer = mapped.call("GET", path)
        assert answer.status in (200, 400, 500), path
        if answer.status == 200:
            assert "x-evil" not in headers_of(answer.json()), path


def test_mapped_answers(mapped):
    answer = mapped.call("GET", "/answer/headers")
    assert answer.all("x-one") in (["1", "again"], ["1,again"])
    assert answer["x-two"] == answer["apigw-requestid"]
    assert answer.get("server") is None and answer["x-added"] == "1"
    answer = mapped.call("GET", "/answer/status/404")
    assert (answer.status, answer["x-was"], answer.body) == (410, "404", b"said so")
    # The map is looked up once.
    assert mapped.call("GET", "/answer/status/500").status == 404
    assert mapped.call("GET", "/answer/status/418").status == 418


# ---- https ----------------------------------------------------------------------------------------------------


def certificate(folder, names, issuer=None, days=10):
    """A certificate with its key, as PEM files, signed by `issuer` or by itself: (cert path, key path, signer)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0] if names else "test CA")])
    now = datetime.datetime.now(datetime.timezone.utc)
    alternatives = []
    for name in names:
        try:
            alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            alternatives.append(x509.DNSName(name))
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer[0] if issuer else subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=20)).not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    made = builder.sign(issuer[1] if issuer else key, hashes.SHA256())
    stem = "-".join(names) or "ca"
    cert, secret = folder / f"{stem}{days}.pem", folder / f"{stem}{days}.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return cert, secret, (subject, key)


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    """A gatelet that trusts a CA of ours, and servers with certificates of it: good, for another name, expired."""
    folder = tmp_path_factory.mktemp("tls")
    ca, _, signer = certificate(folder, [])
    servers = {}
    for name, names, issuer, days in [
        ("good", ["127.0.0.1", "localhost"], signer, 10), ("other name", ["example.org"], signer, 10),
        ("expired", ["127.0.0.1"], signer, -5), ("self-signed", ["127.0.0.1"], None, 11),
    ]:
        cert, key, _ = certificate(folder, names, issuer, days)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        context.set_alpn_protocols(["http/1.1"])
        servers[name] = Backend(context)
    with harness.Gatelet(environment={"SSL_CERT_FILE": str(ca)}) as gatelet:
        api = aws.World(gatelet).http_api()
        for name, server in servers.items():
            api.route(f"ANY /{name.replace(' ', '-')}/{{proxy+}}", api.http_integration(server.url + "/{proxy}"))
        api.route("ANY /verified/{proxy+}", api.http_integration(
            servers["other name"].url + "/{proxy}", TlsConfig={"ServerNameToVerify": "example.org"}))
        api.route("ANY /plain", api.http_integration(f"https://127.0.0.1:{gatelet.port}/"))
        yield api, servers
    for server in servers.values():
        server.__exit__()


def test_https(secure):
    api, servers = secure
    for n in range(10):
        answer = api.call("POST", f"/good/{n}?x=1", {"Content-Type": "text/plain"}, b"hello")
        assert answer.status == 200
        assert (answer.json()["path"], answer.json()["body"]) == (f"/{n}?x=1", "hello")
    assert servers["good"].connections <= 2
    answer = api.call("GET", "/good/large/3000000")
    assert (answer.status, len(answer.body)) == (200, 3_000_000)
    assert api.call("POST", "/good/count", {}, b"x" * 2_000_000).text == "2000000"
    assert api.call("GET", "/good/chunked").body == b"hello, chunked world"


@pytest.mark.parametrize("path", ["/other-name/x", "/expired/x", "/self-signed/x", "/plain"])
def test_https_that_cannot_be_trusted(secure, path):
    api, _ = secure
    answer = api.call("GET", path)
    assert (answer.status, answer.body) == (503, UNAVAILABLE)


def test_the_server_name_to_verify(secure):
    api, _ = secure
    assert api.call("GET", "/verified/x").status == 200
