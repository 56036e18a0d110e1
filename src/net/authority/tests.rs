use std::path::PathBuf;
use std::time::Instant;

use super::*;

const NOW: u64 = 1_764_000_000_000;

fn now(unix_ms: u64) -> Now {
    Now { instant: Instant::now(), unix_ms }
}

/// A folder of the test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("gatelet-test-{:016x}", fastrand::u64(..)));
        Self(folder)
    }

    fn keep(&self, at: u64) -> Result<String, String> {
        keep(&self.0, now(at)).map(|kept| kept.authority.pem())
    }

    fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.0.join(name)).unwrap().permissions().mode() & 0o777
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn one_authority_for_all_runs() {
    let folder = Folder::new();
    let first = folder.keep(NOW).unwrap();
    assert_eq!(fs::read_to_string(folder.0.join(CERTIFICATE)).unwrap(), first);
    assert_eq!((folder.mode(""), folder.mode(KEY), folder.mode(CERTIFICATE)), (0o700, 0o600, 0o644));
    assert_eq!(folder.keep(NOW + 1_000_000).unwrap(), first);
    assert_eq!(keep(&folder.0, now(NOW)).unwrap().warning, None);

    fs::set_permissions(folder.0.join(KEY), fs::Permissions::from_mode(0o644)).unwrap();
    let warning = keep(&folder.0, now(NOW)).unwrap().warning.unwrap();
    assert!(warning.contains("ca.key is open to others (mode 644)"), "{warning}");
}

#[test]
fn wherever_a_run_was_killed_the_next_one_goes_on() {
    let whole = Folder::new();
    whole.keep(NOW).unwrap();
    let key = fs::read(whole.0.join(KEY)).unwrap();
    let certificate = fs::read(whole.0.join(CERTIFICATE)).unwrap();
    let (half_key, half_certificate) = (&key[..key.len() / 2], &certificate[..certificate.len() / 2]);
    for left in [
        &[][..],
        &[("ca.key.new", &key[..0])],
        &[("ca.key.new", half_key)],
        &[("ca.key.new", &key)],
        &[("ca.key", &key)],
        &[("ca.key", &key), ("ca.pem.new", half_certificate)],
        &[("ca.key", &key), ("ca.pem.new", &certificate)],
    ] {
        let folder = Folder::new();
        fs::create_dir(&folder.0).unwrap();
        for (name, bytes) in left {
            fs::write(folder.0.join(name), bytes).unwrap();
        }
        let made = folder.keep(NOW).unwrap();
        assert_eq!(folder.keep(NOW + 5_000).unwrap(), made);
        let kept = fs::read(folder.0.join(KEY)).unwrap();
        assert_eq!(kept == key, left.iter().any(|(name, _)| *name == "ca.key"), "a key that was there stays");
        let mut names: Vec<_> =
            fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [KEY, LOCK, CERTIFICATE]);
    }
}

#[test]
fn what_is_no_authority_is_told_and_left_as_it_is() {
    type Damage = fn(&Path);
    let cases: [(&str, Damage, &str); 7] = [
        ("half a certificate", |at| cut(&at.join(CERTIFICATE)), "ca.pem: is no CA that gatelet made"),
        ("half a key", |at| cut(&at.join(KEY)), "ca.key: is no private key"),
        ("an empty certificate", |at| fs::write(at.join(CERTIFICATE), "").unwrap(), "ca.pem: is no CA"),
        ("an empty key", |at| fs::write(at.join(KEY), "").unwrap(), "ca.key: is no private key"),
        ("no key", |at| fs::remove_file(at.join(KEY)).unwrap(), "ca.key: isn't there, but ca.pem is"),
        (
            "another's key",
            |at| fs::write(at.join(KEY), Authority::new(now(NOW)).key_pem()).unwrap(),
            "ca.pem: is damaged",
        ),
        (
            "a folder",
            |at| {
                fs::remove_file(at.join(KEY)).unwrap();
                fs::create_dir(at.join(KEY)).unwrap();
            },
            "ca.key: is no file of a CA",
        ),
    ];
    for (what, damage, expected) in cases {
        let folder = Folder::new();
        folder.keep(NOW).unwrap();
        damage(&folder.0);
        let before = (fs::read(folder.0.join(KEY)).ok(), fs::read(folder.0.join(CERTIFICATE)).ok());
        let error = folder.keep(NOW).unwrap_err();
        assert!(error.contains(expected) && !error.contains('\n'), "{what}: {error}");
        let after = (fs::read(folder.0.join(KEY)).ok(), fs::read(folder.0.join(CERTIFICATE)).ok());
        assert_eq!(before, after, "{what}");
    }
    let file = Folder::new();
    fs::write(&file.0, "").unwrap();
    assert!(file.keep(NOW).unwrap_err().contains("cannot keep a CA there"));
    fs::remove_file(&file.0).unwrap();
}

fn cut(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}
