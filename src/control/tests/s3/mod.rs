//! S3 from outside: a signed request in, what a client sees out, objects' bytes among it.

mod buckets;
mod lists;
mod multipart;
mod objects;
mod uploads;

use super::*;
use crate::control::s3::SERVICE;

/// S3 over a disk in memory.
struct S3 {
    control: Control,
    disk: Arc<Memory>,
    now: Now,
}

/// What a client sees.
#[derive(Debug)]
struct Seen {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl S3 {
    fn new() -> Self {
        let now = Now { instant: Instant::now(), unix_ms: 1_586_372_745_123 };
        let settings = Arc::new(Settings::default());
        let live = Arc::new(Published::new(Live::empty(Arc::clone(&settings))));
        let disk = Arc::new(Memory::default());
        let files: Arc<dyn Files> = disk.clone();
        let control = Control::new(settings, live, files, Arc::new(Fake::default()), Rng::with_seed(1), now);
        Self { control, disk, now }
    }

    /// With the bucket `b-1`.
    fn with_bucket() -> Self {
        let s3 = Self::new();
        s3.ok("PUT /b-1", "");
        s3
    }

    /// The answer to `method target`, with more header lines behind it, each on its own.
    fn ask(&self, asked: &str, body: impl AsRef<[u8]>) -> Seen {
        let body = body.as_ref();
        let (line, headers) = asked.split_once('\n').unwrap_or((asked, ""));
        let headers: String = headers.lines().map(|line| format!("{line}\r\n")).collect();
        let head = format!(
            "{line} HTTP/1.1\r\nHost: localhost:4566\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=test/20200408/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00\r\n{headers}\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        self.turn(Request::of(&[head.as_bytes(), body].concat()).expect("a request"))
    }

    fn turn(&self, request: Request) -> Seen {
        let head_only = request.method() == "HEAD";
        let done = match self.control.call(self.now, request) {
            Turn::Done(done) => done,
            Turn::Later(later) => later.run(&self.control),
            Turn::Invoke(_) | Turn::Reset(_) | Turn::End(_) | Turn::Metrics => {
                panic!("S3 does nothing of that")
            }
        };
        self.seen(done, head_only)
    }

    fn seen(&self, done: Done, head_only: bool) -> Seen {
        let date = "Wed, 08 Apr 2020 19:05:45 GMT";
        let mut out = Vec::new();
        done.response.write(&mut out, Framing { head_only, http10: false, keep_alive: true, date });
        let end = out.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a head ends");
        let mut body = out.split_off(end + 4);
        if let Some(mut download) = done.download.filter(|_| !head_only) {
            while download.left() > 0 {
                let mut piece = [0; 7];
                let count = download.read(&*self.disk, &mut piece).expect("the file is there");
                body.extend_from_slice(&piece[..count]);
            }
        }
        let seen = Seen { status: done.response.status, head: String::from_utf8(out).unwrap(), body };
        if !head_only && !matches!(seen.status, 204 | 304) {
            assert_eq!(seen.header("content-length"), seen.body.len().to_string(), "{seen:?}");
        }
        seen
    }

    /// A good answer.
    #[track_caller]
    fn ok(&self, asked: &str, body: impl AsRef<[u8]>) -> Seen {
        let seen = self.ask(asked, body);
        assert!((200..300).contains(&seen.status), "{asked}: {} {}", seen.status, seen.text());
        seen
    }

    /// Asks and expects `status code`, or `status code message`.
    #[track_caller]
    fn refused(&self, asked: &str, body: impl AsRef<[u8]>, expected: &str) {
        let seen = self.ask(asked, body);
        let found = format!("{} {} {}", seen.status, seen.inner("Code"), seen.inner("Message"));
        assert!(found.starts_with(expected), "{asked}\nexpected {expected}\nfound    {found}");
    }

    /// How many files of objects there are once the bin is empty.
    fn files(&self) -> usize {
        self.disk.empty_bin();
        self.disk.objects()
    }
}

impl Seen {
    /// The value of a header, empty if there is none.
    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("it is text")
    }

    /// What stands in the first element of this name.
    fn inner(&self, name: &str) -> &str {
        self.all(name).first().copied().unwrap_or_default()
    }

    /// What stands in each element of this name.
    fn all(&self, name: &str) -> Vec<&str> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let inners = self.text().split(open.as_str()).skip(1);
        inners.map(|rest| rest.split(close.as_str()).next().unwrap_or_default()).collect()
    }
}

#[test]
fn errors_have_the_shape_of_s3() {
    let s3 = S3::with_bucket();
    let seen = s3.ask("GET /b-1/a%20b", "");
    let id = seen.header("x-amz-request-id");
    assert_eq!((seen.status, seen.header("content-type"), id.len()), (404, "application/xml", 16));
    assert_eq!(
        seen.text(),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does \
             not exist.</Message><Key>a b</Key><RequestId>{id}</RequestId><HostId>gatelet</HostId></Error>"
        )
    );
    assert!(s3.ask("HEAD /b-1/a", "").body.is_empty());
    s3.refused("GET /b-2/a", "", "404 NoSuchBucket The specified bucket does not exist");
    s3.refused("PATCH /b-1", "", "405 MethodNotAllowed");
    s3.refused("GET /b-1/%ff", "", "400 InvalidURI");
    s3.refused(
        "GET /b-1/k?torrent",
        "",
        "501 NotImplemented gatelet does not support the operation GetObjectTorrent",
    );
}

#[test]
fn each_row_answers_something_of_its_own() {
    let s3 = S3::with_bucket();
    for row in SERVICE.operations {
        for bucket in ["b-1", "b-2"] {
            let at = row.at.replace("{Bucket}", bucket).replace("{Key+}", "k");
            let seen = s3.ask(&at, "x");
            assert!(seen.status < 500, "{at}: {seen:?}");
        }
    }
}
