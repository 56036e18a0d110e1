//! Multipart uploads: begun, put together, given up, listed.

use std::sync::Arc;

use super::checksum::{self, hex};
use super::list::{Names, count};
use super::object::quoted;
use super::put::{self, key, write_conditions};
use super::xml;
use super::{bucket, metadata, refusal};
use crate::base::ids;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::{Context, Control};
use crate::model::Store;
use crate::model::bucket::{Bucket, Content, Object, Part, Upload};
use crate::proto::xml::Element;

/// AWS: "Part numbers can be any number from 1 to 10,000, inclusive".
pub const MAX_PARTS: u16 = 10_000;

/// AWS: "Each part must be at least 5 MB in size, except the last part".
const MIN_PART: u64 = 5 * 1024 * 1024;

/// Ours: uploads of a bucket that nobody ends cost memory for ever.
const MAX_UPLOADS: usize = 10_000;

/// As long as AWS's, more or less.
const ID_LENGTH: usize = 64;

/// CreateMultipartUpload
pub fn create(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let (key, metadata) = (key(call)?, metadata::of(call)?);
    if bucket::of(store, call.path("Bucket"))?.uploads.len() >= MAX_UPLOADS {
        let message = format!("gatelet keeps no more than {MAX_UPLOADS} multipart uploads of a bucket");
        return Err(Error::new(503, "ServiceUnavailable", message));
    }
    let id = ids::hex(&mut store.rng, ID_LENGTH);
    let mut answer = xml::answer("InitiateMultipartUploadResult", |xml| {
        xml.text("Bucket", call.path("Bucket"));
        xml.text("Key", key);
        xml.text("UploadId", &id);
    });
    answer.headers.extend(metadata::encryption(&metadata));
    let upload =
        Upload { key: key.to_owned(), began_ms: call.now.unix_ms, metadata, parts: Default::default() };
    bucket::of_mut(store, call.path("Bucket"))?.uploads.insert(id, upload);
    Ok(answer)
}

/// CompleteMultipartUpload
pub fn complete(control: &Control, call: &Call) -> Result<Answer, Error> {
    let wanted = read(call.body())?;
    let (parts, metadata) = {
        let store = control.store();
        let (id, upload) = of(bucket::of(&store, call.path("Bucket"))?, call)?;
        (chosen(upload, &wanted, id)?, upload.metadata.clone())
    };
    let etag = checksum::etag_of_parts(parts.iter().map(|part| &part.md5));
    let files: Vec<_> = parts.iter().flat_map(|part| part.content.files()).map(Arc::clone).collect();
    let answer = xml::answer("CompleteMultipartUploadResult", |xml| {
        let (host, bucket) = (&control.context().settings.public_host, call.path("Bucket"));
        xml.text("Location", format!("http://{host}/{bucket}/{}", Names::Url.spelled(call.path("Key"))));
        xml.text("Bucket", bucket);
        xml.text("Key", call.path("Key"));
        xml.text("ETag", quoted(&etag));
    });
    let content = Content::new(files);
    let object = Object { content, etag, modified_ms: call.now.unix_ms, metadata, checksum: None };
    let ended = {
        let mut store = control.store();
        let bucket = bucket::of_mut(&mut store, call.path("Bucket"))?;
        let (id, key) = (of(bucket, call)?.0.to_owned(), call.path("Key"));
        write_conditions(call).check_write(bucket.objects.get(key).map(Arc::as_ref), key)?;
        put::insert(bucket, key, object)?;
        bucket.uploads.remove(&id)
    };
    // Its thousands of parts go without the lock.
    drop(ended);
    Ok(answer)
}

/// AbortMultipartUpload
pub fn abort(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let bucket = bucket::of_mut(store, call.path("Bucket"))?;
    let id = of(bucket, call)?.0.to_owned();
    bucket.uploads.remove(&id);
    Ok(Answer::no_content())
}

/// ListParts
pub fn list_parts(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let bucket = bucket::of(store, call.path("Bucket"))?;
    let (id, upload) = of(bucket, call)?;
    let most = count(call, "max-parts")?;
    let after = call.query("part-number-marker").and_then(|marker| marker.parse::<u16>().ok()).unwrap_or(0);
    let mut parts = upload.parts.range(after.saturating_add(1)..);
    let shown: Vec<_> = parts.by_ref().take(most).collect();
    let is_truncated = most > 0 && parts.next().is_some();
    Ok(xml::answer("ListPartsResult", |xml| {
        xml.text("Bucket", &bucket.name);
        xml.text("Key", &upload.key);
        xml.text("UploadId", id);
        xml.element("Initiator", |xml| bucket::owner(xml, &bucket.owner));
        xml.element("Owner", |xml| bucket::owner(xml, &bucket.owner));
        xml.text("StorageClass", "STANDARD");
        xml.text("PartNumberMarker", after);
        if let Some((last, _)) = shown.last() {
            xml.text("NextPartNumberMarker", last);
        }
        xml.text("MaxParts", most);
        xml.text("IsTruncated", is_truncated);
        for (number, part) in &shown {
            xml.element("Part", |xml| {
                xml.text("PartNumber", number);
                xml.time("LastModified", part.modified_ms);
                xml.text("ETag", quoted(&hex(&part.md5)));
                xml.text("Size", part.content.size());
            });
        }
    }))
}

/// ListMultipartUploads
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let bucket = bucket::of(store, call.path("Bucket"))?;
    if call.query("delimiter").is_some_and(|delimiter| !delimiter.is_empty()) {
        return Err(refusal::not_yet("the parameter delimiter of ListMultipartUploads"));
    }
    let (most, name) = (count(call, "max-uploads")?, Names::of(call)?);
    let prefix = call.query("prefix").unwrap_or_default();
    let key_marker = call.query("key-marker").unwrap_or_default();
    let id_marker = call.query("upload-id-marker").filter(|_| !key_marker.is_empty());
    let order = |(id, upload): &(&String, &Upload)| (upload.key.clone(), upload.began_ms, (*id).clone());
    // Uploads of one key stand in the order in which they began: those up to the marked one were shown.
    let marked = id_marker.and_then(|id| bucket.uploads.get_key_value(id)).map(|upload| order(&upload));
    let is_behind = |upload: &(&String, &Upload)| match &marked {
        Some(marked) => order(upload) > *marked,
        None => upload.1.key.as_str() > key_marker,
    };
    let mut uploads: Vec<_> = bucket
        .uploads
        .iter()
        .filter(|upload| upload.1.key.starts_with(prefix) && is_behind(upload))
        .collect();
    uploads.sort_by_cached_key(order);
    let is_truncated = most > 0 && uploads.len() > most;
    uploads.truncate(most);
    Ok(xml::answer("ListMultipartUploadsResult", |xml| {
        xml.text("Bucket", &bucket.name);
        xml.text("KeyMarker", name.spelled(key_marker));
        xml.text("UploadIdMarker", id_marker.unwrap_or_default());
        if let Some((id, upload)) = uploads.last().filter(|_| is_truncated) {
            xml.text("NextKeyMarker", name.spelled(&upload.key));
            xml.text("NextUploadIdMarker", id);
        }
        xml.text("Prefix", name.spelled(prefix));
        if name == Names::Url {
            xml.text("EncodingType", "url");
        }
        xml.text("MaxUploads", most);
        xml.text("IsTruncated", is_truncated);
        for (id, upload) in &uploads {
            xml.element("Upload", |xml| {
                xml.text("Key", name.spelled(&upload.key));
                xml.text("UploadId", id);
                xml.element("Initiator", |xml| bucket::owner(xml, &bucket.owner));
                xml.element("Owner", |xml| bucket::owner(xml, &bucket.owner));
                xml.text("StorageClass", "STANDARD");
                xml.time("Initiated", upload.began_ms);
            });
        }
    }))
}

/// The upload that `call` names, and its id.
pub fn of<'a>(bucket: &'a Bucket, call: &'a Call) -> Result<(&'a str, &'a Upload), Error> {
    let id = call.query("uploadId").unwrap_or_default();
    let upload = bucket.uploads.get(id).filter(|upload| upload.key == call.path("Key"));
    Ok((id, upload.ok_or_else(|| refusal::no_upload(id))?))
}

/// The parts that a CompleteMultipartUpload lists: numbers, and ETags without quotes.
fn read(body: &[u8]) -> Result<Vec<(u16, String)>, Error> {
    let root = Element::parse(body).map_err(|_| refusal::malformed_xml())?;
    if root.name != "CompleteMultipartUpload" {
        return Err(refusal::malformed_xml());
    }
    let parts = root.children("Part").map(|part| {
        let number = part.text_of("PartNumber").and_then(|number| number.trim().parse().ok());
        let number = number.filter(|number| (1..=MAX_PARTS).contains(number));
        let etag = part.text_of("ETag").map(|etag| etag.trim().trim_matches('"').to_owned());
        number.zip(etag).ok_or_else(refusal::malformed_xml)
    });
    let parts = parts.collect::<Result<Vec<_>, Error>>()?;
    if parts.is_empty() || parts.len() > usize::from(MAX_PARTS) {
        return Err(refusal::malformed_xml());
    }
    if !parts.is_sorted_by(|(before, _), (after, _)| before < after) {
        let message = "The list of parts was not in ascending order. The parts list must be specified in order by part number.";
        return Err(Error::new(400, "InvalidPartOrder", message));
    }
    Ok(parts)
}

/// The parts that are put together.
fn chosen(upload: &Upload, wanted: &[(u16, String)], id: &str) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::with_capacity(wanted.len());
    for (number, etag) in wanted {
        let part = upload.parts.get(number).filter(|part| hex(&part.md5).eq_ignore_ascii_case(etag));
        let part = part.ok_or_else(|| {
            let message = "One or more of the specified parts could not be found. The part may not have been \
                           uploaded, or the specified entity tag may not match the part's entity tag.";
            Error::new(400, "InvalidPart", message)
                .with("UploadId", id)
                .with("PartNumber", number.to_string())
                .with("ETag", etag.as_str())
        })?;
        parts.push(part.clone());
    }
    let small = parts
        .split_last()
        .and_then(|(_, before)| before.iter().position(|part| part.content.size() < MIN_PART));
    if let Some(at) = small {
        let message = "Your proposed upload is smaller than the minimum allowed size";
        return Err(Error::new(400, "EntityTooSmall", message)
            .with("ETag", hex(&parts[at].md5))
            .with("MinSizeAllowed", MIN_PART.to_string())
            .with("PartNumber", wanted[at].0.to_string())
            .with("ProposedSize", parts[at].content.size().to_string()));
    }
    Ok(parts)
}
