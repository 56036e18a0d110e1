//! What a request's line in the log, and its count in the metrics, cost the reactor: the aim is below 300 ns for
//! the line and a few for the count.

use std::hint::black_box;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use gatelet::base::Now;
use gatelet::log::{self, Format, Level, RequestLine, Served};
use gatelet::metrics::{Kind, Metrics};

const REQUEST: RequestLine<'_> = RequestLine {
    method: "GET",
    path: "/pets/1234567/owners",
    served: Served::Api {
        api: Some("a1b2c3d4e5"),
        stage: Some("$default"),
        route: Some("GET /pets/{id}/owners"),
    },
    status: 200,
    duration_us: 1234,
    bytes: 321,
    error: None,
};

fn line(c: &mut Criterion) {
    for (name, format) in [("text", Format::Text), ("json", Format::Json)] {
        let (mut logger, handle, chunks) = log::channel(Level::Info, format);
        let writer = thread::spawn(move || log::write_all(chunks, io::sink()));
        let mut now = Now { instant: Instant::now(), unix_ms: 1_795_501_200_123 };
        c.bench_function(&format!("log/request, {name}"), |b| {
            b.iter(|| {
                // A thousand requests a second, so that the second changes at times.
                now.unix_ms += 1;
                logger.request(now, black_box(&REQUEST));
            });
        });
        logger.finish();
        drop(handle);
        writer.join().expect("the writer ends when nobody can log any more");
    }
    let (mut logger, _handle, _chunks) = log::channel(Level::Warn, Format::Text);
    let now = Now { instant: Instant::now(), unix_ms: 0 };
    c.bench_function("log/request, not of interest", |b| b.iter(|| logger.request(now, black_box(&REQUEST))));
}

fn count(c: &mut Criterion) {
    let mut metrics = Metrics::default();
    c.bench_function("metrics/request", |b| {
        b.iter(|| metrics.request(Kind::HttpApi, black_box(200), black_box(Duration::from_micros(234))));
    });
}

criterion_group!(benches, line, count);
criterion_main!(benches);
