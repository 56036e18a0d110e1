//! Random lives of a pool, replayable by seed: whatever happens in whatever order, each invocation ends exactly
//! once, no limit is passed, and in the end nothing is left.

use std::collections::HashMap;

use super::tests::World;
use super::*;
use crate::lambda::fixture;

/// What the simulation knows of a worker that lives.
#[derive(Default)]
struct Life {
    /// The event that it has not answered.
    event: Option<Arc<str>>,
    /// Whether it has asked for an event and got none.
    asked: bool,
}

struct Simulation {
    seed: u64,
    rng: Rng,
    limits: Limits,
    world: World,
    functions: Vec<Arc<Version>>,
    lives: HashMap<u64, Life>,
    /// Workers that are gone, to say things in their name.
    gone: Vec<Key<Worker>>,
    invoked: u32,
    ended: Vec<bool>,
    seen: [usize; 4],
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let limits = Limits {
            workers: rng.usize(1..6),
            starting: rng.usize(1..4),
            queue: rng.usize(1..30),
            idle: Duration::from_secs(rng.u64(1..100)),
            init: Duration::from_secs(10),
        };
        let functions = (1..=rng.u64(1..6)).map(|serial| {
            let mut version = fixture::version(serial);
            version.timeout_s = rng.u32(1..20);
            version.concurrency = rng.bool().then(|| rng.u32(0..6));
            Arc::new(version)
        });
        let functions = functions.collect();
        let world = World::new(limits);
        let (lives, gone, ended) = (HashMap::new(), Vec::new(), Vec::new());
        Self { seed, rng, limits, world, functions, lives, gone, invoked: 0, ended, seen: [0; 4] }
    }

    fn step(&mut self) {
        let now = self.world.now;
        match self.rng.u8(..20) {
            0..6 => {
                let function = Arc::clone(self.rng.choice(&self.functions).unwrap());
                self.ended.push(false);
                self.world.invoke(&function, self.invoked);
                self.invoked += 1;
            }
            6..9 => {
                let mut up = |life: &Life| !life.asked && life.event.is_none();
                if let Some(worker) = self.some_worker(&mut up) {
                    self.lives.get_mut(&worker.to_bits()).unwrap().asked = true;
                    self.world.pool.ready(now, worker);
                }
            }
            9..14 => {
                if let Some(worker) = self.some_worker(&mut |life| life.event.is_some()) {
                    let id = self.lives.get_mut(&worker.to_bits()).unwrap().event.take().unwrap();
                    let said = if self.rng.bool() { Said::Response } else { Said::Error };
                    assert!(!self.world.pool.answered(now, worker, "not its own", said(Bytes::new())));
                    assert!(
                        self.world.pool.answered(now, worker, &id, said(Bytes::new())),
                        "seed {}",
                        self.seed
                    );
                    assert!(!self.world.pool.answered(now, worker, &id, said(Bytes::new())));
                }
            }
            14 => {
                if let Some(worker) = self.some_worker(&mut |_| true) {
                    self.lives.remove(&worker.to_bits());
                    self.gone.push(worker);
                    match self.rng.u8(..3) {
                        0 => self.world.pool.exited(now, worker, Exit::Code(1)),
                        1 => self.world.pool.init_failed(now, worker, Bytes::from_static(b"{}")),
                        _ => self.world.pool.start_failed(now, worker, "why"),
                    }
                }
            }
            15 => {
                if let Some(worker) = self.some_worker(&mut |_| true) {
                    self.world.pool.started(now, worker);
                    self.world.pool.output(now, worker, b"some text\nand more");
                }
            }
            16 => self.speak_in_the_name_of_the_dead(),
            17 => {
                let kept = self.rng.u64(1..6);
                self.world.pool.retain(now, |version| version.serial != kept);
            }
            18 if self.rng.u8(..50) == 0 => self.world.pool.stop(now),
            _ => {
                let most = if self.rng.u8(..10) == 0 { 20_000 } else { 60 };
                let later = Duration::from_millis(self.rng.u64(..most));
                self.world.now.instant += later;
                self.world.now.unix_ms += later.as_millis() as u64;
                if self.world.pool.next_timeout().is_some_and(|at| at <= self.world.now.instant) {
                    self.world.pool.timeout(self.world.now);
                }
            }
        }
        self.world.settle();
        self.take_down();
    }

    fn some_worker(&mut self, which: &mut dyn FnMut(&Life) -> bool) -> Option<Key<Worker>> {
        let mut fitting: Vec<u64> =
            self.lives.iter().filter(|(_, life)| which(life)).map(|(bits, _)| *bits).collect();
        fitting.sort_unstable();
        self.rng.choice(fitting).map(Key::from_bits)
    }

    fn speak_in_the_name_of_the_dead(&mut self) {
        let now = self.world.now;
        if let Some(&worker) = self.rng.choice(&self.gone) {
            let pool = &mut self.world.pool;
            pool.started(now, worker);
            pool.ready(now, worker);
            pool.output(now, worker, b"boo\n");
            pool.exited(now, worker, Exit::Closed);
            assert!(!pool.answered(now, worker, "id", Said::Response(Bytes::new())));
            assert!(pool.poll_effect().is_none(), "seed {}: the dead are not heard", self.seed);
        }
    }

    /// Checks what the pool wanted against what may be.
    fn take_down(&mut self) {
        let (seed, world) = (self.seed, &self.world);
        let [started, delivered, killed, done] = self.seen;
        for worker in &world.started[started..] {
            assert!(self.lives.insert(worker.to_bits(), Life::default()).is_none(), "seed {seed}");
        }
        for (worker, delivery) in &world.deliveries[delivered..] {
            // A worker that was killed in the same step may have got its event before.
            let Some(life) = self.lives.get_mut(&worker.to_bits()) else { panic!("seed {seed}: to nobody") };
            assert!(life.asked && life.event.is_none(), "seed {seed}: an event that was not asked for");
            life.asked = false;
            life.event = Some(Arc::clone(&delivery.request_id));
        }
        for worker in &world.killed[killed..] {
            if self.lives.remove(&worker.to_bits()).is_some() {
                self.gone.push(*worker);
            }
        }
        for (ticket, _) in &world.done[done..] {
            let ended = &mut self.ended[*ticket as usize];
            assert!(!std::mem::replace(ended, true), "seed {seed}: {ticket} ends twice");
        }
        self.seen = [world.started.len(), world.deliveries.len(), world.killed.len(), world.done.len()];
        let open = self.ended.iter().filter(|ended| !**ended).count();
        assert_eq!(world.pool.in_flight(), open, "seed {seed}: each invocation is somewhere");
        assert_eq!(world.pool.workers().0, self.lives.len(), "seed {seed}");
        let busy = self.lives.values().filter(|life| life.event.is_some()).count();
        assert_eq!(world.pool.workers().1, busy, "seed {seed}");
        world.pool.check(&self.limits);
    }

    /// From now on all workers do as they should.
    fn drain(&mut self) {
        let mut rounds = 0;
        while self.world.pool.in_flight() > 0 {
            rounds += 1;
            assert!(rounds < 10_000, "seed {}: it never ends", self.seed);
            let workers: Vec<u64> = self.lives.keys().copied().collect();
            for worker in workers {
                let Some(life) = self.lives.get_mut(&worker) else { continue };
                let worker = Key::from_bits(worker);
                if let Some(id) = life.event.take() {
                    self.world.pool.answered(self.world.now, worker, &id, Said::Response(Bytes::new()));
                }
                if !std::mem::replace(&mut life.asked, true) {
                    self.world.pool.ready(self.world.now, worker);
                }
                self.world.settle();
                self.take_down();
            }
            if let Some(next) = self.world.pool.next_timeout() {
                self.world.now.instant = self.world.now.instant.max(next);
                self.world.pool.timeout(self.world.now);
                self.world.settle();
                self.take_down();
            }
        }
        while let Some(next) = self.world.pool.next_timeout() {
            self.world.now.instant = self.world.now.instant.max(next);
            self.world.pool.timeout(self.world.now);
            self.world.settle();
            self.take_down();
        }
        assert!(self.ended.iter().all(|ended| *ended), "seed {}", self.seed);
        assert_eq!(self.world.pool.workers(), (0, 0), "seed {}", self.seed);
        assert!(self.world.pool.groups.is_empty() && self.world.pool.by_serial.is_empty());
    }
}

impl<Ticket> Pool<Ticket> {
    /// What always holds between two calls.
    fn check(&self, limits: &Limits) {
        let states = |which: fn(&State<Ticket>) -> bool| {
            self.workers.iter().filter(|(_, process)| which(&process.state)).count()
        };
        assert_eq!(self.starting, states(|state| matches!(state, State::Starting { .. })));
        assert_eq!(self.idle, states(|state| matches!(state, State::Idle { .. })));
        assert_eq!(self.busy, states(|state| matches!(state, State::Busy(_))));
        assert!(self.workers.len() <= limits.workers && self.starting <= limits.starting);
        assert!(self.waiting <= limits.queue);
        assert_eq!(self.groups.len(), self.by_serial.len());
        let sum =
            |of: fn(&Group<Ticket>) -> usize| self.groups.iter().map(|(_, group)| of(group)).sum::<usize>();
        assert_eq!(self.waiting, sum(|group| group.queue.len()));
        assert_eq!(self.workers.len(), sum(|group| group.workers));
        assert_eq!(self.starting, sum(|group| group.starting));
        assert_eq!(self.idle, sum(|group| group.idle.len()));
        assert_eq!(self.busy, sum(|group| group.busy));
        for (key, group) in self.groups.iter() {
            assert!(group.queue.is_empty() || group.idle.is_empty(), "nobody waits while a worker is idle");
            assert!(!group.is_empty() && self.by_serial[&group.function.serial] == key);
            assert_eq!(group.hungry, self.hungry.contains(&key));
            let cared_for = group.queue.is_empty() || group.workers > 0 || group.hungry;
            assert!(cared_for, "who waits has a worker or stands in line for one");
        }
    }
}

#[test]
fn random_lives() {
    for seed in 0..300 {
        let mut simulation = Simulation::new(seed);
        for _ in 0..300 {
            simulation.step();
        }
        simulation.drain();
    }
}
