//! Multipart uploads.

use super::*;

/// A whole part's worth, and a little.
const PART: usize = 5 * 1024 * 1024;

fn begun(s3: &S3, key: &str) -> String {
    let seen = s3.ok(&format!("POST /b-1/{key}?uploads=\nContent-Type: text/x\nx-amz-meta-a: b"), "");
    seen.inner("UploadId").to_owned()
}

fn listed(parts: &[(u16, &str)]) -> String {
    let parts: String = parts
        .iter()
        .map(|(n, etag)| format!("<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>"))
        .collect();
    format!("<CompleteMultipartUpload xmlns='x'>{parts}</CompleteMultipartUpload>")
}

#[test]
fn parts_become_an_object() {
    let s3 = S3::with_bucket();
    let id = begun(&s3, "k");
    let at = |n: u16| format!("PUT /b-1/k?partNumber={n}&uploadId={id}");
    // In any order, and twice.
    let last = s3.ok(&at(7), "end").header("etag").to_owned();
    s3.ok(&at(2), "not this");
    let first = s3.ok(&at(2), vec![b'a'; PART]).header("etag").to_owned();
    assert_eq!(s3.files(), 2);
    let parts = s3.ok(&format!("GET /b-1/k?uploadId={id}"), "");
    assert_eq!((parts.all("PartNumber"), parts.all("Size")), (vec!["2", "7"], vec!["5242880", "3"]));
    let page = s3.ok(&format!("GET /b-1/k?uploadId={id}&max-parts=1"), "");
    assert_eq!(
        (page.all("PartNumber"), page.inner("NextPartNumberMarker"), page.inner("IsTruncated")),
        (vec!["2"], "2", "true")
    );
    let page = s3.ok(&format!("GET /b-1/k?uploadId={id}&part-number-marker=2"), "");
    assert_eq!(page.all("PartNumber"), ["7"]);
    s3.refused("GET /b-1/k", "", "404 NoSuchKey");

    let complete = format!("POST /b-1/k?uploadId={id}");
    let last_escaped = last.replace('"', "&quot;");
    for (body, expected) in [
        (listed(&[]), "400 MalformedXML"),
        (listed(&[(0, &first)]), "400 MalformedXML"),
        (listed(&[(7, &last), (2, &first)]), "400 InvalidPartOrder"),
        (listed(&[(2, &first), (2, &first)]), "400 InvalidPartOrder"),
        (listed(&[(2, &last)]), "400 InvalidPart"),
        (listed(&[(3, &first)]), "400 InvalidPart"),
        ("x".into(), "400 MalformedXML"),
    ] {
        s3.refused(&complete, body, expected);
    }
    s3.refused(&format!("{complete}x"), listed(&[(2, &first)]), "404 NoSuchUpload");
    let seen = s3.ok(&complete, listed(&[(2, &first), (7, &last_escaped)]));
    assert_eq!((seen.inner("Bucket"), seen.inner("Key")), ("b-1", "k"));
    // md5(md5(5 MB of "a") + md5("end")), as AWS has it.
    let etag = seen.inner("ETag").replace("&quot;", "\"");
    assert!(etag.ends_with("-2\""), "{etag}");
    let got = s3.ok("GET /b-1/k\nRange: bytes=5242878-", "");
    assert_eq!((got.text(), got.header("etag")), ("aaend", etag.as_str()));
    assert_eq!((got.header("content-type"), got.header("x-amz-meta-a")), ("text/x", "b"));
    let second = s3.ok("GET /b-1/k?partNumber=2", "");
    assert_eq!((second.text(), second.status, second.header("x-amz-mp-parts-count")), ("end", 206, "2"));
    s3.refused("GET /b-1/k?partNumber=3", "", "416 InvalidPartNumber");
    s3.refused(&complete, listed(&[(2, &first)]), "404 NoSuchUpload");

    s3.ok("PUT /b-1/c\nx-amz-copy-source: b-1/k", "");
    assert!(!s3.ok("HEAD /b-1/c", "").header("etag").contains('-'), "a copy is in one piece");
    s3.ok("DELETE /b-1/k", "");
    assert_eq!(s3.files(), 2);
    s3.ok("DELETE /b-1/c", "");
    assert_eq!(s3.files(), 0);
}

#[test]
fn small_parts_and_bad_numbers_are_refused() {
    let s3 = S3::with_bucket();
    let id = begun(&s3, "k");
    let etags = [1, 2]
        .map(|n| s3.ok(&format!("PUT /b-1/k?partNumber={n}&uploadId={id}"), "x").header("etag").to_owned());
    let body = listed(&[(1, &etags[0]), (2, &etags[1])]);
    s3.refused(&format!("POST /b-1/k?uploadId={id}"), body, "400 EntityTooSmall");
    for number in ["0", "10001", "x", ""] {
        let asked = format!("PUT /b-1/k?partNumber={number}&uploadId={id}");
        s3.refused(&asked, "x", "400 InvalidArgument Part number must be an integer between 1 and 10000");
    }
    s3.refused(&format!("PUT /b-1/other?partNumber=1&uploadId={id}"), "x", "404 NoSuchUpload");
    s3.refused("PUT /b-1/k?partNumber=1&uploadId=none", "x", "404 NoSuchUpload");
    assert_eq!(s3.ok(&format!("DELETE /b-1/k?uploadId={id}"), "").status, 204);
    assert_eq!(s3.files(), 0);
    s3.refused(&format!("DELETE /b-1/k?uploadId={id}"), "", "404 NoSuchUpload");
}

#[test]
fn parts_are_copied() {
    let s3 = S3::with_bucket();
    s3.ok("PUT /b-1/source", "0123456789");
    let id = begun(&s3, "k");
    let at = |range: &str| {
        format!(
            "PUT /b-1/k?partNumber=1&uploadId={id}\nx-amz-copy-source: b-1/source\nx-amz-copy-source-range: {range}"
        )
    };
    for range in ["bytes=0-10", "bytes=9-", "0-1", "bytes=-2"] {
        s3.refused(&at(range), "", "400 InvalidArgument");
    }
    let etag = s3.ok(&at("bytes=2-4"), "").inner("ETag").to_owned();
    s3.ok(&format!("POST /b-1/k?uploadId={id}"), listed(&[(1, &etag)]));
    assert_eq!(s3.ok("GET /b-1/k", "").text(), "234");
    let id = begun(&s3, "whole");
    let etag = s3
        .ok(&format!("PUT /b-1/whole?partNumber=1&uploadId={id}\nx-amz-copy-source: b-1/k"), "")
        .inner("ETag")
        .to_owned();
    s3.ok(&format!("POST /b-1/whole?uploadId={id}"), listed(&[(1, &etag)]));
    assert_eq!((s3.ok("GET /b-1/whole", "").text(), s3.files()), ("234", 2));
}

#[test]
fn uploads_are_listed() {
    let s3 = S3::with_bucket();
    let ids = ["b", "a", "b", "c/d"].map(|key| begun(&s3, key));
    let list = s3.ok("GET /b-1?uploads", "");
    assert_eq!(list.all("Key"), ["a", "b", "b", "c/d"]);
    assert!(ids.iter().all(|id| list.all("UploadId").contains(&id.as_str())));
    assert_eq!(s3.ok("GET /b-1?uploads&prefix=c", "").all("Key"), ["c/d"]);
    let (mut seen, mut marker) = (0, String::new());
    loop {
        let page = s3.ok(&format!("GET /b-1?uploads&max-uploads=1{marker}"), "");
        seen += page.all("Key").len();
        if page.inner("IsTruncated") == "false" {
            break;
        }
        let (key, id) = (page.inner("NextKeyMarker"), page.inner("NextUploadIdMarker"));
        marker = format!("&key-marker={key}&upload-id-marker={id}");
    }
    assert_eq!(seen, 4);
    s3.refused("GET /b-1?uploads&delimiter=/", "", "501 NotImplemented");
    s3.ok("DELETE /b-1", "");
}
