//! HTTP/1.1: what a request costs to read, and a response to write.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use gatelet::proto::http1::{Decoded, Decoder, Framing, Inbox, Limits, Request, Response, Spares};

/// As curl sends it.
const SMALL: &[u8] =
    b"GET /pets/42?tag=x HTTP/1.1\r\nHost: localhost:4566\r\nUser-Agent: curl/8.14.1\r\nAccept: */*\r\n\r\n";

/// As a browser sends it: some 600 bytes.
const BROWSER: &[u8] = b"GET /prod/pets/42?tag=x&tag=y HTTP/1.1\r\n\
    Host: abcde12345.execute-api.localhost.localstack.cloud:4566\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
    Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\
    Connection: keep-alive\r\nCookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n\
    Upgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n\
    Sec-Fetch-Site: none\r\nSec-Fetch-User: ?1\r\nPriority: u=0, i\r\n\r\n";

/// A connection, as the reactor serves it.
#[derive(Default)]
struct Connection {
    decoder: Decoder,
    inbox: Inbox,
    spares: Spares,
}

impl Connection {
    fn receive(&mut self, bytes: &[u8]) {
        self.inbox.room(16 * 1024, &mut self.spares)[..bytes.len()].copy_from_slice(bytes);
        self.inbox.filled(bytes.len());
    }

    fn next(&mut self) -> Option<Request> {
        let Self { decoder, inbox, spares } = self;
        match decoder.decode(inbox, &Limits::default(), |_| 10 << 20, spares) {
            Ok(Decoded::Request(request)) => Some(request),
            Ok(Decoded::Incomplete | Decoded::Continue) => None,
            Ok(Decoded::Begun { .. } | Decoded::Piece { .. }) => panic!("no body comes in pieces"),
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Takes all that came, and how many they were.
    fn serve(&mut self) -> usize {
        let mut count = 0;
        while let Some(request) = self.next() {
            black_box(&request);
            request.recycle(&mut self.spares);
            count += 1;
        }
        count
    }
}

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("http1/request");
    for (name, bytes, count) in [
        ("small", SMALL.to_vec(), 1),
        ("browser", BROWSER.to_vec(), 1),
        ("small, 16 pipelined", SMALL.repeat(16), 16),
        ("browser, 16 pipelined", BROWSER.repeat(16), 16),
    ] {
        let mut connection = Connection::default();
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                connection.receive(black_box(&bytes));
                assert_eq!(connection.serve(), count);
            });
        });
    }
    let mut connection = Connection::default();
    group.throughput(Throughput::Elements(1));
    group.bench_function("browser, byte by byte", |bencher| {
        bencher.iter(|| {
            for byte in BROWSER.chunks(1) {
                connection.receive(byte);
                connection.serve();
            }
        });
    });
    group.finish();
}

fn bodies(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("http1/body");
    let head = b"POST / HTTP/1.1\r\nHost: a\r\n";
    let chunked = |size: usize, count: usize| {
        let chunk = [format!("{size:x}\r\n").as_bytes(), &vec![b'x'; size], b"\r\n"].concat();
        [head, &b"Transfer-Encoding: chunked\r\n\r\n"[..], &chunk.repeat(count), b"0\r\n\r\n"].concat()
    };
    let known = |size: usize| {
        [head, format!("Content-Length: {size}\r\n\r\n").as_bytes(), &vec![b'x'; size]].concat()
    };
    for (name, bytes, length) in [
        ("1 MiB", known(1 << 20), 1 << 20),
        ("1 MiB, chunks of 16 KiB", chunked(16 << 10, 64), 1 << 20),
        ("1 MiB, chunks of 1 KiB", chunked(1 << 10, 1 << 10), 1 << 20),
        ("64 KiB, chunks of 1 byte", chunked(1, 64 << 10), 64 << 10),
    ] {
        let mut connection = Connection::default();
        group.throughput(Throughput::Bytes(length as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut seen = None;
                for part in bytes.chunks(16 * 1024) {
                    connection.receive(part);
                    seen = connection.next();
                }
                let request = seen.expect("the last part completes it");
                assert_eq!(request.body().len(), length);
                request.recycle(&mut connection.spares);
            });
        });
    }
    group.finish();
}

fn responses(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("http1/response");
    let framing =
        Framing { head_only: false, http10: false, keep_alive: true, date: "Sun, 06 Nov 1994 08:49:37 GMT" };
    let mut out = Vec::with_capacity(4096);
    group.bench_function("404", |bencher| {
        bencher.iter(|| {
            out.clear();
            let mut response = Response::json(404, &br#"{"message":"Not Found"}"#[..]);
            response.header("Apigw-Requestid", "JCJXri3_PHcEP_Q=");
            response.write(&mut out, framing);
            black_box(&out);
        });
    });
    let body = bytes::Bytes::from(vec![b'x'; 1000]);
    group.bench_function("200 of a function, 1,000 bytes", |bencher| {
        bencher.iter(|| {
            out.clear();
            let mut response = Response::new(200);
            response.body = body.clone();
            for (name, value) in
                [("content-type", "text/html"), ("x-custom-header", "some value"), ("etag", "\"1\"")]
            {
                response.foreign_header_canonical(name, value.as_bytes()).expect("these are good");
            }
            response.header("Apigw-Requestid", "JCJXri3_PHcEP_Q=");
            response.write(&mut out, framing);
            black_box(&out);
        });
    });
    group.finish();
}

criterion_group!(benches, requests, bodies, responses);
criterion_main!(benches);
