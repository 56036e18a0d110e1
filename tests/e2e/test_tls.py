"""TLS on the ports that speak HTTP: real clients, names and their certificates, handshakes that go wrong."""

import datetime
import json
import os
import signal
import socket
import ssl
import subprocess
import time

import boto3
import pytest
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import aws
import harness
import sockets

HEALTH = b"GET /_localstack/health HTTP/1.1\r\nHost: localhost\r\n"
LOCAL = "localhost.localstack.cloud"


@pytest.fixture(scope="module")
def ca(gatelet, tmp_path_factory):
    """The file with gatelet's CA."""
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    answer = gatelet.request("GET", "/_gatelet/ca.pem")
    assert (answer.status, answer["content-type"]) == (200, "application/x-pem-file")
    path.write_bytes(answer.body)
    return path


def trusting(ca, **more):
    context = ssl.create_default_context(cafile=str(ca))
    # As strict as Python 3.13 is by default.
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(more.get("alpn", ["http/1.1"]))
    return context


def secure(port, ca, name="localhost", **more):
    """A client that has shaken hands."""
    plain = socket.create_connection(("127.0.0.1", port), harness.PATIENCE)
    return trusting(ca, **more).wrap_socket(plain, server_hostname=name)


def wire(port, ca, name="localhost", **more):
    """The same as a wire of raw bytes, which are sealed."""
    wire = harness.Wire(port)
    wire.sock = trusting(ca, **more).wrap_socket(wire.sock, server_hostname=name)
    return wire


def curl(gatelet, ca, host, path="/", *more):
    return subprocess.run(
        ["curl", "-sS", "--noproxy", "*", "--cacert", ca, "--resolve", f"{host}:{gatelet.port}:127.0.0.1", *more,
         f"https://{host}:{gatelet.port}{path}"],
        capture_output=True, text=True, timeout=harness.PATIENCE,
    )


# ---- names and certificates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [
    "localhost", "127.0.0.1", "::1", LOCAL, f"s3.{LOCAL}", f"abc.execute-api.{LOCAL}",
    f"abc.execute-api.eu-west-1.{LOCAL}", f"abc.lambda-url.us-east-1.{LOCAL}", f"abc.lambda-url.eu-central-1.{LOCAL}",
    "api.example.com", "gatelet",
])
def test_every_name_has_a_certificate(gatelet, ca, name):
    with secure(gatelet.port, ca, name) as client:
        assert client.selected_alpn_protocol() == "http/1.1"
        client.sendall(HEALTH + b"Connection: close\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_certificates_have_their_own_serial_numbers(gatelet, ca):
    serials = set()
    for n in range(5):
        with secure(gatelet.port, ca, f"{n}.example.org") as client:
            serials.add(client.getpeercert()["serialNumber"])
    assert len(serials) == 5


def test_the_ca_stays_and_signs_nothing_but_servers(gatelet, ca):
    assert gatelet.request("GET", "/_gatelet/ca.pem").body == ca.read_bytes()
    authority = x509.load_pem_x509_certificate(ca.read_bytes())
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical and constraints.value == x509.BasicConstraints(ca=True, path_length=0)
    with secure(gatelet.port, ca) as client:
        leaf = x509.load_der_x509_certificate(client.getpeercert(True))
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= datetime.timedelta(days=398)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions_and_coming_back(gatelet, ca, version):
    context = trusting(ca)
    context.minimum_version = context.maximum_version = version
    session = None
    for again in [False, True]:
        plain = socket.create_connection(("127.0.0.1", gatelet.port), harness.PATIENCE)
        with context.wrap_socket(plain, server_hostname="localhost", session=session) as client:
            client.sendall(HEALTH + b"Connection: close\r\n\r\n")
            while client.recv(65536):
                pass
            assert client.session_reused is again
            session = client.session


def test_openssl_and_curl(gatelet, ca, world):
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{gatelet.port}", "-servername", f"x.execute-api.{LOCAL}",
         "-CAfile", ca, "-verify_return_error", "-verify_hostname", f"x.execute-api.{LOCAL}", "-quiet", "-no_ign_eof"],
        input=HEALTH + b"Connection: close\r\n\r\n", capture_output=True, timeout=harness.PATIENCE)
    assert b"Verification error" not in done.stderr
    api = world.http_api(stage=None, Target=world.function(aws.NODE_ECHO))
    host = f"{api.id}.execute-api.{LOCAL}"
    done = curl(gatelet, ca, host, "/a/b?c=d")
    assert done.returncode == 0, done.stderr
    event = json.loads(done.stdout)
    assert event["rawPath"] == "/a/b"
    assert event["headers"]["x-forwarded-proto"] == "https"
    assert event["headers"]["x-forwarded-port"] == str(gatelet.port)
    assert curl(gatelet, "/etc/ssl/certs/ca-certificates.crt", host).returncode == 60, "who does not trust us, refuses"


def test_the_scheme_in_events(gatelet, ca, world, node_echo):
    api = world.rest_api().function("GET /x", node_echo)
    api.deploy()
    host = f"{api.id}.execute-api.{LOCAL}"
    event = json.loads(curl(gatelet, ca, host, "/dev/x").stdout)
    assert event["headers"]["X-Forwarded-Proto"] == "https"
    assert event["requestContext"]["protocol"] == "HTTP/1.1"
    with wire(gatelet.port, ca, host) as client:
        client.send(f"GET /dev/x HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert client.answer().json()["headers"]["X-Forwarded-Port"] == "443"
    assert api.call(path="/dev/x").json()["headers"]["X-Forwarded-Proto"] == "http"


def test_boto3(gatelet, ca):
    more = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test",
            "verify": str(ca), "config": Config(retries={"total_max_attempts": 1})}
    endpoint = f"https://localhost:{gatelet.port}"
    s3 = boto3.client("s3", endpoint_url=endpoint, **more)
    bucket = aws.unique("tls")
    s3.create_bucket(Bucket=bucket)
    content = os.urandom(3_000_000)
    s3.put_object(Bucket=bucket, Key="k", Body=content)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == content
    assert boto3.client("sts", endpoint_url=endpoint, **more).get_caller_identity()["Account"] == "000000000000"
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        boto3.client("sts", endpoint_url=endpoint, **{**more, "verify": True}).get_caller_identity()


# ---- wss ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def talk(world):
    recorder = sockets.Recorder(world)
    api = sockets.Api(world)
    integration = api.integration(recorder.arn)
    for key in ["$connect", "$disconnect"]:
        api.route(key, integration)
    api.route("$default", integration, replies=True)
    api.recorder = recorder
    return api.stage()


@pytest.mark.parametrize("form", ["host", "path", "ws", "port"])
def test_wss(talk, ca, gatelet, form):
    url = talk.url(form=form).replace("ws://", "wss://")
    with sockets.connect(url, gatelet.port if form != "port" else talk.port, ssl=trusting(ca)) as client:
        for size in [5, 20_000]:
            said = json.dumps({"n": "x" * size})
            assert sockets.ask(client, said) == said
        client.send(json.dumps({"pushes": "hello"}))
        got = sorted(client.recv(timeout=harness.PATIENCE) for _ in range(2))
        assert got == ["hello", '{"pushes": "hello"}']
    events = harness.wait_until(lambda: [e for e in talk.recorder.all() if "headers" in e], "a handshake")
    connect = [e for e in events if e["requestContext"]["eventType"] == "CONNECT"][-1]
    assert connect["headers"]["X-Forwarded-Proto"] == "https"
    talk.recorder.wait(connect["requestContext"]["connectionId"])


# ---- the wire -------------------------------------------------------------------------------------------------


def test_pipelined_and_one_byte_at_a_time(gatelet, ca):
    with wire(gatelet.port, ca) as client:
        client.send((HEALTH + b"\r\n") * 20)
        for _ in range(20):
            assert client.answer().status == 200
        for byte in HEALTH + b"\r\n":
            client.send(bytes([byte]))
        assert client.answer().status == 200


def sealed(ca, name="localhost"):
    """A TLS client over memory: (its object, what comes in, what goes out)."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    return trusting(ca).wrap_bio(incoming, outgoing, server_hostname=name), incoming, outgoing


def test_a_handshake_byte_by_byte(gatelet, ca):
    tls, incoming, outgoing = sealed(ca)
    with gatelet.wire() as client:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                for byte in outgoing.read():
                    client.send(bytes([byte]))
                incoming.write(client.sock.recv(65536))
        tls.write(HEALTH + b"\r\n")
        for byte in outgoing.read():
            client.send(bytes([byte]))
        while True:
            try:
                assert tls.read(65536).startswith(b"HTTP/1.1 200")
                break
            except ssl.SSLWantReadError:
                incoming.write(client.sock.recv(65536))


def test_the_end_is_said(gatelet, ca):
    """Our close_notify comes before the end; a client that half-closes is answered."""
    tls, incoming, outgoing = sealed(ca)
    with gatelet.wire() as client:
        def go(work):
            while True:
                try:
                    return work()
                except ssl.SSLWantReadError:
                    client.send(outgoing.read())
                    piece = client.sock.recv(65536)
                    incoming.write(piece) if piece else incoming.write_eof()

        go(tls.do_handshake)
        tls.write(HEALTH + b"\r\n")
        # Its close_notify, and no waiting for ours.
        with pytest.raises(ssl.SSLWantReadError):
            tls.unwrap()
        client.send(outgoing.read()).finish()
        received = b""
        while piece := client.sock.recv(65536):
            incoming.write(piece)
            received += piece
        # Records of our answer and of the goodbye: an alert in TLS 1.3 is sealed as 19 bytes.
        assert len(received) > 200 and received[-24:-19] == b"\x17\x03\x03\x00\x13"


def test_a_large_answer_to_a_slow_reader(gatelet, ca, world):
    bucket, s3 = aws.unique("slow"), world.client("s3")
    s3.create_bucket(Bucket=bucket)
    content = os.urandom(8_000_000)
    s3.put_object(Bucket=bucket, Key="k", Body=content)
    with wire(gatelet.port, ca) as client:
        client.send(f"GET /{bucket}/k HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        time.sleep(0.2)
        assert client.answer().body == content


# ---- abuse ----------------------------------------------------------------------------------------------------


def alerts(data):
    """What TLS alerts say, in the clear."""
    found = []
    while data:
        kind, length = data[0], int.from_bytes(data[3:5], "big")
        if kind == 0x15:
            found.append(data[6])
        data = data[5 + length:]
    return found


GARBAGE = {
    "no handshake": b"\x16" + b"garbage that is no record" * 10,
    "no hello": b"\x16\x03\x01\x00\x05\x63\x00\x00\x01\x00",
    "a huge record": b"\x16\x03\x01\xff\xff" + bytes(70_000),
    "a huge hello": b"\x16\x03\x01\x40\x00\x01\xff\xff\xff" + bytes(0x3ffc),
    "an empty record": b"\x16\x03\x01\x00\x00" * 40,
    "application data": b"\x16\x03\x01\x00\x01\x01" + b"\x17\x03\x03\x00\x10" + bytes(16),
    "http behind the byte": b"\x16GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_refused_and_closed(gatelet, data):
    answer = gatelet.raw(data)
    assert len(answer) <= 7 and (not answer or alerts(answer)), answer
    assert gatelet.request("GET", "/_localstack/health").status == 200


def test_who_speaks_no_protocol_of_ours_is_told(gatelet, ca):
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        secure(gatelet.port, ca, alpn=["h2"])
    context = trusting(ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
    with pytest.raises(ssl.SSLError, match="(?i)handshake.failure"):
        plain = socket.create_connection(("127.0.0.1", gatelet.port), harness.PATIENCE)
        context.wrap_socket(plain, server_hostname="localhost")


def test_a_broken_record_ends_the_connection(gatelet, ca):
    with secure(gatelet.port, ca) as client:
        client.sendall(HEALTH + b"\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
        raw = socket.socket(fileno=os.dup(client.fileno()))
        raw.settimeout(harness.PATIENCE)
        raw.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
        with pytest.raises(ssl.SSLError, match="(?i)bad.record.mac"):
            client.recv(65536)
        raw.close()


def test_handshakes_that_are_never_finished_end():
    with harness.Gatelet(["--client-timeout-ms", "600"]) as gatelet:
        tls, _, outgoing = sealed(write_ca(gatelet))
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        hello = outgoing.read()
        silent = gatelet.wire().send(b"\x16")
        half = gatelet.wire().send(hello[:50])
        whole = gatelet.wire().send(hello)
        for client in [silent, half]:
            assert client.closed()
        assert whole.rest()[:1] == b"\x16", "our part of it, and then the end"
        # A byte at a time is no excuse.
        slow = gatelet.wire()
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            for byte in hello * 3:
                slow.send(bytes([byte]))
                time.sleep(0.01)
        for client in [silent, half, whole, slow]:
            client.sock.close()


def write_ca(gatelet):
    path = os.path.join(gatelet.folder.name, "ca.pem")
    with open(path, "wb") as file:
        file.write(gatelet.request("GET", "/_gatelet/ca.pem").body)
    return path


def test_many_idle_clients_that_shook_hands(gatelet, ca):
    clients = [secure(gatelet.port, ca, f"{n}.example.net") for n in range(300)]
    for client in clients:
        client.sendall(HEALTH + b"\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
        client.close()


# ---- a certificate of the user's own --------------------------------------------------------------------------


def make_certificate(folder, name="custom.test"):
    """The files of a self-signed certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / f"{name}.pem", folder / f"{name}.key"
    cert.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return cert, secret


def shown(gatelet, cert, name):
    context = ssl.create_default_context(cafile=str(cert))
    with context.wrap_socket(socket.create_connection(("127.0.0.1", gatelet.port)), server_hostname=name) as client:
        return client.getpeercert(True)


def test_a_certificate_of_the_users_own(tmp_path):
    cert, key = make_certificate(tmp_path)
    both = tmp_path / "both.pem"
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    expected = ssl.PEM_cert_to_DER_cert(cert.read_text())
    for arguments, environment in [
        (["--tls-cert", str(cert), "--tls-key", str(key)], {}),
        ([], {"GATELET_TLS_CERT": str(cert), "GATELET_TLS_KEY": str(key)}),
        ([], {"CUSTOM_SSL_CERT_PATH": str(both)}),
    ]:
        with harness.Gatelet(arguments, environment) as gatelet:
            assert shown(gatelet, cert, "custom.test") == expected
            answer = gatelet.request("GET", "/_gatelet/ca.pem")
            assert answer.status == 404 and "--tls-cert" in answer.text


def test_files_that_are_of_no_use(tmp_path):
    cert, key = make_certificate(tmp_path)
    other, _ = make_certificate(tmp_path, "other.test")
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n")
    missing = tmp_path / "missing.pem"
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for arguments, says in [
        (["--tls-cert", missing, "--tls-key", key], "missing.pem"),
        (["--tls-cert", cert, "--tls-key", missing], "missing.pem"),
        (["--tls-cert", garbage, "--tls-key", key], "garbage.pem"),
        (["--tls-cert", empty, "--tls-key", key], "empty.pem"),
        (["--tls-cert", cert], "custom.test.pem"),
        (["--tls-cert", other, "--tls-key", key], "no use together"),
        (["--tls-key", key], "--tls-cert"),
    ]:
        code, out, err = harness.run(["--listen", "127.0.0.1:0", *map(str, arguments)])
        assert (code, out) == (2, ""), (arguments, err)
        assert says in err and err.count("\n") == 1, err


# ---- a CA that is kept ------------------------------------------------------------------------------------------


def test_a_kept_ca_is_the_same_in_every_run(tmp_path):
    folder = tmp_path / "deep" / "data"
    trusted = tmp_path / "trusted.pem"
    for n, arguments, environment in [
        (0, ["--data-dir", str(folder)], {}),
        (1, [], {"GATELET_DATA_DIR": str(folder)}),
        (2, ["--data-dir", str(folder)], {"LOCALSTACK_GATELET_DATA_DIR": "/nowhere"}),
    ]:
        with harness.Gatelet(arguments, environment) as gatelet:
            now = gatelet.request("GET", "/_gatelet/ca.pem").body
            if n == 0:
                trusted.write_bytes(now)
            assert now == trusted.read_bytes() == (folder / "ca.pem").read_bytes()
            assert (folder / "ca.key").stat().st_mode & 0o777 == 0o600
            assert folder.stat().st_mode & 0o777 == 0o700
            for name in ["localhost", f"{n}.example.org"]:
                with secure(gatelet.port, trusted, name) as client:
                    client.sendall(HEALTH + b"Connection: close\r\n\r\n")
                    assert client.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
            assert f"the CA is kept in {folder}" in gatelet.stdout()
            if n == 1:
                gatelet.stop(signal.SIGKILL)


def test_several_share_a_kept_ca(tmp_path):
    together = [
        subprocess.Popen([harness.BINARY, "--listen", "127.0.0.1:0", "--websocket-ports", "0-0", "--data-dir", tmp_path],
                         stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    try:
        found = set()
        for process in together:
            lines = iter(process.stdout.readline, "Ready.\n")
            port = next(line.rsplit(":", 1)[1] for line in lines if line.startswith("listening on"))
            with socket.create_connection(("127.0.0.1", int(port)), harness.PATIENCE) as client:
                client.sendall(b"GET /_gatelet/ca.pem HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                found.add(client.makefile("rb").read().split(b"\r\n\r\n", 1)[1])
        assert found == {(tmp_path / "ca.pem").read_bytes()}
    finally:
        for process in together:
            process.kill()
            process.wait()


def test_a_kill_at_any_moment_leaves_no_half_ca(tmp_path):
    for n in range(12):
        folder = tmp_path / str(n)
        process = subprocess.Popen([harness.BINARY, "--listen", "127.0.0.1:0", "--data-dir", folder],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(n * 0.002)
        process.kill()
        process.wait()
        with harness.Gatelet(["--data-dir", str(folder)]) as gatelet:
            assert gatelet.request("GET", "/_gatelet/ca.pem").body == (folder / "ca.pem").read_bytes()


def test_a_damaged_ca_is_not_replaced(tmp_path):
    with harness.Gatelet(["--data-dir", str(tmp_path)]):
        pass
    for name in ["ca.pem", "ca.key"]:
        whole = (tmp_path / name).read_bytes()
        for damaged in [whole[: len(whole) // 2], b"", b"garbage"]:
            (tmp_path / name).write_bytes(damaged)
            code, out, err = harness.run(["--listen", "127.0.0.1:0", "--data-dir", str(tmp_path)])
            assert (code, out) == (2, ""), err
            assert str(tmp_path / name) in err and err.count("\n") == 1, err
            assert (tmp_path / name).read_bytes() == damaged
        (tmp_path / name).write_bytes(whole)
