//! The shell: the only room that knows sockets, threads, processes, clocks and files.
//!
//! One reactor is one loop over one poll. It reads the clock once a turn, takes bytes to whoever understands
//! them, and carries out what they want done:
//!
//! ```text
//!   poll ── readable ──> Conn::fill ──> advance ──> Engine / Control / Pool
//!     ^                                                   │ effects
//!     └──────────── flush <── outbox <── settle <─────────┘
//! ```
//!
//! Readiness needs no bookkeeping: each descriptor is registered once, edge-triggered, for both directions.
//! What was not finished although no edge will tell again is remembered in `again`.

pub(crate) mod access_log;
pub(crate) mod authority;
mod conn;
pub(crate) mod descriptors;
pub(crate) mod disk;
mod edge;
pub(crate) mod functions;
pub(crate) mod hooks;
pub(crate) mod jobs;
pub(crate) mod listen;
mod mailbox;
mod measure;
pub(crate) mod ports;
pub(crate) mod process;
mod role;
mod secure;
mod serve;
pub(crate) mod signals;
mod stop;
pub mod tls;
mod transfer;
pub(crate) mod up;
mod upstream;
mod websocket;
mod workers;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::mem;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::{Events, Interest, Poll, Token};

use crate::base::{Key, Now, Published, Reader, Rng, Table, Timers, clock};
use crate::control::Control;
use crate::gateway::Engine;
use crate::lambda::{self, Pool, environment};
use crate::live::Live;
use crate::log::Logger;
use crate::metrics::Metrics;
use crate::proto::http1::Spares;

use conn::{Conn, Stream};
use disk::Disk;
use functions::Functions;
use hooks::Hooks;
use jobs::Jobs;
use mailbox::{Mailbox, Message};
use measure::Measuring;
use ports::Ports;
use role::{Role, Service};
use signals::Signals;
use stop::Ending;
use tls::names::Names;
use upstream::Upstreams;
use workers::{Ticket, Workers};

// A key is a token.
const _: () = assert!(usize::BITS == 64);

/// The poll's token for messages from other threads. Keys never have it: their generations start at 1 and
/// their tables are far smaller than 2^32.
const WAKER: Token = Token(usize::MAX);

/// The poll's token for signals.
const SIGNALS: Token = Token(usize::MAX - 1);

/// Connections, listeners and pipes of one reactor.
const MAX_CONNS: usize = 65_536;

/// Requests under way in one reactor; beyond it, 503.
const MAX_EXCHANGES: usize = 32_768;

/// Threads for what may block.
const JOB_THREADS: usize = 4;

/// Jobs that wait for one of them; beyond it, 503.
const MAX_JOBS: usize = 4096;

/// How long an accepted connection lingers after our last word, at most.
const LINGER: Duration = Duration::from_secs(2);

/// How long a client may take over a handshake of TLS, in all, unless clients have less time for anything.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What a reactor is made of.
pub struct Parts {
    /// What is served.
    pub live: Arc<Published<Live>>,
    /// The control planes.
    pub control: Arc<Control>,
    /// How many workers, how long.
    pub limits: lambda::Limits,
    /// What workers see of this machine.
    pub host: environment::Host,
    /// Folders of code.
    pub disk: Arc<Disk>,
    /// Log lines.
    pub logger: Logger,
    /// Lines of access logs, from `access_log::open`; `None`: they go nowhere but to their log groups.
    pub access_log: Option<Logger>,
    /// How long a client may take: over a head, over the next bytes of a body, to read on, between requests.
    pub client_timeout: Duration,
    /// `SSL_CERT_FILE`: authorities to trust besides the public ones.
    pub ca_file: Option<PathBuf>,
    /// What clients that speak TLS are shown.
    pub names: Names,
    /// The ports of WebSocket APIs' own.
    pub ports: Arc<Ports>,
    /// What waits for functions.
    pub functions: Arc<Functions>,
    /// What is done before `Ready.` and at the end.
    pub hooks: Hooks,
    /// Where ids come from.
    pub rng: Rng,
}

/// One thread's whole world.
pub struct Reactor {
    poll: Poll,
    conns: Table<Conn>,
    deadlines: Timers<Conn>,
    /// Those that have more to do although no edge will tell.
    again: Vec<Key<Conn>>,
    /// Those that were written to.
    dirty: Vec<Key<Conn>>,
    /// Listeners that could not accept, and when they try again if nothing frees earlier.
    stalled: Vec<Key<Conn>>,
    accept_again: Option<Instant>,
    /// The connection whose requests are being taken right now: its answers need no `again`.
    advancing: Option<Key<Conn>>,
    /// A descriptor to turn clients away with when there is no other.
    reserve: Option<File>,
    spares: Spares,
    date: Date,
    live: Reader<Live>,
    control: Arc<Control>,
    engine: Engine,
    pool: Pool<Ticket>,
    workers: Workers,
    measuring: Measuring,
    upstreams: Upstreams,
    jobs: Jobs,
    /// Control operations on the jobs threads: stopping waits for them.
    jobs_under_way: usize,
    mailbox: Mailbox,
    messages: Receiver<Message>,
    signals: Signals,
    logger: Logger,
    access_log: Option<Logger>,
    metrics: Metrics,
    /// Connections of clients of the edge.
    clients: usize,
    client_timeout: Duration,
    names: Names,
    ports: Arc<Ports>,
    port_listeners: BTreeMap<u16, Key<Conn>>,
    functions: Arc<Functions>,
    hooks: Hooks,
    /// Whether what this run was for could not be done.
    failed: bool,
    ending: Option<Ending>,
}

impl Reactor {
    /// A reactor, listening on nothing yet.
    ///
    /// # Errors
    /// When the system denies a poll or the like.
    pub fn new(mut parts: Parts) -> io::Result<Self> {
        let poll = Poll::new()?;
        let (mailbox, messages) = Mailbox::new(&poll)?;
        let mut signals = Signals::new()?;
        poll.registry().register(&mut signals, SIGNALS, Interest::READABLE)?;
        let mut pool = Pool::new(parts.limits, parts.rng.fork());
        pool.log_platform_lines();
        parts.functions.connect(mailbox.clone(), &parts.control);
        Ok(Self {
            conns: Table::new(MAX_CONNS),
            deadlines: Timers::default(),
            again: Vec::new(),
            dirty: Vec::new(),
            stalled: Vec::new(),
            accept_again: None,
            advancing: None,
            reserve: File::open("/dev/null").ok(),
            spares: Spares::default(),
            date: Date::default(),
            live: Reader::new(parts.live),
            control: parts.control,
            engine: Engine::new(MAX_EXCHANGES, parts.rng.fork()),
            pool,
            workers: Workers::new(parts.host, parts.disk),
            measuring: Measuring::default(),
            upstreams: Upstreams::new(parts.ca_file),
            jobs: Jobs::new(JOB_THREADS, MAX_JOBS),
            jobs_under_way: 0,
            mailbox,
            messages,
            signals,
            logger: parts.logger,
            access_log: parts.access_log,
            metrics: Metrics::default(),
            clients: 0,
            client_timeout: parts.client_timeout,
            names: parts.names,
            ports: parts.ports,
            port_listeners: BTreeMap::new(),
            functions: parts.functions,
            hooks: parts.hooks,
            failed: false,
            ending: None,
            poll,
        })
    }

    /// Adds a listener for the gateway and its control planes.
    pub fn listen_edge(&mut self, listener: mio::net::TcpListener) {
        self.listen(listener, Service::Edge).expect("an empty table has room for the first listeners");
    }

    /// Runs until a signal says to stop and what was in flight is answered. Whether it did what it was to do.
    ///
    /// # Errors
    /// When the poll itself fails: then nothing can go on.
    pub fn run(mut self) -> io::Result<bool> {
        self.hooks.start(&self.control, &self.mailbox);
        let mut events = Events::with_capacity(1024);
        let mut now = read_clock();
        loop {
            let wait = if self.again.is_empty() { self.next_deadline(now) } else { Some(Duration::ZERO) };
            match self.poll.poll(&mut events, wait) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                outcome => outcome?,
            }
            now = read_clock();
            self.date.turn(now);
            self.catch_up(now);
            for event in &events {
                match event.token() {
                    WAKER => self.receive(now),
                    SIGNALS => self.signalled(now),
                    token => {
                        let key = Key::from_bits(token.0 as u64);
                        let Some(conn) = self.conns.get_mut(key) else { continue };
                        conn.peer_closed |= event.is_read_closed();
                        conn.owes_read |= event.is_readable() || event.is_read_closed();
                        let gone = event.is_write_closed() && !conn.stream.is_pipe();
                        if gone && !matches!(conn.role, Role::Upstream(_)) {
                            self.lost(now, key);
                        } else {
                            self.serve(now, key);
                        }
                    }
                }
                self.settle(now);
            }
            for key in mem::take(&mut self.again) {
                if let Some(conn) = self.conns.get_mut(key) {
                    conn.queued = false;
                    self.serve(now, key);
                    self.settle(now);
                }
            }
            self.expire(now);
            self.settle(now);
            if self.stopped(now) {
                self.hooks.end_all();
                self.end_workers(now);
                self.functions.shutdown(now.instant + Duration::from_millis(500));
                self.jobs.shutdown(now.instant + Duration::from_millis(500));
                self.logger.finish();
                if let Some(log) = self.access_log {
                    log.finish();
                }
                return Ok(!self.failed);
            }
        }
    }

    /// Takes a stream in: registers it for everything, once. `None`: the table is full.
    fn adopt(&mut self, stream: Stream, role: Role) -> Option<Key<Conn>> {
        let key = self.conns.insert(Conn::new(stream, role))?;
        let conn = self.conns.get_mut(key)?;
        if conn.stream.register(self.poll.registry(), Token(key.to_bits() as usize)).is_err() {
            self.conns.remove(key);
            return None;
        }
        Some(key)
    }

    /// Remembers that a connection was written to; `settle` flushes it.
    fn touch(&mut self, key: Key<Conn>) {
        if let Some(conn) = self.conns.get_mut(key)
            && !mem::replace(&mut conn.dirty, true)
        {
            self.dirty.push(key);
        }
    }

    /// Serves a connection again in the next turn.
    fn queue_again(&mut self, key: Key<Conn>) {
        if let Some(conn) = self.conns.get_mut(key)
            && !mem::replace(&mut conn.queued, true)
        {
            self.again.push(key);
        }
    }

    /// Forgets a connection, and tells those who counted on it.
    fn drop_conn(&mut self, now: Now, key: Key<Conn>) {
        let Some(mut conn) = self.conns.remove(key) else { return };
        self.deadlines.clear(key);
        conn.stream.deregister(self.poll.registry());
        match conn.role {
            Role::Http(http) if http.service.is_public() => {
                self.clients -= 1;
                if http.flight.is_some() {
                    self.engine.hung_up(now, key.cast());
                }
            }
            Role::WebSocket(websocket) => {
                self.clients -= 1;
                self.websocket_gone(now, key, websocket);
            }
            Role::Http(_)
            | Role::Listener(_)
            | Role::Upstream(_)
            | Role::WorkerIn
            | Role::WorkerOut(_)
            | Role::WorkerLog(_) => {}
        }
        if !self.stalled.is_empty() {
            self.resume_accepting();
        }
    }

    /// Carries out what engine and pool want done, until they want nothing, and flushes what that wrote to.
    fn settle(&mut self, now: Now) {
        self.settle_effects(now);
        while let Some(key) = self.dirty.pop() {
            self.flush(now, key);
            self.settle_effects(now);
        }
    }

    /// The same without flushing: what is written meanwhile goes out together.
    fn settle_effects(&mut self, now: Now) {
        loop {
            if let Some(effect) = self.engine.poll_effect() {
                self.engine_effect(now, effect);
            } else if let Some(effect) = self.pool.poll_effect() {
                self.pool_effect(now, effect);
            } else {
                return;
            }
        }
    }

    /// Picks up a new snapshot, if there is one: functions that are gone lose their workers.
    fn catch_up(&mut self, now: Now) {
        if self.live.refresh() {
            let live = Arc::clone(self.live.get());
            self.pool.retain(now, |version| live.is_current(version));
            self.engine.live_changed(now, &live);
            self.adopt_ports(now);
        }
    }

    /// What other threads have to say.
    fn receive(&mut self, now: Now) {
        while let Ok(message) = self.messages.try_recv() {
            match message {
                Message::Done { conn, done } => {
                    self.jobs_under_way -= 1;
                    self.catch_up(now);
                    self.answer_call(now, conn, done);
                }
                Message::Started { worker, outcome } => self.worker_started(now, worker, outcome),
                Message::Resolved { origin, outcome } => self.resolved(now, origin, outcome),
                Message::Looked { at, fingerprint } => self.looked(now, at, fingerprint),
                Message::Ask { token, invocation } => {
                    self.catch_up(now);
                    self.invoke_asked(now, token, *invocation);
                }
                Message::Measured(peaks) => self.measured(now, peaks),
                Message::HooksOver => self.hooks_over(now),
                Message::Failed => {
                    self.failed = true;
                    self.told_to_end(now);
                }
            }
            self.settle(now);
        }
    }

    fn next_deadline(&self, now: Now) -> Option<Duration> {
        let at = [
            self.deadlines.next(),
            self.engine.next_timeout(),
            self.pool.next_timeout(),
            self.measuring.due(),
            self.logger.flush_due(),
            self.access_log.as_ref().and_then(Logger::flush_due),
            self.ending.map(Ending::due),
            self.accept_again,
        ];
        at.into_iter().flatten().min().map(|at| at.saturating_duration_since(now.instant))
    }

    /// Ends what has taken too long.
    fn expire(&mut self, now: Now) {
        while let Some(key) = self.deadlines.expired(now.instant) {
            let Some(conn) = self.conns.get(key) else { continue };
            match &conn.role {
                Role::Http(_) => self.client_late(now, key),
                Role::WebSocket(_) => self.drop_conn(now, key),
                Role::Upstream(_) => self.upstream_late(now, key),
                Role::WorkerOut(_) => self.worker_closed(now, key),
                Role::Listener(_) | Role::WorkerIn | Role::WorkerLog(_) => {}
            }
        }
        self.engine.timeout(now);
        self.pool.timeout(now);
        self.measure(now);
        self.hooks_late(now);
        if self.logger.flush_due().is_some_and(|due| due <= now.instant) {
            self.logger.flush(now);
        }
        if let Some(log) = &mut self.access_log {
            log.flush(now);
        }
        if self.accept_again.is_some_and(|at| at <= now.instant) {
            self.resume_accepting();
        }
    }
}

/// The clocks, read: nowhere else in the program.
pub(crate) fn read_clock() -> Now {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now { instant: Instant::now(), unix_ms: unix.as_millis() as u64 }
}

/// The `Date` header's value, made anew each second.
#[derive(Default)]
struct Date {
    second: u64,
    text: String,
}

impl Date {
    fn turn(&mut self, now: Now) {
        if now.unix_seconds() != self.second || self.text.is_empty() {
            self.second = now.unix_seconds();
            self.text = clock::http_date(self.second);
        }
    }
}

/// Starts the thread that writes log lines to stderr. It is not locked for good: `up` says there, too, what went wrong.
pub(crate) fn spawn_log_writer(lines: Receiver<Vec<u8>>) -> io::Result<std::thread::JoinHandle<()>> {
    spawn_writer(lines, io::stderr())
}

/// Starts a thread that writes lines to `out`, so that a reader that is slow delays nobody.
fn spawn_writer(
    lines: Receiver<Vec<u8>>,
    out: impl io::Write + Send + 'static,
) -> io::Result<std::thread::JoinHandle<()>> {
    let write = move || crate::log::write_all(lines, out);
    std::thread::Builder::new().name("log".into()).spawn(write)
}

/// Waits until `thread` has ended, or for `at_most`.
pub(crate) fn wait_for_thread(thread: &std::thread::JoinHandle<()>, at_most: Duration) {
    let deadline = Instant::now() + at_most;
    while !thread.is_finished() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
    }
}
