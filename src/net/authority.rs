//! The authority that is kept in the data folder, so that clients have to trust it once.
//!
//! ```text
//! {data-dir}/ca.key     0600; written first
//! {data-dir}/ca.pem     what /_gatelet/ca.pem gives; only once it is there somebody can trust it
//! {data-dir}/ca.lock    held while the two are read or made: several of us may share a folder
//! ```
//!
//! Each is written beside its place and renamed, so that a file is whole or not there. A key alone is what a run left that
//! was killed in between: the certificate is made for it. All else that isn't whole is the user's to decide on.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::base::Now;
use crate::proto::authority::{Authority, Unusable};

const KEY: &str = "ca.key";
const CERTIFICATE: &str = "ca.pem";
const LOCK: &str = "ca.lock";

/// For nobody's eyes but the user's.
const PRIVATE: u32 = 0o600;

/// A file is never larger than this: others are none of ours.
const MAX_BYTES: u64 = 64 * 1024;

/// The authority of a folder.
pub struct Kept {
    /// The authority.
    pub authority: Authority,
    /// What the user should know of it.
    pub warning: Option<String>,
}

/// The authority that `folder` keeps; it is made, and the folder too, if it isn't there.
///
/// # Errors
/// The one line for the user: what is there is no authority, or nothing can be written there.
pub fn keep(folder: &Path, now: Now) -> Result<Kept, String> {
    let said =
        |name: &str, error: &dyn std::fmt::Display| format!("{}: {error}", folder.join(name).display());
    let cannot = |name: &str, error: io::Error| said(name, &format_args!("cannot keep a CA there: {error}"));
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| cannot("", error))?;
    let lock =
        OpenOptions::new().write(true).create(true).truncate(false).mode(PRIVATE).open(folder.join(LOCK));
    // Let go of at the end, however that comes.
    let _lock = lock.and_then(|file| file.lock().map(|()| file)).map_err(|error| cannot(LOCK, error))?;

    let found = |name: &str| find(&folder.join(name)).map_err(|error| said(name, &error));
    match (found(KEY)?, found(CERTIFICATE)?) {
        (Some(key), Some(certificate)) => {
            let authority = Authority::read(now, &certificate, &key).map_err(|why| refusal(why, &said))?;
            Ok(Kept { authority, warning: exposed(&folder.join(KEY)) })
        }
        (None, Some(_)) => Err(said(
            KEY,
            &format_args!(
                "isn't there, but {CERTIFICATE} is: put it back, or remove {CERTIFICATE} and trust a new CA"
            ),
        )),
        (Some(key), None) => {
            let authority = Authority::from_key(now, &key).map_err(|why| refusal(why, &said))?;
            write(folder, CERTIFICATE, 0o644, &authority.pem())
                .map_err(|error| cannot(CERTIFICATE, error))?;
            Ok(Kept { authority, warning: exposed(&folder.join(KEY)) })
        }
        (None, None) => {
            let authority = Authority::new(now);
            write(folder, KEY, PRIVATE, &authority.key_pem()).map_err(|error| cannot(KEY, error))?;
            write(folder, CERTIFICATE, 0o644, &authority.pem())
                .map_err(|error| cannot(CERTIFICATE, error))?;
            Ok(Kept { authority, warning: None })
        }
    }
}

/// What is said when the files are no authority.
fn refusal(why: Unusable, said: &dyn Fn(&str, &dyn std::fmt::Display) -> String) -> String {
    let (name, what) = match why {
        Unusable::Certificate => (CERTIFICATE, "is no CA that gatelet made"),
        Unusable::Key => (KEY, "is no private key"),
        Unusable::Together => (CERTIFICATE, "is damaged, or ca.key is another's key"),
        Unusable::Expired => (CERTIFICATE, "has expired"),
    };
    said(
        name,
        &format_args!(
            "{what}; to get a new CA, which has to be trusted anew, remove {CERTIFICATE} and {KEY}"
        ),
    )
}

/// What a file holds, if there is one.
fn find(path: &Path) -> Result<Option<Vec<u8>>, String> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Ok(about) if !about.is_file() || about.len() > MAX_BYTES => Err("is no file of a CA".into()),
        Ok(_) => fs::read(path).map(Some).map_err(|error| format!("cannot be read: {error}")),
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

/// Writes a whole file or none.
fn write(folder: &Path, name: &str, mode: u32, text: &str) -> io::Result<()> {
    let beside = folder.join(format!("{name}.new"));
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, folder.join(name))?;
    // Its name is on the disk, too, once the folder is.
    File::open(folder)?.sync_all()
}

/// Whoever can read the key can show certificates that the user's clients trust.
fn exposed(key: &Path) -> Option<String> {
    let mode = fs::metadata(key).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0)
        .then(|| format!("{} is open to others (mode {mode:03o}): chmod 600 it", key.display()))
}

#[cfg(test)]
mod tests;
