//! A function's zip: checked and unpacked into a folder of ours.
//!
//! Nothing in a zip is believed. Names are taken apart and put together again, sizes are counted as the bytes come
//! out, links are made last and only where they stay within. Whatever is refused is refused with Lambda's own
//! words; a folder half filled removes itself ([`Unpacked`]).

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use zip::ZipArchive;
use zip::read::ZipFile;

use super::files::Files;
use crate::model::function::Unpacked;

/// AWS: 50 MB zipped, for direct upload.
pub const MAX_ZIPPED: usize = 52_428_800;

/// AWS: 250 MB unzipped.
pub const MAX_UNZIPPED: u64 = 262_144_000;

/// Ours, of files, links and folders together: a large `node_modules` has some 50,000.
const MAX_ENTRIES: usize = 100_000;

/// Ours: Linux takes paths of 4096 bytes, and our own folder's path comes before these.
const MAX_NAME: usize = 2048;

/// Linux: 255 bytes a segment.
const MAX_SEGMENT: usize = 255;

/// Ours: deeper than any package is.
const MAX_DEPTH: usize = 64;

/// Why a zip was not unpacked.
#[derive(Debug)]
pub enum Refusal {
    /// It has no entries, or no bytes.
    Empty,
    /// More than [`MAX_ZIPPED`].
    LargeZipped,
    /// More than [`MAX_UNZIPPED`].
    LargeUnzipped,
    /// More files, links and folders than we unpack.
    ManyEntries,
    /// It is no zip, a damaged one, or one with something that we don't put on a disk: encrypted, compressed in a
    /// way that Lambda doesn't know, a name that leads out of the folder, a device, a file where a folder is.
    Malformed,
    /// The zip is fine; our disk is not.
    Disk(io::Error),
}

impl Refusal {
    /// What the uploader is told, where it is AWS who tells it, in AWS's words.
    pub fn message(&self) -> String {
        match self {
            Self::Empty => "Uploaded file must be a non-empty zip".into(),
            Self::LargeZipped => format!("Zipped size must be smaller than {MAX_ZIPPED} bytes"),
            Self::LargeUnzipped => format!("Unzipped size must be smaller than {MAX_UNZIPPED} bytes"),
            Self::ManyEntries => {
                format!("A package of more than {MAX_ENTRIES} files and folders is not supported")
            }
            Self::Malformed => {
                "Could not unzip uploaded file. Please check your file, then try to upload again.".into()
            }
            Self::Disk(error) => format!("The package could not be written to disk: {error}"),
        }
    }
}

/// `CodeSha256`: base64 of the zip's hash.
pub fn sha256(zip: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(zip))
}

/// Unpacks `zip`, which was uploaded directly, into a new folder, and keeps the zip itself so that GetFunction can
/// give it back.
///
/// # Errors
/// A [`Refusal`]; then nothing of it stays on the disk.
pub fn unpack(files: &dyn Files, zip: &[u8]) -> Result<Unpacked, Refusal> {
    if zip.len() > MAX_ZIPPED {
        return Err(Refusal::LargeZipped);
    }
    unpack_within(MAX_UNZIPPED, files, zip)
}

/// The same of a zip from S3, which may be as large as what is in it.
///
/// # Errors
/// A [`Refusal`]; then nothing of it stays on the disk.
pub fn unpack_object(files: &dyn Files, zip: &[u8]) -> Result<Unpacked, Refusal> {
    unpack_within(MAX_UNZIPPED, files, zip)
}

/// The same with another limit to what comes out.
fn unpack_within(limit: u64, files: &dyn Files, zip: &[u8]) -> Result<Unpacked, Refusal> {
    if zip.is_empty() {
        return Err(Refusal::Empty);
    }
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|_| Refusal::Malformed)?;
    if archive.is_empty() {
        return Err(Refusal::Empty);
    }
    if archive.len() > MAX_ENTRIES {
        return Err(Refusal::ManyEntries);
    }
    // Of two entries with one name, which one is meant depends on who reads.
    if archive.has_duplicate_names() {
        return Err(Refusal::Malformed);
    }
    // Declared sizes may lie, so this only spares us the work where they don't.
    if archive.decompressed_size().is_some_and(|size| size > u128::from(limit)) {
        return Err(Refusal::LargeUnzipped);
    }
    let unpacked = files.new_folder().map_err(Refusal::Disk)?;
    let mut unpacking = Unpacking { files, folder: unpacked.path(), tree: BTreeMap::new(), left: limit };
    let mut links = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|_| Refusal::Malformed)?;
        unpacking.entry(&mut entry, &mut links)?;
    }
    for (path, target) in links {
        files.link(unpacking.folder, Path::new(&path), Path::new(&target)).map_err(Refusal::Disk)?;
    }
    files.keep_package(unpacked.path(), zip).map_err(Refusal::Disk)?;
    Ok(unpacked)
}

/// What stands at a path of the folder.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    /// A file or a link: nothing can be below it.
    Leaf,
}

/// A folder that is being filled.
struct Unpacking<'a> {
    files: &'a dyn Files,
    folder: &'a Path,
    /// Everything that was put into it, folders that entries only imply included.
    tree: BTreeMap<String, Kind>,
    /// How many bytes may still come.
    left: u64,
}

impl Unpacking<'_> {
    /// Puts one entry into the folder, or among the `links` that are made in the end.
    fn entry<R: Read>(
        &mut self,
        entry: &mut ZipFile<'_, R>,
        links: &mut Vec<(String, String)>,
    ) -> Result<(), Refusal> {
        let name = entry.name().map_err(|_| Refusal::Malformed)?.into_owned();
        let segments = segments(&name).ok_or(Refusal::Malformed)?;
        let path = segments.join("/");
        let mode = entry.unix_mode().unwrap_or(0);
        match (mode & S_IFMT, name.ends_with(['/', '\\'])) {
            (S_IFREG | S_IFDIR | 0, true) | (S_IFDIR, false) => self.folders(&segments),
            _ if segments.is_empty() => Err(Refusal::Malformed),
            (S_IFREG | 0, false) => {
                self.leaf(&segments, &path)?;
                // A custom runtime's entry point must run, and zips made on Windows carry no modes.
                let executable = mode & 0o111 != 0 || path == "bootstrap";
                self.write(&path, executable, entry)
            }
            (S_IFLNK, false) => {
                self.leaf(&segments, &path)?;
                let target = self.target(entry)?;
                if !stays_within(&target, segments.len() - 1) {
                    return Err(Refusal::Malformed);
                }
                links.push((path, target));
                Ok(())
            }
            // A device, a socket, a pipe, or a link that ends in a slash.
            _ => Err(Refusal::Malformed),
        }
    }

    /// Notes these folders, each below the one before.
    fn folders(&mut self, segments: &[&str]) -> Result<(), Refusal> {
        let mut path = String::new();
        for segment in segments {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(segment);
            match self.tree.get(&path) {
                Some(Kind::Folder) => {}
                Some(Kind::Leaf) => return Err(Refusal::Malformed),
                None => self.note(path.clone(), Kind::Folder)?,
            }
        }
        Ok(())
    }

    /// Notes a file or link, and the folders above it.
    fn leaf(&mut self, segments: &[&str], path: &str) -> Result<(), Refusal> {
        self.folders(&segments[..segments.len() - 1])?;
        if self.tree.contains_key(path) {
            return Err(Refusal::Malformed);
        }
        self.note(path.to_owned(), Kind::Leaf)
    }

    fn note(&mut self, path: String, kind: Kind) -> Result<(), Refusal> {
        if self.tree.len() == MAX_ENTRIES {
            return Err(Refusal::ManyEntries);
        }
        self.tree.insert(path, kind);
        Ok(())
    }

    /// Writes a file's content.
    fn write(&mut self, path: &str, executable: bool, content: &mut dyn Read) -> Result<(), Refusal> {
        let mut metered = Metered { content, left: self.left, ended: None };
        // One more than may come: that the limit is reached is for the meter to say.
        let limit = self.left.saturating_add(1);
        let written = self.files.write(self.folder, Path::new(path), executable, &mut metered, limit);
        match (metered.ended, written) {
            (Some(refusal), _) => Err(refusal),
            (None, Err(error)) => Err(Refusal::Disk(error)),
            (None, Ok(_)) => {
                self.left = metered.left;
                Ok(())
            }
        }
    }

    /// A link's target, which is its content.
    fn target(&mut self, content: &mut dyn Read) -> Result<String, Refusal> {
        let mut target = Vec::new();
        content.take(MAX_NAME as u64 + 1).read_to_end(&mut target).map_err(|_| Refusal::Malformed)?;
        if target.len() > MAX_NAME {
            return Err(Refusal::Malformed);
        }
        String::from_utf8(target).map_err(|_| Refusal::Malformed)
    }
}

/// The type bits of a Unix mode, and the types that we know.
const S_IFMT: u32 = 0o170_000;
const S_IFREG: u32 = 0o100_000;
const S_IFDIR: u32 = 0o040_000;
const S_IFLNK: u32 = 0o120_000;

/// The segments of an entry's name, below the folder. `None`: it may lead elsewhere.
fn segments(name: &str) -> Option<Vec<&str>> {
    let absolute = name.starts_with(['/', '\\']);
    // `C:` of Windows; a colon elsewhere is an ordinary letter.
    let drive = name.as_bytes().get(1) == Some(&b':') && name.as_bytes()[0].is_ascii_alphabetic();
    if absolute || drive || name.len() > MAX_NAME || name.contains('\0') {
        return None;
    }
    // Old archivers of Windows write backslashes.
    let segments: Vec<&str> = name.split(['/', '\\']).filter(|s| !s.is_empty() && *s != ".").collect();
    let plain = segments.iter().all(|segment| *segment != ".." && segment.len() <= MAX_SEGMENT);
    (plain && segments.len() <= MAX_DEPTH).then_some(segments)
}

/// Whether a link with this target, `depth` folders below the top, points to something within the top.
///
/// `..` may only come first, where it starts from a real folder (nothing lies below a link): after a name it could
/// start from wherever another link leads.
fn stays_within(target: &str, depth: usize) -> bool {
    if target.is_empty() || target.starts_with('/') || target.contains(['\0', '\\']) {
        return false;
    }
    let mut segments = target.split('/').filter(|s| !s.is_empty() && *s != ".").peekable();
    let mut up = 0;
    while segments.next_if_eq(&"..").is_some() {
        up += 1;
    }
    up <= depth && segments.all(|segment| segment != "..")
}

/// Counts what is read, and remembers whose fault it was that no more could be read.
struct Metered<'a> {
    content: &'a mut dyn Read,
    left: u64,
    ended: Option<Refusal>,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.content.read(buffer) {
            Ok(read) if read as u64 > self.left => {
                self.ended = Some(Refusal::LargeUnzipped);
                Err(io::ErrorKind::FileTooLarge.into())
            }
            Ok(read) => {
                self.left -= read as u64;
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.ended = Some(Refusal::Malformed);
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests;
