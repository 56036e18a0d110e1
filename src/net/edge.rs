//! Clients: their requests to whoever answers them, and the answers back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::conn::{Closing, Conn, OUTBOX_MARK};
use super::mailbox::Message;
use super::role::{Flight, Role, Service, Wait};
use super::{HANDSHAKE, LINGER, Reactor, transfer};
use crate::base::{Key, Now};
use crate::control::{Done, Turn};
use crate::gateway::effect::{self, Summary};
use crate::gateway::{Effect, Peer, Via};
use crate::lambda::runtime_api;
use crate::log::{RequestLine, Served};
use crate::metrics::{Gauges, Kind};
use crate::proto::http1::response::CONTINUE;
use crate::proto::http1::{self, Decoded, Framing, Phase, Request, Response};

/// AWS: 10,240 bytes of request line and headers; how many headers is ours.
const HEAD: http1::Limits = http1::Limits { head: 10_240, headers: 100 };

/// A worker's requests carry no more headers, but one of them may be a stack trace.
const RUNTIME_HEAD: http1::Limits = http1::Limits { head: 64 * 1024, headers: 100 };

const BUSY: &[u8] = br#"{"message":"Too many operations that take their time are waiting. Try again."}"#;

impl Reactor {
    /// Takes requests while nothing is under way: those answered at once are answered into one buffer.
    pub(super) fn advance_http(&mut self, now: Now, key: Key<Conn>) {
        self.advancing = Some(key);
        while self.take_request(now, key) {
            self.settle_effects(now);
        }
        self.advancing = None;
        let Some(conn) = self.conns.get_mut(key) else { return };
        let Role::Http(http) = &conn.role else { return };
        if conn.closing != Closing::No || conn.stream.is_handshaking() && !conn.eof {
            return;
        }
        if http.flight.is_some() {
            return self.send_on(now, key);
        }
        if conn.eof && conn.pending() <= OUTBOX_MARK {
            // Half a request will not become a whole one.
            conn.closing = Closing::AfterOutput;
            return self.touch(key);
        }
        conn.inbox.rest(&mut self.spares);
        let wait = match http.decoder.phase() {
            Phase::Idle => Wait::Request,
            Phase::Head => Wait::Head,
            Phase::Body => Wait::Body,
        };
        // A reader that is behind keeps its own deadline; an answer that was written just now is not behind.
        if conn.pending() == 0 || http.wait == Wait::Us {
            self.wait_for(now, key, wait);
        }
    }

    /// Takes one request and hands it on. `false`: none is there, or none may be taken now.
    fn take_request(&mut self, now: Now, key: Key<Conn>) -> bool {
        let Some(conn) = self.conns.get_mut(key) else { return false };
        if conn.closing != Closing::No || conn.pending() > OUTBOX_MARK {
            return false;
        }
        let Role::Http(http) = &mut conn.role else { return false };
        if http.flight.is_some() {
            return false;
        }
        let decoded = match http.service {
            Service::Edge | Service::Port(_) => {
                let (control, live) = (&*self.control, &**self.live.get());
                let reception = |request: &Request| transfer::reception(control, live, request);
                http.decoder.decode(&mut conn.inbox, &HEAD, reception, &mut self.spares)
            }
            Service::RuntimeApi(_) => http.decoder.decode(
                &mut conn.inbox,
                &RUNTIME_HEAD,
                |_| runtime_api::MAX_BODY,
                &mut self.spares,
            ),
        };
        match decoded {
            Ok(Decoded::Incomplete) => false,
            Ok(Decoded::Continue) => {
                conn.out().extend_from_slice(CONTINUE);
                self.touch(key);
                true
            }
            Ok(Decoded::Begun { request, waits }) => {
                self.begin_upload(now, key, request, waits);
                true
            }
            Ok(Decoded::Piece { data, read, last }) => {
                self.take_piece(now, key, data, read, last);
                true
            }
            Ok(Decoded::Request(request)) => {
                http.flight = Some(Flight::of(&request, now));
                let (service, ip) = (http.service.clone(), http.peer);
                let channel = conn.stream.channel();
                http.wait = Wait::Us;
                self.deadlines.clear(key);
                let client = key.cast();
                match service {
                    Service::Edge => {
                        self.dispatch(now, Peer { client, ip, channel, via: Via::Edge }, request)
                    }
                    Service::Port(api) => {
                        let peer = Peer { client, ip, channel, via: Via::Port(api) };
                        self.engine.request(now, self.live.get(), peer, request);
                    }
                    Service::RuntimeApi(worker) => self.runtime_request(now, worker, key, request),
                }
                true
            }
            Err(error) => {
                let own = if error == http1::Error::BodyTooLarge { self.too_large(key) } else { None };
                self.refuse(now, key, error.status(), &own.unwrap_or_else(|| error.response()));
                false
            }
        }
    }

    /// What an api says itself of a body that is too large; its request's head still stands in the inbox.
    fn too_large(&mut self, key: Key<Conn>) -> Option<Response> {
        let conn = self.conns.get_mut(key)?;
        let mut response = None;
        let say = |request: &Request| {
            response = self.engine.too_large(self.live.get(), request);
            usize::MAX
        };
        let _ = http1::Decoder::default().decode(&mut conn.inbox, &HEAD, say, &mut self.spares);
        response
    }

    fn dispatch(&mut self, now: Now, peer: Peer, request: Request) {
        let key = peer.client.cast();
        let Some(request) = self.engine.request(now, self.live.get(), peer, request) else { return };
        if let Some(flight) = self.flight(key) {
            flight.line = Some(Box::new((request.method().to_owned(), request.path().to_owned())));
        }
        let turn = self.control.call(now, request);
        self.carry_out(now, key, turn);
    }

    /// Does what a call comes to.
    pub(super) fn carry_out(&mut self, now: Now, key: Key<Conn>, turn: Turn) {
        match turn {
            Turn::Done(done) => {
                self.catch_up(now);
                self.answer_call(now, key, done);
            }
            Turn::Later(later) => {
                let (control, mailbox) = (Arc::clone(&self.control), self.mailbox.clone());
                let job = move || mailbox.send(Message::Done { conn: key, done: later.run(&control) });
                match self.jobs.run(job) {
                    Ok(()) => self.jobs_under_way += 1,
                    Err(_) => {
                        self.answer_call(now, key, Done::ours(Response::json(503, BUSY), "-"));
                    }
                }
            }
            Turn::Invoke(call) => self.invoke_call(now, key, call),
            Turn::Reset(done) => {
                self.catch_up(now);
                self.reset(now, key);
                self.answer_call(now, key, done);
            }
            Turn::End(done) => {
                self.answer_call(now, key, done);
                self.told_to_end(now);
            }
            Turn::Metrics => {
                let text = self.metrics.render(&self.gauges());
                let response = Response::with_body(200, "text/plain; version=0.0.4; charset=utf-8", text);
                self.answer_call(now, key, Done::ours(response, "Metrics"));
            }
        }
    }

    /// What the engine wants done.
    pub(super) fn engine_effect(&mut self, now: Now, effect: Effect) {
        match effect {
            Effect::Reply { to, response, request, summary } => {
                self.log_exchange(now, &response, &request, &summary);
                request.recycle(&mut self.spares);
                self.reply(to.cast(), &response);
            }
            Effect::Invoke { function, arn, event, trace_id, then } => {
                self.invoke_exchange(now, function, arn, event, trace_id, then);
            }
            Effect::Fetch { fetch, then } => self.fetch(now, fetch, then),
            Effect::Upgrade { to, accept, protocol, request, summary } => {
                self.upgrade(now, to, (accept, protocol), request, &summary);
            }
            Effect::Send { to, text } => self.send(to, &text),
            Effect::Push { to, text, then } => self.push(now, to, &text, then),
            Effect::Close { to, code, reason } => self.close(now, to, code, reason),
            Effect::Resume { to } => self.pause(to.cast(), false),
            Effect::Log { log, line } => self.keep_access(now, &log, &line),
            Effect::Done { summary } => self.dealt_with(now, &summary),
        }
    }

    /// Answers an AWS operation, or one of our own endpoints.
    pub(super) fn answer_call(&mut self, now: Now, key: Key<Conn>, done: Done) {
        let Some(flight) = self.flight(key) else { return };
        let (began, line) = (flight.began, flight.line.take());
        let took = since(began);
        let kind = if done.service == "gatelet" { Kind::Internal } else { Kind::Control };
        self.metrics.request(kind, done.response.status, took);
        if let Some(line) = line {
            self.logger.request(
                now,
                &RequestLine {
                    method: &line.0,
                    path: &line.1,
                    served: Served::Operation { service: done.service, operation: done.operation },
                    status: done.response.status,
                    duration_us: took.as_micros() as u64,
                    bytes: match &done.download {
                        Some(download) => download.left(),
                        None => done.response.body.len() as u64,
                    },
                    error: None,
                },
            );
        }
        match done.download {
            Some(download) => self.reply_download(key, &done.response, download),
            None => self.reply(key, &done.response),
        }
    }

    /// Writes an answer to the request under way, and lets the next one come.
    pub(super) fn reply(&mut self, key: Key<Conn>, response: &Response) {
        if let Some(keep_alive) = self.write_reply(key, response) {
            self.replied(key, keep_alive);
        }
    }

    /// Writes an answer; whether the connection stays open behind it. `None`: nobody waits for it any more.
    pub(super) fn write_reply(&mut self, key: Key<Conn>, response: &Response) -> Option<bool> {
        let stopping = self.is_stopping();
        let conn = self.conns.get_mut(key)?;
        let Role::Http(http) = &conn.role else { return None };
        let flight = http.flight.as_ref()?;
        let keep_alive =
            flight.keep_alive && !(stopping && http.service.is_public() && conn.inbox.is_empty());
        let framing =
            Framing { head_only: flight.head_only, http10: flight.http10, keep_alive, date: &self.date.text };
        response.write(conn.out(), framing);
        Some(keep_alive)
    }

    /// The answer is written, to its end: the next request may come.
    pub(super) fn replied(&mut self, key: Key<Conn>, keep_alive: bool) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        let Role::Http(http) = &mut conn.role else { return };
        http.flight = None;
        if !keep_alive {
            conn.closing = Closing::AfterOutput;
        }
        if self.advancing != Some(key) {
            // What was pipelined behind it waited, and its edge is spent; and the next deadline is due.
            self.queue_again(key);
            self.touch(key);
        }
    }

    /// Answers what could not be read as a request, and closes.
    fn refuse(&mut self, now: Now, key: Key<Conn>, status: u16, response: &Response) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        let framing = Framing { head_only: false, http10: false, keep_alive: false, date: &self.date.text };
        response.write(conn.out(), framing);
        conn.closing = Closing::AfterOutput;
        conn.inbox.take(conn.inbox.len());
        self.metrics.request(Kind::Internal, status, Duration::ZERO);
        self.logger.request(
            now,
            &RequestLine {
                method: "-",
                path: "-",
                served: Served::Nobody,
                status,
                duration_us: 0,
                bytes: response.body.len() as u64,
                error: std::str::from_utf8(&response.body).ok(),
            },
        );
        self.touch(key);
    }

    /// A client's deadline has come.
    pub(super) fn client_late(&mut self, now: Now, key: Key<Conn>) {
        let Some(Conn { role: Role::Http(http), .. }) = self.conns.get(key) else { return };
        match http.wait {
            Wait::Head | Wait::Body => {
                let response = Response::json(408, &br#"{"message":"Request Timeout"}"#[..]);
                self.refuse(now, key, 408, &response);
            }
            Wait::Handshake | Wait::Request | Wait::Reader | Wait::Close => self.drop_conn(now, key),
            Wait::Us => {}
        }
    }

    /// Sets what a client is waited for. A head has one deadline in all, and so has the silence before it; else each
    /// step has its own.
    pub(super) fn wait_for(&mut self, now: Now, key: Key<Conn>, wait: Wait) {
        let Some(Conn { role: Role::Http(http), .. }) = self.conns.get_mut(key) else { return };
        if !http.service.is_public() && wait != Wait::Close {
            return;
        }
        let before = std::mem::replace(&mut http.wait, wait);
        match wait {
            Wait::Us => self.deadlines.clear(key),
            Wait::Head | Wait::Request if before == wait => {}
            Wait::Handshake => self.deadlines.set(key, now.instant + self.client_timeout.min(HANDSHAKE)),
            Wait::Close => self.deadlines.set(key, now.instant + LINGER),
            Wait::Request | Wait::Head | Wait::Body | Wait::Reader => {
                self.deadlines.set(key, now.instant + self.client_timeout);
            }
        }
    }

    /// A connection's outbox is empty: what was held back meanwhile goes on (reading, decoding, a deadline).
    pub(super) fn outbox_empty(&mut self, now: Now, key: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        let (waited, sends) = match &conn.role {
            Role::Http(http) => (http.wait == Wait::Reader, http.sending.is_some()),
            Role::WebSocket(_) => return self.websocket_drained(key),
            Role::Listener(_)
            | Role::Upstream(_)
            | Role::WorkerIn
            | Role::WorkerOut(_)
            | Role::WorkerLog(_) => return,
        };
        if waited {
            self.wait_for(now, key, Wait::Us);
        }
        let Some(conn) = self.conns.get_mut(key) else { return };
        if waited || sends || conn.owes_read || !conn.inbox.is_empty() {
            self.queue_again(key);
        }
    }

    /// A client does not read what is written.
    pub(super) fn reader_slow(&mut self, now: Now, key: Key<Conn>, progress: bool) {
        let Some(Conn { role: Role::Http(http), .. }) = self.conns.get(key) else { return };
        if progress || http.wait != Wait::Reader {
            self.wait_for(now, key, Wait::Reader);
        }
    }

    fn flight(&mut self, key: Key<Conn>) -> Option<&mut Flight> {
        match self.conns.get_mut(key) {
            Some(Conn { role: Role::Http(http), .. }) => http.flight.as_mut(),
            _ => None,
        }
    }

    fn gauges(&self) -> Gauges {
        let (workers, busy) = self.pool.workers();
        Gauges {
            connections: self.clients as u64,
            workers: workers as u64,
            workers_busy: busy as u64,
            exchanges_in_flight: self.engine.in_flight() as u64,
            log_lines_dropped: self.logger.dropped(),
            log_events_dropped: self.control.context().logs().dropped(),
        }
    }

    fn log_exchange(&mut self, now: Now, response: &Response, request: &Request, summary: &Summary) {
        let took = since(summary.began);
        let kind = match summary.kind {
            effect::Kind::Rest => Kind::RestApi,
            effect::Kind::Http
            | effect::Kind::Connect
            | effect::Kind::Message
            | effect::Kind::Disconnect
            | effect::Kind::Management => Kind::HttpApi,
        };
        self.metrics.request(kind, response.status, took);
        if !self.logger.logs_requests(response.status) {
            return;
        }
        self.logger.request(
            now,
            &RequestLine {
                method: request.method(),
                path: request.path(),
                served: Served::Api {
                    api: summary.api.as_ref().map(|api| api.as_str()),
                    stage: summary.stage.as_deref(),
                    route: summary.route.as_deref(),
                },
                status: response.status,
                duration_us: took.as_micros() as u64,
                bytes: response.body.len() as u64,
                error: summary.error.as_deref(),
            },
        );
    }

    /// `POST /_localstack/state/reset`: workers and connections end too, but for the one that asked.
    fn reset(&mut self, now: Now, asked: Key<Conn>) {
        self.pool.stop(now);
        for key in self.conns.keys() {
            let Some(conn) = self.conns.get(key) else { continue };
            let ends = match &conn.role {
                Role::Http(http) => http.service.is_public() && key != asked,
                Role::Upstream(_) => true,
                // The engine closes WebSockets, whose clients are told, since their apis are gone.
                Role::WebSocket(_)
                | Role::Listener(_)
                | Role::WorkerIn
                | Role::WorkerOut(_)
                | Role::WorkerLog(_) => false,
            };
            if ends {
                self.drop_conn(now, key);
            }
        }
        self.upstreams.forget();
    }
}

/// How long ago that was. The turn's own time would call all that is answered within a turn instant.
pub(super) fn since(began: Instant) -> Duration {
    Instant::now().saturating_duration_since(began)
}
