//! A disk in memory, for tests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use super::*;

/// What lies at a path.
enum Node {
    File { executable: bool, content: Vec<u8> },
    Link(PathBuf),
}

/// Folders of ours, by path, and the user's, which only exist.
pub struct Memory {
    nodes: Mutex<BTreeMap<PathBuf, Node>>,
    folders: Mutex<BTreeSet<PathBuf>>,
    packages: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
    objects: Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>,
    made: Mutex<usize>,
    bin: Sender<PathBuf>,
    emptied: Mutex<Receiver<PathBuf>>,
}

impl Default for Memory {
    fn default() -> Self {
        let (bin, emptied) = mpsc::channel();
        Self {
            nodes: Mutex::default(),
            folders: Mutex::default(),
            packages: Mutex::default(),
            objects: Arc::default(),
            made: Mutex::default(),
            bin,
            emptied: Mutex::new(emptied),
        }
    }
}

impl Memory {
    /// The files below `folder`, a line each: `name* content` (the star: executable) or `name -> target`.
    pub fn shown(&self, folder: &Path) -> String {
        let nodes = self.nodes.lock().unwrap();
        let lines = nodes.iter().filter_map(|(path, node)| {
            let name = path.strip_prefix(folder).ok()?.display();
            Some(match node {
                Node::File { executable, content } => {
                    let star = if *executable { "*" } else { "" };
                    format!("{name}{star} {}", String::from_utf8_lossy(content))
                }
                Node::Link(target) => format!("{name} -> {}", target.display()),
            })
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Makes a folder of the user's.
    pub fn make_folder(&self, path: impl Into<PathBuf>) {
        self.folders.lock().unwrap().insert(path.into());
    }

    /// How many folders of ours there are.
    pub fn folders(&self) -> usize {
        self.folders.lock().unwrap().iter().filter(|path| path.starts_with("/work")).count()
    }

    /// How many files of objects there are.
    pub fn objects(&self) -> usize {
        self.objects.lock().unwrap().len()
    }

    /// Removes what was dropped.
    pub fn empty_bin(&self) {
        for path in self.emptied.lock().unwrap().try_iter() {
            self.nodes.lock().unwrap().retain(|file, _| !file.starts_with(&path));
            self.packages.lock().unwrap().remove(&path);
            self.objects.lock().unwrap().remove(&path);
            self.folders.lock().unwrap().remove(&path);
        }
    }
}

impl Files for Memory {
    fn new_folder(&self) -> io::Result<Unpacked> {
        let mut made = self.made.lock().unwrap();
        *made += 1;
        let path = PathBuf::from(format!("/work/{made}"));
        self.folders.lock().unwrap().insert(path.clone());
        Ok(Unpacked::new(path, self.bin.clone()))
    }

    fn write(
        &self,
        folder: &Path,
        relative: &Path,
        executable: bool,
        content: &mut dyn Read,
        limit: u64,
    ) -> io::Result<u64> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 8192];
        let mut total = 0u64;
        loop {
            let read = content.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            total += read as u64;
            if total > limit {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            // A test looks at no more than the beginning.
            if bytes.len() < 8192 {
                bytes.extend_from_slice(&buffer[..read]);
            }
        }
        let node = Node::File { executable, content: bytes };
        let before = self.nodes.lock().unwrap().insert(folder.join(relative), node);
        assert!(before.is_none(), "nothing is written twice");
        Ok(total)
    }

    fn link(&self, folder: &Path, relative: &Path, target: &Path) -> io::Result<()> {
        let before = self.nodes.lock().unwrap().insert(folder.join(relative), Node::Link(target.into()));
        assert!(before.is_none(), "nothing is written twice");
        Ok(())
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.folders.lock().unwrap().contains(path)
    }

    fn keep_package(&self, folder: &Path, zip: &[u8]) -> io::Result<PathBuf> {
        self.packages.lock().unwrap().insert(folder.into(), zip.to_vec());
        Ok(folder.join("package.zip"))
    }

    fn read_package(&self, folder: &Path) -> io::Result<Vec<u8>> {
        self.packages.lock().unwrap().get(folder).cloned().ok_or(io::ErrorKind::NotFound.into())
    }

    fn new_object(&self) -> io::Result<Box<dyn Sink>> {
        let mut made = self.made.lock().unwrap();
        *made += 1;
        let path = PathBuf::from(format!("/objects/{made}"));
        self.objects.lock().unwrap().insert(path.clone(), Vec::new());
        let stored = Stored::new(path, self.bin.clone());
        Ok(Box::new(Writing { objects: Arc::clone(&self.objects), stored }))
    }

    fn read_object(&self, stored: &Stored, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let objects = self.objects.lock().unwrap();
        let bytes = objects.get(stored.path()).ok_or(io::ErrorKind::NotFound)?;
        let rest = bytes.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// An object's file that is being written.
struct Writing {
    objects: Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>,
    stored: Stored,
}

impl Sink for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut objects = self.objects.lock().unwrap();
        objects.get_mut(self.stored.path()).ok_or(io::ErrorKind::NotFound)?.extend_from_slice(bytes);
        self.stored.grow(bytes.len() as u64);
        Ok(())
    }

    fn keep(self: Box<Self>) -> Stored {
        self.stored
    }
}
