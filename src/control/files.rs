//! The files that control operations need, as a trait: `net::disk` is the one that does it.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::model::bucket::Stored;
use crate::model::function::Unpacked;

/// What an operation may ask of the disk.
pub trait Files: Send + Sync {
    /// A new, empty folder of ours for code.
    fn new_folder(&self) -> io::Result<Unpacked>;
    /// Writes a file below `folder`, making folders as needed. `relative` was checked: no `..`, not absolute.
    /// Returns the bytes written; stops with an error after `limit`.
    fn write(
        &self,
        folder: &Path,
        relative: &Path,
        executable: bool,
        content: &mut dyn Read,
        limit: u64,
    ) -> io::Result<u64>;
    /// Makes a symbolic link below `folder`; `target` was checked to stay within.
    fn link(&self, folder: &Path, relative: &Path, target: &Path) -> io::Result<()>;
    /// Whether `path` is a folder that can be read.
    fn is_folder(&self, path: &Path) -> bool;
    /// Keeps the zip itself, so that GetFunction can give it back; the path to read it from later.
    fn keep_package(&self, folder: &Path, zip: &[u8]) -> io::Result<PathBuf>;
    /// Reads a kept package.
    fn read_package(&self, folder: &Path) -> io::Result<Vec<u8>>;
    /// A new file for an object, to be written.
    fn new_object(&self) -> io::Result<Box<dyn Sink>>;
    /// Reads of an object's file from `offset` on, as much as `into` has room for; 0: it ends there.
    fn read_object(&self, stored: &Stored, offset: u64, into: &mut [u8]) -> io::Result<usize>;
}

/// A file that is being written. Dropped before it is kept, it is gone.
pub trait Sink: Send {
    /// Appends all of `bytes`.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// It is complete.
    fn keep(self: Box<Self>) -> Stored;
}

#[cfg(test)]
pub mod memory;
