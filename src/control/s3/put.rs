//! Objects: written, by their bytes or as copies.

use std::borrow::Cow;
use std::sync::Arc;

use super::address::MAX_KEY;
use super::checksum::{self, hex};
use super::condition::Conditions;
use super::object::{self, check_version, quoted};
use super::upload::{MAX_SIZE, Received, Upload};
use super::xml;
use super::{bucket, metadata, refusal};
use crate::control::Control;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::model::bucket::{Bucket, Metadata, Object};
use crate::proto::query;

/// Ours: an object takes some hundred bytes of memory besides its file.
const MAX_OBJECTS: usize = 1_000_000;

/// PutObject
pub fn put(control: &Control, call: &Call) -> Result<Answer, Error> {
    let key = key(call)?;
    let metadata = metadata::of(call)?;
    bucket::of(&control.store(), call.path("Bucket"))?;
    let received = received(control, call)?;
    let digests = checksum::verify(&*control.context().files, call, &received)?;
    let mut answer = Answer::empty(200);
    answer.headers.push(("ETag", quoted(&hex(&digests.md5))));
    answer.headers.extend(metadata::encryption(&metadata));
    if let Some(checksum) = &digests.checksum {
        answer.headers.push((checksum.header, checksum.value.clone()));
        answer.headers.push(("x-amz-checksum-type", "FULL_OBJECT".into()));
    }
    let object = Object {
        content: received.content,
        etag: hex(&digests.md5),
        modified_ms: call.now.unix_ms,
        metadata,
        checksum: digests.checksum,
    };
    let mut store = control.store();
    let bucket = bucket::of_mut(&mut store, call.path("Bucket"))?;
    write_conditions(call).check_write(bucket.objects.get(key).map(Arc::as_ref), key)?;
    insert(bucket, key, object)?;
    Ok(answer)
}

/// CopyObject
pub fn copy(control: &Control, call: &Call) -> Result<Answer, Error> {
    let key = key(call)?;
    let (source, itself) = {
        let store = control.store();
        bucket::of(&store, call.path("Bucket"))?;
        let (from, from_key) = source(call)?;
        let itself = from == call.path("Bucket") && from_key == key;
        let bucket = bucket::of(&store, &from)?;
        (bucket.objects.get(&from_key).cloned().ok_or_else(|| refusal::no_key(&from_key))?, itself)
    };
    source_conditions(call).check_source(&source)?;
    if source.content.size() > MAX_SIZE {
        return Err(refusal::invalid_request(
            "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120",
        ));
    }
    let replaces = |directive: &str| {
        call.header(directive).is_some_and(|directive| directive.eq_ignore_ascii_case("replace"))
    };
    let (replaces_metadata, replaces_tags) =
        (replaces("x-amz-metadata-directive"), replaces("x-amz-tagging-directive"));
    let given = metadata::of(call)?;
    let changes = |name: &str| given.headers.iter().any(|(given, _)| given == name);
    let is_changed = replaces_metadata
        || ["x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-server-side-encryption"]
            .into_iter()
            .any(changes);
    if itself && !is_changed {
        return Err(refusal::invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without changing the \
             object's metadata, storage class, website redirect location or encryption attributes.",
        ));
    }
    let metadata = Metadata {
        headers: if replaces_metadata { given.headers } else { source.metadata.headers.clone() },
        tags: if replaces_tags { given.tags } else { source.metadata.tags.clone() },
    };
    // A copy is an object in one piece, whatever its source was, and has the ETag of one.
    let etag = match object::is_of_parts(&source) {
        true => {
            let md5 = checksum::md5_of(&*control.context().files, &source.content);
            hex(&md5.map_err(|error| refusal::disk(&error))?)
        }
        false => source.etag.clone(),
    };
    let answer = xml::answer("CopyObjectResult", |xml| {
        xml.time("LastModified", call.now.unix_ms);
        xml.text("ETag", quoted(&etag));
    });
    let object = Object {
        content: source.content.clone(),
        etag,
        modified_ms: call.now.unix_ms,
        metadata,
        checksum: source.checksum.clone(),
    };
    let mut store = control.store();
    let bucket = bucket::of_mut(&mut store, call.path("Bucket"))?;
    write_conditions(call).check_write(bucket.objects.get(key).map(Arc::as_ref), key)?;
    insert(bucket, key, object)?;
    Ok(answer)
}

/// Puts an object where its key says.
pub fn insert(bucket: &mut Bucket, key: &str, object: Object) -> Result<(), Error> {
    if bucket.objects.len() >= MAX_OBJECTS && !bucket.objects.contains_key(key) {
        let message = format!("gatelet keeps no more than {MAX_OBJECTS} objects in a bucket");
        return Err(Error::new(503, "ServiceUnavailable", message));
    }
    bucket.objects.insert(key.to_owned(), Arc::new(object));
    Ok(())
}

/// The key of what is to be written.
pub fn key(call: &Call) -> Result<&str, Error> {
    let key = call.path("Key");
    if key.len() > MAX_KEY {
        return Err(Error::new(400, "KeyTooLongError", "Your key is too long")
            .with("Size", key.len().to_string())
            .with("MaxSizeAllowed", MAX_KEY.to_string()));
    }
    Ok(key)
}

/// The body of an upload, on disk: it came there by itself, or was so small that it came with the call.
pub fn received(control: &Control, call: &Call) -> Result<Received, Error> {
    if let Some(received) = &call.received {
        return Ok(received.clone());
    }
    let mut upload = Upload::begin(&call.request)?;
    upload.take(&*control.context().files, &mut call.body().to_vec())?;
    upload.end()
}

/// `x-amz-copy-source`: bucket and key.
pub fn source(call: &Call) -> Result<(String, String), Error> {
    let header = call.header("x-amz-copy-source").unwrap_or_default();
    let wrong = || {
        let message = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
        refusal::invalid_argument("x-amz-copy-source", header, message)
    };
    // A question mark that belongs to the key comes escaped.
    let (path, version) = match header.split_once("?versionId=") {
        Some((path, version)) => (path, Some(version)),
        None => (header, None),
    };
    let path = query::decode_path_strict(path).map(Cow::into_owned).ok_or_else(wrong)?;
    let path = path.strip_prefix('/').unwrap_or(&path);
    let (bucket, key) = path
        .split_once('/')
        .filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
        .ok_or_else(wrong)?;
    check_version(version, key)?;
    Ok((bucket.to_owned(), key.to_owned()))
}

/// The conditions on what is copied.
pub fn source_conditions(call: &Call) -> Conditions<'_> {
    Conditions {
        matches: call.header("x-amz-copy-source-if-match"),
        matches_not: call.header("x-amz-copy-source-if-none-match"),
        modified_since: call.header("x-amz-copy-source-if-modified-since"),
        unmodified_since: call.header("x-amz-copy-source-if-unmodified-since"),
    }
}

/// The conditions on what stands where something is to be written.
pub fn write_conditions(call: &Call) -> Conditions<'_> {
    Conditions {
        matches: call.header("if-match"),
        matches_not: call.header("if-none-match"),
        ..Conditions::default()
    }
}
