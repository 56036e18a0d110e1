//! The parts of multipart uploads: uploaded, or copied from an object.

use std::sync::Arc;

use super::checksum::{self, hex};
use super::condition::{self, Range};
use super::multipart::{self, MAX_PARTS};
use super::object::quoted;
use super::put::{received, source, source_conditions};
use super::read::each_piece_of;
use super::upload::MAX_SIZE;
use super::xml;
use super::{bucket, refusal};
use crate::control::Control;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::files::Files;
use crate::model::bucket::{Content, Part};

/// UploadPart
pub fn upload(control: &Control, call: &Call) -> Result<Answer, Error> {
    let number = number(call)?;
    multipart::of(bucket::of(&control.store(), call.path("Bucket"))?, call)?;
    let received = received(control, call)?;
    let digests = checksum::verify(&*control.context().files, call, &received)?;
    let mut answer = Answer::empty(200);
    answer.headers.push(("ETag", quoted(&hex(&digests.md5))));
    if let Some(checksum) = digests.checksum {
        answer.headers.push((checksum.header, checksum.value));
    }
    put(control, call, number, received.content, digests.md5)?;
    Ok(answer)
}

/// UploadPartCopy
pub fn copy(control: &Control, call: &Call) -> Result<Answer, Error> {
    let number = number(call)?;
    let object = {
        let store = control.store();
        multipart::of(bucket::of(&store, call.path("Bucket"))?, call)?;
        let (from, key) = source(call)?;
        let bucket = bucket::of(&store, &from)?;
        bucket.objects.get(&key).cloned().ok_or_else(|| refusal::no_key(&key))?
    };
    source_conditions(call).check_source(&object)?;
    let header = call.header("x-amz-copy-source-range");
    let size = object.content.size();
    let (from, length) = match (header, condition::range(header, size)) {
        (None, _) => (0, size),
        // Unlike a reader, who copies must know how much there is.
        (Some(text), Range::Part(from, length)) if text.ends_with(&(from + length - 1).to_string()) => {
            (from, length)
        }
        (Some(text), _) => {
            let message = format!("Range specified is not valid for source object of size: {size}");
            return Err(refusal::invalid_argument("x-amz-copy-source-range", text, message));
        }
    };
    if length > MAX_SIZE {
        return Err(refusal::invalid_request(
            "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120",
        ));
    }
    let files = &*control.context().files;
    // A part is one file: what is a part of others is copied.
    let content = match from == 0 && length == size && object.content.files().len() <= 1 {
        true => object.content.clone(),
        false => copied(files, &object.content, from, length)?,
    };
    let md5 = checksum::md5_of(files, &content).map_err(|error| refusal::disk(&error))?;
    put(control, call, number, content, md5)?;
    Ok(xml::answer("CopyPartResult", |xml| {
        xml.time("LastModified", call.now.unix_ms);
        xml.text("ETag", quoted(&hex(&md5)));
    }))
}

fn number(call: &Call) -> Result<u16, Error> {
    let text = call.query("partNumber").unwrap_or_default();
    let number = text.parse().ok().filter(|number| (1..=MAX_PARTS).contains(number));
    number.ok_or_else(|| {
        let message = "Part number must be an integer between 1 and 10000, inclusive";
        refusal::invalid_argument("partNumber", text, message)
    })
}

fn put(control: &Control, call: &Call, number: u16, content: Content, md5: [u8; 16]) -> Result<(), Error> {
    let mut store = control.store();
    let bucket = bucket::of_mut(&mut store, call.path("Bucket"))?;
    let id = multipart::of(bucket, call)?.0.to_owned();
    if let Some(upload) = bucket.uploads.get_mut(&id) {
        upload.parts.insert(number, Part { content, md5, modified_ms: call.now.unix_ms });
    }
    Ok(())
}

fn copied(files: &dyn Files, content: &Content, from: u64, length: u64) -> Result<Content, Error> {
    if length == 0 {
        return Ok(Content::default());
    }
    let mut sink = files.new_object().map_err(|error| refusal::disk(&error))?;
    let mut outcome = Ok(());
    each_piece_of(files, content, from, length, |piece| {
        if outcome.is_ok() {
            outcome = sink.write(piece);
        }
    })
    .and(outcome)
    .map_err(|error| refusal::disk(&error))?;
    Ok(Content::new([Arc::new(sink.keep())]))
}
