"""S3 by its clients: boto3, the AWS CLI, awslocal, the SDK for JavaScript, and raw bytes."""

import base64
import hashlib
import io
import json
import re
import socket
import subprocess
import urllib.request
import zlib
from pathlib import Path

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

import aws
import harness
from harness import wait_until

MB = 1024 * 1024
AUTH = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"


@pytest.fixture(scope="module")
def s3(world):
    return world.client("s3")


@pytest.fixture
def bucket(s3):
    name = aws.unique("bucket")
    s3.create_bucket(Bucket=name)
    return name


def random_bytes(count, seed=7):
    """The same bytes each time, that compress badly."""
    block = hashlib.shake_256(str(seed).encode()).digest(MB)
    return (block * (count // MB + 1))[:count]


class Pieces(io.RawIOBase):
    """A file of this size that takes no memory."""

    def __init__(self, size):
        self.size, self.at, self.block = size, 0, random_bytes(MB)

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self.at

    def seek(self, offset, whence=0):
        self.at = {0: 0, 1: self.at, 2: self.size}[whence] + offset
        return self.at

    def read(self, count=-1):
        left = self.size - self.at
        count = left if count is None or count < 0 else min(count, left)
        start = self.at % MB
        count = min(count, MB - start)
        self.at += count
        return self.block[start:start + count]


def peak_of(process):
    """A function that tells by how much the process has grown at most since now."""
    before = process.resident_bytes()
    Path(f"/proc/{process.process.pid}/clear_refs").write_text("5")  # forget the peak so far

    def grown():
        status = Path(f"/proc/{process.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024 - before

    return grown


def objects_of(process):
    """The files of objects that a gatelet has on disk."""
    return sorted(Path(process.folder.name).glob("gatelet-*/objects/*"))


# ---- what deploy tools do -------------------------------------------------------------------------------------


def test_an_object_by_boto3(s3, bucket):
    key = "serverless/app/local/1777000000000-2026-04-24T03:06:40.000Z/a b+c%2F é//../x.zip"
    put = s3.put_object(Bucket=bucket, Key=key, Body=b"hello", ContentType="application/zip",
                        Metadata={"filesha256": "abc="}, ServerSideEncryption="AES256")
    assert put["ETag"] == '"5d41402abc4b2a76b9719d911017c592"'
    assert put["ServerSideEncryption"] == "AES256"
    head = s3.head_object(Bucket=bucket, Key=key)
    assert head["Metadata"] == {"filesha256": "abc="}
    assert (head["ContentType"], head["ContentLength"]) == ("application/zip", 5)
    got = s3.get_object(Bucket=bucket, Key=key)
    assert got["Body"].read() == b"hello"
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="serverless/app/local/")
    assert [entry["Key"] for entry in listed["Contents"]] == [key]
    assert listed["Contents"][0]["LastModified"].replace(microsecond=0) == head["LastModified"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="none")
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    assert aws.refused(s3.get_bucket_tagging, Bucket=bucket)[:2] == (404, "NoSuchTagSet")
    assert aws.refused(s3.get_public_access_block, Bucket=bucket)[1] == "NoSuchPublicAccessBlockConfiguration"
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}, {"Key": "none"}]})
    assert {entry["Key"] for entry in deleted["Deleted"]} == {key, "none"}
    s3.delete_bucket(Bucket=bucket)
    assert aws.refused(s3.head_bucket, Bucket=bucket)[0] == 404
    assert aws.refused(s3.list_objects_v2, Bucket=bucket) == (
        404, "NoSuchBucket", "The specified bucket does not exist")


def test_configurations_come_back(s3, bucket):
    for put, get, member, value in [
        ("put_bucket_encryption", "get_bucket_encryption", "ServerSideEncryptionConfiguration",
         {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"},
                     "BucketKeyEnabled": True}]}),
        ("put_public_access_block", "get_public_access_block", "PublicAccessBlockConfiguration",
         {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}),
        ("put_bucket_tagging", "get_bucket_tagging", None, {"TagSet": [{"Key": "a", "Value": "<b&c>"}]}),
        ("put_bucket_versioning", "get_bucket_versioning", None, {"Status": "Enabled"}),
        ("put_bucket_lifecycle_configuration", "get_bucket_lifecycle_configuration", None,
         {"Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 3}}]}),
        ("put_bucket_policy", "get_bucket_policy", None,
         {"Policy": json.dumps({"Version": "2012-10-17", "Statement": []})}),
    ]:
        wrapper = {"put_bucket_tagging": "Tagging", "put_bucket_versioning": "VersioningConfiguration",
                   "put_bucket_lifecycle_configuration": "LifecycleConfiguration"}.get(put, member)
        getattr(s3, put)(Bucket=bucket, **({wrapper: value} if wrapper else value))
        got = getattr(s3, get)(Bucket=bucket)
        got = got[member] if member else {name: got[name] for name in value}
        assert got == value, put
    s3.delete_bucket_policy(Bucket=bucket)
    assert aws.refused(s3.get_bucket_policy, Bucket=bucket)[1] == "NoSuchBucketPolicy"
    assert aws.refused(s3.put_bucket_website, Bucket=bucket, WebsiteConfiguration={
        "IndexDocument": {"Suffix": "index.html"}})[:2] == (501, "NotImplemented")
    key = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**key, Body=b"", Tagging="a=b")
    assert s3.get_object_tagging(**key)["TagSet"] == [{"Key": "a", "Value": "b"}]
    s3.put_object_tagging(**key, Tagging={"TagSet": [{"Key": "c", "Value": ""}]})
    assert s3.get_object_tagging(**key)["TagSet"] == [{"Key": "c", "Value": ""}]


def test_reading_by_range_and_condition(s3, bucket):
    body = random_bytes(700_000)
    put = s3.put_object(Bucket=bucket, Key="k", Body=body)
    for asked, expected in [("bytes=0-0", body[:1]), ("bytes=262143-262145", body[262143:262146]),
                            ("bytes=-10", body[-10:]), ("bytes=699999-", body[-1:])]:
        got = s3.get_object(Bucket=bucket, Key="k", Range=asked)
        assert (got["Body"].read(), got["ResponseMetadata"]["HTTPStatusCode"]) == (expected, 206), asked
    assert aws.refused(s3.get_object, Bucket=bucket, Key="k", Range="bytes=700000-")[:2] == (416, "InvalidRange")
    assert aws.refused(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=put["ETag"])[0] == 304
    assert aws.refused(s3.get_object, Bucket=bucket, Key="k", IfMatch='"x"')[:2] == (412, "PreconditionFailed")
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=put["ETag"])["Body"].read() == body
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    assert aws.refused(s3.get_object, Bucket=bucket, Key="k", IfModifiedSince=modified)[0] == 304
    assert aws.refused(s3.put_object, Bucket=bucket, Key="k", IfNoneMatch="*", Body=b"")[0] == 412


def test_lists_in_pages(s3, bucket):
    keys = sorted([f"a/{n:03}" for n in range(40)] + ["b", "c/1", "c/2", "d\x01e", "ü", "\U0001f600"],
                  key=lambda key: key.encode())
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for operation in ["list_objects_v2", "list_objects"]:
        for size in [1, 7, 1000]:
            pages = s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": size})
            found = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
            assert found == keys, (operation, size)
            pages = s3.get_paginator(operation).paginate(
                Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": size})
            found = [(entry.get("Key"), entry.get("Prefix")) for page in pages
                     for entry in page.get("Contents", []) + page.get("CommonPrefixes", [])]
            assert sorted(found, key=str) == sorted(
                [(None, "a/"), ("b", None), (None, "c/"), ("d\x01e", None), ("ü", None), ("\U0001f600", None)],
                key=str), (operation, size)
    assert s3.list_objects_v2(Bucket=bucket, StartAfter="c/1", MaxKeys=1)["Contents"][0]["Key"] == "c/2"


# ---- large bodies ---------------------------------------------------------------------------------------------


def test_64_megabytes_at_once_and_in_parts(s3, bucket):
    body = random_bytes(64 * MB)
    assert s3.put_object(Bucket=bucket, Key="one", Body=body)["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert s3.get_object(Bucket=bucket, Key="one")["Body"].read() == body
    s3.upload_fileobj(io.BytesIO(body), bucket, "parts", ExtraArgs={"ContentType": "x/y"},
                      Config=TransferConfig(multipart_chunksize=8 * MB, max_concurrency=4))
    head = s3.head_object(Bucket=bucket, Key="parts")
    md5s = b"".join(hashlib.md5(body[at:at + 8 * MB]).digest() for at in range(0, len(body), 8 * MB))
    assert (head["ETag"], head["ContentType"]) == (f'"{hashlib.md5(md5s).hexdigest()}-8"', "x/y")
    got = io.BytesIO()
    s3.download_fileobj(bucket, "parts", got, Config=TransferConfig(multipart_chunksize=5 * MB))
    assert got.getvalue() == body
    assert s3.get_object(Bucket=bucket, Key="parts", PartNumber=8)["Body"].read() == body[-8 * MB:]
    # A copy in parts, of other sizes than those of its source.
    s3.copy({"Bucket": bucket, "Key": "parts"}, bucket, "copy",
            Config=TransferConfig(multipart_threshold=6 * MB, multipart_chunksize=15 * MB))
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == body


def test_250_megabytes_take_no_memory():
    size = 250 * MB
    with harness.Gatelet() as process:
        s3 = aws.client(process, "s3", timeout=300)
        s3.create_bucket(Bucket="large")
        s3.put_object(Bucket="large", Key="warm", Body=b"x" * MB)
        grown = peak_of(process)
        upload = s3.create_multipart_upload(Bucket="large", Key="parts")["UploadId"]
        part = s3.upload_part(Bucket="large", Key="parts", UploadId=upload, PartNumber=1, Body=Pieces(size))
        s3.put_object(Bucket="large", Key="one", Body=Pieces(size))
        s3.complete_multipart_upload(Bucket="large", Key="parts", UploadId=upload, MultipartUpload={
            "Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
        assert grown() < 32 * MB, "an upload"
        for key in ["one", "parts"]:
            got, count = s3.get_object(Bucket="large", Key=key)["Body"], 0
            crc = 0
            while piece := got.read(MB):
                count, crc = count + len(piece), zlib.crc32(piece, crc)
            expected = 0
            whole = Pieces(size)
            while piece := whole.read(MB):
                expected = zlib.crc32(piece, expected)
            assert (count, crc) == (size, expected)
        assert grown() < 32 * MB, "a download"
        # One who doesn't read costs no more than one who does, and keeps nobody from anything.
        with process.wire() as slow:
            slow.send(f"GET /large/one HTTP/1.1\r\nHost: a\r\nAuthorization: {AUTH}\r\n\r\n".encode())
            wait_until(slow.fill, "the beginning")
            assert process.request("GET", "/_localstack/health").status == 200
        assert grown() < 32 * MB


def test_others_are_served_meanwhile():
    """While half an upload and half a download stand still, and while others run."""
    with harness.Gatelet() as process:
        s3 = aws.client(process, "s3")
        s3.create_bucket(Bucket="busy")
        with process.wire() as half:
            half.send(f"PUT /busy/k HTTP/1.1\r\nHost: a\r\nAuthorization: {AUTH}\r\nContent-Length: 10\r\n\r\nabc".encode())

            def work(n):
                if n % 2:
                    return process.request("GET", "/_localstack/health").status
                body = random_bytes(3 * MB, n)
                s3.put_object(Bucket="busy", Key=str(n), Body=body)
                return 200 if s3.get_object(Bucket="busy", Key=str(n))["Body"].read() == body else 0

            assert harness.together(work, range(16)) == [200] * 16
            half.send(b"defghij")
            assert half.answer().status == 200
        assert s3.get_object(Bucket="busy", Key="k")["Body"].read() == b"abcdefghij"


# ---- files ----------------------------------------------------------------------------------------------------


def test_who_hangs_up_leaves_nothing():
    with harness.Gatelet() as process:
        s3 = aws.client(process, "s3")
        s3.create_bucket(Bucket="hang-up")
        head = f"PUT /hang-up/k HTTP/1.1\r\nHost: a\r\nAuthorization: {AUTH}\r\nContent-Length: 1000000\r\n\r\n".encode()
        for end in ["close", "half", "reset"]:
            with process.wire() as wire:
                wire.send(head + b"x" * 500_000)
                wait_until(lambda: [path for path in objects_of(process) if path.stat().st_size == 500_000], "half of it")
                if end == "half":
                    assert wire.finish().closed()
                if end == "reset":
                    wire.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            wait_until(lambda: not objects_of(process), "the file is gone")
        assert "Contents" not in s3.list_objects_v2(Bucket="hang-up")
        # Who hangs up while reading leaves what is there.
        s3.put_object(Bucket="hang-up", Key="k", Body=b"x" * 5_000_000)
        with process.wire() as wire:
            wire.send(f"GET /hang-up/k HTTP/1.1\r\nHost: a\r\nAuthorization: {AUTH}\r\n\r\n".encode())
            wire.fill()
        assert len(s3.get_object(Bucket="hang-up", Key="k")["Body"].read()) == 5_000_000
        descriptors = process.descriptors()
        assert len(objects_of(process)) == 1
        s3.put_object(Bucket="hang-up", Key="k", Body=b"y")
        wait_until(lambda: [path.stat().st_size for path in objects_of(process)] == [1], "the former one is gone")
        assert process.descriptors() <= descriptors + 1
        assert process.request("POST", "/_localstack/state/reset").status == 200
        wait_until(lambda: not objects_of(process), "all are gone")
        assert s3.list_buckets()["Buckets"] == []


def test_a_stop_waits_for_an_upload_and_removes_all():
    process = harness.Gatelet()
    with process:
        s3 = aws.client(process, "s3")
        s3.create_bucket(Bucket="stop")
        s3.put_object(Bucket="stop", Key="k", Body=b"x" * 20_000_000)
        with process.wire() as up, process.wire() as down:
            up.send(f"PUT /stop/l HTTP/1.1\r\nHost: a\r\nAuthorization: {AUTH}\r\nContent-Length: 6\r\n\r\nabc".encode())
            down.send(f"GET /stop/k HTTP/1.1\r\nHost: a\r\nAuthorization: {AUTH}\r\n\r\n".encode())
            wait_until(lambda: len(objects_of(process)) == 2, "the upload has begun")
            down.fill()
            process.send(15)
            wait_until(lambda: "stopping" in process.stderr(), "it knows")
            up.send(b"def")
            assert up.answer().status == 200
            assert len(down.answer().body) == 20_000_000
        assert process.process.wait(15) == 0
        assert objects_of(process) == []


# ---- other ways to say it -------------------------------------------------------------------------------------


def test_the_command_line(world, s3, tmp_path):
    name = aws.unique("cli")
    (tmp_path / "up/sub").mkdir(parents=True)
    (tmp_path / "up/a.txt").write_text("first")
    (tmp_path / "up/sub/b: c.txt").write_text("second")
    (tmp_path / "up/large.bin").write_bytes(random_bytes(20 * MB))
    world.awscli("s3", "mb", f"s3://{name}", program="awslocal")
    assert name in world.awscli("s3", "ls", program="awslocal")[0]
    world.awscli("s3", "cp", str(tmp_path / "up/a.txt"), f"s3://{name}/one.txt", "--no-progress")
    assert world.awscli("s3", "cp", f"s3://{name}/one.txt", "-")[0] == "first"
    world.awscli("s3", "sync", str(tmp_path / "up"), f"s3://{name}/all", "--no-progress")
    assert world.awscli("s3", "sync", str(tmp_path / "up"), f"s3://{name}/all", "--no-progress")[0] == ""
    listed = world.awscli("s3", "ls", f"s3://{name}/all/")[0]
    assert re.search(r"PRE sub/", listed) and re.search(r" 5 a.txt", listed), listed
    world.awscli("s3", "sync", f"s3://{name}/all", str(tmp_path / "down"), "--no-progress")
    for path in ["a.txt", "sub/b: c.txt", "large.bin"]:
        assert (tmp_path / "down" / path).read_bytes() == (tmp_path / "up" / path).read_bytes()
    world.awscli("s3", "mv", f"s3://{name}/all/large.bin", f"s3://{name}/moved.bin", "--no-progress")
    assert s3.head_object(Bucket=name, Key="moved.bin")["ContentLength"] == 20 * MB
    url = world.awscli("s3", "presign", f"s3://{name}/one.txt", "--expires-in", "60")[0].strip()
    with urllib.request.urlopen(url) as got:
        assert got.read() == b"first"
    _, code, said = world.awscli("s3", "rb", f"s3://{name}", check=False)
    assert code != 0 and "BucketNotEmpty" in said
    world.awscli("s3", "rm", f"s3://{name}", "--recursive")
    world.awscli("s3", "rb", f"s3://{name}", program="awslocal")
    _, code, said = world.awscli("s3", "ls", f"s3://{name}", check=False)
    assert code != 0 and "NoSuchBucket" in said and "The specified bucket does not exist" in said


def test_the_sdk_for_javascript(world):
    done = subprocess.run(
        ["node", harness.HERE / "node/s3.mjs", world.gatelet.url, aws.unique("js")],
        cwd=harness.HERE, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["put"] == '"5d41402abc4b2a76b9719d911017c592"'
    streamed = b"a" * 70000 + b"b" * 70000
    assert said["streamed"] == hashlib.sha256(streamed).hexdigest()
    assert said["streamedTag"] == f'"{hashlib.md5(streamed).hexdigest()}"'
    assert said["uploaded"].endswith('-3"') and said["large"] == said["expected"]
    assert (said["metadata"], said["type"], said["isDate"]) == ({"filesha256": "x"}, "text/plain", True)
    assert said["keys"] == ["a/2026-11-01T06:53:19.724Z/k", "copy", "large", "stream"]
    assert said["prefixes"] == ["a/"]
    assert said["missing"] == {"name": "NoSuchKey", "status": 404, "typed": True}
    assert said["absent"]["status"] == 404


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_urls(world, bucket, version):
    s3 = boto3.client(
        "s3", endpoint_url=world.gatelet.url, region_name="us-east-1", aws_access_key_id="test",
        aws_secret_access_key="test", config=Config(signature_version=version))
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a b", "ContentType": "text/x"})
    request = urllib.request.Request(put, b"presigned", {"Content-Type": "text/x"}, method="PUT")
    assert urllib.request.urlopen(request).status == 200
    get = s3.generate_presigned_url("get_object", Params={
        "Bucket": bucket, "Key": "a b", "ResponseContentDisposition": "attachment"}, ExpiresIn=60)
    with urllib.request.urlopen(get) as got:
        assert (got.read(), got.headers["Content-Type"]) == (b"presigned", "text/x")
        assert got.headers["Content-Disposition"] == "attachment"
    late = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b"}, ExpiresIn=-1)
    answer = world.gatelet.request("GET", late[len(world.gatelet.url):])
    assert answer.status in (400, 403) and b"<Code>A" in answer.body


def test_virtual_hosts_and_no_signature(world, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k/l", Body=b"hello")
    for host, path in [(f"{bucket}.s3.localhost.localstack.cloud:4566", "/k/l"), (f"{bucket}.s3.us-east-1.localhost", "/k/l"),
                       ("s3.localhost.localstack.cloud", f"/{bucket}/k/l"), ("localhost", f"/{bucket}/k/l")]:
        answer = world.gatelet.request("GET", path, {"Host": host})
        assert (answer.status, answer.body) == (200, b"hello"), host
    host = {"Host": f"{bucket}.s3.localhost"}
    assert world.gatelet.request("PUT", "/new", host, b"plain").status == 200
    assert world.gatelet.request("PUT", f"/{bucket}/curl", None, b"curl -T").status == 200
    head = world.gatelet.request("HEAD", "/new", host)
    assert (head.status, head["content-length"], head.body) == (200, "5", b"")
    missing = world.gatelet.request("HEAD", "/none", host)
    assert (missing.status, missing.body) == (404, b"")
    assert b"<Key>curl</Key>" in world.gatelet.request("GET", "/", host).body
    assert world.gatelet.request("GET", "/no-such-bucket/k").json()["message"].startswith("gatelet has nothing at")


# ---- raw bytes ------------------------------------------------------------------------------------------------


def put(bucket, key, *lines, length=None):
    head = [f"PUT /{bucket}/{key} HTTP/1.1", "Host: localhost", f"Authorization: {AUTH}", *lines]
    head += [f"Content-Length: {length}"] if length is not None else []
    return "\r\n".join([*head, "", ""]).encode()


def test_chunks_of_s3s_own(world, s3, bucket):
    body = random_bytes(300_000)
    crc = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    signed = b"".join(b"%x;chunk-signature=%064d\r\n%b\r\n" % (len(piece), 0, piece)
                      for piece in [body[:65536], body[65536:65537], body[65537:], b""])
    unsigned = b"%x\r\n%b\r\n0\r\nx-amz-checksum-crc32:%b\r\n\r\n" % (len(body), body, crc.encode())
    lines = ["Content-Encoding: aws-chunked", f"x-amz-decoded-content-length: {len(body)}"]
    for kind, data in [("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", signed),
                       ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", unsigned)]:
        head = put(bucket, "chunks", f"x-amz-content-sha256: {kind}", *lines, length=len(data))
        for size in [1009, 65536, len(data)]:
            with world.gatelet.wire() as wire:
                for at in range(0, len(data), size):
                    wire.send((head if at == 0 else b"") + data[at:at + size])
                assert wire.answer().status == 200, kind
            got = s3.get_object(Bucket=bucket, Key="chunks")
            assert got["Body"].read() == body and not got.get("ContentEncoding")
        # And the same within HTTP's own chunks.
        head = put(bucket, "chunks", f"x-amz-content-sha256: {kind}", *lines, "Transfer-Encoding: chunked")
        with world.gatelet.wire() as wire:
            wire.send(head + b"%x\r\n%b\r\n7\r\n%b\r\n0\r\n\r\n" % (len(data) - 7, data[:-7], data[-7:]))
            assert wire.answer().status == 200, kind
        assert s3.get_object(Bucket=bucket, Key="chunks")["Body"].read() == body
    wrong = unsigned.replace(crc.encode(), b"AAAAAA==")
    head = put(bucket, "wrong", "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER", *lines, length=len(wrong))
    with world.gatelet.wire() as wire:
        answer = wire.send(head + wrong).answer()
        assert answer.status == 400 and b"<Code>BadDigest</Code>" in answer.body
        # Nothing is wrong with the connection.
        wire.send(put(bucket, "right", length=2) + b"ok")
        assert wire.answer().status == 200
    assert aws.refused(s3.head_object, Bucket=bucket, Key="wrong")[0] == 404


def test_uploads_that_go_wrong(world, s3, bucket):
    lines = ["Content-Encoding: aws-chunked", "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER"]
    for head, body, code, closes in [
        (put(bucket, "k", *lines, length=1000), b"this is no chunk", b"InvalidRequest", True),
        (put(bucket, "k", *lines, length=8), b"5\r\nhello", b"IncompleteBody", False),
        (put(bucket, "k", length=5 * 1024 * MB + 1), b"", b"EntityTooLarge", True),
        (put(bucket, "k", "Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==", length=2), b"ok", b"BadDigest", False),
        (put(bucket, "k", "x-amz-content-sha256: " + "0" * 64, length=2), b"ok", b"XAmzContentSHA256Mismatch", False),
        (put("no-such-bucket", "k", length=2), b"ok", b"NoSuchBucket", False),
        (put(bucket, "k" * 1025, length=2), b"ok", b"KeyTooLongError", False),
    ]:
        with world.gatelet.wire() as wire:
            answer = wire.send(head + body).answer()
            assert b"<Code>%b</Code>" % code in answer.body
            assert answer["connection"] == ("close" if closes else "keep-alive"), code
            if closes:
                assert wire.closed()
    with world.gatelet.wire() as wire:
        assert wire.send(put(bucket, "k", "Transfer-Encoding: chunked") + b"5\r\nhelloXX").answer().status == 400
        assert wire.closed()
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_continue_and_pipelines(world, s3, bucket):
    with world.gatelet.wire() as wire:
        wire.send(put(bucket, "waits", "Expect: 100-continue", length=5))
        assert wire.answer().status == 100
        wire.send(b"hello")
        assert wire.answer().status == 200
        get = f"GET /{bucket}/waits HTTP/1.1\r\nHost: a\r\nAuthorization: {AUTH}\r\n\r\n".encode()
        wire.send(put(bucket, "first", length=3) + b"one" + put(bucket, "second", length=3) + b"two" + get + get)
        assert [wire.answer().status for _ in range(2)] == [200, 200]
        assert [wire.answer().body for _ in range(2)] == [b"hello", b"hello"]
        head = f"HEAD /{bucket}/waits HTTP/1.1\r\nHost: a\r\nAuthorization: {AUTH}\r\n\r\n".encode()
        assert wire.send(head).answer(head_only=True)["content-length"] == "5"
        # HTTP/1.0, and a body that is read to the end before the connection is closed.
        old = get.replace(b"HTTP/1.1", b"HTTP/1.0")
        wire.send(old)
        assert wire.answer().body == b"hello" and wire.closed()


# ---- for other services ---------------------------------------------------------------------------------------


def test_code_from_s3(world, s3, bucket):
    zipped = aws.zipped({"index.js": "exports.handler = async () => 'from s3'"})
    s3.put_object(Bucket=bucket, Key="code.zip", Body=zipped)
    name = aws.unique("from-s3")
    made = world.functions.create_function(
        FunctionName=name, Runtime="nodejs20.x", Role=aws.ROLE, Handler="index.handler",
        Code={"S3Bucket": bucket, "S3Key": "code.zip"})
    assert made["CodeSha256"] == base64.b64encode(hashlib.sha256(zipped).digest()).decode()
    assert world.invoke(name)[0] == "from s3"
    s3.put_object(Bucket=bucket, Key="code.zip", Body=aws.zipped({"index.js": "exports.handler = async () => 'new'"}))
    world.functions.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key="code.zip")
    assert world.invoke(name)[0] == "new"
    for where, message in [
        ({"S3Bucket": "no-such-bucket", "S3Key": "k"}, "NoSuchBucket. S3 Error Message: The specified bucket does not exist"),
        ({"S3Bucket": bucket, "S3Key": "k"}, "NoSuchKey. S3 Error Message: The specified key does not exist."),
    ]:
        assert aws.refused(world.functions.update_function_code, FunctionName=name, **where) == (
            400, "InvalidParameterValueException", f"Error occurred while GetObject. S3 Error Code: {message}")
