//! Lists of objects.

use super::*;

fn filled() -> S3 {
    let s3 = S3::with_bucket();
    for key in ["a", "b/1", "b/2", "b%01", "c/x%2By%26"] {
        s3.ok(&format!("PUT /b-1/{key}"), "x");
    }
    s3
}

#[test]
fn the_second_version() {
    let s3 = filled();
    let list = s3.ok("GET /b-1?list-type=2&encoding-type=url", "");
    assert_eq!(list.all("Key"), ["a", "b%01", "b/1", "b/2", "c/x%2By%26"]);
    assert_eq!(
        (
            list.inner("KeyCount"),
            list.inner("MaxKeys"),
            list.inner("IsTruncated"),
            list.inner("EncodingType")
        ),
        ("5", "1000", "false", "url")
    );
    assert_eq!(list.inner("LastModified"), "2020-04-08T19:05:45.123Z");
    assert_eq!((list.inner("Size"), list.inner("StorageClass"), list.inner("Owner")), ("1", "STANDARD", ""));
    let list = s3.ok("GET /b-1/?list-type=2&prefix=b/&delimiter=/&fetch-owner=true", "");
    assert_eq!((list.all("Key"), list.inner("ID").len()), (vec!["b/1", "b/2"], 64));
    let list = s3.ok("GET /b-1/?list-type=2&delimiter=/&start-after=a", "");
    assert_eq!(list.all("Prefix"), ["", "b/", "c/"]);
    assert_eq!(s3.ok("GET /b-1?list-type=2&prefix=x", "").text().matches("<Contents>").count(), 0);

    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page = s3.ok(&format!("GET /b-1?list-type=2&max-keys=1&delimiter=/{token}"), "");
        seen.extend(page.all("Key").iter().map(|key| (*key).to_owned()));
        let prefixes = page.text().split("<CommonPrefixes>").skip(1);
        seen.extend(prefixes.map(|rest| rest[8..].split('<').next().unwrap().to_owned()));
        match page.inner("NextContinuationToken") {
            "" => break,
            next => token = format!("&continuation-token={next}"),
        }
    }
    assert_eq!(seen, ["a", "b\u{fffd}", "b/", "c/"]);

    s3.refused("GET /b-1?list-type=2&max-keys=x", "", "400 InvalidArgument");
    s3.refused("GET /b-1?list-type=2&max-keys=-1", "", "400 InvalidArgument");
    s3.refused("GET /b-1?list-type=2&continuation-token=!", "", "400 InvalidArgument");
    s3.refused("GET /b-1?list-type=2&encoding-type=x", "", "400 InvalidArgument");
    assert_eq!(s3.ok("GET /b-1?list-type=2&max-keys=5000", "").inner("MaxKeys"), "1000");
    assert_eq!(s3.ok("GET /b-1?list-type=2&max-keys=0", "").inner("IsTruncated"), "false");
}

#[test]
fn the_first_version_and_versions() {
    let s3 = filled();
    let list = s3.ok("GET /b-1?max-keys=2&delimiter=/&encoding-type=url", "");
    assert_eq!((list.all("Key"), list.inner("NextMarker")), (vec!["a", "b%01"], "b%01"));
    let list = s3.ok("GET /b-1?max-keys=2&delimiter=/&marker=b%01", "");
    assert_eq!((list.all("Prefix"), list.inner("IsTruncated")), (vec!["", "b/", "c/"], "false"));
    let list = s3.ok("GET /b-1?max-keys=2&marker=b/1", "");
    assert_eq!((list.all("Key").len(), list.inner("NextMarker"), list.inner("Marker")), (2, "", "b/1"));
    let list = s3.ok("GET /b-1?versions&prefix=b/", "");
    assert_eq!((list.all("Key"), list.all("VersionId")), (vec!["b/1", "b/2"], vec!["null", "null"]));
}
