"""Mutual TLS: custom domain names whose clients must show a certificate that a truststore vouches for."""

import datetime
import json
import os
import socket
import ssl
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import aws
import harness
import sockets
from aws import refused

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
CONFIGURATION = [{"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/x", "EndpointType": "REGIONAL"}]
FORBIDDEN = (403, '{"message":"Forbidden"}')


def name(common, **more):
    parts = [(NameOID.COUNTRY_NAME, "CH"), (NameOID.ORGANIZATION_NAME, "Example"), (NameOID.COMMON_NAME, common)]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


class Authority:
    """An authority of the test's own."""

    def __init__(self, folder, common, days=20_000):
        self.folder, self.key, self.name = folder, ec.generate_private_key(ec.SECP256R1()), name(common)
        self.certificate = self.sign(self.name, self.key.public_key(), days, True)
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, subject, key, days, ca, serial=None):
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
            .serial_number(serial or x509.random_serial_number()).not_valid_before(NOW)
            .not_valid_after(NOW + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), True)
            .sign(self.key, hashes.SHA256())
        )

    def client(self, common, days=20_000, serial=None):
        """The files of a client's certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.sign(name(common), key.public_key(), days, False, serial)
        cert, secret = self.folder / f"{aws.unique('c')}.pem", self.folder / f"{aws.unique('k')}.pem"
        cert.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return cert, secret


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mtls")


@pytest.fixture(scope="module")
def ca(gatelet, folder):
    path = folder / "ca.pem"
    path.write_bytes(gatelet.request("GET", "/_gatelet/ca.pem").body)
    return path


@pytest.fixture(scope="module")
def authority(folder):
    return Authority(folder, "Authority")


@pytest.fixture(scope="module")
def bucket(world):
    bucket = aws.unique("truststores")
    world.client("s3").create_bucket(Bucket=bucket)
    return bucket


def truststore(world, bucket, content, key="truststore.pem"):
    world.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    return f"s3://{bucket}/{key}"


def make_domain(world, bucket, authority):
    """A domain with mutual TLS, and nothing behind it."""
    domain = f"{aws.unique('mutual')}.example.com"
    made = world.apis.create_domain_name(
        DomainName=domain, DomainNameConfigurations=CONFIGURATION,
        MutualTlsAuthentication={"TruststoreUri": truststore(world, bucket, authority.pem)})
    assert made["MutualTlsAuthentication"] == {"TruststoreUri": f"s3://{bucket}/truststore.pem"}
    return domain


@pytest.fixture(scope="module")
def domain(world, bucket, authority, node_echo):
    """A domain with mutual TLS in front of an HTTP API and a REST API."""
    domain = make_domain(world, bucket, authority)
    http = world.http_api(stage="$default")
    for version, key in [("2.0", "$default"), ("1.0", "GET /one")]:
        http.route(key, http.function_integration(node_echo, version))
    rest = world.rest_api().function("GET /x", node_echo)
    rest.deploy("dev")
    world.apis.create_api_mapping(DomainName=domain, ApiId=http.id, Stage="$default")
    world.apis.create_api_mapping(DomainName=domain, ApiId=rest.id, Stage="dev", ApiMappingKey="rest")
    return domain


def get(gatelet, ca, domain, path="/", client=None, sni=None, tls=None):
    """A request over TLS: (status, body)."""
    context = ssl.create_default_context(cafile=str(ca))
    if tls:
        context.minimum_version = context.maximum_version = tls
    if client:
        context.load_cert_chain(*map(str, client))
    plain = socket.create_connection(("127.0.0.1", gatelet.port), harness.PATIENCE)
    wire = harness.Wire(gatelet.port)
    wire.sock.close()
    with context.wrap_socket(plain, server_hostname=sni or domain) as wire.sock:
        wire.send(f"GET {path} HTTP/1.1\r\nHost: {domain}\r\n\r\n".encode())
        answer = wire.answer()
        return answer.status, answer.text


def test_who_shows_a_certificate_is_known(gatelet, ca, domain, authority):
    client = authority.client("client", serial=0x0A1B2C)
    shown = {
        "clientCertPem": client[0].read_text(),
        "subjectDN": "CN=client,O=Example,C=CH",
        "issuerDN": "CN=Authority,O=Example,C=CH",
        "serialNumber": "0a:1b:2c",
        "validity": {"notBefore": "Jan  2 03:04:05 2026 GMT", "notAfter": "Oct  5 03:04:05 2080 GMT"},
    }
    for path, at in [
        ("/", ["authentication", "clientCert"]), ("/one", ["identity", "clientCert"]),
        ("/rest/x", ["identity", "clientCert"]),
    ]:
        status, body = get(gatelet, ca, domain, path, client)
        assert status == 200, body
        found = json.loads(body)["requestContext"]
        for member in at:
            found = found[member]
        assert found == shown, path


@pytest.mark.parametrize("tls", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_who_shows_none_is_refused(gatelet, ca, domain, authority, folder, tls):
    assert get(gatelet, ca, domain, tls=tls) == FORBIDDEN
    client = authority.client("client")
    assert get(gatelet, ca, domain, client=client, tls=tls)[0] == 200
    for stranger in [Authority(folder, "Stranger").client("client"), authority.client("late", days=1)]:
        # An alert: in TLS 1.3 it comes after the client has done its part.
        with pytest.raises((ssl.SSLError, ConnectionResetError)) as caught:
            get(gatelet, ca, domain, client=stranger, tls=tls)
        assert "alert" in str(caught.value).lower() or isinstance(caught.value, ConnectionResetError)


def test_no_way_around(gatelet, ca, domain, authority):
    client = authority.client("client")
    answer = gatelet.request("GET", "/", {"Host": domain})
    assert (answer.status, answer.text) == FORBIDDEN, "without TLS"
    assert get(gatelet, ca, domain, client=client, sni="localhost") == FORBIDDEN, "under another name"
    assert get(gatelet, ca, "localhost", "/_localstack/health")[0] == 200, "others are asked for nothing"


def test_curl(gatelet, ca, domain, authority):
    cert, key = authority.client("curl")
    done = subprocess.run(
        ["curl", "-sS", "--noproxy", "*", "--cacert", ca, "--cert", cert, "--key", key, "--resolve",
         f"{domain}:{gatelet.port}:127.0.0.1", f"https://{domain}:{gatelet.port}/"],
        capture_output=True, text=True, timeout=harness.PATIENCE)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["requestContext"]["authentication"]["clientCert"]["subjectDN"].startswith("CN=curl")


def test_another_truststore(world, gatelet, ca, bucket, authority, folder, node_echo):
    domain, other = f"{aws.unique('mutual')}.example.com", Authority(folder, "Other")
    api = world.http_api(stage="$default")
    api.route("$default", api.function_integration(node_echo))
    world.apis.create_domain_name(DomainName=domain, DomainNameConfigurations=CONFIGURATION)
    world.apis.create_api_mapping(DomainName=domain, ApiId=api.id, Stage="$default")
    mine, theirs = authority.client("mine"), other.client("theirs")
    assert get(gatelet, ca, domain)[0] == 200

    def update(uri, **more):
        updated = world.apis.update_domain_name(
            DomainName=domain, MutualTlsAuthentication={"TruststoreUri": uri, **more})
        return updated.get("MutualTlsAuthentication")

    expired = Authority(folder, "Expired", days=1)
    shown = update(truststore(world, bucket, authority.pem + expired.pem, "first.pem"), TruststoreVersion="v1")
    assert shown["TruststoreVersion"] == "v1"
    assert len(shown["TruststoreWarnings"]) == 1 and "CN=Expired" in shown["TruststoreWarnings"][0]
    assert get(gatelet, ca, domain, client=mine)[0] == 200
    assert get(gatelet, ca, domain) == FORBIDDEN
    # A client that is connected when the truststore changes is judged by the new one.
    context = ssl.create_default_context(cafile=str(ca))
    context.load_cert_chain(*map(str, mine))
    wire = harness.Wire(gatelet.port)
    wire.sock = context.wrap_socket(wire.sock, server_hostname=domain)
    request = f"GET / HTTP/1.1\r\nHost: {domain}\r\n\r\n".encode()
    assert wire.send(request).answer().status == 200
    update(truststore(world, bucket, other.pem, "second.pem"))
    assert wire.send(request).answer().status == 403
    wire.sock.close()
    assert get(gatelet, ca, domain, client=theirs)[0] == 200
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        get(gatelet, ca, domain, client=mine)
    assert update("") is None
    assert get(gatelet, ca, domain)[0] == 200


def test_truststores_that_are_of_no_use(world, bucket):
    def create(uri):
        return refused(world.apis.create_domain_name, DomainName="never.example.com",
                       DomainNameConfigurations=CONFIGURATION, MutualTlsAuthentication={"TruststoreUri": uri})

    garbage = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    for uri, says in [
        ("https://example.com/x.pem", "s3://"), ("s3://", "s3://"), ("s3://x", "s3://"),
        (f"s3://{bucket}/nothing", "NoSuchKey"), ("s3://no-such-bucket-at-all/x", "NoSuchBucket"),
        (truststore(world, bucket, b"", "empty.pem"), "1 to 1000"),
        (truststore(world, bucket, b"text", "text.pem"), "1 to 1000"),
        (truststore(world, bucket, garbage, "garbage.pem"), "not valid"),
        (truststore(world, bucket, b"-----BEGIN CERTIFICATE-----\n", "half.pem"), "PEM"),
        (truststore(world, bucket, os.urandom(4 * 1024 * 1024 + 1), "large.pem"), "EntityTooLarge"),
    ]:
        status, code, message = create(uri)
        assert (status, code) == (400, "BadRequestException") and says in message, (uri, message)
    assert refused(world.apis.get_domain_name, DomainName="never.example.com")[0] == 404


def test_access_logs_say_who_has_shown_a_certificate(world, gatelet, ca, bucket, authority, node_echo):
    logs, group = world.client("logs"), aws.unique("/mutual/")
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    names = ["subjectDN", "issuerDN", "serialNumber", "validity.notBefore", "validity.notAfter", "other"]
    values = " | ".join(f"$context.identity.clientCert.{name}" for name in names)
    http = world.http_api(stage="$default")
    http.route("$default", http.function_integration(node_echo))
    rest = world.rest_api()
    rest.function("ANY /{proxy+}", node_echo)
    rest.deploy("dev")
    speaker, recorder = sockets.Api(world), sockets.Recorder(world)
    speaker.route("$connect", speaker.integration(recorder.arn))
    speaker.route("$default", speaker.integration(kind="MOCK"))
    speaker.stage()
    for api, stage in [(http.id, "$default"), (speaker.id, "dev")]:
        log = {"DestinationArn": arn, "Format": f"{api} $context.requestId {values}"}
        world.apis.update_stage(ApiId=api, StageName=stage, AccessLogSettings=log)
    world.rest.update_stage(restApiId=rest.id, stageName="dev", patchOperations=[
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": arn},
        {"op": "replace", "path": "/accessLogSettings/format", "value": f"{rest.id} $context.requestId {values}"}])
    client = authority.client("client", serial=0x0A1B2C)
    web, ws = make_domain(world, bucket, authority), make_domain(world, bucket, authority)
    for domain, api, stage, key in [(web, http.id, "$default", ""), (web, rest.id, "dev", "rest"),
                                    (ws, speaker.id, "dev", "")]:
        world.apis.create_api_mapping(DomainName=domain, ApiId=api, Stage=stage, ApiMappingKey=key)
    assert get(gatelet, ca, web, "/", client)[0] == 200
    assert get(gatelet, ca, web, "/rest/x", client)[0] == 200
    context = ssl.create_default_context(cafile=str(ca))
    context.load_cert_chain(*map(str, client))
    plain = socket.create_connection(("127.0.0.1", gatelet.port), harness.PATIENCE)
    with context.wrap_socket(plain, server_hostname=ws) as sock:
        sock.sendall((f"GET / HTTP/1.1\r\nHost: {ws}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
        assert sock.recv(4096).startswith(b"HTTP/1.1 101 ")
    [event] = recorder.all()
    assert event["requestContext"]["identity"]["clientCert"]["subjectDN"] == "CN=client,O=Example,C=CH"
    expected = ("CN=client,O=Example,C=CH | CN=Authority,O=Example,C=CH | 0a:1b:2c | Jan  2 03:04:05 2026 GMT | "
                "Oct  5 03:04:05 2080 GMT | -")

    def lines():
        events = logs.filter_log_events(logGroupName=group)["events"]
        found = {event["message"].split(" ", 2)[0]: event["message"].split(" ", 2)[2] for event in events}
        return len(found) == 3 and found

    assert harness.wait_until(lines, "a line of each") == {api: expected for api in [http.id, rest.id, speaker.id]}
