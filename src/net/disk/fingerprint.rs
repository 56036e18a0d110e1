//! What a folder of code looks like, as one number: how hot reload notices an edit.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Folders that nobody edits and that hold most of the files.
const PASSED_BY: [&str; 3] = ["node_modules", ".git", "__pycache__"];
/// As many files as an editor's project has, not as a home folder has: a look takes a few microseconds for each.
const MOST_ENTRIES: usize = 10_000;
/// Deeper than any source tree.
const DEEPEST: usize = 32;

/// Where a layer has what the programmer of a layer writes, in a folder that is passed by otherwise.
const LAYER_MODULES: &str = "nodejs/node_modules";

/// One number for the folders of a function's code and layers: see [`fingerprint`].
pub fn fingerprints(folders: &[PathBuf]) -> u64 {
    folders.iter().fold(0, |sum: u64, folder| {
        let modules = fingerprint(&folder.join(LAYER_MODULES));
        // By a rotation, files that move from one folder to the next make a difference.
        sum.rotate_left(7).wrapping_add(fingerprint(folder)).wrapping_add(modules)
    })
}

/// A number that changes when a file below `folder` is added, removed, or written: from the path, time of change
/// and size of each. What cannot be read counts as absent. Links are told by what they lead to, and not followed
/// into folders, so there is no way in circles.
pub(super) fn fingerprint(folder: &Path) -> u64 {
    let mut left = MOST_ENTRIES;
    walk(folder, &mut String::new(), DEEPEST, &mut left)
}

fn walk(folder: &Path, relative: &mut String, depth: usize, left: &mut usize) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let mut sum = 0u64;
    for entry in entries.flatten() {
        if *left == 0 || depth == 0 {
            break;
        }
        *left -= 1;
        let name = entry.file_name();
        let (Ok(kind), name) = (entry.file_type(), name.to_string_lossy()) else { continue };
        if PASSED_BY.contains(&&*name) {
            continue;
        }
        let length = relative.len();
        relative.push('/');
        relative.push_str(&name);
        // The system lists entries in any order: a sum does not depend on it.
        let found = if kind.is_dir() {
            walk(&entry.path(), relative, depth - 1, left)
        } else {
            fs::metadata(entry.path()).map_or(0, |file| {
                let mut hasher = DefaultHasher::new();
                (&*relative, file.mtime(), file.mtime_nsec(), file.size()).hash(&mut hasher);
                hasher.finish()
            })
        };
        sum = sum.wrapping_add(found);
        relative.truncate(length);
    }
    sum
}
