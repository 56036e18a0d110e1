//! Bodies on their way to disk: their framing, what is said of them, and where they go wrong.

use super::*;
use crate::control::s3::upload::{MAX_SIZE, Upload};
use crate::proto::http1::Reception;

const HELLO_MD5: &str = "XUFAKrxLKna5cZ2REBfFkg==";
const HELLO_SHA256: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[test]
fn what_is_said_of_a_body_is_verified() {
    let s3 = S3::with_bucket();
    for (header, expected) in [
        (format!("Content-MD5: {HELLO_MD5}"), "200"),
        ("Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==".into(), "400 BadDigest"),
        ("Content-MD5: x".into(), "400 InvalidDigest"),
        (format!("x-amz-content-sha256: {HELLO_SHA256}"), "200"),
        (
            format!("x-amz-content-sha256: {}", HELLO_SHA256.replace('2', "3")),
            "400 XAmzContentSHA256Mismatch",
        ),
        ("x-amz-content-sha256: UNSIGNED-PAYLOAD".into(), "200"),
        ("x-amz-checksum-crc32: NhCmhg==".into(), "200"),
        ("x-amz-checksum-crc32: NhCmhQ==".into(), "400 BadDigest The CRC32 you specified did not match"),
        ("x-amz-checksum-sha256: LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=".into(), "200"),
        ("x-amz-checksum-sha256: AAAAul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=".into(), "400 BadDigest"),
        ("x-amz-checksum-crc64nvme: anything".into(), "200"),
        ("x-amz-checksum-crc32: !".into(), "400 InvalidRequest"),
        ("x-amz-checksum-crc32: NhCmhg==\nx-amz-checksum-sha1: AAAA".into(), "400 InvalidRequest"),
    ] {
        let asked = format!("PUT /b-1/k\n{header}");
        match expected {
            "200" => drop(s3.ok(&asked, "hello")),
            expected => s3.refused(&asked, "hello", expected),
        }
    }
    s3.ok("PUT /b-1/k\nx-amz-checksum-crc32: NhCmhg==", "hello");
    assert_eq!(s3.ok("GET /b-1/k", "").header("x-amz-checksum-crc32"), "");
    assert_eq!(
        s3.ok("GET /b-1/k\nx-amz-checksum-mode: ENABLED", "").header("x-amz-checksum-crc32"),
        "NhCmhg=="
    );
    assert_eq!(s3.files(), 1, "what was refused is gone");
}

#[test]
fn metadata_has_an_end() {
    let s3 = S3::with_bucket();
    let meta = |length: usize| format!("PUT /b-1/k\nx-amz-meta-a: {}", "x".repeat(length));
    s3.ok(&meta(2047), "x");
    s3.refused(&meta(2048), "x", "400 MetadataTooLarge");
}

#[test]
fn chunks_of_s3s_own_are_taken_away() {
    let s3 = S3::with_bucket();
    let streamed = |kind: &str, length: &str| {
        format!(
            "PUT /b-1/k\nContent-Encoding: aws-chunked\nx-amz-content-sha256: {kind}\nx-amz-decoded-content-length: {length}\nx-amz-trailer: x-amz-checksum-crc32"
        )
    };
    let signed = streamed("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "5");
    s3.ok(
        &signed,
        "3;chunk-signature=aa\r\nhel\r\n2;chunk-signature=bb\r\nlo\r\n0;chunk-signature=cc\r\n\r\n",
    );
    let got = s3.ok("GET /b-1/k", "");
    assert_eq!((got.text(), got.header("content-encoding")), ("hello", ""));
    let unsigned = streamed("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "5");
    let seen = s3.ok(&unsigned, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n");
    assert_eq!(seen.header("x-amz-checksum-crc32"), "NhCmhg==");
    for (body, expected) in [
        ("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhQ==\r\n\r\n", "400 BadDigest"),
        ("5\r\nhello\r\n", "400 IncompleteBody"),
        ("4\r\nhell\r\n0\r\n\r\n", "400 IncompleteBody"),
        ("hello", "400 InvalidRequest"),
    ] {
        s3.refused(&unsigned, body, expected);
    }
    assert_eq!(s3.files(), 1);
}

#[test]
fn bodies_that_come_in_pieces() {
    let s3 = S3::with_bucket();
    let head = "PUT /b-1/k HTTP/1.1\r\nHost: s3.localhost\r\n\r\n";
    let request = || Request::of(head.as_bytes()).unwrap();
    let mut upload = Upload::begin(&request()).unwrap();
    for piece in ["he", "", "llo"] {
        upload.take(&*s3.disk, &mut piece.as_bytes().to_vec()).unwrap();
    }
    let Turn::Later(later) = s3.control.uploaded(s3.now, request(), upload.end()) else {
        panic!("it takes its time")
    };
    assert_eq!(s3.files(), 1);
    let seen = s3.seen(later.run(&s3.control), false);
    assert_eq!((seen.status, s3.ok("GET /b-1/k", "").text()), (200, "hello"));

    let mut upload = Upload::begin(&request()).unwrap();
    upload.take(&*s3.disk, &mut b"half".to_vec()).unwrap();
    assert_eq!(s3.files(), 2);
    drop(upload);
    assert_eq!(s3.files(), 1, "a client that hangs up leaves nothing");

    let error = crate::control::s3::refusal::too_large(MAX_SIZE);
    let Turn::Done(done) = s3.control.uploaded(s3.now, request(), Err(error)) else {
        panic!("that is at once")
    };
    assert_eq!(s3.seen(done, false).inner("Code"), "EntityTooLarge");
}

#[test]
fn what_goes_to_disk() {
    let s3 = S3::with_bucket();
    let signed = "Authorization: AWS4-HMAC-SHA256 Credential=test/20200408/us-east-1/s3/aws4_request\r\n";
    for (line, host, headers, to_disk) in [
        ("PUT /b/k", "localhost", signed, true),
        ("PUT /b/k?partNumber=1&uploadId=x", "localhost", signed, true),
        ("PUT /k", "b.s3.localhost", "", true),
        ("PUT /b-1/k", "localhost", "", true),
        ("PUT /b-9/k", "localhost", "", false),
        ("PUT /b", "localhost", signed, false),
        ("PUT /b?policy", "localhost", signed, false),
        ("PUT /b/k?tagging", "localhost", signed, false),
        ("PUT /b/k?acl", "localhost", signed, false),
        ("PUT /b/k", "localhost", "x-amz-copy-source: b/l\r\n", false),
        ("POST /b/k?uploadId=x", "localhost", signed, false),
        ("POST /b?delete", "localhost", signed, false),
        ("PUT /2015-03-31/functions/f/code", "localhost", "", false),
    ] {
        let bytes = format!("{line} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
        let reception = s3.control.reception(&Request::of(bytes.as_bytes()).unwrap());
        assert_eq!(reception == Reception::Pieces, to_disk, "{line} {host} {headers}");
    }
}
