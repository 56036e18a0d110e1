//! Back ends: connections kept and shared per origin, names resolved off the reactor.
//!
//! ```text
//!  fetch ── idle one? ── yes ──> write ──> decode ──> answer ──> idle again
//!             │ no                 ^
//!             └> may open one? ── resolve ── connect
//!                  │ no
//!                  └> wait in line
//! ```

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use rustls::ClientConfig;

use super::Reactor;
use super::conn::{Closing, Conn, Stream};
use super::mailbox::Message;
use super::role::Role;
use super::tls::{self, Tls};
use crate::base::{Key, Now};
use crate::gateway::effect::{Fetch, Origin, Unreachable};
use crate::gateway::{Answer, Exchange, MAX_BODY};
use crate::proto::http1::client::{self, Decoder};

/// Connections to one origin at once.
const MAX_PER_ORIGIN: usize = 256;

/// Requests that wait for a connection to one origin; each has its integration's timeout besides.
const MAX_WAITING: usize = 4096;

/// Origins that are remembered.
const MAX_ORIGINS: usize = 1024;

/// How long an idle connection is kept: below the 60 s and more after which servers close theirs.
const IDLE: Duration = Duration::from_secs(30);

/// How long one address may take to accept.
const CONNECT: Duration = Duration::from_secs(5);

/// AWS: no integration may take longer than 30 s; a second later nobody waits for the reply any more.
const REPLY: Duration = Duration::from_secs(31);

/// How long a resolved name is believed.
const RESOLVED: Duration = Duration::from_secs(10);

/// All origins.
pub struct Upstreams {
    origins: HashMap<Origin, State>,
    /// `SSL_CERT_FILE`, read when the first https back end is asked.
    ca_file: Option<PathBuf>,
    tls: Option<Result<Arc<ClientConfig>, String>>,
}

/// What is known of one origin.
#[derive(Default)]
struct State {
    idle: Vec<Key<Conn>>,
    open: usize,
    waiting: VecDeque<Job>,
    addresses: Option<(Vec<SocketAddr>, Instant)>,
    resolving: bool,
}

/// A request, and who waits for the reply.
struct Job {
    fetch: Fetch,
    then: Key<Exchange>,
}

/// A connection to a back end.
pub struct Upstream {
    origin: Origin,
    doing: Doing,
}

enum Doing {
    /// Being connected; these addresses are tried next.
    Connecting { job: Job, next: Vec<SocketAddr> },
    /// A request was written. `reused`: it had served others before. `heard`: some of a reply has come.
    Asking { job: Job, decoder: Decoder, reused: bool, heard: bool },
    /// Waiting for work.
    Idle,
}

impl Upstream {
    /// Whether it is not connected yet.
    pub fn is_connecting(&self) -> bool {
        matches!(self.doing, Doing::Connecting { .. })
    }
}

impl Upstreams {
    /// No connections yet.
    pub fn new(ca_file: Option<PathBuf>) -> Self {
        Self { origins: HashMap::new(), ca_file, tls: None }
    }

    /// All connections were dropped: forget what was known.
    pub fn forget(&mut self) {
        self.origins.clear();
    }

    fn tls(&mut self) -> Result<Arc<ClientConfig>, String> {
        self.tls.get_or_insert_with(|| tls::client_config(self.ca_file.as_deref())).clone()
    }

    /// Origins come from templates that clients fill in: those that nothing uses are forgotten in time.
    fn make_room(&mut self) {
        if self.origins.len() >= MAX_ORIGINS {
            self.origins.retain(|_, state| state.open > 0 || !state.waiting.is_empty());
        }
    }
}

impl Reactor {
    /// Asks a back end.
    pub(super) fn fetch(&mut self, now: Now, fetch: Fetch, then: Key<Exchange>) {
        let job = Job { fetch, then };
        let origins = &mut self.upstreams.origins;
        // An origin that is known need not be copied.
        while let Some(key) = origins.get_mut(&job.fetch.origin).and_then(|state| state.idle.pop()) {
            if let Some(Conn { role: Role::Upstream(_), eof: false, closing: Closing::No, .. }) =
                self.conns.get(key)
            {
                return self.ask(now, key, job, true);
            }
        }
        self.upstreams.make_room();
        let state = self.upstreams.origins.entry(job.fetch.origin.clone()).or_default();
        if state.waiting.len() >= MAX_WAITING {
            return self.engine.answer(now, then, Answer::Fetched(Err(Unreachable::Busy)));
        }
        let origin = job.fetch.origin.clone();
        state.waiting.push_back(job);
        self.open(now, &origin);
    }

    /// Opens a connection for the first in line, if one may be opened.
    fn open(&mut self, now: Now, origin: &Origin) {
        let Some(state) = self.upstreams.origins.get_mut(origin) else { return };
        if state.open >= MAX_PER_ORIGIN || state.waiting.is_empty() {
            return;
        }
        if let Ok(ip) = origin.host.parse::<IpAddr>() {
            return self.connect_first(now, origin, vec![SocketAddr::new(ip, origin.port)]);
        }
        match &state.addresses {
            Some((addresses, until)) if *until > now.instant => {
                let addresses = addresses.clone();
                self.connect_first(now, origin, addresses);
            }
            _ if state.resolving => {}
            _ => {
                state.resolving = true;
                let (origin, mailbox) = (origin.clone(), self.mailbox.clone());
                let question = origin.clone();
                let job = move || {
                    let outcome = (&*question.host, question.port)
                        .to_socket_addrs()
                        .map(Iterator::collect)
                        .map_err(|error| format!("{}: {error}", question.host));
                    mailbox.send(Message::Resolved { origin: question, outcome });
                };
                if self.jobs.run(job).is_err() {
                    self.resolved(now, origin, Err("too many names are being resolved".into()));
                }
            }
        }
    }

    /// A name is resolved: whoever waits for it goes on.
    pub(super) fn resolved(&mut self, now: Now, origin: Origin, outcome: Result<Vec<SocketAddr>, String>) {
        let Some(state) = self.upstreams.origins.get_mut(&origin) else { return };
        state.resolving = false;
        match outcome {
            Ok(addresses) if !addresses.is_empty() => {
                state.addresses = Some((addresses, now.instant + RESOLVED));
                for _ in 0..state.waiting.len() {
                    self.open(now, &origin);
                }
            }
            Ok(_) => self.fail_waiting(now, &origin, "the name has no address"),
            Err(why) => self.fail_waiting(now, &origin, &why),
        }
    }

    fn fail_waiting(&mut self, now: Now, origin: &Origin, why: &str) {
        let Some(state) = self.upstreams.origins.get_mut(origin) else { return };
        for job in std::mem::take(&mut state.waiting) {
            let answer = Answer::Fetched(Err(Unreachable::Unconnected(why.to_owned())));
            self.engine.answer(now, job.then, answer);
        }
    }

    fn connect_first(&mut self, now: Now, origin: &Origin, addresses: Vec<SocketAddr>) {
        let Some(state) = self.upstreams.origins.get_mut(origin) else { return };
        let Some(job) = state.waiting.pop_front() else { return };
        state.open += 1;
        self.connect(now, job, addresses, None);
    }

    /// Begins to connect to the first of these addresses that can be tried.
    fn connect(&mut self, now: Now, job: Job, addresses: Vec<SocketAddr>, mut last: Option<String>) {
        if self.conns.is_full() {
            let origin = job.fetch.origin.clone();
            self.engine.answer(now, job.then, Answer::Fetched(Err(Unreachable::Busy)));
            return self.closed(now, &origin);
        }
        let mut addresses = addresses.into_iter();
        while let Some(address) = addresses.next() {
            match self.socket(&job.fetch.origin, address) {
                Ok(stream) => {
                    let origin = job.fetch.origin.clone();
                    let doing = Doing::Connecting { job, next: addresses.collect() };
                    let Some(key) = self
                        .adopt(stream, Role::Upstream(Box::new(Upstream { origin: origin.clone(), doing })))
                    else {
                        // The poll took no more, and the job went with the role: its exchange times out.
                        return self.closed(now, &origin);
                    };
                    self.deadlines.set(key, now.instant + CONNECT);
                    return;
                }
                Err(why) => last = Some(why),
            }
        }
        let why = last.unwrap_or_else(|| "the name has no address".into());
        let origin = job.fetch.origin.clone();
        self.engine.answer(now, job.then, Answer::Fetched(Err(Unreachable::Unconnected(why))));
        self.closed(now, &origin);
    }

    fn socket(&mut self, origin: &Origin, address: SocketAddr) -> Result<Stream, String> {
        let socket = TcpStream::connect(address).map_err(|error| format!("{address}: {error}"))?;
        // What is asked is written whole.
        let _ = socket.set_nodelay(true);
        match &origin.tls {
            None => Ok(Stream::Tcp(socket)),
            Some(name) => {
                let config = self.upstreams.tls()?;
                Ok(Stream::Tls(Box::new(Tls::client(&config, name, socket)?)))
            }
        }
    }

    /// Something happened to a connection that is being connected. `true`: it is connected, and asked.
    pub(super) fn connected(&mut self, now: Now, key: Key<Conn>) -> bool {
        let Some(conn) = self.conns.get_mut(key) else { return false };
        match conn.stream.connected() {
            None => false,
            Some(Err(error)) => {
                self.try_next(now, key, &describe(&error));
                false
            }
            Some(Ok(())) => {
                let Role::Upstream(upstream) = &mut conn.role else { return false };
                let Doing::Connecting { job, .. } = std::mem::replace(&mut upstream.doing, Doing::Idle)
                else {
                    return false;
                };
                self.ask(now, key, job, false);
                true
            }
        }
    }

    /// The address did not answer: the next one may.
    fn try_next(&mut self, now: Now, key: Key<Conn>, why: &str) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        let Role::Upstream(upstream) = &mut conn.role else { return };
        let doing = std::mem::replace(&mut upstream.doing, Doing::Idle);
        self.drop_conn(now, key);
        if let Doing::Connecting { job, next } = doing {
            self.connect(now, job, next, Some(why.to_owned()));
        }
    }

    /// Writes a request to a connection.
    fn ask(&mut self, now: Now, key: Key<Conn>, job: Job, reused: bool) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        conn.out().extend_from_slice(&job.fetch.bytes);
        let decoder = Decoder::new(&job.fetch.method, MAX_BODY);
        if let Role::Upstream(upstream) = &mut conn.role {
            upstream.doing = Doing::Asking { job, decoder, reused, heard: false };
        }
        self.deadlines.set(key, now.instant + REPLY);
        self.touch(key);
    }

    /// Takes a reply from what came.
    pub(super) fn advance_upstream(&mut self, now: Now, key: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        let eof = conn.eof;
        let Role::Upstream(upstream) = &mut conn.role else { return };
        let Doing::Asking { decoder, heard, reused, .. } = &mut upstream.doing else {
            // Nobody asked anything: it closes, or it breaks the rules. Either way it is of no use.
            if eof || !conn.inbox.is_empty() {
                self.retire(now, key);
            }
            return;
        };
        *heard |= !conn.inbox.is_empty();
        if eof && *reused && !*heard {
            return self.upstream_lost(now, key, "the back end closed the connection");
        }
        match decoder.decode(&mut conn.inbox, eof) {
            Ok(None) => {}
            Ok(Some((reply, reusable))) => {
                let reusable = reusable && !eof && conn.inbox.is_empty() && conn.pending() == 0;
                conn.inbox.rest(&mut self.spares);
                self.answered(now, key, Ok(reply), reusable);
            }
            Err(client::Error::Malformed(_)) => self.answered(now, key, Err(Unreachable::Malformed), false),
            Err(client::Error::TooLarge) => self.answered(now, key, Err(Unreachable::TooLarge), false),
            Err(client::Error::Truncated) => {
                let why = Unreachable::Network("the back end closed the connection within its reply".into());
                self.answered(now, key, Err(why), false);
            }
        }
    }

    fn answered(
        &mut self,
        now: Now,
        key: Key<Conn>,
        outcome: Result<client::Reply, Unreachable>,
        reusable: bool,
    ) {
        let Some(Conn { role: Role::Upstream(upstream), .. }) = self.conns.get_mut(key) else { return };
        let Doing::Asking { job, .. } = std::mem::replace(&mut upstream.doing, Doing::Idle) else { return };
        self.engine.answer(now, job.then, Answer::Fetched(outcome));
        if !reusable {
            return self.retire(now, key);
        }
        let Some(Conn { role: Role::Upstream(upstream), .. }) = self.conns.get(key) else { return };
        let Some(state) = self.upstreams.origins.get_mut(&upstream.origin) else {
            return self.drop_conn(now, key);
        };
        match state.waiting.pop_front() {
            Some(next) => self.ask(now, key, next, true),
            None => {
                state.idle.push(key);
                self.deadlines.set(key, now.instant + IDLE);
            }
        }
    }

    /// The connection broke. A request on a connection that had served before, to which not a byte was replied,
    /// met the back end's closing of it: it is sent again on a fresh one (RFC 9112 section 9.3.1).
    pub(super) fn upstream_lost(&mut self, now: Now, key: Key<Conn>, why: &str) {
        let Some(Conn { role: Role::Upstream(upstream), .. }) = self.conns.get_mut(key) else { return };
        match std::mem::replace(&mut upstream.doing, Doing::Idle) {
            Doing::Asking { job, reused: true, heard: false, .. } => {
                let origin = upstream.origin.clone();
                self.retire(now, key);
                if let Some(state) = self.upstreams.origins.get_mut(&origin) {
                    // The others of its age met the same end: only a fresh one will do.
                    let stale = std::mem::take(&mut state.idle);
                    state.waiting.push_front(job);
                    for key in stale {
                        self.retire(now, key);
                    }
                    self.open(now, &origin);
                }
            }
            Doing::Asking { job, .. } => {
                let answer = Answer::Fetched(Err(Unreachable::Network(why.to_owned())));
                self.engine.answer(now, job.then, answer);
                self.retire(now, key);
            }
            doing @ Doing::Connecting { .. } => {
                upstream.doing = doing;
                self.try_next(now, key, why);
            }
            Doing::Idle => self.retire(now, key),
        }
    }

    /// A back end's deadline has come.
    pub(super) fn upstream_late(&mut self, now: Now, key: Key<Conn>) {
        let Some(Conn { role: Role::Upstream(upstream), .. }) = self.conns.get_mut(key) else { return };
        match &upstream.doing {
            Doing::Connecting { .. } => {
                self.try_next(now, key, "the back end does not accept the connection")
            }
            Doing::Asking { .. } | Doing::Idle => {
                if let Doing::Asking { reused, .. } = &mut upstream.doing {
                    // It is slow, not stale.
                    *reused = false;
                }
                self.upstream_lost(now, key, "the back end does not reply");
            }
        }
    }

    /// Closes a connection, and lets another take its place.
    fn retire(&mut self, now: Now, key: Key<Conn>) {
        let Some(Conn { role: Role::Upstream(upstream), .. }) = self.conns.get(key) else { return };
        let origin = upstream.origin.clone();
        self.drop_conn(now, key);
        self.closed(now, &origin);
    }

    fn closed(&mut self, now: Now, origin: &Origin) {
        if let Some(state) = self.upstreams.origins.get_mut(origin) {
            state.open = state.open.saturating_sub(1);
            state.idle.retain(|key| self.conns.get(*key).is_some());
        }
        self.open(now, origin);
    }
}

fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "the back end refuses the connection".into(),
        _ => error.to_string(),
    }
}
