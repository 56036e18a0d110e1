//! Buckets and what is configured of them.

use super::*;

#[test]
fn buckets_are_made_listed_and_deleted() {
    let s3 = S3::new();
    assert_eq!(s3.ok("PUT /b-1", "").header("location"), "/b-1");
    let there = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    s3.ok("PUT /b-2/", there);
    let list = s3.ok("GET /", "");
    assert_eq!(list.all("Name"), ["b-1", "b-2"]);
    assert_eq!(list.inner("CreationDate"), "2020-04-08T19:05:45.123Z");
    assert_eq!(s3.ok("GET /?prefix=b-2", "").all("Name"), ["b-2"]);
    assert_eq!(s3.ok("GET /?bucket-region=us-east-1", "").all("Name"), ["b-1"]);
    let page = s3.ok("GET /?max-buckets=1", "");
    assert_eq!((page.all("Name"), page.inner("ContinuationToken")), (vec!["b-1"], "b-1"));
    let page = s3.ok("GET /?max-buckets=1&continuation-token=b-1", "");
    assert_eq!((page.all("Name"), page.inner("ContinuationToken")), (vec!["b-2"], ""));
    s3.refused("GET /?max-buckets=0", "", "400 InvalidArgument");

    assert_eq!(s3.ok("HEAD /b-1", "").header("x-amz-bucket-region"), "us-east-1");
    assert_eq!(s3.ok("HEAD /b-2/", "").header("x-amz-bucket-region"), "eu-west-1");
    assert!(s3.ok("GET /b-1?location", "").text().ends_with("/2006-03-01/\"></LocationConstraint>"));
    assert!(s3.ok("GET /b-2/?location=", "").text().ends_with(">eu-west-1</LocationConstraint>"));

    s3.ok("PUT /b-1", "");
    s3.refused("PUT /b-2", there, "409 BucketAlreadyOwnedByYou");
    s3.refused("PUT /B_2", "", "400 InvalidBucketName");
    s3.refused("PUT /b-3", "{", "400 MalformedXML");
    let other = "PUT /b-1\nAuthorization: none";
    assert_eq!(s3.ask(other, "").status, 200, "the first header counts");

    s3.ok("PUT /b-1/k", "x");
    s3.refused("DELETE /b-1", "", "409 BucketNotEmpty The bucket you tried to delete is not empty");
    s3.ok("DELETE /b-1/k", "");
    assert_eq!(s3.ok("DELETE /b-1", "").status, 204);
    s3.refused("DELETE /b-1", "", "404 NoSuchBucket");
    assert_eq!(s3.ask("HEAD /b-1", "").status, 404);
}

#[test]
fn accounts_have_their_own_lists() {
    let s3 = S3::with_bucket();
    let of_other = |line: &str| {
        let head = format!(
            "{line} HTTP/1.1\r\nHost: a\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=111111111111/20200408/us-east-1/s3/aws4_request\r\n\r\n"
        );
        s3.turn(Request::of(head.as_bytes()).unwrap())
    };
    assert_eq!(of_other("GET /").all("Name"), [""; 0]);
    assert_eq!(of_other("PUT /b-1").inner("Code"), "BucketAlreadyExists");
    assert_eq!(of_other("PUT /b-2").status, 200);
    assert_eq!(of_other("GET /").all("Name"), ["b-2"]);
    assert_eq!(s3.ok("GET /", "").all("Name"), ["b-1"]);
}

#[test]
fn configurations() {
    let s3 = S3::with_bucket();
    for (asked, expected) in [
        ("versioning", "200 <VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></"),
        ("accelerate", "200 <AccelerateConfiguration xmlns"),
        ("logging", "200 <BucketLoggingStatus xmlns"),
        ("notification", "200 <NotificationConfiguration xmlns"),
        ("requestPayment", "200 <RequestPaymentConfiguration"),
        ("encryption", "200 <ServerSideEncryptionConfiguration"),
        ("ownershipControls", "200 <OwnershipControls"),
        ("acl", "200 <AccessControlPolicy"),
        ("tagging", "404 NoSuchTagSet"),
        ("policy", "404 NoSuchBucketPolicy"),
        ("lifecycle", "404 NoSuchLifecycleConfiguration"),
        ("publicAccessBlock", "404 NoSuchPublicAccessBlockConfiguration"),
        ("cors", "404 NoSuchCORSConfiguration"),
        ("website", "404 NoSuchWebsiteConfiguration"),
        ("replication", "404 ReplicationConfigurationNotFoundError"),
        ("object-lock", "404 ObjectLockConfigurationNotFoundError"),
    ] {
        for target in [format!("GET /b-1?{asked}"), format!("GET /b-1/?{asked}=")] {
            let seen = s3.ask(&target, "");
            let found = match seen.inner("Code") {
                "" => seen.text().split_once('\n').expect("a declaration has a line").1,
                code => code,
            };
            assert!(format!("{} {found}", seen.status).starts_with(expected), "{target}: {found}");
        }
        s3.refused(&format!("GET /b-2?{asked}"), "", "404 NoSuchBucket");
    }
    assert_eq!(s3.ok("GET /b-1?encryption", "").inner("SSEAlgorithm"), "AES256");

    let document = "<?xml version=\"1.0\"?><LifecycleConfiguration xmlns='x'><Rule><ID>1</ID></Rule></LifecycleConfiguration>";
    s3.ok("PUT /b-1?lifecycle", document);
    assert_eq!(s3.ok("GET /b-1?lifecycle", "").inner("ID"), "1");
    assert_eq!(s3.ok("GET /b-1?lifecycle", "").text().matches("<?xml").count(), 1);
    assert_eq!(s3.ok("DELETE /b-1?lifecycle", "").status, 204);
    s3.refused("GET /b-1?lifecycle", "", "404 NoSuchLifecycleConfiguration");
    s3.refused("PUT /b-1?lifecycle", "<Other/>", "400 MalformedXML");
    s3.refused("PUT /b-1?lifecycle", "", "400 MalformedXML");
    s3.refused("PUT /b-1?cors", "<CORSConfiguration/>", "501 NotImplemented");

    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    assert_eq!(s3.ok("PUT /b-1?policy", policy).status, 204);
    let seen = s3.ok("GET /b-1?policy", "");
    assert_eq!((seen.text(), seen.header("content-type")), (policy, "application/json"));
    s3.refused("PUT /b-1?policy", "[]", "400 MalformedPolicy");

    s3.ok(
        "PUT /b-1?versioning",
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    );
    assert_eq!(s3.ok("GET /b-1?versioning", "").inner("Status"), "Enabled");
    s3.refused(
        "PUT /b-1?versioning",
        "<VersioningConfiguration><Status>On</Status></VersioningConfiguration>",
        "400 MalformedXML",
    );
}

#[test]
fn tags() {
    let s3 = S3::with_bucket();
    s3.ok("PUT /b-1/k\nx-amz-tagging: a=1&b=x%20y", "");
    let set = |tags: &[(&str, &str)]| {
        let tags: String = tags
            .iter()
            .map(|(key, value)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>"))
            .collect();
        format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")
    };
    assert_eq!(s3.ok("GET /b-1/k?tagging", "").all("Value"), ["1", "x y"]);
    assert_eq!(s3.ok("HEAD /b-1/k", "").header("x-amz-tagging-count"), "2");
    for (of, gone) in [("b-1", "404 NoSuchTagSet"), ("b-1/k", "200")] {
        s3.ok(&format!("PUT /{of}?tagging"), set(&[("c", "&lt;3"), ("d", "")]));
        let seen = s3.ok(&format!("GET /{of}?tagging"), "");
        assert_eq!((seen.all("Key"), seen.all("Value")), (vec!["c", "d"], vec!["&lt;3", ""]));
        s3.refused(&format!("PUT /{of}?tagging"), set(&[("c", "1"), ("c", "2")]), "400 InvalidTag");
        s3.refused(&format!("PUT /{of}?tagging"), set(&[("", "1")]), "400 InvalidTag");
        s3.refused(&format!("PUT /{of}?tagging"), "<Tagging/>", "400 MalformedXML");
        s3.ok(&format!("DELETE /{of}?tagging"), "");
        s3.refused(&format!("GET /{of}?tagging"), "", gone);
    }
    s3.refused("GET /b-1/none?tagging", "", "404 NoSuchKey");
    let many: Vec<_> = (0..11).map(|n| n.to_string()).collect();
    let many: Vec<_> = many.iter().map(|key| (key.as_str(), "")).collect();
    s3.refused("PUT /b-1/k?tagging", set(&many), "400 BadRequest");
    s3.ok("PUT /b-1?tagging", set(&many));
}
