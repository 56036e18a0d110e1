//! What a call of a control plane costs the reactor, which does nothing else meanwhile: a read, and a change of an
//! api that is at AWS's quota of routes and deploys itself.

use std::hint::black_box;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use gatelet::base::{Now, Published, Rng};
use gatelet::control::files::{Files, Sink};
use gatelet::control::ports::Ports;
use gatelet::control::{Control, Turn};
use gatelet::live::Live;
use gatelet::model::Settings;
use gatelet::model::bucket::Stored;
use gatelet::model::function::Unpacked;
use gatelet::proto::http1::Request;

/// AWS: 300 per api.
const ROUTES: usize = 300;

/// As an SDK signs.
const SIGNED: &str = "Host: localhost:4566\r\nUser-Agent: aws-cli/2.15.0\r\nAuthorization: AWS4-HMAC-SHA256 \
    Credential=test/20200408/us-east-1/apigateway/aws4_request, SignedHeaders=host;x-amz-date, \
    Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n";

fn calls(c: &mut Criterion) {
    let control = control();
    ask(&control, "POST /v2/apis", r#"{"name":"a","protocolType":"HTTP","tags":{"_custom_id_":"a"}}"#);
    ask(&control, "POST /v2/apis/a/stages", r#"{"stageName":"$default","autoDeploy":true}"#);
    for n in 0..ROUTES {
        ask(&control, "POST /v2/apis/a/routes", &format!(r#"{{"routeKey":"GET /pets/{{id}}/{n}"}}"#));
    }
    for (name, line, body) in [
        ("control/GetApi", "GET /v2/apis/a", ""),
        ("control/UpdateApi, 300 routes, auto-deploy", "PATCH /v2/apis/a", r#"{"description":"d"}"#),
    ] {
        c.bench_function(name, |b| {
            b.iter_batched(|| request(line, body), |request| call(&control, request), BatchSize::SmallInput);
        });
    }
}

fn control() -> Control {
    let settings = Arc::new(Settings::default());
    let live = Arc::new(Published::new(Live::empty(Arc::clone(&settings))));
    Control::new(settings, live, Arc::new(NoDisk), Arc::new(NoPorts), Rng::with_seed(1), now())
}

fn now() -> Now {
    Now { instant: Instant::now(), unix_ms: 1_586_372_745_000 }
}

fn request(line: &str, body: &str) -> Request {
    let length = body.len();
    let bytes = format!("{line} HTTP/1.1\r\n{SIGNED}Content-Length: {length}\r\n\r\n{body}");
    Request::of(bytes.as_bytes()).expect("it is whole")
}

fn call(control: &Control, request: Request) -> u16 {
    match control.call(now(), black_box(request)) {
        Turn::Done(done) => done.response.status,
        Turn::Later(_) | Turn::Invoke(_) | Turn::Reset(_) | Turn::End(_) | Turn::Metrics => {
            unreachable!("these are quick")
        }
    }
}

fn ask(control: &Control, line: &str, body: &str) {
    let status = call(control, request(line, body));
    assert!(status < 300, "{line} {body}: {status}");
}

/// None of these calls touches the disk.
struct NoDisk;

impl Files for NoDisk {
    fn new_folder(&self) -> io::Result<Unpacked> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn write(&self, _: &Path, _: &Path, _: bool, _: &mut dyn io::Read, _: u64) -> io::Result<u64> {
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
    fn new_object(&self) -> io::Result<Box<dyn Sink>> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn read_object(&self, _: &Stored, _: u64, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Nor are they about WebSocket APIs.
struct NoPorts;

impl Ports for NoPorts {
    fn open(&self) -> Option<u16> {
        None
    }
    fn close(&self, _: u16) {}
}

criterion_group!(benches, calls);
criterion_main!(benches);
