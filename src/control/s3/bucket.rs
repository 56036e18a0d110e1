//! Buckets: made, listed, deleted.

use super::refusal;
use super::xml;
use crate::base::Now;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::wire::xml::Xml;
use crate::model::{Bucket, Owner, Store};
use crate::proto::xml::Element;

/// AWS: "10,000 buckets per account".
const MAX_BUCKETS: usize = 10_000;

/// AWS: `max-buckets` is at most as much.
const MAX_LISTED: usize = 10_000;

/// The region that has no name in a `LocationConstraint`.
const FIRST_REGION: &str = "us-east-1";

/// CreateBucket
pub fn create(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let name = call.path("Bucket");
    let mut owner = call.owner.clone();
    if !call.body().is_empty() {
        let body = Element::parse(call.body()).map_err(|_| refusal::malformed_xml())?;
        let region = body.text_of("LocationConstraint").filter(|region| !region.is_empty());
        if let Some(region) = region {
            // The first region of Europe has two names.
            owner.region = if region == "EU" { "eu-west-1".into() } else { region.to_owned() };
        }
    }
    make(store, owner, name, call.now)?;
    let mut answer = Answer::empty(200);
    answer.headers.push(("Location", format!("/{name}")));
    Ok(answer)
}

/// Makes a bucket. One that its owner has already in `us-east-1` is left as it is, as there on AWS.
///
/// # Errors
/// `InvalidBucketName`, `BucketAlreadyExists`, `BucketAlreadyOwnedByYou`, `TooManyBuckets`.
pub fn make(store: &mut Store, owner: Owner, name: &str, now: Now) -> Result<(), Error> {
    if !is_name(name) {
        return Err(Error::new(400, "InvalidBucketName", "The specified bucket is not valid.")
            .with("BucketName", name));
    }
    if let Some(bucket) = store.buckets.get(name) {
        return match bucket.owner.account == owner.account {
            true if bucket.owner == owner && owner.region == FIRST_REGION => Ok(()),
            true => {
                let message =
                    "Your previous request to create the named bucket succeeded and you already own it.";
                Err(Error::new(409, "BucketAlreadyOwnedByYou", message).with("BucketName", name))
            }
            false => {
                let message = "The requested bucket name is not available. The bucket namespace is shared by all \
                               users of the system. Please select a different name and try again.";
                Err(Error::new(409, "BucketAlreadyExists", message).with("BucketName", name))
            }
        };
    }
    if store.buckets.values().filter(|bucket| bucket.owner.account == owner.account).count() >= MAX_BUCKETS {
        let message = "You have attempted to create more buckets than allowed";
        return Err(Error::new(400, "TooManyBuckets", message));
    }
    store.buckets.insert(name.to_owned(), Bucket::new(name.to_owned(), owner, now.unix_ms));
    Ok(())
}

/// DeleteBucket
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    remove(store, call.path("Bucket"))?;
    Ok(Answer::no_content())
}

/// Deletes a bucket, which must be empty.
///
/// # Errors
/// `NoSuchBucket`, `BucketNotEmpty`.
pub fn remove(store: &mut Store, name: &str) -> Result<(), Error> {
    if !of(store, name)?.objects.is_empty() {
        return Err(Error::new(409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
            .with("BucketName", name));
    }
    store.buckets.remove(name);
    Ok(())
}

/// HeadBucket
pub fn head(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let bucket = of(store, call.path("Bucket"))?;
    let mut answer = Answer::empty(200);
    answer.headers.push(("x-amz-bucket-region", bucket.owner.region.clone()));
    answer.headers.push(("x-amz-access-point-alias", "false".into()));
    Ok(answer)
}

/// GetBucketLocation
pub fn location(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let region = of(store, call.path("Bucket"))?.owner.region.as_str();
    let named = if region == FIRST_REGION { "" } else { region };
    Ok(xml::answer("LocationConstraint", |xml| xml.push(named)))
}

/// ListBuckets
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let most = match call.query("max-buckets") {
        Some(text) => text.parse().ok().filter(|most| (1..=MAX_LISTED).contains(most)).ok_or_else(|| {
            refusal::invalid_argument(
                "max-buckets",
                text,
                "Argument max-buckets must be an integer between 1 and 10000",
            )
        })?,
        None => MAX_LISTED,
    };
    let prefix = call.query("prefix").unwrap_or_default();
    let region = call.query("bucket-region");
    let after = call.query("continuation-token").unwrap_or_default();
    let mut found = store.buckets.values().filter(|bucket| {
        bucket.owner.account == call.owner.account
            && bucket.name.starts_with(prefix)
            && bucket.name.as_str() > after
            && region.is_none_or(|region| region == bucket.owner.region)
    });
    let shown: Vec<_> = found.by_ref().take(most).collect();
    let more = found.next().is_some();
    Ok(xml::answer("ListAllMyBucketsResult", |xml| {
        xml.element("Owner", |xml| owner(xml, &call.owner));
        xml.element("Buckets", |xml| {
            for bucket in &shown {
                xml.element("Bucket", |xml| {
                    xml.text("Name", &bucket.name);
                    xml.time("CreationDate", bucket.created_ms);
                    xml.text("BucketRegion", &bucket.owner.region);
                });
            }
        });
        if more && let Some(last) = shown.last() {
            xml.text("ContinuationToken", &last.name);
        }
        xml.maybe("Prefix", call.query("prefix"));
    }))
}

/// The bucket of this name.
pub fn of<'a>(store: &'a Store, name: &str) -> Result<&'a Bucket, Error> {
    store.buckets.get(name).ok_or_else(|| refusal::no_bucket(name))
}

/// The same, to be changed.
pub fn of_mut<'a>(store: &'a mut Store, name: &str) -> Result<&'a mut Bucket, Error> {
    store.buckets.get_mut(name).ok_or_else(|| refusal::no_bucket(name))
}

/// What stands in an `Owner` or `Initiator`: of the account, since there are no users.
pub fn owner(xml: &mut Xml, owner: &Owner) {
    // AWS's ids are 64 hexadecimal digits.
    xml.text("ID", format!("{:0>64}", owner.account));
}

/// AWS: "Bucket names must be between 3 and 63 characters long ... lowercase letters, numbers, periods, and hyphens
/// ... begin and end with a letter or number ... must not contain two adjacent periods ... must not be formatted as
/// an IP address".
fn is_name(name: &str) -> bool {
    let is_edge =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| is_edge(Some(byte)) || matches!(byte, b'.' | b'-'))
        && is_edge(bytes.first())
        && is_edge(bytes.last())
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, good) in [
            ("abc", true),
            ("my.bucket-1", true),
            ("1a2", true),
            ("ab", false),
            ("Abc", false),
            ("a_b", false),
            ("-abc", false),
            ("abc.", false),
            ("a..b", false),
            ("192.168.0.1", false),
            ("é-b", false),
        ] {
            assert_eq!(is_name(name), good, "{name}");
        }
        assert!(is_name(&"a".repeat(63)));
        assert!(!is_name(&"a".repeat(64)));
    }
}
