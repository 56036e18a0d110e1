//! One scenario for each thing that can happen, under virtual time.

use super::*;
use crate::lambda::{Delivery, fixture};

const LIMITS: Limits = Limits {
    workers: 4,
    starting: 2,
    queue: 100,
    idle: Duration::from_secs(600),
    init: Duration::from_secs(10),
};

/// A pool, and all it ever wanted.
pub(super) struct World {
    pub(super) pool: Pool<u32>,
    pub(super) now: Now,
    pub(super) started: Vec<Key<Worker>>,
    pub(super) deliveries: Vec<(Key<Worker>, Delivery)>,
    pub(super) killed: Vec<Key<Worker>>,
    pub(super) done: Vec<(u32, Result<Invoked, Refused>)>,
    pub(super) lines: Vec<(Option<Arc<str>>, String)>,
}

impl World {
    pub(super) fn new(limits: Limits) -> Self {
        let now = Now { instant: Instant::now(), unix_ms: 1_744_668_836_573 };
        let pool = Pool::new(limits, Rng::with_seed(7));
        let (started, deliveries, killed) = (Vec::new(), Vec::new(), Vec::new());
        Self { pool, now, started, deliveries, killed, done: Vec::new(), lines: Vec::new() }
    }

    /// Takes the pool's wishes down.
    pub(super) fn settle(&mut self) {
        while let Some(effect) = self.pool.poll_effect() {
            match effect {
                Effect::Start { worker, .. } => self.started.push(worker),
                Effect::Deliver { worker, delivery } => self.deliveries.push((worker, delivery)),
                Effect::Kill { worker } => self.killed.push(worker),
                Effect::Done { ticket, outcome } => self.done.push((ticket, outcome)),
                Effect::Line { request_id, text, stream, .. } => {
                    assert!(stream.contains("/[$LATEST]"), "{stream}");
                    self.lines.push((request_id, String::from_utf8(text).unwrap()));
                }
                Effect::Platform { text, .. } => self.lines.push((None, String::from_utf8(text).unwrap())),
            }
        }
    }

    pub(super) fn invoke(&mut self, function: &Arc<Version>, ticket: u32) {
        self.invoke_edited(function, 0, ticket);
    }

    fn invoke_edited(&mut self, function: &Arc<Version>, fingerprint: u64, ticket: u32) {
        let invoke = Invoke {
            function: Arc::clone(function),
            fingerprint,
            arn: function.arn.as_str().into(),
            trace_id: "Root=1".into(),
            client_context: None,
            event: Bytes::from_static(b"{}"),
            ticket,
        };
        self.pool.invoke(self.now, invoke);
        self.settle();
    }

    fn ready(&mut self, worker: Key<Worker>) {
        self.pool.ready(self.now, worker);
        self.settle();
    }

    /// Time goes on by this much, and the pool is called whenever it asked to be.
    fn pass(&mut self, duration: Duration) {
        let end = self.now.instant + duration;
        while let Some(next) = self.pool.next_timeout().filter(|next| *next <= end) {
            self.jump(next);
            self.pool.timeout(self.now);
            self.settle();
        }
        self.jump(end);
    }

    fn jump(&mut self, to: Instant) {
        if to > self.now.instant {
            self.now.unix_ms += (to - self.now.instant).as_millis() as u64;
            self.now.instant = to;
        }
    }

    /// The last worker that was started asks for its first event; its key.
    fn comes_up(&mut self) -> Key<Worker> {
        let worker = *self.started.last().unwrap();
        self.pool.started(self.now, worker);
        self.ready(worker);
        worker
    }

    /// The worker that got the last event answers it, and asks for the next.
    fn answers(&mut self, payload: &'static str) {
        let (worker, delivery) = self.deliveries.last().unwrap();
        let (worker, id) = (*worker, Arc::clone(&delivery.request_id));
        let said = Said::Response(Bytes::from_static(payload.as_bytes()));
        assert!(self.pool.answered(self.now, worker, &id, said));
        self.settle();
        self.ready(worker);
    }

    /// How the last invocation that ended did so: its ticket, and its payload or `Reason`.
    fn last(&self) -> (u32, String) {
        let (ticket, outcome) = self.done.last().unwrap();
        let text = match outcome {
            Ok(invoked) => String::from_utf8(invoked.payload.to_vec()).unwrap(),
            Err(Refused::Throttled(reason)) => String::from(*reason),
            Err(Refused::Stopping) => "stopping".into(),
        };
        (*ticket, text)
    }

    fn last_is(&self, ticket: u32, kind: &str, message: &str) {
        let (who, text) = self.last();
        assert!(
            who == ticket && text.contains(&format!("\"errorType\":\"{kind}\"")) && text.contains(message),
            "{who}: {text}"
        );
    }
}

fn function(serial: u64) -> Arc<Version> {
    Arc::new(fixture::version(serial))
}

fn limited(serial: u64, concurrency: u32) -> Arc<Version> {
    let mut version = fixture::version(serial);
    version.concurrency = Some(concurrency);
    Arc::new(version)
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn a_worker_is_started_used_and_used_again() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    world.invoke(&f, 1);
    assert_eq!((world.started.len(), world.deliveries.len()), (1, 0));
    world.pass(ms(80));
    let worker = world.comes_up();
    let (to, delivery) = &world.deliveries[0];
    assert_eq!(*to, worker);
    assert_eq!(delivery.deadline_ms, world.now.unix_ms + 3000);
    assert_eq!((&*delivery.arn, &*delivery.trace_id), (f.arn.as_str(), "Root=1"));
    world.pass(ms(2));
    world.answers("1");
    assert_eq!(world.last(), (1, "1".into()));
    world.invoke(&f, 2);
    world.answers("2");
    assert_eq!(world.last(), (2, "2".into()));
    assert_eq!((world.started.len(), world.killed.len(), world.pool.workers()), (1, 0, (1, 0)));
    let (Ok(first), Ok(second)) = (&world.done[0].1, &world.done[1].1) else { panic!("both answered") };
    let tail = |invoked: &Invoked| String::from_utf8(invoked.log_tail.clone()).unwrap();
    assert!(tail(first).contains("Duration: 2.00 ms\t") && tail(first).contains("Init Duration: 80.00 ms"));
    assert!(!tail(second).contains("Init"));
    assert!(tail(second).starts_with(&format!("START RequestId: {} Version: $LATEST\n", second.request_id)));
}

#[test]
fn the_newest_idle_worker_is_used_and_the_oldest_ends() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    world.invoke(&f, 1);
    let first = world.comes_up();
    world.pass(ms(20));
    world.invoke(&f, 2);
    world.pass(ms(20));
    let second = world.comes_up();
    assert_ne!(first, second);
    world.answers("2");
    let id = Arc::clone(&world.deliveries[0].1.request_id);
    world.pool.answered(world.now, first, &id, Said::Response(Bytes::new()));
    world.ready(first);
    for n in 0..10 {
        world.pass(ms(100_000));
        world.invoke(&f, n);
        assert_eq!(world.deliveries.last().unwrap().0, first);
        world.answers("x");
    }
    assert_eq!(world.killed, [second]);
    world.pass(LIMITS.idle);
    assert_eq!(world.killed, [second, first]);
    assert_eq!((world.pool.workers(), world.pool.next_timeout()), ((0, 0), None));
}

#[test]
fn a_timeout_ends_the_worker_and_its_invocation_only() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    world.invoke(&f, 1);
    world.pass(ms(50));
    let worker = world.comes_up();
    world.pass(ms(2999));
    assert!(world.done.is_empty());
    world.pass(ms(1));
    world.last_is(1, "Sandbox.Timedout", "Error: Task timed out after 3.00 seconds");
    assert_eq!(world.killed, [worker]);
    // Nothing that comes from it is heard any more.
    let id = Arc::clone(&world.deliveries[0].1.request_id);
    assert!(!world.pool.answered(world.now, worker, &id, Said::Response(Bytes::new())));
    world.ready(worker);
    world.pool.exited(world.now, worker, Exit::Signal(9));
    world.pool.output(world.now, worker, b"late\n");
    world.settle();
    let lines: Vec<&str> = world.lines.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(lines, [format!("2025-04-14T22:13:59.623Z {id} Task timed out after 3.00 seconds")]);
    assert_eq!(world.done.len(), 1);
    world.invoke(&f, 2);
    world.comes_up();
    world.answers("ok");
    assert_eq!(world.last(), (2, "ok".into()));
}

#[test]
fn a_worker_that_ends_fails_the_invocation_that_it_has() {
    for (exit, message) in [
        (Exit::Code(1), "Runtime exited with error: exit status 1"),
        (Exit::Code(0), "Runtime exited without providing a reason"),
        (Exit::Signal(9), "Runtime exited with error: signal: killed"),
    ] {
        let (mut world, f) = (World::new(LIMITS), function(1));
        world.invoke(&f, 1);
        let worker = world.comes_up();
        world.pool.output(world.now, worker, b"last words");
        world.pool.exited(world.now, worker, exit);
        world.settle();
        world.last_is(1, "Runtime.ExitError", message);
        let id = Arc::clone(&world.deliveries[0].1.request_id);
        let words = format!("RequestId: {id} Error: {message}");
        let said = |text: String| (Some(Arc::clone(&id)), text);
        assert_eq!(world.lines, [said("last words".into()), said(words.clone())]);
        let Ok(invoked) = &world.done[0].1 else { panic!("it ran") };
        assert!(
            String::from_utf8_lossy(&invoked.log_tail).contains(&format!("\nlast words\n{words}\n\nEND"))
        );
        assert_eq!((world.pool.workers(), world.pool.in_flight()), ((0, 0), 0));
    }
}

#[test]
fn an_idle_worker_may_end() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    world.invoke(&f, 1);
    let worker = world.comes_up();
    world.answers("1");
    world.pool.exited(world.now, worker, Exit::Code(3));
    world.invoke(&f, 2);
    assert_eq!(world.started.len(), 2);
    world.comes_up();
    world.answers("2");
    assert_eq!(world.done.len(), 2);
}

#[test]
fn a_broken_start_answers_all_who_waited_for_it() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    let error = Bytes::from_static(b"{\"errorType\":\"Runtime.ImportModuleError\",\"errorMessage\":\"\"}");
    (1..=3).for_each(|ticket| world.invoke(&f, ticket));
    let first = world.started[0];
    world.pool.output(world.now, first, b"Traceback\n");
    world.pass(ms(20));
    world.invoke(&f, 4);
    world.pool.init_failed(world.now, first, error);
    world.settle();
    assert_eq!(world.done.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(), [1, 2, 3]);
    world.last_is(3, "Runtime.ImportModuleError", "");
    assert_eq!((world.killed.clone(), world.lines[0].clone()), (vec![first], (None, "Traceback".into())));
    assert_eq!(world.started.len(), 2, "who came after it gets a worker of its own");
    let second = world.started[1];
    world.pool.start_failed(world.now, second, "no such program");
    world.settle();
    world.last_is(4, "Runtime.InvalidEntrypoint", "no such program");
    assert_eq!((world.started.len(), world.pool.workers()), (2, (0, 0)), "nobody waits, nothing starts");
}

#[test]
fn a_broken_start_of_proven_code_answers_one() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    world.invoke(&f, 1);
    let first = world.comes_up();
    world.answers("1");
    world.pool.exited(world.now, first, Exit::Code(1));
    (2..=4).for_each(|ticket| world.invoke(&f, ticket));
    // The group was forgotten with its last worker, so this start proves the code again.
    world.comes_up();
    world.pass(ms(20));
    let second = *world.started.last().unwrap();
    assert_ne!(second, first);
    world.pool.exited(world.now, second, Exit::Code(1));
    world.settle();
    world.last_is(3, "Runtime.ExitError", "exit status 1");
    assert_eq!(world.pool.in_flight(), 2);
}

#[test]
fn a_missing_program_is_named() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    world.invoke(&f, 1);
    world.pool.exited(world.now, world.started[0], Exit::Code(127));
    world.settle();
    world.last_is(1, "Runtime.InvalidEntrypoint", "no program 'node'");
}

#[test]
fn a_start_may_take_as_long_as_init_or_the_function() {
    let mut slow = fixture::version(2);
    slow.timeout_s = 60;
    for (f, seconds) in [(function(1), 10), (Arc::new(slow), 60)] {
        let mut world = World::new(LIMITS);
        world.invoke(&f, 1);
        world.pass(Duration::from_secs(seconds) - ms(1));
        assert!(world.done.is_empty());
        world.pass(ms(1));
        world.last_is(1, "Sandbox.Timedout", &format!("Task timed out after {seconds}.00 seconds"));
        assert_eq!(world.killed.len(), world.started.len());
    }
}

#[test]
fn reserved_concurrency_throttles_at_once() {
    let (mut world, none, two) = (World::new(LIMITS), limited(1, 0), limited(2, 2));
    world.invoke(&none, 1);
    assert_eq!((world.last(), world.started.len()), ((1, RESERVED.into()), 0));
    world.invoke(&two, 2);
    world.invoke(&two, 3);
    world.invoke(&two, 4);
    assert_eq!(world.last(), (4, RESERVED.into()));
    // Versions share it.
    let mut published = fixture::version(2);
    (published.serial, published.concurrency) = (9, Some(2));
    world.invoke(&Arc::new(published), 5);
    assert_eq!(world.last(), (5, RESERVED.into()));
    world.comes_up();
    world.answers("2");
    world.invoke(&two, 6);
    assert_eq!(world.done.len(), 4, "one is over, one may come");
}

#[test]
fn the_queue_is_bounded() {
    let mut world = World::new(Limits { queue: 2, ..LIMITS });
    let f = function(1);
    (1..=3).for_each(|ticket| world.invoke(&f, ticket));
    assert_eq!(world.last(), (3, ACCOUNT.into()));
    world.comes_up();
    world.answers("1");
    world.answers("2");
    assert_eq!(world.last(), (2, "2".into()));
}

#[test]
fn an_answer_that_is_not_the_workers_own_is_refused() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    world.invoke(&f, 1);
    let worker = world.comes_up();
    let id = Arc::clone(&world.deliveries[0].1.request_id);
    let say = |world: &mut World, id: &str| {
        let accepted = world.pool.answered(world.now, worker, id, Said::Response(Bytes::from_static(b"1")));
        world.settle();
        accepted
    };
    assert!(!say(&mut world, "another"));
    assert!(say(&mut world, &id));
    assert!(!say(&mut world, &id), "twice");
    assert_eq!((world.last(), world.killed.len()), ((1, "1".into()), 0));
}

#[test]
fn a_worker_that_forgets_its_event_is_ended() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    world.invoke(&f, 1);
    let worker = world.comes_up();
    world.ready(worker);
    world.last_is(1, "Runtime.ExitError", "without providing a reason");
    assert_eq!(world.killed, [worker]);
}

#[test]
fn a_worker_that_answers_and_does_not_ask_again_is_ended() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    world.invoke(&f, 1);
    let worker = world.comes_up();
    let id = Arc::clone(&world.deliveries[0].1.request_id);
    world.pool.answered(world.now, worker, &id, Said::Response(Bytes::new()));
    world.pass(ms(3000));
    assert_eq!((world.killed.clone(), world.done.len()), (vec![worker], 1));
}

#[test]
fn errors_and_answers_that_are_too_large() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    world.invoke(&f, 1);
    let worker = world.comes_up();
    let id = Arc::clone(&world.deliveries[0].1.request_id);
    let error = Bytes::from_static(b"{\"errorType\":\"Error\",\"errorMessage\":\"no\"}");
    world.pool.answered(world.now, worker, &id, Said::Error(error.clone()));
    world.ready(worker);
    let Ok(invoked) = &world.done[0].1 else { panic!("it ran") };
    assert_eq!((&invoked.payload, invoked.error), (&error, Some(FunctionError::Unhandled)));
    world.invoke(&f, 2);
    let id = Arc::clone(&world.deliveries[1].1.request_id);
    world.pool.answered(world.now, worker, &id, Said::Response(vec![b' '; MAX_RESPONSE + 1].into()));
    world.settle();
    world.last_is(2, "Function.ResponseSizeTooLarge", "(6291556 bytes)");
}

#[test]
fn output_belongs_to_the_invocation() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    world.pool.log_platform_lines();
    world.invoke(&f, 1);
    let worker = world.started[0];
    world.pool.output(world.now, worker, b"loading\n");
    world.comes_up();
    world.pool.output(world.now, worker, b"one\ntw");
    world.pool.output(world.now, worker, b"o");
    world.answers("1");
    world.pool.output(world.now, worker, b"after\n");
    world.settle();
    let id = Arc::clone(&world.deliveries[0].1.request_id);
    let lines: Vec<&str> = world.lines.iter().map(|(_, text)| text.as_str()).collect();
    let (start, end) = (format!("START RequestId: {id} Version: $LATEST"), format!("END RequestId: {id}"));
    assert_eq!(lines[..5], ["loading", &start, "one", "two", &end]);
    assert!(lines[5].starts_with("REPORT ") && lines[6] == "after");
    let of_it: Vec<bool> = world.lines.iter().map(|(of, _)| of.as_ref() == Some(&id)).collect();
    assert_eq!(of_it, [false, false, true, true, false, false, true]);
}

#[test]
fn new_code_in_the_folder_retires_workers() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    world.invoke_edited(&f, 1, 1);
    let busy = world.comes_up();
    world.pass(ms(20));
    world.invoke_edited(&f, 1, 2);
    world.pass(ms(20));
    let idle = world.comes_up();
    world.answers("2");
    world.invoke_edited(&f, 2, 3);
    assert_eq!(world.killed, [idle]);
    let id = Arc::clone(&world.deliveries[0].1.request_id);
    world.pool.answered(world.now, busy, &id, Said::Response(Bytes::from_static(b"1")));
    world.ready(busy);
    assert_eq!((world.killed.clone(), world.last()), (vec![idle, busy], (1, "1".into())));
    world.comes_up();
    world.answers("3");
    assert_eq!(world.last(), (3, "3".into()));
}

#[test]
fn workers_of_changed_functions_end_when_they_are_done() {
    let (mut world, gone, kept) = (World::new(LIMITS), function(1), function(2));
    world.invoke(&kept, 1);
    let other = world.comes_up();
    world.answers("1");
    world.invoke(&gone, 2);
    let worker = world.comes_up();
    world.invoke(&gone, 3);
    world.pool.retain(world.now, |version| version.serial == 2);
    world.settle();
    assert!(world.killed.is_empty(), "what waits is served");
    world.answers("2");
    world.answers("3");
    assert_eq!((world.killed.clone(), world.last()), (vec![worker], (3, "3".into())));
    world.pool.retain(world.now, |_| false);
    world.settle();
    assert_eq!(world.killed, [worker, other]);
}

#[test]
fn stopping_refuses_everyone() {
    let (mut world, f) = (World::new(LIMITS), function(1));
    (1..=2).for_each(|ticket| world.invoke(&f, ticket));
    world.comes_up();
    world.pool.stop(world.now);
    world.settle();
    let mut done: Vec<u32> = world.done.iter().map(|(ticket, _)| *ticket).collect();
    done.sort_unstable();
    assert_eq!((done, world.last().1), (vec![1, 2], "stopping".into()));
    assert_eq!(
        (world.killed.len(), world.pool.workers(), world.pool.in_flight()),
        (world.started.len(), (0, 0), 0)
    );
    world.invoke(&f, 3);
    world.comes_up();
    world.answers("3");
    assert_eq!(world.last(), (3, "3".into()), "and can be used again");
}

/// Runs `count` invocations that all come at once and take `each`, on workers that need 50 ms to start; how many
/// workers that made.
fn burst(limits: Limits, count: u32, each: Duration) -> usize {
    let (mut world, f) = (World::new(limits), function(1));
    (0..count).for_each(|ticket| world.invoke(&f, ticket));
    let (mut seen, mut taken) = (0, 0);
    let mut due: Vec<(Instant, Key<Worker>, Option<Arc<str>>)> = Vec::new();
    while world.done.len() < count as usize {
        for &worker in &world.started[std::mem::replace(&mut seen, world.started.len())..] {
            due.push((world.now.instant + ms(50), worker, None));
        }
        for (worker, delivery) in &world.deliveries[std::mem::replace(&mut taken, world.deliveries.len())..] {
            due.push((world.now.instant + each, *worker, Some(Arc::clone(&delivery.request_id))));
        }
        let next = due.iter().enumerate().min_by_key(|(_, (at, _, _))| *at).unwrap().0;
        let at = due[next].0;
        if let Some(timeout) = world.pool.next_timeout().filter(|timeout| *timeout < at) {
            world.jump(timeout);
            world.pool.timeout(world.now);
            world.settle();
            continue;
        }
        let (_, worker, id) = due.swap_remove(next);
        world.jump(at);
        if let Some(id) = id {
            assert!(world.pool.answered(world.now, worker, &id, Said::Response(Bytes::new())));
        }
        world.ready(worker);
    }
    world.started.len()
}

#[test]
fn a_burst_of_quick_invocations_starts_few_workers_and_sleeping_ones_many() {
    let limits = Limits { workers: 50, starting: 8, queue: 1000, ..LIMITS };
    let quick = burst(limits, 1000, Duration::from_micros(80));
    assert!(quick <= 2, "{quick} workers for 80 ms of work");
    let sleeping = burst(limits, 100, Duration::from_secs(1));
    assert_eq!(sleeping, 50);
    let pair = burst(limits, 2, Duration::from_secs(1));
    assert_eq!(pair, 2);
}

#[test]
fn an_idle_worker_of_another_function_makes_room() {
    let mut world = World::new(Limits { workers: 2, ..LIMITS });
    for serial in 1..=2 {
        world.invoke(&function(serial), serial as u32);
        world.comes_up();
        world.answers("x");
        world.pass(ms(10));
    }
    world.invoke(&function(3), 3);
    assert_eq!(world.killed, [world.started[0]], "the one that was idle longest");
    world.comes_up();
    world.answers("3");
    assert_eq!(world.last(), (3, "3".into()));
}

#[test]
fn a_busy_function_does_not_starve_another() {
    let mut world = World::new(Limits { workers: 1, ..LIMITS });
    let (greedy, modest) = (function(1), function(2));
    (0..50).for_each(|ticket| world.invoke(&greedy, ticket));
    world.comes_up();
    world.invoke(&modest, 999);
    let mut turns = 0;
    while world.last_ticket() != Some(999) {
        turns += 1;
        assert!(turns < 30, "the modest one waits and waits");
        world.pass(ms(20));
        if world.pool.workers().1 == 0 {
            world.comes_up();
        }
        world.answers("x");
    }
    // And the greedy one is not forgotten for it.
    while world.pool.in_flight() > 0 {
        world.pass(ms(20));
        if world.pool.workers().1 == 0 {
            world.comes_up();
        }
        world.answers("x");
    }
    assert_eq!(world.done.len(), 51);
}

impl World {
    fn last_ticket(&self) -> Option<u32> {
        self.done.last().map(|(ticket, _)| *ticket)
    }
}

#[test]
fn whoever_takes_too_much_memory_is_ended() {
    const MB: u64 = 1 << 20;
    let mut world = World::new(LIMITS);
    let used = |world: &mut World, work: &crate::lambda::Work, peak: u64| {
        world.pool.used(world.now, work, peak);
        world.settle();
    };
    let at_work = |world: &World| world.pool.at_work().pop().unwrap();
    world.invoke(&function(1), 1);
    let starting = at_work(&world);
    used(&mut world, &starting, 40 * MB);
    let first = world.comes_up();
    world.answers("\"one\"");
    let tail = String::from_utf8(world.done[0].1.as_ref().unwrap().log_tail.clone()).unwrap();
    assert!(tail.contains("Max Memory Used: 40 MB"), "{tail}");
    assert!(world.pool.at_work().is_empty(), "who is idle is not measured");
    // During an invocation: it fails.
    world.invoke(&function(1), 2);
    let work = at_work(&world);
    used(&mut world, &work, 190 * MB);
    assert_eq!(world.done.len(), 1, "what an interpreter takes besides is allowed");
    used(&mut world, &work, 193 * MB);
    world.last_is(2, "Runtime.ExitError", "Error: Runtime exited with error: signal: killed");
    assert_eq!(world.killed, [first]);
    // Seen when it was over already: the next one is not to blame, and has the same room.
    world.invoke(&function(1), 3);
    let second = world.comes_up();
    let work = at_work(&world);
    world.answers("\"three\"");
    world.invoke(&function(1), 4);
    used(&mut world, &work, 500 * MB);
    let next = at_work(&world);
    used(&mut world, &next, 600 * MB);
    world.answers("\"four\"");
    assert_eq!((world.last(), &world.killed[1..]), ((4, "\"four\"".into()), &[second][..]));
    // Seen when nobody depends on it.
    world.invoke(&function(1), 5);
    let third = world.comes_up();
    let work = at_work(&world);
    world.answers("\"five\"");
    used(&mut world, &work, 500 * MB);
    assert_eq!(world.killed[2..], [third]);
    used(&mut world, &work, 500 * MB);
    assert_eq!(world.pool.workers(), (0, 0));
}
