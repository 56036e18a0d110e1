//! Checksums: the MD5 that ETags are made of, and what a client says that its bytes have.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha2::{Digest, Sha256};

use super::read::each_piece;
use super::refusal;
use super::upload::Received;
use crate::base::ids::push_hex;
use crate::control::answer::Error;
use crate::control::call::Call;
use crate::control::files::Files;
use crate::model::bucket::{Checksum, Content};

/// The headers, or trailers, that a client gives a checksum in. The first two are verified: a client that gives one
/// of the others gets it back with the object, and verifies it itself.
const HEADERS: &[&str] = &[
    "x-amz-checksum-crc32",
    "x-amz-checksum-sha256",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-sha1",
];

/// What was found of an upload.
pub struct Digests {
    /// What its ETag is made of.
    pub md5: [u8; 16],
    /// What its client gave.
    pub checksum: Option<Checksum>,
}

/// Reads what was received, and holds it against what `call` says of it. Takes its time.
///
/// # Errors
/// `BadDigest`, `InvalidDigest`, `XAmzContentSHA256Mismatch`, `InvalidRequest`, or `InternalError` of the disk.
pub fn verify(files: &dyn Files, call: &Call, received: &Received) -> Result<Digests, Error> {
    let stated_md5 = call.header("content-md5").map(decoded_md5).transpose()?;
    let checksum = given(call, received)?;
    // `UNSIGNED-PAYLOAD` and `STREAMING-…` stand there too.
    let signed = call.header("x-amz-content-sha256").filter(|value| value.len() == 64);
    let verified = checksum.as_ref().map(|checksum| checksum.header);
    let mut crc32 = (verified == Some(HEADERS[0])).then(crc32fast::Hasher::new);
    let mut sha256 = (verified == Some(HEADERS[1]) || signed.is_some()).then(Sha256::new);
    let mut md5 = Md5::new();
    each_piece(files, &received.content, |piece| {
        md5.update(piece);
        if let Some(crc32) = &mut crc32 {
            crc32.update(piece);
        }
        if let Some(sha256) = &mut sha256 {
            sha256.update(piece);
        }
    })
    .map_err(|error| refusal::disk(&error))?;

    let md5: [u8; 16] = md5.finalize().into();
    if stated_md5.is_some_and(|stated| stated != md5) {
        return Err(refusal::bad_digest("Content-MD5"));
    }
    let crc32 = crc32.map(|crc32| STANDARD.encode(crc32.finalize().to_be_bytes()));
    let sha256: Option<[u8; 32]> = sha256.map(|sha256| sha256.finalize().into());
    if let (Some(sha256), Some(signed)) = (sha256, signed)
        && !hex(&sha256).eq_ignore_ascii_case(signed)
    {
        let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
        return Err(Error::new(400, "XAmzContentSHA256Mismatch", message)
            .with("ClientComputedContentSHA256", signed)
            .with("S3ComputedContentSHA256", hex(&sha256)));
    }
    if let Some(checksum) = &checksum {
        let sha256 = sha256.filter(|_| checksum.header == HEADERS[1]).map(|sha256| STANDARD.encode(sha256));
        if crc32.or(sha256).is_some_and(|computed| computed != checksum.value) {
            let algorithm = checksum.header.trim_start_matches("x-amz-checksum-").to_ascii_uppercase();
            return Err(refusal::bad_digest(&algorithm));
        }
    }
    Ok(Digests { md5, checksum })
}

/// The MD5 of a content.
///
/// # Errors
/// When the disk fails.
pub fn md5_of(files: &dyn Files, content: &Content) -> io::Result<[u8; 16]> {
    let mut md5 = Md5::new();
    each_piece(files, content, |piece| md5.update(piece))?;
    Ok(md5.finalize().into())
}

/// The ETag of a multipart upload of parts with these MD5s.
pub fn etag_of_parts<'a>(md5s: impl Iterator<Item = &'a [u8; 16]>) -> String {
    let (mut md5, mut count) = (Md5::new(), 0);
    for part in md5s {
        md5.update(part);
        count += 1;
    }
    format!("{}-{count}", hex(&md5.finalize()))
}

/// In hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        push_hex(&mut text, *byte);
    }
    text
}

/// The checksum that the headers, or the trailers, give.
fn given(call: &Call, received: &Received) -> Result<Option<Checksum>, Error> {
    let trailer = |name: &str| {
        let found = received.trailers.iter().find(|(trailer, _)| trailer.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    };
    let mut found = HEADERS.iter().filter_map(|header| {
        let value = call.header(header).or_else(|| trailer(header))?;
        Some(Checksum { header, value: value.to_owned() })
    });
    let checksum = found.next();
    if found.next().is_some() {
        return Err(refusal::invalid_request(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ));
    }
    if let Some(checksum) = &checksum
        && STANDARD.decode(&checksum.value).is_err()
    {
        let message = format!("Value for {} header is invalid.", checksum.header);
        return Err(refusal::invalid_request(message));
    }
    Ok(checksum)
}

fn decoded_md5(text: &str) -> Result<[u8; 16], Error> {
    let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| {
        Error::new(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
            .with("Content-MD5", text)
    })
}
