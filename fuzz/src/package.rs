//! A function's zip: whatever comes, nothing is written outside the folder, through a link, or twice.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc;

use gatelet::control::files::{Files, Sink};
use gatelet::control::package::unpack;
use gatelet::model::bucket::Stored;
use gatelet::model::function::Unpacked;

/// More than a seed of some kilobytes should make us write.
const FULL: u64 = 1 << 20;

/// A package.
pub fn package(data: &[u8]) {
    let disk = Disk::default();
    if unpack(&disk, data).is_ok() {
        disk.check_links();
    }
}

/// A disk that keeps names only, and is full soon.
#[derive(Default)]
struct Disk {
    written: Mutex<u64>,
    /// What lies where; a link has its target.
    nodes: Mutex<BTreeMap<PathBuf, Option<PathBuf>>>,
}

impl Disk {
    fn put(&self, relative: &Path, target: Option<PathBuf>) {
        assert!(relative.components().all(|part| matches!(part, Component::Normal(_))), "{relative:?}");
        assert!(relative.components().next().is_some());
        let mut nodes = self.nodes.lock().unwrap();
        for above in relative.ancestors().skip(1) {
            assert!(!nodes.contains_key(above), "{relative:?} lies below {above:?}, which is no folder");
        }
        let below = nodes.keys().any(|node| node.starts_with(relative));
        assert!(!below, "{relative:?} is there already");
        nodes.insert(relative.into(), target);
    }

    /// Follows each link part by part, as the system does.
    fn check_links(&self) {
        let nodes = self.nodes.lock().unwrap();
        for (link, target) in nodes.iter().filter_map(|(path, node)| Some((path, node.as_ref()?))) {
            let mut at = link.parent().expect("a link lies in the folder").to_path_buf();
            let mut parts: Vec<PathBuf> = target.iter().rev().map(PathBuf::from).collect();
            for _ in 0..1000 {
                let Some(part) = parts.pop() else { break };
                match part.components().next() {
                    Some(Component::ParentDir) => assert!(at.pop(), "{link:?} -> {target:?} leads out"),
                    Some(Component::Normal(name)) => match nodes.get(&at.join(name)) {
                        Some(Some(further)) => parts.extend(further.iter().rev().map(PathBuf::from)),
                        Some(None) | None => at.push(name),
                    },
                    Some(Component::CurDir) | None => {}
                    Some(Component::RootDir | Component::Prefix(_)) => {
                        panic!("{link:?} -> {target:?} leads out")
                    }
                }
            }
        }
    }
}

impl Files for Disk {
    fn new_folder(&self) -> io::Result<Unpacked> {
        Ok(Unpacked::new("/folder".into(), mpsc::channel().0))
    }

    fn write(
        &self,
        _folder: &Path,
        relative: &Path,
        _executable: bool,
        content: &mut dyn Read,
        limit: u64,
    ) -> io::Result<u64> {
        self.put(relative, None);
        let mut written = self.written.lock().unwrap();
        let copied = io::copy(&mut content.take(limit.min(FULL)), &mut io::sink())?;
        *written += copied;
        if *written > FULL { Err(io::ErrorKind::StorageFull.into()) } else { Ok(copied) }
    }

    fn link(&self, _folder: &Path, relative: &Path, target: &Path) -> io::Result<()> {
        self.put(relative, Some(target.into()));
        Ok(())
    }

    fn is_folder(&self, _path: &Path) -> bool {
        false
    }

    fn keep_package(&self, folder: &Path, _zip: &[u8]) -> io::Result<PathBuf> {
        Ok(folder.join("package.zip"))
    }

    fn read_package(&self, _folder: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn new_object(&self) -> io::Result<Box<dyn Sink>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn read_object(&self, _: &Stored, _: u64, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
