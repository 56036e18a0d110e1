//! What every event costs before anything is done about it: a key looked up, a deadline moved, the newest
//! snapshot read.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use gatelet::base::{Key, Published, Reader, Table, Timers};

/// As many connections as a busy gateway has.
const OCCUPANTS: usize = 1000;

fn table(c: &mut Criterion) {
    let mut table = Table::new(2 * OCCUPANTS);
    let keys: Vec<Key<[u64; 8]>> = (0..OCCUPANTS).filter_map(|_| table.insert([1; 8])).collect();
    let mut turn = 0;
    c.bench_function("table/get_mut", |b| {
        b.iter(|| {
            turn = (turn + 7) % OCCUPANTS;
            table.get_mut(black_box(keys[turn])).map(|occupant| occupant[0] += 1)
        });
    });
    let gone = table.insert([2; 8]).expect("there is room");
    table.remove(gone);
    c.bench_function("table/get, gone", |b| b.iter(|| table.get(black_box(gone)).is_none()));
    c.bench_function("table/insert and remove", |b| {
        b.iter(|| {
            let key = table.insert(black_box([3; 8])).expect("there is room");
            table.remove(key)
        });
    });
}

fn timers(c: &mut Criterion) {
    let mut table = Table::new(OCCUPANTS);
    let keys: Vec<Key<()>> = (0..OCCUPANTS).filter_map(|_| table.insert(())).collect();
    let start = Instant::now();
    let mut timers = Timers::default();
    keys.iter().for_each(|key| timers.set(*key, start + Duration::from_secs(1)));
    let mut turn = 0u32;
    c.bench_function("timers/set, later each time", |b| {
        b.iter(|| {
            turn = turn.wrapping_add(7);
            let key = keys[turn as usize % OCCUPANTS];
            timers.set(black_box(key), start + Duration::from_secs(2) + Duration::from_nanos(turn.into()));
        });
    });
    c.bench_function("timers/expired, nothing is", |b| b.iter(|| timers.expired(black_box(start))));
    c.bench_function("timers/set and expire", |b| {
        let mut timers = Timers::default();
        let mut now = start;
        b.iter(|| {
            now += Duration::from_micros(1);
            timers.set(black_box(keys[0]), now);
            timers.expired(now)
        });
    });
}

fn published(c: &mut Criterion) {
    let published = Arc::new(Published::new(0u64));
    let mut reader = Reader::new(Arc::clone(&published));
    c.bench_function("published/get, unchanged", |b| b.iter(|| **black_box(&mut reader).get()));
    c.bench_function("published/get and clone", |b| b.iter(|| Arc::clone(black_box(&mut reader).get())));
    let mut version = 0;
    c.bench_function("published/publish and get", |b| {
        b.iter(|| {
            version += 1;
            published.publish(version);
            **reader.get()
        });
    });
}

criterion_group!(benches, table, timers, published);
criterion_main!(benches);
