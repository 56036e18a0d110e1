//! Objects: written, read in whole and in part, copied, deleted.

use super::*;

const HELLO: &str = "\"5d41402abc4b2a76b9719d911017c592\"";

#[test]
fn an_object_comes_back_as_it_was_put() {
    let s3 = S3::with_bucket();
    let put = s3.ok(
        "PUT /b-1/a/k?x-id=PutObject\nContent-Type: text/plain\nx-amz-meta-FileSha256: ab\nCache-Control: no-cache\n\
         Content-Encoding: gzip,aws-chunked\nx-amz-server-side-encryption: AES256\nx-amz-acl: private\nExpires: 0",
        "0\r\n\r\n",
    );
    assert_eq!(put.header("etag"), "\"d41d8cd98f00b204e9800998ecf8427e\"", "it was empty, in chunks");
    let got = s3.ok("HEAD /b-1/a/k", "");
    for (name, value) in [
        ("content-type", "text/plain"),
        ("x-amz-meta-filesha256", "ab"),
        ("cache-control", "no-cache"),
        ("content-encoding", "gzip"),
        ("expires", "0"),
        ("x-amz-server-side-encryption", "AES256"),
        ("last-modified", "Wed, 08 Apr 2020 19:05:45 GMT"),
        ("accept-ranges", "bytes"),
        ("content-length", "0"),
        ("x-amz-acl", ""),
    ] {
        assert_eq!(got.header(name), value, "{name}");
    }
    assert_eq!(s3.ok("PUT /b-1/k", "hello").header("etag"), HELLO);
    let got = s3.ok("GET /b-1/k?x-id=GetObject", "");
    assert_eq!((got.text(), got.header("content-type")), ("hello", "binary/octet-stream"));
    assert_eq!((got.header("etag"), got.status), (HELLO, 200));
    let head = s3.ok("HEAD /b-1/k", "");
    assert_eq!((head.header("content-length"), head.body.len()), ("5", 0));
    let named = s3.ok(
        "GET /b-1/k?response-content-type=a%2Fb&response-content-disposition=attachment&versionId=null",
        "",
    );
    assert_eq!((named.header("content-type"), named.header("content-disposition")), ("a/b", "attachment"));
    s3.refused("GET /b-1/k?versionId=1", "", "404 NoSuchVersion");

    assert_eq!(s3.files(), 1, "what is empty needs no file");
    s3.ok("PUT /b-1/k", "again");
    assert_eq!(s3.files(), 1, "what was replaced is gone");
    assert_eq!(s3.ok("DELETE /b-1/k", "").status, 204);
    assert_eq!(s3.ok("DELETE /b-1/k", "").status, 204);
    s3.refused("GET /b-1/k", "", "404 NoSuchKey");
    assert_eq!(s3.files(), 0);
}

#[test]
fn keys_are_any_text() {
    let s3 = S3::with_bucket();
    let long = "k".repeat(1024);
    let keys = [
        "a:b",
        "a%3Ab2",
        "a%2Fb",
        "/",
        "//",
        "a/../b",
        "../../etc/passwd",
        "%2e%2e",
        "a/",
        "+",
        "%2B+",
        "%C3%A9",
        &long,
    ];
    for (n, key) in keys.iter().enumerate() {
        s3.ok(&format!("PUT /b-1/{key}"), n.to_string());
    }
    for (n, key) in keys.iter().enumerate() {
        assert_eq!(s3.ok(&format!("GET /b-1/{key}"), "").text(), n.to_string(), "{key}");
    }
    assert_eq!(s3.ok("GET /b-1/a/b", "").text(), "2");
    let list = s3.ok("GET /b-1", "");
    let mut expected = vec![
        "a:b",
        "a:b2",
        "a/b",
        "/",
        "//",
        "a/../b",
        "../../etc/passwd",
        "..",
        "a/",
        "+",
        "++",
        "é",
        &long,
    ];
    expected.sort();
    assert_eq!(list.all("Key"), expected);
    s3.refused(&format!("PUT /b-1/{long}k"), "", "400 KeyTooLongError");
    s3.refused(&format!("POST /b-1/{long}k?uploads"), "", "400 KeyTooLongError");
    s3.refused(&format!("PUT /b-1/{long}k\nx-amz-copy-source: b-1/a:b"), "", "400 KeyTooLongError");
}

#[test]
fn hosts_name_buckets_too() {
    let s3 = S3::with_bucket();
    s3.ok("PUT /b-1/k/l", "hello");
    for (host, path) in [
        ("b-1.s3.localhost.localstack.cloud:4566", "/k/l"),
        ("B-1.s3.us-east-1.localhost", "/k/l"),
        ("s3.localhost:4566", "/b-1/k/l"),
        ("localhost", "/b-1/k/l"),
    ] {
        // Unsigned.
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let seen = s3.turn(Request::of(request.as_bytes()).unwrap());
        assert_eq!((seen.status, seen.body), (200, b"hello".to_vec()), "{host}");
    }
    let request = "GET /b-9/k HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(s3.turn(Request::of(request.as_bytes()).unwrap()).header("content-type"), "application/json");
}

#[test]
fn parts_and_conditions() {
    let s3 = S3::with_bucket();
    s3.ok("PUT /b-1/k", "0123456789");
    let etag = s3.ok("HEAD /b-1/k", "").header("etag").to_owned();
    for (range, expected) in [
        ("bytes=2-4", "206 bytes 2-4/10 234"),
        ("bytes=7-", "206 bytes 7-9/10 789"),
        ("bytes=-2", "206 bytes 8-9/10 89"),
        ("bytes=0-99", "206 bytes 0-9/10 0123456789"),
        ("bytes=5-2", "200  0123456789"),
        ("bytes=0-1,3-4", "200  0123456789"),
    ] {
        let seen = s3.ok(&format!("GET /b-1/k\nRange: {range}"), "");
        let found = format!("{} {} {}", seen.status, seen.header("content-range"), seen.text());
        assert_eq!(found, expected, "{range}");
    }
    let seen = s3.ask("GET /b-1/k\nRange: bytes=10-", "");
    assert_eq!(
        (seen.status, seen.inner("Code"), seen.inner("ActualObjectSize")),
        (416, "InvalidRange", "10")
    );
    assert_eq!(s3.ok("HEAD /b-1/k\nRange: bytes=2-4", "").header("content-length"), "3");

    let (then, before) = ("Wed, 08 Apr 2020 19:05:45 GMT", "Wed, 08 Apr 2020 19:05:44 GMT");
    for (header, status) in [
        (format!("If-Match: {etag}"), 200),
        ("If-Match: \"x\"".to_owned(), 412),
        (format!("If-None-Match: {etag}"), 304),
        ("If-None-Match: \"x\"".to_owned(), 200),
        (format!("If-Modified-Since: {then}"), 304),
        (format!("If-Modified-Since: {before}"), 200),
        (format!("If-Unmodified-Since: {before}"), 412),
        (format!("If-Unmodified-Since: {then}"), 200),
    ] {
        let seen = s3.ask(&format!("GET /b-1/k\n{header}"), "");
        assert_eq!(seen.status, status, "{header}");
        if status == 304 {
            assert_eq!((seen.header("etag"), seen.body.len()), (etag.as_str(), 0));
        }
    }
    s3.refused("PUT /b-1/k\nIf-None-Match: *", "new", "412 PreconditionFailed");
    s3.refused("PUT /b-1/k\nIf-Match: \"x\"", "new", "412 PreconditionFailed");
    s3.refused("PUT /b-1/none\nIf-Match: \"x\"", "new", "404 NoSuchKey");
    s3.refused("PUT /b-1/k\nIf-None-Match: \"x\"", "new", "501 NotImplemented");
    assert_eq!(s3.ok("GET /b-1/k", "").text(), "0123456789");
    s3.ok(&format!("PUT /b-1/k\nIf-Match: {etag}"), "new");
    s3.ok("PUT /b-1/new\nIf-None-Match: *", "new");
    assert_eq!(s3.files(), 2);
}

#[test]
fn copies() {
    let s3 = S3::with_bucket();
    s3.ok("PUT /b-2", "");
    s3.ok("PUT /b-1/a%20b?\nx-amz-meta-x: 1\nx-amz-tagging: t=1\nContent-Type: text/plain", "hello");
    let copy = s3.ok("PUT /b-2/c\nx-amz-copy-source: /b-1/a%20b", "");
    assert_eq!(copy.inner("ETag"), HELLO.replace('"', "&quot;"));
    let got = s3.ok("GET /b-2/c", "");
    assert_eq!(
        (
            got.text(),
            got.header("x-amz-meta-x"),
            got.header("x-amz-tagging-count"),
            got.header("content-type")
        ),
        ("hello", "1", "1", "text/plain")
    );
    assert_eq!(s3.files(), 1, "a copy moves no bytes");
    s3.ok("DELETE /b-1/a%20b", "");
    assert_eq!((s3.files(), s3.ok("GET /b-2/c", "").text()), (1, "hello"));

    s3.ok("PUT /b-2/c\nx-amz-copy-source: b-2/c\nx-amz-metadata-directive: REPLACE\nx-amz-meta-y: 2", "");
    let got = s3.ok("GET /b-2/c", "");
    assert_eq!((got.text(), got.header("x-amz-meta-x"), got.header("x-amz-meta-y")), ("hello", "", "2"));
    for (asked, expected) in [
        ("PUT /b-2/c\nx-amz-copy-source: b-2/c", "400 InvalidRequest"),
        ("PUT /b-2/d\nx-amz-copy-source: b-2/none", "404 NoSuchKey"),
        ("PUT /b-2/d\nx-amz-copy-source: b-9/none", "404 NoSuchBucket"),
        ("PUT /b-9/d\nx-amz-copy-source: b-2/c", "404 NoSuchBucket"),
        ("PUT /b-2/d\nx-amz-copy-source: b-2", "400 InvalidArgument"),
        ("PUT /b-2/d\nx-amz-copy-source: b-2/c?versionId=7", "404 NoSuchVersion"),
        ("PUT /b-2/d\nx-amz-copy-source: b-2/c\nx-amz-copy-source-if-match: \"x\"", "412 PreconditionFailed"),
        (
            "PUT /b-2/d\nx-amz-copy-source: b-2/c\nx-amz-copy-source-if-none-match: *",
            "412 PreconditionFailed",
        ),
    ] {
        s3.refused(asked, "", expected);
    }
}

#[test]
fn many_are_deleted_at_once() {
    let s3 = S3::with_bucket();
    for key in ["a", "b", "c&d", "e"] {
        s3.ok(&format!("PUT /b-1/{key}"), "x");
    }
    let body = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a</Key></Object><Object><Key>c&amp;d\
                </Key><VersionId>null</VersionId></Object><Object><Key>none</Key></Object><Object><Key>b</Key><VersionId>7\
                </VersionId></Object></Delete>";
    let seen = s3.ok("POST /b-1?delete", body);
    assert_eq!(seen.all("Key"), ["a", "c&amp;d", "none", "b"]);
    assert_eq!(seen.all("Code"), ["NoSuchVersion"]);
    assert_eq!(s3.ok("GET /b-1/", "").all("Key"), ["b", "e"]);
    let quiet = "<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>";
    assert_eq!(s3.ok("POST /b-1/?delete=", quiet).all("Key"), [""; 0]);
    assert_eq!(s3.files(), 1);
    let many = format!("<Delete>{}</Delete>", "<Object><Key>e</Key></Object>".repeat(1001));
    for wrong in
        ["", "<Delete/>", "<Delete><Object/></Delete>", "<Other><Object><Key>e</Key></Object></Other>", &many]
    {
        s3.refused("POST /b-1?delete", wrong, "400 MalformedXML");
    }
    assert_eq!(s3.files(), 1);
}

#[test]
fn others_read_objects() {
    let s3 = S3::with_bucket();
    s3.ok("PUT /b-1/t.json", "{}");
    let read = |bucket: &str, key: &str, limit| {
        let read = crate::control::s3::read_object(&s3.control, bucket, key, limit);
        read.map_err(|error| error.code).map(|bytes| String::from_utf8(bytes).unwrap())
    };
    assert_eq!(read("b-1", "t.json", 2), Ok("{}".to_owned()));
    assert_eq!(read("b-1", "t.json", 1), Err("EntityTooLarge"));
    assert_eq!(read("b-1", "none", 1), Err("NoSuchKey"));
    assert_eq!(read("b-9", "none", 1), Err("NoSuchBucket"));
}
