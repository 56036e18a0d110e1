//! Workers' processes and their channels: what the pool wants done, and what becomes of it.
//!
//! A worker has three pipes (events to it, frames from it, what it prints), or for the Runtime API a listener
//! of its own and the pipe of what it prints. Each is a connection like any other.

use std::collections::HashMap;
use std::mem;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::conn::{Conn, Filled, Stream};
use super::disk::{self, Disk};
use super::mailbox::Message;
use super::process::{self, Children, Started};
use super::role::{Role, Service, WorkerOut};
use super::{Reactor, listen};
use crate::base::{Key, Now, Table};
use crate::control::{Done, Invocation};
use crate::gateway::{Answer, Exchange};
use crate::lambda::environment::{self, Channel};
use crate::lambda::{self, Delivery, Exit, FromWorker, Said, Worker, frames, runtime_api};
use crate::log::Level;
use crate::metrics::Outcome;
use crate::model::function::Version;
use crate::model::invocation::{Invoked, Refused};
use crate::proto::http1::{Request, Response};

/// How long a worker that closed its channel may take to be reaped before it is ended.
const REAPED_WITHIN: Duration = Duration::from_millis(250);

/// How many reads of what a worker printed may come before its answer is passed on.
const LOG_READS: usize = 64;

/// Invocations of hot-reloaded functions whose folder is being looked at, at once.
const MAX_LOOKING: usize = 4096;

/// Lambda's reason for having no room for an invocation.
const TOO_MANY: Refused = Refused::Throttled("ConcurrentInvocationLimitExceeded");

/// Who waits for an invocation.
pub enum Ticket {
    /// A request of an api.
    Exchange(Key<Exchange>),
    /// A call of Lambda's Invoke.
    Call { conn: Key<Conn>, call: Box<Invocation> },
    /// Whoever waits to be called back under this token: it is told of an error alone.
    Asked(String),
    /// Nobody: it was an event.
    Nobody,
}

/// An invocation with one of our tickets.
pub type Invoke = lambda::Invoke<Ticket>;

/// The processes and channels of all workers.
pub struct Workers {
    links: HashMap<Key<Worker>, Links>,
    children: Children,
    host: Arc<environment::Host>,
    disk: Arc<Disk>,
    /// Invocations of hot-reloaded functions whose folder is being looked at.
    looking: Table<Invoke>,
}

/// The connections of one worker.
#[derive(Default)]
struct Links {
    events: Option<Key<Conn>>,
    frames: Option<Key<Conn>>,
    log: Option<Key<Conn>>,
    listener: Option<Key<Conn>>,
    clients: Vec<Key<Conn>>,
    /// The client whose request for the next event waits.
    parked: Option<Key<Conn>>,
    /// Whether it has ever asked for an event.
    is_up: bool,
}

impl Workers {
    /// None yet.
    pub fn new(host: environment::Host, disk: Arc<Disk>) -> Self {
        Self {
            links: HashMap::new(),
            children: Children::default(),
            host: Arc::new(host),
            disk,
            looking: Table::new(MAX_LOOKING),
        }
    }

    /// The id of a worker's process.
    pub fn process(&self, worker: Key<Worker>) -> Option<u32> {
        self.children.id(worker.to_bits())
    }

    /// Kills them all.
    pub fn end_all(&mut self) {
        self.children.kill_all();
    }
}

impl Reactor {
    /// An api's request invokes a function.
    pub(super) fn invoke_exchange(
        &mut self,
        now: Now,
        function: Arc<Version>,
        arn: Arc<str>,
        event: Bytes,
        trace_id: Arc<str>,
        then: Key<Exchange>,
    ) {
        let ticket = Ticket::Exchange(then);
        self.invoke(
            now,
            Invoke { function, fingerprint: 0, arn, trace_id, client_context: None, event, ticket },
        );
    }

    /// A call of Lambda's Invoke.
    pub(super) fn invoke_call(&mut self, now: Now, conn: Key<Conn>, call: Invocation) {
        if call.waits {
            return self.invoke_for(now, call, |call| Ticket::Call { conn, call: Box::new(call) });
        }
        self.answer_call(now, conn, call.accepted(now));
        self.invoke_for(now, call, |_| Ticket::Nobody);
    }

    /// A function of which another thread wants to hear.
    pub(super) fn invoke_asked(&mut self, now: Now, token: String, invocation: Invocation) {
        self.invoke_for(now, invocation, |_| Ticket::Asked(token));
    }

    fn invoke_for(&mut self, now: Now, call: Invocation, ticket: impl FnOnce(Invocation) -> Ticket) {
        let (function, arn, event) = (Arc::clone(&call.function), Arc::clone(&call.arn), call.event.clone());
        let (client_context, trace_id) =
            (call.client_context.clone(), Arc::from(trace_id(now, &call.request_id)));
        let ticket = ticket(call);
        self.invoke(now, Invoke { function, fingerprint: 0, arn, trace_id, client_context, event, ticket });
    }

    fn invoke(&mut self, now: Now, invoke: Invoke) {
        let folders: Vec<PathBuf> = invoke.function.hot_folders().map(Path::to_owned).collect();
        if folders.is_empty() {
            return self.pool.invoke(now, invoke);
        }
        // Edits are looked for before each invocation, so that none is served by yesterday's code.
        let mailbox = self.mailbox.clone();
        if self.workers.looking.is_full() {
            return self.invoked(now, invoke.ticket, Err(TOO_MANY));
        }
        let Some(at) = self.workers.looking.insert(invoke) else { return };
        let job = move || mailbox.send(Message::Looked { at, fingerprint: disk::fingerprints(&folders) });
        if self.jobs.run(job).is_err()
            && let Some(invoke) = self.workers.looking.remove(at)
        {
            self.invoked(now, invoke.ticket, Err(TOO_MANY));
        }
    }

    /// What the folder of a hot-reloaded function looks like now: the invocation goes on.
    pub(super) fn looked(&mut self, now: Now, at: Key<Invoke>, fingerprint: u64) {
        if let Some(invoke) = self.workers.looking.remove(at) {
            self.pool.invoke(now, Invoke { fingerprint, ..invoke });
        }
    }

    /// What the pool wants done.
    pub(super) fn pool_effect(&mut self, now: Now, effect: lambda::Effect<Ticket>) {
        match effect {
            lambda::Effect::Start { worker, function, stream } => {
                self.start_worker(now, worker, function, stream);
            }
            lambda::Effect::Deliver { worker, delivery } => {
                self.measure_soon(now);
                self.deliver(worker, &delivery);
            }
            lambda::Effect::Kill { worker } => self.forget_worker(now, worker),
            lambda::Effect::Done { ticket, outcome } => self.invoked(now, ticket, outcome),
            lambda::Effect::Line { function, stream, request_id, text } => {
                self.logger.function_line(now, &function.name, request_id.as_deref(), &text);
                self.keep_line(now, &function, &stream, &text);
            }
            lambda::Effect::Platform { function, stream, text } => {
                self.keep_line(now, &function, &stream, &text);
            }
        }
    }

    fn invoked(&mut self, now: Now, ticket: Ticket, outcome: Result<Invoked, Refused>) {
        self.metrics.invocation(match &outcome {
            Ok(Invoked { error: None, .. }) => Outcome::Ok,
            Ok(Invoked { error: Some(_), .. }) => Outcome::Error,
            Err(Refused::Throttled(_)) => Outcome::Throttled,
            Err(Refused::Stopping) => Outcome::Stopping,
        });
        match ticket {
            Ticket::Exchange(then) => self.engine.answer(now, then, Answer::Invoked(outcome)),
            Ticket::Call { conn, call } => {
                let done: Done = call.response(outcome, now);
                self.answer_call(now, conn, done);
            }
            Ticket::Asked(token) => self.functions.ended(&token, &outcome),
            Ticket::Nobody => {}
        }
    }

    /// Keeps a line for CloudWatch Logs.
    fn keep_line(&mut self, now: Now, function: &Version, stream: &Arc<str>, text: &[u8]) {
        let group = &*function.log_group;
        if self.control.context().logs().print(&function.owner, group, stream, now.unix_ms, text) {
            self.tell_full(now, group);
        }
    }

    fn start_worker(&mut self, now: Now, worker: Key<Worker>, function: Arc<Version>, stream: Arc<str>) {
        let mut links = Links::default();
        let address = match environment::channel(&function, &self.workers.host) {
            Err(why) => return self.pool.start_failed(now, worker, &why),
            Ok(Channel::Frames) => None,
            Ok(Channel::RuntimeApi) => match self.listen_for(worker) {
                Err(why) => return self.pool.start_failed(now, worker, &why),
                Ok((listener, address)) => {
                    links.listener = Some(listener);
                    Some(address)
                }
            },
        };
        self.workers.links.insert(worker, links);
        let (host, mailbox) = (Arc::clone(&self.workers.host), self.mailbox.clone());
        let job = move || {
            let outcome = environment::command(&function, &host, &stream, address)
                .and_then(|command| process::start(&command));
            mailbox.send(Message::Started { worker, outcome });
        };
        if self.jobs.run(job).is_err() {
            self.forget_worker(now, worker);
            self.pool.start_failed(now, worker, "too many processes are being started at once");
        }
    }

    /// A port of the worker's own: what tells workers apart that only know an address.
    fn listen_for(&mut self, worker: Key<Worker>) -> Result<(Key<Conn>, SocketAddr), String> {
        let listener = listen::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let key = self
            .listen(listener, Service::RuntimeApi(worker))
            .ok_or("the table of connections is full: no port for the function's Runtime API")?;
        Ok((key, address))
    }

    /// The jobs thread has started a process, or could not.
    pub(super) fn worker_started(&mut self, now: Now, worker: Key<Worker>, outcome: Result<Started, String>) {
        let started = match outcome {
            Ok(started) => started,
            Err(why) => {
                self.forget_worker(now, worker);
                return self.pool.start_failed(now, worker, &why);
            }
        };
        let unwanted = !self.workers.links.contains_key(&worker);
        self.workers.children.insert(worker.to_bits(), started.child);
        if unwanted {
            return self.workers.children.kill(worker.to_bits());
        }
        let log = self.adopt(Stream::PipeIn(started.output), Role::WorkerLog(worker));
        let (events, frames) = match started.frames {
            None => (None, None),
            Some((to, from)) => {
                let out = WorkerOut { worker, decoder: frames::Decoder::default(), bytes: Vec::new() };
                (
                    self.adopt(Stream::PipeOut(to), Role::WorkerIn),
                    self.adopt(Stream::PipeIn(from), Role::WorkerOut(Box::new(out))),
                )
            }
        };
        if let Some(links) = self.workers.links.get_mut(&worker) {
            (links.events, links.frames, links.log) = (events, frames, log);
        }
        self.pool.started(now, worker);
        self.measure_soon(now);
        // An edge that came before the pipes were adopted is told at registration: nothing is owed.
        // A child that ended before it was inserted has rung already.
        self.reap(now);
    }

    fn deliver(&mut self, worker: Key<Worker>, delivery: &Delivery) {
        let Some(links) = self.workers.links.get_mut(&worker) else { return };
        if let Some(events) = links.events {
            if let Some(conn) = self.conns.get_mut(events) {
                frames::encode(conn.out(), delivery);
                self.touch(events);
            }
        } else if let Some(parked) = links.parked.take() {
            self.reply(parked, &runtime_api::next(delivery));
        }
    }

    /// Takes frames from what a worker wrote.
    pub(super) fn advance_worker(&mut self, now: Now, key: Key<Conn>) {
        if let Some(Conn { role: Role::WorkerOut(out), inbox, .. }) = self.conns.get_mut(key) {
            out.bytes.extend_from_slice(inbox.bytes());
            inbox.take(inbox.len());
            inbox.rest(&mut self.spares);
        }
        loop {
            let Some(Conn { role: Role::WorkerOut(out), .. }) = self.conns.get_mut(key) else { return };
            let worker = out.worker;
            match out.decoder.decode(&mut out.bytes) {
                Ok(None) => {
                    if out.bytes.is_empty() && out.bytes.capacity() > 64 * 1024 {
                        out.bytes = Vec::new();
                    }
                    return;
                }
                Ok(Some(said)) => {
                    self.hear(now, worker, said);
                }
                Err(error) => {
                    let text = format!("a worker wrote what is no frame: {error:?}");
                    self.logger.event(now, Level::Error, "lambda", &text);
                    self.pool.exited(now, worker, Exit::Closed);
                    return self.forget_worker(now, worker);
                }
            }
        }
    }

    /// What a worker says, by either channel. `false`: it speaks of an event that it didn't take.
    fn hear(&mut self, now: Now, worker: Key<Worker>, said: FromWorker) -> bool {
        match said {
            FromWorker::Ready => {
                self.ready(now, worker);
                true
            }
            FromWorker::Response { request_id, payload } => {
                self.drain_log(now, worker);
                self.pool.answered(now, worker, &request_id, Said::Response(payload))
            }
            FromWorker::Error { request_id, error } => {
                self.drain_log(now, worker);
                self.pool.answered(now, worker, &request_id, Said::Error(error))
            }
            FromWorker::InitError { error } => {
                self.drain_log(now, worker);
                self.pool.init_failed(now, worker, error);
                true
            }
        }
    }

    fn ready(&mut self, now: Now, worker: Key<Worker>) {
        if let Some(links) = self.workers.links.get_mut(&worker)
            && !mem::replace(&mut links.is_up, true)
        {
            self.measure_start(now, worker);
        }
        self.pool.ready(now, worker);
    }

    /// Reads what the worker printed so far: it did so before it answered, so it belongs to that invocation.
    fn drain_log(&mut self, now: Now, worker: Key<Worker>) {
        let Some(key) = self.workers.links.get(&worker).and_then(|links| links.log) else { return };
        for _ in 0..LOG_READS {
            let Some(conn) = self.conns.get_mut(key) else { return };
            if !matches!(conn.fill(&mut self.spares), Filled::Bytes { .. }) {
                break;
            }
            self.pool.output(now, worker, conn.inbox.bytes());
            conn.inbox.take(conn.inbox.len());
        }
        if let Some(conn) = self.conns.get_mut(key) {
            conn.inbox.rest(&mut self.spares);
        }
    }

    /// A worker will write no more frames. Usually it has ended, and SIGCHLD tells how.
    pub(super) fn worker_silent(&mut self, now: Now, key: Key<Conn>) {
        self.advance_worker(now, key);
        if let Some(conn) = self.conns.get_mut(key) {
            conn.eof = true;
            self.deadlines.set(key, now.instant + REAPED_WITHIN);
        }
    }

    /// It closed its channel, and lives on: it can't be used any more.
    pub(super) fn worker_closed(&mut self, now: Now, key: Key<Conn>) {
        let Some(Conn { role: Role::WorkerOut(out), .. }) = self.conns.get(key) else { return };
        let worker = out.worker;
        self.pool.exited(now, worker, Exit::Closed);
        self.forget_worker(now, worker);
    }

    /// Reaps the processes that ended. What they said last is heard first.
    pub(super) fn reap(&mut self, now: Now) {
        for (bits, exit) in self.workers.children.reap() {
            let worker = Key::from_bits(bits);
            if let Some(frames) = self.workers.links.get(&worker).and_then(|links| links.frames) {
                while let Some(conn) = self.conns.get_mut(frames) {
                    if !matches!(conn.fill(&mut self.spares), Filled::Bytes { .. }) {
                        break;
                    }
                    self.advance_worker(now, frames);
                }
            }
            self.drain_log(now, worker);
            self.pool.exited(now, worker, exit);
            self.forget_worker(now, worker);
        }
    }

    /// Ends a worker's process group and closes its channels.
    fn forget_worker(&mut self, now: Now, worker: Key<Worker>) {
        let Some(links) = self.workers.links.remove(&worker) else { return };
        self.workers.children.kill(worker.to_bits());
        let Links { events, frames, log, listener, clients, parked: _, is_up: _ } = links;
        for key in [events, frames, log, listener].into_iter().flatten().chain(clients) {
            self.drop_conn(now, key);
        }
    }

    /// A client of a worker's own port: usually one, which stays.
    pub(super) fn runtime_client(&mut self, worker: Key<Worker>, key: Key<Conn>) {
        if let Some(links) = self.workers.links.get_mut(&worker) {
            links.clients.retain(|client| self.conns.get(*client).is_some());
            links.clients.push(key);
        }
    }

    /// A request of the Lambda Runtime API.
    pub(super) fn runtime_request(
        &mut self,
        now: Now,
        worker: Key<Worker>,
        key: Key<Conn>,
        request: Request,
    ) {
        let said = runtime_api::read(&request);
        request.recycle(&mut self.spares);
        match said {
            Err(response) => self.reply(key, &response),
            Ok(FromWorker::Ready) => {
                let Some(links) = self.workers.links.get_mut(&worker) else {
                    return self.drop_conn(now, key);
                };
                // Whoever asks anew has given up on asking before.
                if let Some(before) = links.parked.replace(key).filter(|before| *before != key) {
                    self.reply(before, &runtime_api::invalid_request_id());
                }
                self.ready(now, worker);
            }
            Ok(said) => {
                let response: Response = if self.hear(now, worker, said) {
                    runtime_api::accepted()
                } else {
                    runtime_api::invalid_request_id()
                };
                self.reply(key, &response);
            }
        }
    }

    /// Ends what is left of workers' connections when everything stops.
    pub(super) fn end_workers(&mut self, now: Now) {
        for worker in self.workers.links.keys().copied().collect::<Vec<_>>() {
            self.forget_worker(now, worker);
        }
        self.workers.end_all();
        self.workers.disk.remove_all();
    }
}

/// A trace id of the shape that X-Ray has, for invocations that no api made: `Root=1-{time}-{24 digits}`.
fn trace_id(now: Now, request_id: &str) -> String {
    let digits: String = request_id.chars().filter(char::is_ascii_hexdigit).take(24).collect();
    format!("Root=1-{:08x}-{digits:0>24}", now.unix_seconds())
}
