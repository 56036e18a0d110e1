//! S3: requests against a small store, documents, `aws-chunked` bodies. Nothing panics, the outcome does not depend
//! on how the bytes arrive, and no file outlives what names it.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use gatelet::base::{Now, Published, Rng};
use gatelet::control::files::{Files, Sink};
use gatelet::control::ports::Ports;
use gatelet::control::s3::upload::Upload;
use gatelet::control::{Control, Done, Turn};
use gatelet::live::Live;
use gatelet::model::Settings;
use gatelet::model::bucket::Stored;
use gatelet::model::function::Unpacked;
use gatelet::proto::aws_chunked::{AwsChunked, Malformed};
use gatelet::proto::http1::{Decoded, Decoder, Inbox, Limits, Request, Spares};
use gatelet::proto::xml::Element;

use super::cut;

/// Requests, one behind the other, unsigned or not; `b-1` exists and holds `k`.
pub fn requests(data: &[u8]) {
    let whole = Shop::open().serve(&[data]);
    assert_eq!(Shop::open().serve(&cut(data)), whole);
}

/// A document; its first byte says whose: the end of a multipart upload, a deletion, tags, a configuration.
pub fn documents(data: &[u8]) {
    const TARGETS: [&str; 5] =
        ["PUT /b-1", "POST /b-1?delete", "PUT /b-1?tagging", "PUT /b-1?lifecycle", "PUT /b-2"];
    let Some((first, body)) = data.split_first() else { return };
    if let Ok(element) = Element::parse(body)
        && has_plain_names(&element)
    {
        assert_eq!(Element::parse(written(&element).as_bytes()), Ok(element), "what was read can be written");
    }
    let shop = Shop::open();
    let begun = shop.ask("POST /b-1/u?uploads", b"").1;
    let id = begun.split("<UploadId>").nth(1).and_then(|rest| rest.split('<').next()).expect("it has begun");
    for number in [1, 2] {
        assert_eq!(shop.ask(&format!("PUT /b-1/u?partNumber={number}&uploadId={id}"), b"x").0, 200);
    }
    let complete = format!("POST /b-1/u?uploadId={id}");
    let target = TARGETS.get(usize::from(first % 8)).copied().unwrap_or(&complete);
    let (status, said) = shop.ask(target, body);
    assert!(status < 500 || said.contains("<Code>NotImplemented</Code>"), "{status} {said}");
    shop.check();
}

/// An `aws-chunked` body.
pub fn aws_chunked(data: &[u8]) {
    let whole = unchunked(&[data]);
    for parts in [cut(data), data.chunks(1).collect()] {
        assert_eq!(unchunked(&parts), whole);
    }
}

/// What came out, whether it had ended, the trailers.
type Outcome = Result<(Vec<u8>, bool, Vec<(String, String)>), Malformed>;

fn unchunked(parts: &[&[u8]]) -> Outcome {
    let (mut decoder, mut out) = (AwsChunked::new(), Vec::new());
    for part in parts {
        let mut part = part.to_vec();
        let count = decoder.decode(&mut part)?;
        out.extend_from_slice(&part[..count]);
    }
    let trailers = decoder.trailers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Ok((out, decoder.is_done(), trailers))
}

/// A control plane over a disk in memory.
pub struct Shop {
    pub control: Control,
    pub live: Arc<Published<Live>>,
    pub now: Now,
    disk: Arc<Disk>,
}

impl Shop {
    /// `b-1` exists and holds `k`.
    pub fn open() -> Self {
        let now = Now { instant: Instant::now(), unix_ms: 1_586_372_745_123 };
        let settings = Arc::new(Settings::default());
        let live = Arc::new(Published::new(Live::empty(Arc::clone(&settings))));
        let disk = Arc::new(Disk::default());
        let files: Arc<dyn Files> = disk.clone();
        let (ports, rng) = (Arc::new(NoPorts), Rng::with_seed(1));
        let control = Control::new(settings, Arc::clone(&live), files, ports, rng, now);
        let shop = Self { control, live, now, disk };
        assert_eq!(shop.ask("PUT /b-1", b"").0, 200);
        assert_eq!(shop.ask("PUT /b-1/k", b"hello").0, 200);
        shop
    }

    /// The status and the body of the answer to a signed request.
    fn ask(&self, line: &str, body: &[u8]) -> (u16, String) {
        let head = format!(
            "{line} HTTP/1.1\r\nHost: a\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=t/1/us-east-1/s3/aws4_request\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let request = Request::of(&[head.as_bytes(), body].concat()).expect("it is well-formed");
        self.done(self.control.call(self.now, request))
    }

    /// What all requests in these bytes come to, and whether the last of them is refused for its bytes. In what words
    /// depends on how they arrive: what is wrong in two ways is refused for what is seen first.
    fn serve(&self, parts: &[&[u8]]) -> (Vec<(u16, String)>, bool) {
        let (mut decoder, mut input, mut spares) = (Decoder::default(), Inbox::new(), Spares::new());
        let (mut seen, mut under_way, mut refused) = (Vec::new(), None, false);
        'all: for part in parts {
            input.extend(part, &mut spares);
            loop {
                let reception = |request: &Request| self.control.reception(request);
                match decoder.decode(&mut input, &Limits::default(), reception, &mut spares) {
                    Ok(Decoded::Request(request)) => {
                        seen.push(self.done(self.control.call(self.now, request)))
                    }
                    Ok(Decoded::Continue) => {}
                    Ok(Decoded::Incomplete) => break,
                    Ok(Decoded::Begun { request, .. }) => match Upload::begin(&request) {
                        Ok(upload) => under_way = Some((request, upload)),
                        Err(error) => {
                            self.done(self.control.uploaded(self.now, request, Err(error)));
                            refused = true;
                            break 'all;
                        }
                    },
                    Ok(Decoded::Piece { data, read, last }) => {
                        let (request, mut upload) = under_way.take().expect("it has begun");
                        let taken = upload.take(&*self.disk, &mut input.bytes_mut()[..data]);
                        input.take(read);
                        match taken {
                            Err(error) => {
                                self.done(self.control.uploaded(self.now, request, Err(error)));
                                refused = true;
                                break 'all;
                            }
                            Ok(()) if last => {
                                let turn = self.control.uploaded(self.now, request, upload.end());
                                seen.push(self.done(turn));
                            }
                            Ok(()) => under_way = Some((request, upload)),
                        }
                    }
                    Err(_) => {
                        refused = true;
                        break 'all;
                    }
                }
            }
        }
        drop(under_way);
        self.check();
        (seen, refused)
    }

    /// The status and the body of an answer; 0 where it is not the control plane's.
    pub fn done(&self, turn: Turn) -> (u16, String) {
        let done = match turn {
            Turn::Done(done) | Turn::Reset(done) => done,
            Turn::Later(later) => later.run(&self.control),
            Turn::Invoke(_) | Turn::End(_) | Turn::Metrics => return (0, String::new()),
        };
        let Done { response, download, .. } = done;
        let mut body = response.body.to_vec();
        if let Some(mut download) = download {
            let declared = download.left();
            while download.left() > 0 {
                let mut piece = [0; 3];
                let count = download.read(&*self.disk, &mut piece).expect("the file is there");
                body.extend_from_slice(&piece[..count]);
            }
            assert_eq!(body.len() as u64, declared);
        }
        let text = String::from_utf8_lossy(&body).into_owned();
        assert!((200..600).contains(&response.status) && !text.contains("gatelet made a mistake"), "{text}");
        (response.status, text)
    }

    /// Every file that is on the disk is named by something, and every name has its file.
    fn check(&self) {
        self.disk.empty_bin();
        let store = self.control.store();
        let mut named = BTreeMap::new();
        for bucket in store.buckets.values() {
            let objects = bucket.objects.values().map(|object| &object.content);
            let parts =
                bucket.uploads.values().flat_map(|upload| upload.parts.values()).map(|part| &part.content);
            for content in objects.chain(parts) {
                assert_eq!(content.size(), content.files().iter().map(|file| file.size()).sum::<u64>());
                named.extend(content.files().iter().map(|file| (file.path().to_owned(), file.size())));
            }
        }
        let files = self.disk.files.lock().unwrap();
        let there: BTreeMap<_, _> =
            files.iter().map(|(path, bytes)| (path.clone(), bytes.len() as u64)).collect();
        assert_eq!(there, named);
    }
}

/// Whether each name is one that needs no more to be read again: what XML calls a name is nobody's concern here.
fn has_plain_names(element: &Element) -> bool {
    !element.name.is_empty()
        && element.name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && element.children.iter().all(has_plain_names)
}

/// Names and texts, written as XML.
fn written(element: &Element) -> String {
    let text: String = element.text.chars().map(|character| format!("&#{};", character as u32)).collect();
    let children: String = element.children.iter().map(written).collect();
    format!("<{0}>{text}{children}</{0}>", element.name)
}

/// Files of objects, in memory.
struct Disk {
    files: Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>,
    made: AtomicUsize,
    bin: Sender<PathBuf>,
    thrown: Mutex<Receiver<PathBuf>>,
}

impl Default for Disk {
    fn default() -> Self {
        let (bin, thrown) = mpsc::channel();
        Self { files: Arc::default(), made: AtomicUsize::new(0), bin, thrown: Mutex::new(thrown) }
    }
}

impl Disk {
    fn empty_bin(&self) {
        for path in self.thrown.lock().unwrap().try_iter() {
            assert!(self.files.lock().unwrap().remove(&path).is_some(), "a file is thrown away once");
        }
    }
}

struct Writing {
    files: Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>,
    stored: Stored,
}

impl Sink for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stored.grow(bytes.len() as u64);
        let mut files = self.files.lock().unwrap();
        files.get_mut(self.stored.path()).ok_or(io::ErrorKind::NotFound)?.extend_from_slice(bytes);
        Ok(())
    }

    fn keep(self: Box<Self>) -> Stored {
        self.stored
    }
}

impl Files for Disk {
    fn new_object(&self) -> io::Result<Box<dyn Sink>> {
        let path = PathBuf::from(format!("/{}", self.made.fetch_add(1, Ordering::Relaxed)));
        self.files.lock().unwrap().insert(path.clone(), Vec::new());
        let stored = Stored::new(path, self.bin.clone());
        Ok(Box::new(Writing { files: Arc::clone(&self.files), stored }))
    }

    fn read_object(&self, stored: &Stored, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let files = self.files.lock().unwrap();
        let bytes = files.get(stored.path()).ok_or(io::ErrorKind::NotFound)?;
        let rest = bytes.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn new_folder(&self) -> io::Result<Unpacked> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn write(&self, _: &Path, _: &Path, _: bool, _: &mut dyn Read, _: u64) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn link(&self, _: &Path, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn is_folder(&self, _: &Path) -> bool {
        false
    }

    fn keep_package(&self, _: &Path, _: &[u8]) -> io::Result<PathBuf> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn read_package(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

struct NoPorts;

impl Ports for NoPorts {
    fn open(&self) -> Option<u16> {
        None
    }

    fn close(&self, _: u16) {}
}
