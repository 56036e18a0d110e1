//! What a warm invocation costs in the pool and in the frames' codec.
//!
//! Aim: the pool's whole part (invoke, answered, ready, and the effects between) below 2 us, a fiftieth of the
//! round trip to a node worker.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use gatelet::base::{Now, Rng};
use gatelet::lambda::{Delivery, Effect, Invoke, Limits, Pool, Said, frames};
use gatelet::model::Owner;
use gatelet::model::function::{Code, Folder, Version};

criterion_group!(benches, warm, framing);
criterion_main!(benches);

fn warm(c: &mut Criterion) {
    let limits = Limits {
        workers: 50,
        starting: 4,
        queue: 1000,
        idle: Duration::from_secs(600),
        init: Duration::from_secs(10),
    };
    let mut pool: Pool<u64> = Pool::new(limits, Rng::with_seed(1));
    let mut now = Now { instant: Instant::now(), unix_ms: 1_744_668_836_573 };
    let function = version();
    let (arn, trace_id): (Arc<str>, Arc<str>) = (ARN.into(), TRACE.into());
    let invoke = |ticket| Invoke {
        function: Arc::clone(&function),
        fingerprint: 0,
        arn: Arc::clone(&arn),
        trace_id: Arc::clone(&trace_id),
        client_context: None,
        event: Bytes::from_static(b"{}"),
        ticket,
    };
    pool.invoke(now, invoke(0));
    let Some(Effect::Start { worker, .. }) = pool.poll_effect() else { panic!("a worker starts") };
    pool.ready(now, worker);
    let answer = Bytes::from_static(b"{\"statusCode\":200}");
    let mut round = |pool: &mut Pool<u64>, printed: &[u8]| {
        let Some(Effect::Deliver { delivery, .. }) = pool.poll_effect() else { panic!("it is delivered") };
        now.instant += Duration::from_micros(80);
        if !printed.is_empty() {
            pool.output(now, worker, printed);
        }
        assert!(pool.answered(now, worker, &delivery.request_id, Said::Response(answer.clone())));
        pool.ready(now, worker);
        while let Some(effect) = pool.poll_effect() {
            black_box(&effect);
        }
        pool.invoke(now, invoke(1));
    };
    c.bench_function("pool/warm invocation", |b| b.iter(|| round(&mut pool, b"")));
    let line = b"2026-11-24T06:00:00.000Z\t8476a536-e9f4-41e8-9739-2dfe598c3fcd\tINFO\thello\n";
    c.bench_function("pool/warm invocation that prints a line", |b| b.iter(|| round(&mut pool, line)));
}

fn framing(c: &mut Criterion) {
    let delivery = Delivery {
        request_id: "8476a536-e9f4-41e8-9739-2dfe598c3fcd".into(),
        deadline_ms: 1_744_668_839_573,
        arn: ARN.into(),
        trace_id: TRACE.into(),
        client_context: None,
        event: vec![b' '; 1500].into(),
    };
    let mut out = Vec::with_capacity(4096);
    c.bench_function("frames/encode 1.5 KB", |b| {
        b.iter(|| {
            out.clear();
            frames::encode(&mut out, &delivery);
            black_box(&out);
        });
    });
    let mut said = Vec::from(b"\x38\0\0\0r\x24".as_slice());
    said.extend_from_slice(delivery.request_id.as_bytes());
    said.extend_from_slice(b"{\"statusCode\":200}\x02\0\0\0n\0");
    let (mut decoder, mut input) = (frames::Decoder::default(), Vec::new());
    c.bench_function("frames/decode answer and wish", |b| {
        b.iter(|| {
            input.extend_from_slice(&said);
            while let Some(frame) = decoder.decode(&mut input).unwrap() {
                black_box(&frame);
            }
        });
    });
}

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";
const TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793";

fn version() -> Arc<Version> {
    Arc::new(Version {
        serial: 1,
        owner: Owner { account: "000000000000".into(), region: "us-east-1".into() },
        name: "f".into(),
        version: "$LATEST".into(),
        arn: String::new(),
        runtime: "nodejs20.x".into(),
        handler: "index.handler".into(),
        role: String::new(),
        description: String::new(),
        timeout_s: 3,
        memory_mb: 128,
        environment: Some(BTreeMap::new()),
        code: Arc::new(Code {
            folder: Folder::HotReload(PathBuf::from("/code")),
            sha256: String::new(),
            size: 0,
        }),
        architectures: Vec::new(),
        ephemeral_mb: 512,
        tracing: "PassThrough".into(),
        modified_ms: 0,
        revision_id: String::new(),
        concurrency: None,
        log_group: "/aws/lambda/f".into(),
        layers: Vec::new(),
        stored: serde_json::Map::new(),
    })
}
