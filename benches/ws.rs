//! WebSocket: what a frame costs to read and to write, and unmasking by itself.
//!
//! Measured on a 2-core virtual machine with other load: 90 ns to read a message of 64 bytes when several came at
//! once, 20 ns to write it, 120 to echo it; unmasking as `proto::ws::mask` says. The kernel's part of such a message
//! is some hundred times that, so all frames of one read are answered in one write.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use gatelet::proto::http1::{Inbox, Spares};
use gatelet::proto::ws::{Event, Frame, Limits, Opcode, Session, mask};

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A message as a client sends it, in frames that carry at most so many bytes.
fn message(opcode: Opcode, payload: &[u8], most: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let count = payload.len().div_ceil(most);
    for (i, part) in payload.chunks(most).enumerate() {
        let opcode = if i == 0 { opcode } else { Opcode::Continuation };
        Frame { fin: i + 1 == count, opcode, mask: Some(MASK), payload: part }.write(&mut out);
    }
    out
}

/// A connection, as the reactor serves it.
#[derive(Default)]
struct Connection {
    session: Session,
    inbox: Inbox,
    spares: Spares,
    out: Vec<u8>,
}

impl Connection {
    fn receive(&mut self, bytes: &[u8]) {
        self.inbox.room(16 * 1024, &mut self.spares)[..bytes.len()].copy_from_slice(bytes);
        self.inbox.filled(bytes.len());
    }

    /// Takes all that came; how many messages, and of how many bytes.
    fn read(&mut self, limits: &Limits) -> (usize, usize) {
        let (mut count, mut length) = (0, 0);
        loop {
            match self.session.decode(&mut self.inbox, limits, &mut self.out) {
                Ok(Some(Event::Text(text))) => length += black_box(&*text).len(),
                Ok(Some(Event::Binary(bytes))) => length += black_box(&*bytes).len(),
                Ok(None) => return (count, length),
                other => panic!("{other:?}"),
            }
            count += 1;
        }
    }

    fn echo(&mut self, limits: &Limits) {
        let Self { session, inbox, out, .. } = self;
        out.clear();
        while let Ok(Some(event)) = session.decode(inbox, limits, out) {
            let Event::Text(text) = event else { panic!("{event:?}") };
            assert!(session.text(&text, limits, out));
        }
    }
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ws/decode");
    let limits = Limits::default();
    let text = |length: usize| "{\"action\":\"a\"} ".repeat(length.div_ceil(15))[..length].to_owned();
    for (name, bytes, count, length) in [
        ("text, 64 bytes", message(Opcode::Text, text(64).as_bytes(), 64), 1, 64),
        ("text, 64 bytes, 16 at once", message(Opcode::Text, text(64).as_bytes(), 64).repeat(16), 16, 1024),
        ("text, 1 KiB", message(Opcode::Text, text(1024).as_bytes(), 1024), 1, 1024),
        ("text, 32 KiB", message(Opcode::Text, text(32 << 10).as_bytes(), 32 << 10), 1, 32 << 10),
        (
            "text, 128 KiB in 4 frames",
            message(Opcode::Text, text(128 << 10).as_bytes(), 32 << 10),
            1,
            128 << 10,
        ),
        ("binary, 32 KiB", message(Opcode::Binary, &[7; 32 << 10], 32 << 10), 1, 32 << 10),
        (
            "text, 64 KiB in frames of 1 byte",
            message(Opcode::Text, text(64 << 10).as_bytes(), 1),
            1,
            64 << 10,
        ),
    ] {
        let mut connection = Connection::default();
        group.throughput(Throughput::Bytes(length as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut seen = (0, 0);
                for part in bytes.chunks(16 * 1024) {
                    connection.receive(black_box(part));
                    let more = connection.read(&limits);
                    seen = (seen.0 + more.0, seen.1 + more.1);
                }
                assert_eq!(seen, (count, length));
            });
        });
    }
    group.finish();
}

/// Sixteen messages of one read, answered in one write.
fn echo(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ws/echo");
    let bytes = message(Opcode::Text, &[b'x'; 64], 64).repeat(16);
    let mut connection = Connection::default();
    group.throughput(Throughput::Elements(16));
    group.bench_function("text, 64 bytes, 16 at once", |bencher| {
        bencher.iter(|| {
            connection.receive(black_box(&bytes));
            connection.echo(&Limits::default());
            assert_eq!(connection.out.len(), 16 * 66);
        });
    });
    group.finish();
}

fn encode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ws/encode");
    let (mut session, limits, mut out) = (Session::new(), Limits::default(), Vec::with_capacity(256 * 1024));
    for (name, length) in [("64 bytes", 64), ("1 KiB", 1024), ("32 KiB", 32 << 10), ("128 KiB", 128 << 10)] {
        let text = "x".repeat(length);
        group.throughput(Throughput::Bytes(length as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                assert!(session.text(black_box(&text), &limits, &mut out));
                black_box(&out);
            });
        });
    }
    group.finish();
}

fn unmask(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ws/unmask");
    for (name, length) in [("7 bytes", 7), ("64 bytes", 64), ("1 KiB", 1024), ("32 KiB", 32 << 10)] {
        let mut bytes = vec![0x55; length];
        group.throughput(Throughput::Bytes(length as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| mask::apply(black_box(&mut bytes), black_box(MASK)))
        });
    }
    group.finish();
}

criterion_group!(benches, decode, echo, encode, unmask);
criterion_main!(benches);
