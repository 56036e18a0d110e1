//! Objects: read and deleted.

use std::sync::Arc;

use super::condition::{self, Conditions, Range, Verdict};
use super::xml;
use super::{bucket, refusal};
use crate::base::clock::http_date;
use crate::control::Context;
use crate::control::answer::{Answer, Body, Download, Error};
use crate::control::call::Call;
use crate::model::Store;
use crate::model::bucket::Object;
use crate::proto::xml::Element;

/// The id of an object's only version.
const VERSION: &str = "null";

/// AWS: "The request can contain a list of up to 1,000 keys that you want to delete".
const MAX_DELETED: usize = 1000;

/// Parameters of the query that set a header of the answer.
const OVERRIDES: &[(&str, &str)] = &[
    ("response-cache-control", "cache-control"),
    ("response-content-disposition", "content-disposition"),
    ("response-content-encoding", "content-encoding"),
    ("response-content-language", "content-language"),
    ("response-content-type", "content-type"),
    ("response-expires", "expires"),
];

/// GetObject and HeadObject: whether a body follows is HTTP's to know.
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let object = of(store, call)?;
    let conditions = Conditions {
        matches: call.header("if-match"),
        matches_not: call.header("if-none-match"),
        modified_since: call.header("if-modified-since"),
        unmodified_since: call.header("if-unmodified-since"),
    };
    let verdict = conditions.verdict(object)?;
    let mut headers = vec![
        ("last-modified".to_owned(), http_date(object.modified_ms / 1000)),
        ("etag".to_owned(), quoted(&object.etag)),
    ];
    if verdict == Verdict::NotModified {
        let body = Body::Object(headers, Download::default());
        return Ok(Answer { status: 304, headers: Vec::new(), body });
    }
    let size = object.content.size();
    let part = call.query("partNumber").map(|number| part(object, number)).transpose()?;
    let range = part.unwrap_or_else(|| condition::range(call.header("range"), size));
    let (from, length) = match range {
        Range::Whole => (0, size),
        Range::Part(from, length) => (from, length),
        Range::Unsatisfiable => {
            return Err(Error::new(416, "InvalidRange", "The requested range is not satisfiable")
                .with("RangeRequested", call.header("range").unwrap_or_default())
                .with("ActualObjectSize", size.to_string()));
        }
    };
    headers.push(("accept-ranges".into(), "bytes".into()));
    describe(object, call, &mut headers);
    if range != Range::Whole && length > 0 {
        let last = from + length - 1;
        headers.push(("content-range".into(), format!("bytes {from}-{last}/{size}")));
    }
    if part.is_some() && is_of_parts(object) {
        headers.push(("x-amz-mp-parts-count".into(), object.content.files().len().to_string()));
    }
    if let Some(checksum) = &object.checksum
        && range == Range::Whole
        && call.header("x-amz-checksum-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("enabled"))
    {
        headers.push((checksum.header.into(), checksum.value.clone()));
        headers.push(("x-amz-checksum-type".into(), "FULL_OBJECT".into()));
    }
    let status = if range == Range::Whole { 200 } else { 206 };
    let download = Download::new(object.content.clone(), from, length);
    Ok(Answer { status, headers: Vec::new(), body: Body::Object(headers, download) })
}

/// DeleteObject: what is not there is deleted all the same.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let key = call.path("Key");
    let bucket = bucket::of_mut(store, call.path("Bucket"))?;
    check_version(call.query("versionId"), key)?;
    bucket.objects.remove(key);
    Ok(Answer::no_content())
}

/// DeleteObjects
pub fn delete_many(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let bucket = bucket::of_mut(store, call.path("Bucket"))?;
    let body = Element::parse(call.body()).map_err(|_| refusal::malformed_xml())?;
    let wanted = body.children("Object").map(|object| {
        let key = object.text_of("Key").filter(|key| !key.is_empty()).ok_or_else(refusal::malformed_xml)?;
        Ok((key, object.text_of("VersionId")))
    });
    let wanted = wanted.collect::<Result<Vec<_>, Error>>()?;
    if wanted.is_empty() || wanted.len() > MAX_DELETED || body.name != "Delete" {
        return Err(refusal::malformed_xml());
    }
    let quiet = body.text_of("Quiet") == Some("true");
    Ok(xml::answer("DeleteResult", |xml| {
        for (key, version) in wanted {
            match check_version(version, key) {
                Ok(()) => {
                    bucket.objects.remove(key);
                    if !quiet {
                        xml.element("Deleted", |xml| {
                            xml.text("Key", key);
                            xml.maybe("VersionId", version);
                        });
                    }
                }
                Err(error) => xml.element("Error", |xml| {
                    xml.text("Key", key);
                    xml.maybe("VersionId", version);
                    xml.text("Code", error.code);
                    xml.text("Message", &error.message);
                }),
            }
        }
    }))
}

/// The object that `call` names.
pub fn of<'a>(store: &'a Store, call: &Call) -> Result<&'a Arc<Object>, Error> {
    let key = call.path("Key");
    let bucket = bucket::of(store, call.path("Bucket"))?;
    check_version(call.query("versionId"), key)?;
    bucket.objects.get(key).ok_or_else(|| refusal::no_key(key))
}

/// Former versions are not kept: the one there is may be named.
pub fn check_version(version: Option<&str>, key: &str) -> Result<(), Error> {
    match version.filter(|version| *version != VERSION) {
        Some(version) => Err(refusal::no_version(key, version)),
        None => Ok(()),
    }
}

/// An entity tag as it stands in headers and documents.
pub fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// Whether it was uploaded in parts: then each of its files is one.
pub fn is_of_parts(object: &Object) -> bool {
    object.etag.contains('-')
}

/// The headers that say what an object is.
fn describe(object: &Object, call: &Call, headers: &mut Vec<(String, String)>) {
    let overridden = |name: &str| {
        let (parameter, _) = OVERRIDES.iter().find(|(_, header)| *header == name)?;
        call.query(parameter)
    };
    for (name, value) in &object.metadata.headers {
        if overridden(name).is_none() {
            headers.push((name.clone(), value.clone()));
        }
    }
    for (parameter, header) in OVERRIDES {
        if let Some(value) = call.query(parameter) {
            headers.push(((*header).to_owned(), value.to_owned()));
        }
    }
    if !object.metadata.tags.is_empty() {
        headers.push(("x-amz-tagging-count".into(), object.metadata.tags.len().to_string()));
    }
}

/// Where a part of an object lies. One that was not uploaded in parts has one.
fn part(object: &Object, number: &str) -> Result<Range, Error> {
    let message = "Part number must be an integer between 1 and 10000, inclusive";
    let wrong = || refusal::invalid_argument("partNumber", number, message);
    let number: usize =
        number.parse().ok().filter(|number| (1..=10_000).contains(number)).ok_or_else(wrong)?;
    let size = object.content.size();
    let files = if is_of_parts(object) { object.content.files() } else { &[] };
    let (before, length) = match (files, number) {
        ([], 1) => (0, size),
        (files, number) if number <= files.len() => {
            let before = files[..number - 1].iter().map(|file| file.size()).sum();
            (before, files[number - 1].size())
        }
        (_, number) => {
            return Err(Error::new(416, "InvalidPartNumber", "The requested partnumber is not satisfiable")
                .with("PartNumberRequested", number.to_string())
                .with("ActualPartCount", files.len().max(1).to_string()));
        }
    };
    Ok(Range::Part(before, length))
}
