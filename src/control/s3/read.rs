//! Objects for other services: a template, a function's code.

use std::io;

use super::refusal;
use crate::control::Control;
use crate::control::answer::{Download, Error};
use crate::control::files::Files;
use crate::model::bucket::Content;

/// How much is read at once.
const PIECE: usize = 256 * 1024;

/// The bytes of an object, which may have at most `limit` of them. Reads the disk: for the jobs thread, and without
/// the store's lock.
///
/// # Errors
/// `NoSuchBucket`, `NoSuchKey`, `EntityTooLarge`, or `InternalError` where the disk fails.
pub fn read_object(control: &Control, bucket: &str, key: &str, limit: u64) -> Result<Vec<u8>, Error> {
    let object = {
        let store = control.store();
        let bucket = store.buckets.get(bucket).ok_or_else(|| refusal::no_bucket(bucket))?;
        bucket.objects.get(key).cloned().ok_or_else(|| refusal::no_key(key))?
    };
    if object.content.size() > limit {
        return Err(refusal::too_large(limit));
    }
    let mut bytes = Vec::with_capacity(object.content.size() as usize);
    each_piece(&*control.context().files, &object.content, |piece| bytes.extend_from_slice(piece))
        .map_err(|error| refusal::disk(&error))?;
    Ok(bytes)
}

/// Shows `look` the whole content, piece by piece.
///
/// # Errors
/// When the disk fails.
pub fn each_piece(files: &dyn Files, content: &Content, look: impl FnMut(&[u8])) -> io::Result<()> {
    each_piece_of(files, content, 0, content.size(), look)
}

/// The same of `length` bytes from `from` on.
///
/// # Errors
/// When the disk fails, or has less than that.
pub fn each_piece_of(
    files: &dyn Files,
    content: &Content,
    from: u64,
    length: u64,
    mut look: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut download = Download::new(content.clone(), from, length);
    let mut piece = vec![0; PIECE.min(length as usize)];
    while download.left() > 0 {
        let count = download.read(files, &mut piece)?;
        look(&piece[..count]);
    }
    Ok(())
}
