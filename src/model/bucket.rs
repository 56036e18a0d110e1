//! S3: buckets, what is in them, and the files that hold it.
//!
//! A file is never named by a key, and never written again once it is kept: objects share files ([`Content`] is a
//! list of them), so a copy and the end of a multipart upload move no bytes. A file goes with the last that names it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use super::Owner;

/// A bucket. Its name is unique across accounts and regions.
#[derive(Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Whose it is, and where.
    pub owner: Owner,
    /// When it was made: milliseconds since 1970.
    pub created_ms: u64,
    /// What is in it, by key: S3 lists in the order of the keys' bytes.
    pub objects: BTreeMap<String, Arc<Object>>,
    /// Multipart uploads under way, by id.
    pub uploads: BTreeMap<String, Upload>,
    /// Configurations as they were put, by the name of their sub-resource: `policy`, `encryption`.
    pub documents: BTreeMap<&'static str, String>,
    /// `Enabled` or `Suspended`, where it was ever said. Former versions of objects are not kept.
    pub versioning: Option<String>,
    /// In the order in which they were given.
    pub tags: Vec<(String, String)>,
}

/// An object. Immutable: a write makes a new one.
#[derive(Clone, Debug)]
pub struct Object {
    /// What it holds.
    pub content: Content,
    /// Without quotes: the MD5 in hexadecimal, or of a multipart upload `{MD5 of MD5s}-{parts}`.
    pub etag: String,
    /// When it was written: milliseconds since 1970.
    pub modified_ms: u64,
    /// What is kept beside it.
    pub metadata: Metadata,
    /// A checksum that the client gave.
    pub checksum: Option<Checksum>,
}

/// What is kept beside an object's content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// `content-type` and the like, `x-amz-meta-…`: names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The object's tags.
    pub tags: Vec<(String, String)>,
}

/// A checksum that is answered with the object it was given with.
#[derive(Clone, Debug, PartialEq)]
pub struct Checksum {
    /// `x-amz-checksum-crc32`
    pub header: &'static str,
    /// Base64.
    pub value: String,
}

/// The bytes of an object: files, one behind the other. Of a multipart upload, one for each part.
#[derive(Clone, Debug, Default)]
pub struct Content {
    files: Arc<[Arc<Stored>]>,
    size: u64,
}

/// A multipart upload under way.
#[derive(Debug)]
pub struct Upload {
    /// The key of what it will be.
    pub key: String,
    /// When it began: milliseconds since 1970.
    pub began_ms: u64,
    /// Of what it will be.
    pub metadata: Metadata,
    /// By number.
    pub parts: BTreeMap<u16, Part>,
}

/// A part of a multipart upload.
#[derive(Clone, Debug)]
pub struct Part {
    /// What it holds: one file, or none where it is empty.
    pub content: Content,
    /// Its MD5.
    pub md5: [u8; 16],
    /// When it was written: milliseconds since 1970.
    pub modified_ms: u64,
}

impl Bucket {
    /// An empty bucket.
    pub fn new(name: String, owner: Owner, created_ms: u64) -> Self {
        Self {
            name,
            owner,
            created_ms,
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
            documents: BTreeMap::new(),
            versioning: None,
            tags: Vec::new(),
        }
    }
}

impl Content {
    /// These files, one behind the other.
    pub fn new(files: impl Into<Arc<[Arc<Stored>]>>) -> Self {
        let files = files.into();
        let size = files.iter().map(|file| file.size).sum();
        Self { files, size }
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its files, in order.
    pub fn files(&self) -> &[Arc<Stored>] {
        &self.files
    }
}

/// A file of ours. Dropping it tells whoever does I/O to remove it.
#[derive(Debug)]
pub struct Stored {
    path: PathBuf,
    size: u64,
    bin: Sender<PathBuf>,
}

impl Stored {
    /// The empty file at `path`, to be sent to `bin` in the end.
    pub fn new(path: PathBuf, bin: Sender<PathBuf>) -> Self {
        Self { path, size: 0, bin }
    }

    /// So many bytes more were written to it.
    pub fn grow(&mut self, by: u64) {
        self.size += by;
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        // Nobody listens any more: the whole work folder is being removed.
        let _ = self.bin.send(std::mem::take(&mut self.path));
    }
}
