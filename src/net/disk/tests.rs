use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::Instant;

use super::fingerprint::fingerprint;
use super::*;

/// A folder for one test, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("scratch-{:016x}", fastrand::u64(..)));
        fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn wait_until(what: &str, done: impl Fn() -> bool) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < Duration::from_secs(20), "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_package_comes_and_goes() {
    let scratch = Scratch::new();
    let disk = Disk::new(&scratch.0, &[("node.mjs", "// node")]).unwrap();
    assert_eq!(mode(&disk.root), 0o700);
    assert_eq!(fs::read_to_string(disk.bootstraps().join("node.mjs")).unwrap(), "// node");

    let unpacked = disk.new_folder().unwrap();
    let folder = unpacked.path().to_owned();
    let write = |path: &str, executable, content: &str, limit| {
        disk.write(&folder, Path::new(path), executable, &mut content.as_bytes(), limit)
    };
    assert_eq!(write("a/b/c.js", false, "abc", 3).unwrap(), 3);
    assert_eq!(write("./bootstrap", true, "#!", 9).unwrap(), 2);
    assert_eq!(write("big", false, "12345", 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    assert_eq!(write("a/b/c.js", false, "again", 9).unwrap(), 5, "the last of two entries counts");
    assert_eq!(fs::read_to_string(folder.join("a/b/c.js")).unwrap(), "again");
    assert_eq!((mode(&folder.join("bootstrap")) & 0o100, mode(&folder.join("a/b/c.js")) & 0o100), (0o100, 0));

    let kept = disk.keep_package(&folder, b"PK").unwrap();
    assert_eq!(disk.read_package(&folder).unwrap(), b"PK");
    assert!(disk.is_folder(&folder) && !disk.is_folder(&kept));
    drop(unpacked);
    wait_until("the janitor removes it", || !folder.exists() && !kept.exists());

    disk.remove_all();
    assert!(fs::read_dir(&scratch.0).unwrap().next().is_none());
}

#[test]
fn nothing_is_written_outside_or_through_a_link() {
    let scratch = Scratch::new();
    let disk = Disk::new(&scratch.0, &[]).unwrap();
    let unpacked = disk.new_folder().unwrap();
    let write = |path: &str| disk.write(unpacked.path(), Path::new(path), false, &mut &b"x"[..], 9);
    disk.link(unpacked.path(), Path::new("out"), Path::new("..")).unwrap();
    disk.link(unpacked.path(), Path::new("file"), Path::new("../other")).unwrap();
    write("d/f").unwrap();
    for path in ["out/x", "../x", "/x", "d", "d/f/x", "a/../../x"] {
        assert!(write(path).is_err(), "{path}");
    }
    write("file").unwrap();
    assert!(!unpacked.path().join("../other").exists(), "the link was replaced, not followed");
    assert_eq!(fs::read_dir(disk.root.join("code")).unwrap().count(), 1);
}

#[test]
fn what_a_dead_run_left_is_removed_and_what_lives_is_not() {
    let scratch = Scratch::new();
    let old = SystemTime::now() - 2 * YOUNG;
    let folder = |name: &str, modified: Option<SystemTime>| {
        let path = scratch.0.join(name);
        fs::create_dir(&path).unwrap();
        if let Some(modified) = modified {
            File::create(path.join("lock")).unwrap().set_modified(modified).unwrap();
        }
        path
    };
    let alive = Disk::new(&scratch.0, &[]).unwrap();
    File::open(alive.root.join("lock")).unwrap().set_modified(old).unwrap();
    let dead = folder("gatelet-dead", Some(old));
    let young = folder("gatelet-young", Some(SystemTime::now()));
    let other = folder("gatelet-sources", None);
    let named = folder("named", Some(old));
    symlink(&named, scratch.0.join("gatelet-link")).unwrap();
    let disk = Disk::new(&scratch.0, &[]).unwrap();
    wait_until("the dead run's folder goes", || !dead.exists());
    // The bin is emptied after the leftovers.
    let unpacked = disk.new_folder().unwrap();
    let path = unpacked.path().to_owned();
    drop(unpacked);
    wait_until("the janitor is done with the leftovers", || !path.exists());
    assert!(
        [&alive.root, &young, &other, &named, &scratch.0.join("gatelet-link")]
            .iter()
            .all(|path| path.exists())
    );
}

#[test]
fn a_fingerprint_changes_with_an_edit_alone() {
    let scratch = Scratch::new();
    let root = &scratch.0;
    fs::create_dir_all(root.join("src/deep")).unwrap();
    fs::create_dir(root.join("node_modules")).unwrap();
    fs::write(root.join("src/deep/a.js"), "1").unwrap();
    symlink("..", root.join("src/up")).unwrap();
    let mut last = fingerprint(root);
    assert_ne!(last, 0);
    assert_eq!(last, fingerprint(root));
    fs::write(root.join("node_modules/x"), "1").unwrap();
    assert_eq!(last, fingerprint(root), "dependencies are passed by");
    let edits: [(&str, &dyn Fn()); 5] = [
        ("written", &|| fs::write(root.join("src/deep/a.js"), "12").unwrap()),
        ("touched", &|| {
            File::open(root.join("src/deep/a.js")).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap()
        }),
        ("added", &|| fs::write(root.join("src/b.js"), "").unwrap()),
        ("renamed", &|| fs::rename(root.join("src/b.js"), root.join("src/c.js")).unwrap()),
        ("removed", &|| fs::remove_file(root.join("src/c.js")).unwrap()),
    ];
    for (what, edit) in edits {
        edit();
        let next = fingerprint(root);
        assert_ne!(last, next, "{what}");
        last = next;
    }
    assert_eq!(fingerprint(&root.join("absent")), 0);
}
