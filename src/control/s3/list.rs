//! ListObjects in its two versions, and ListObjectVersions.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::listing::{Item, Page, Wanted, page};
use super::object::quoted;
use super::xml;
use super::{bucket, refusal};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::wire::xml::Xml;
use crate::model::bucket::{Bucket, Object};
use crate::model::{Owner, Store};
use crate::proto::query;

/// AWS: "the action returns up to 1,000 key names".
const MAX_KEYS: usize = 1000;

/// The storage class of what has no other.
const STANDARD: &str = "STANDARD";

/// ListObjects
pub fn first(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let bucket = bucket::of(store, call.path("Bucket"))?;
    let after = call.query("marker").unwrap_or_default();
    let (wanted, name) = (wanted(call, after)?, Names::of(call)?);
    let page = page(&bucket.objects, wanted);
    Ok(xml::answer("ListBucketResult", |xml| {
        head(xml, bucket, wanted, name);
        xml.text("Marker", name.spelled(after));
        // AWS: "This element is returned only if you have the delimiter request parameter specified".
        if let Some(last) = page.items.last().filter(|_| page.is_truncated && !wanted.delimiter.is_empty()) {
            xml.text("NextMarker", name.spelled(last.name()));
        }
        contents(xml, &page, name, Some(&bucket.owner));
    }))
}

/// ListObjectsV2
pub fn second(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let bucket = bucket::of(store, call.path("Bucket"))?;
    let start_after = call.query("start-after").unwrap_or_default();
    let token = call.query("continuation-token");
    let resumed = token.map(from_token).transpose()?;
    let after = resumed.as_deref().unwrap_or(start_after);
    let (wanted, name) = (wanted(call, after)?, Names::of(call)?);
    let page = page(&bucket.objects, wanted);
    let owner = (call.query("fetch-owner") == Some("true")).then_some(&bucket.owner);
    Ok(xml::answer("ListBucketResult", |xml| {
        head(xml, bucket, wanted, name);
        xml.text("KeyCount", page.items.len());
        xml.maybe("ContinuationToken", token);
        if !start_after.is_empty() {
            xml.text("StartAfter", name.spelled(start_after));
        }
        if let Some(last) = page.items.last().filter(|_| page.is_truncated) {
            xml.text("NextContinuationToken", URL_SAFE_NO_PAD.encode(last.name()));
        }
        contents(xml, &page, name, owner);
    }))
}

/// ListObjectVersions: of each object there is one version.
pub fn versions(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let bucket = bucket::of(store, call.path("Bucket"))?;
    let after = call.query("key-marker").unwrap_or_default();
    let (wanted, name) = (wanted(call, after)?, Names::of(call)?);
    let page = page(&bucket.objects, wanted);
    Ok(xml::answer("ListVersionsResult", |xml| {
        head(xml, bucket, wanted, name);
        xml.text("KeyMarker", name.spelled(after));
        xml.text("VersionIdMarker", call.query("version-id-marker").unwrap_or_default());
        if let Some(last) = page.items.last().filter(|_| page.is_truncated) {
            xml.text("NextKeyMarker", name.spelled(last.name()));
            xml.text("NextVersionIdMarker", "null");
        }
        xml.text("IsTruncated", page.is_truncated);
        for item in &page.items {
            match item {
                Item::Key(key, object) => xml.element("Version", |xml| {
                    entry(xml, key, object, name);
                    xml.text("VersionId", "null");
                    xml.text("IsLatest", true);
                    xml.element("Owner", |xml| bucket::owner(xml, &bucket.owner));
                }),
                Item::Prefix(prefix) => common_prefix(xml, prefix, name),
            }
        }
    }))
}

/// How names are spelled in the answer.
#[derive(Clone, Copy, PartialEq)]
pub enum Names {
    /// As they are.
    Plain,
    /// `encoding-type=url`, for names that XML cannot spell.
    Url,
}

impl Names {
    /// As `call` wants them.
    pub fn of(call: &Call) -> Result<Self, Error> {
        match call.query("encoding-type") {
            None | Some("") => Ok(Self::Plain),
            Some("url") => Ok(Self::Url),
            Some(other) => Err(refusal::invalid_argument(
                "encoding-type",
                other,
                "Invalid Encoding Method specified in Request",
            )),
        }
    }

    /// A name so spelled.
    pub fn spelled(self, name: &str) -> String {
        match self {
            Self::Plain => name.to_owned(),
            Self::Url => {
                let mut out = String::with_capacity(name.len());
                for (n, segment) in name.split('/').enumerate() {
                    if n > 0 {
                        out.push('/');
                    }
                    query::encode_query_component(&mut out, segment);
                }
                out
            }
        }
    }
}

/// A parameter that says how many there may be, at most as many as AWS gives.
pub fn count(call: &Call, name: &'static str) -> Result<usize, Error> {
    let Some(text) = call.query(name).filter(|text| !text.is_empty()) else { return Ok(MAX_KEYS) };
    match text.parse::<u32>().ok().filter(|count| i32::try_from(*count).is_ok()) {
        Some(count) => Ok(MAX_KEYS.min(count as usize)),
        None => {
            let message = format!("Argument {name} must be an integer between 0 and 2147483647");
            Err(refusal::invalid_argument(name, text, message))
        }
    }
}

fn wanted<'a>(call: &'a Call, after: &'a str) -> Result<Wanted<'a>, Error> {
    Ok(Wanted {
        prefix: call.query("prefix").unwrap_or_default(),
        delimiter: call.query("delimiter").unwrap_or_default(),
        after,
        most: count(call, "max-keys")?,
    })
}

fn head(xml: &mut Xml, bucket: &Bucket, wanted: Wanted<'_>, name: Names) {
    xml.text("Name", &bucket.name);
    xml.text("Prefix", name.spelled(wanted.prefix));
    if !wanted.delimiter.is_empty() {
        xml.text("Delimiter", name.spelled(wanted.delimiter));
    }
    xml.text("MaxKeys", wanted.most);
    if name == Names::Url {
        xml.text("EncodingType", "url");
    }
}

fn contents(xml: &mut Xml, page: &Page<'_, Arc<Object>>, name: Names, owner: Option<&Owner>) {
    xml.text("IsTruncated", page.is_truncated);
    for item in &page.items {
        match item {
            Item::Key(key, object) => xml.element("Contents", |xml| {
                entry(xml, key, object, name);
                if let Some(owner) = owner {
                    xml.element("Owner", |xml| bucket::owner(xml, owner));
                }
            }),
            Item::Prefix(prefix) => common_prefix(xml, prefix, name),
        }
    }
}

fn entry(xml: &mut Xml, key: &str, object: &Object, name: Names) {
    let mut headers = object.metadata.headers.iter();
    let class = headers.find(|(name, _)| name == "x-amz-storage-class");
    xml.text("Key", name.spelled(key));
    xml.time("LastModified", object.modified_ms);
    xml.text("ETag", quoted(&object.etag));
    xml.text("Size", object.content.size());
    xml.text("StorageClass", class.map_or(STANDARD, |(_, class)| class));
}

fn common_prefix(xml: &mut Xml, prefix: &str, name: Names) {
    xml.element("CommonPrefixes", |xml| xml.text("Prefix", name.spelled(prefix)));
}

/// Where a page ended: tokens are made of it.
fn from_token(token: &str) -> Result<String, Error> {
    let name = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| {
        refusal::invalid_argument("continuation-token", token, "The continuation token provided is incorrect")
    })
}
