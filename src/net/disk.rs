//! [`Disk`]: the one folder of ours on disk, and what lies in it.
//!
//! ```text
//! {work-dir}/gatelet-{random}/     0700; removed at exit
//!   lock                           held for as long as we live: how a later run knows that we died
//!   bootstraps/node.mjs ...
//!   code/{n}/                      a package, unpacked; removed when nothing names it any more
//!   code/{n}.zip                   the package itself
//!   objects/{n}                    what S3 objects hold; removed when no object holds it any more
//! ```

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::control::files::{Files, Sink};
use crate::model::bucket::Stored;
use crate::model::function::Unpacked;

mod fingerprint;

pub use fingerprint::fingerprints;

/// How the names of our folders begin.
const PREFIX: &str = "gatelet-";
/// A folder without a held lock is somebody's who died, unless it is so young that its lock may be yet to come.
const YOUNG: Duration = Duration::from_secs(60);

/// Our folder.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    next: AtomicU64,
    bin: Sender<PathBuf>,
    /// Held, not used: the system lets go of it when we end, however we end.
    _lock: File,
}

impl Disk {
    /// Makes a fresh folder below `parent`, with the bootstraps in it (names and texts), and starts the thread
    /// that removes what is no longer needed: first of all what earlier runs left that could not clean up.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn new(parent: &Path, bootstraps: &[(&str, &str)]) -> io::Result<Self> {
        let parent = std::path::absolute(parent)?;
        let root = parent.join(format!("{PREFIX}{:016x}", fastrand::u64(..)));
        let mut private = DirBuilder::new();
        private.mode(0o700);
        private.create(&root)?;
        let lock = File::create(root.join("lock"))?;
        lock.try_lock()?;
        private.create(root.join("code"))?;
        private.create(root.join("objects"))?;
        private.create(root.join("bootstraps"))?;
        for (name, text) in bootstraps {
            fs::write(root.join("bootstraps").join(name), text)?;
        }
        let (bin, thrown) = mpsc::channel();
        let ours = root.clone();
        thread::Builder::new().name("janitor".into()).spawn(move || {
            remove_leftovers(&parent, &ours);
            empty(&thrown);
        })?;
        Ok(Self { root, next: AtomicU64::new(0), bin, _lock: lock })
    }

    /// Where the bootstraps lie.
    pub fn bootstraps(&self) -> PathBuf {
        self.root.join("bootstraps")
    }

    /// Removes everything, at exit.
    pub fn remove_all(&self) {
        // The janitor may be at it as well, and each may find gone what it just saw; then it is worth another go.
        for _ in 0..3 {
            match fs::remove_dir_all(&self.root) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {}
                _ => return,
            }
        }
    }
}

impl Files for Disk {
    fn new_folder(&self) -> io::Result<Unpacked> {
        let folder = self.root.join("code").join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        fs::create_dir(&folder)?;
        Ok(Unpacked::new(folder, self.bin.clone()))
    }

    fn write(
        &self,
        folder: &Path,
        relative: &Path,
        executable: bool,
        content: &mut dyn Read,
        limit: u64,
    ) -> io::Result<u64> {
        let path = place(folder, relative)?;
        let mut options = OpenOptions::new();
        // A new file, so no link is followed.
        options.write(true).create_new(true).mode(if executable { 0o755 } else { 0o644 });
        let mut file = options.open(path)?;
        let written = io::copy(&mut content.take(limit.saturating_add(1)), &mut file)?;
        if written > limit {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than it may be"));
        }
        file.flush()?;
        Ok(written)
    }

    fn link(&self, folder: &Path, relative: &Path, target: &Path) -> io::Result<()> {
        std::os::unix::fs::symlink(target, place(folder, relative)?)
    }

    fn is_folder(&self, path: &Path) -> bool {
        fs::read_dir(path).is_ok()
    }

    fn keep_package(&self, folder: &Path, zip: &[u8]) -> io::Result<PathBuf> {
        let path = package(folder);
        fs::write(&path, zip)?;
        Ok(path)
    }

    fn read_package(&self, folder: &Path) -> io::Result<Vec<u8>> {
        fs::read(package(folder))
    }

    fn new_object(&self) -> io::Result<Box<dyn Sink>> {
        let path = self.root.join("objects").join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Box::new(Writing { file, stored: Stored::new(path, self.bin.clone()) }))
    }

    fn read_object(&self, stored: &Stored, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        // Opened for each piece: however many clients read slowly, none of them holds a descriptor.
        let file = File::open(stored.path())?;
        let mut read = 0;
        while read < into.len() {
            match file.read_at(&mut into[read..], offset + read as u64) {
                Ok(0) => break,
                Ok(count) => read += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }
}

/// An object's file that is being written.
struct Writing {
    file: File,
    stored: Stored,
}

impl Sink for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.stored.grow(bytes.len() as u64);
        Ok(())
    }

    fn keep(self: Box<Self>) -> Stored {
        self.stored
    }
}

/// Where a folder's package is kept: beside it, so that the function does not see it.
fn package(folder: &Path) -> PathBuf {
    folder.with_extension("zip")
}

/// The place for a new entry below `folder`: makes the folders on the way, frees the place itself.
///
/// No link is followed on the way. Each link of a package may be harmless for itself, and two of them together
/// lead out of the folder; but no packer writes an entry *through* a link.
fn place(folder: &Path, relative: &Path) -> io::Result<PathBuf> {
    let mut path = folder.to_owned();
    let mut components = relative.components().peekable();
    while let Some(component) = components.next() {
        match component {
            Component::CurDir => continue,
            Component::Normal(name) => path.push(name),
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return Err(outside()),
        }
        let found = match fs::symlink_metadata(&path) {
            Ok(found) => Some(found.file_type()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        match (found, components.peek().is_none()) {
            (None, true) => {}
            (None, false) => fs::create_dir(&path)?,
            (Some(kind), false) if kind.is_dir() => {}
            (Some(kind), true) if !kind.is_dir() => fs::remove_file(&path)?,
            (Some(_), _) => return Err(outside()),
        }
    }
    Ok(path)
}

fn outside() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "the entry has no place of its own in the package's folder")
}

/// Removes files and folders as they are thrown away, until nobody can throw any more.
fn empty(thrown: &Receiver<PathBuf>) {
    for path in thrown {
        // What cannot be removed now is removed at exit.
        if fs::remove_file(&path).is_err() {
            let _ = fs::remove_file(package(&path));
            let _ = fs::remove_dir_all(path);
        }
    }
}

/// Removes the folders of runs that ended without doing so: those whose lock nobody holds.
fn remove_leftovers(parent: &Path, ours: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    let ours_by_name = |name: &str| name.starts_with(PREFIX);
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_name().to_str().is_some_and(ours_by_name) && path != ours && is_abandoned(&path) {
            let _ = fs::remove_dir_all(path);
        }
    }
}

fn is_abandoned(folder: &Path) -> bool {
    let lock = folder.join("lock");
    let is_old = |file: &fs::Metadata| {
        let age = file.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        age.is_some_and(|age| age > YOUNG)
    };
    fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir())
        && fs::symlink_metadata(&lock).is_ok_and(|found| found.is_file() && is_old(&found))
        && OpenOptions::new().write(true).open(lock).is_ok_and(|file| file.try_lock().is_ok())
}

#[cfg(test)]
mod tests;
