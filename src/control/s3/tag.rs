//! Tags of buckets and objects.

use std::sync::Arc;

use super::xml;
use super::{bucket, object, refusal};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::{self, Call};
use crate::model::Store;
use crate::proto::xml::Element;

/// AWS: "You can use up to 50 tags for each bucket".
const MAX_OF_BUCKET: usize = 50;

/// AWS: "You can associate up to 10 tags with an object".
const MAX_OF_OBJECT: usize = 10;

/// AWS: "A tag key can be up to 128 Unicode characters in length".
const MAX_KEY: usize = 128;

/// AWS: "and tag values can be up to 256 Unicode characters in length".
const MAX_VALUE: usize = 256;

/// Tags in the order in which they were given.
type Tags = Vec<(String, String)>;

/// GetBucketTagging
pub fn of_bucket(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let name = call.path("Bucket");
    let tags = &bucket::of(store, name)?.tags;
    if tags.is_empty() {
        return Err(Error::new(404, "NoSuchTagSet", "The TagSet does not exist").with("BucketName", name));
    }
    Ok(shown(tags))
}

/// PutBucketTagging
pub fn put_of_bucket(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let bucket = bucket::of_mut(store, call.path("Bucket"))?;
    bucket.tags = read(call.body(), MAX_OF_BUCKET)?;
    Ok(Answer::no_content())
}

/// DeleteBucketTagging
pub fn delete_of_bucket(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    bucket::of_mut(store, call.path("Bucket"))?.tags.clear();
    Ok(Answer::no_content())
}

/// GetObjectTagging
pub fn of_object(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(shown(&object::of(store, call)?.metadata.tags))
}

/// PutObjectTagging
pub fn put_of_object(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    object::of(store, call)?;
    let tags = read(call.body(), MAX_OF_OBJECT)?;
    change(store, call, tags)?;
    Ok(Answer::empty(200))
}

/// DeleteObjectTagging
pub fn delete_of_object(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    object::of(store, call)?;
    change(store, call, Tags::new())?;
    Ok(Answer::no_content())
}

/// The tags of `x-amz-tagging`: written as a query.
pub fn of_header(value: &str) -> Result<Tags, Error> {
    let tags = call::parameters(value);
    check(&tags, MAX_OF_OBJECT)?;
    Ok(tags)
}

fn change(store: &mut Store, call: &Call, tags: Tags) -> Result<(), Error> {
    let bucket = bucket::of_mut(store, call.path("Bucket"))?;
    if let Some(object) = bucket.objects.get_mut(call.path("Key")) {
        let mut changed = object.as_ref().clone();
        changed.metadata.tags = tags;
        *object = Arc::new(changed);
    }
    Ok(())
}

fn shown(tags: &Tags) -> Answer {
    xml::answer("Tagging", |xml| {
        xml.element("TagSet", |xml| {
            for (key, value) in tags {
                xml.element("Tag", |xml| {
                    xml.text("Key", key);
                    xml.text("Value", value);
                });
            }
        });
    })
}

fn read(body: &[u8], most: usize) -> Result<Tags, Error> {
    let body = Element::parse(body).map_err(|_| refusal::malformed_xml())?;
    let set = body.child("TagSet").ok_or_else(refusal::malformed_xml)?;
    let tags = set.children("Tag").map(|tag| {
        let key = tag.text_of("Key").ok_or_else(refusal::malformed_xml)?;
        Ok((key.to_owned(), tag.text_of("Value").unwrap_or_default().to_owned()))
    });
    let tags = tags.collect::<Result<Tags, Error>>()?;
    check(&tags, most)?;
    Ok(tags)
}

fn check(tags: &Tags, most: usize) -> Result<(), Error> {
    if tags.len() > most {
        let message = format!("Object tags cannot be greater than {most}");
        return Err(Error::new(400, "BadRequest", message));
    }
    for (n, (key, value)) in tags.iter().enumerate() {
        let message = if key.is_empty() || key.chars().count() > MAX_KEY {
            "The TagKey you have provided is invalid"
        } else if value.chars().count() > MAX_VALUE {
            "The TagValue you have provided is invalid"
        } else if tags[..n].iter().any(|(other, _)| other == key) {
            "Cannot provide multiple Tags with the same key"
        } else {
            continue;
        };
        return Err(Error::new(400, "InvalidTag", message).with("TagKey", key.as_str()));
    }
    Ok(())
}
