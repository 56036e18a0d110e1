//! Clients of WebSocket APIs: the handshake's end, messages to the engine, frames back, and the close.

use std::time::Duration;

use bytes::Bytes;

use super::Reactor;
use super::conn::{Closing, Conn, OUTBOX_MARK};
use super::role::Role;
use crate::base::{Key, Now};
use crate::gateway::effect::{Full, Message, Summary};
use crate::gateway::{Answer, Client, Exchange, Flow};
use crate::log::{RequestLine, Served};
use crate::metrics::Kind;
use crate::model::settings::Binary;
use crate::proto::http1::Request;
use crate::proto::ws::{Accept, Event, Limits, Session, close};

/// How long a client may take to answer our close frame.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// A WebSocket connection.
#[derive(Default)]
pub struct WebSocket {
    session: Session,
    /// As many of its messages are under way as may be.
    paused: bool,
}

impl WebSocket {
    /// Whether nothing is to be read from it for now.
    pub fn is_paused(&self) -> bool {
        self.paused
    }
}

impl Reactor {
    /// `$connect` succeeded: the connection speaks WebSocket from here on.
    pub(super) fn upgrade(
        &mut self,
        now: Now,
        to: Key<Client>,
        (accept, protocol): (Accept, Option<Box<str>>),
        request: Request,
        summary: &Summary,
    ) {
        self.log_websocket(now, ("GET", request.path()), 101, summary);
        request.recycle(&mut self.spares);
        let key: Key<Conn> = to.cast();
        let Some(conn) = self.conns.get_mut(key) else {
            // The client left in the same turn: it is as if it left in the next one.
            return self.engine.closed(now, to, close::ABNORMAL, "");
        };
        let written = accept.write_101(conn.out(), protocol.as_deref(), &self.date.text);
        debug_assert!(written.is_ok(), "the engine checked the subprotocol");
        conn.role = Role::WebSocket(WebSocket::default());
        self.deadlines.clear(key);
        self.touch(key);
        // What the client sent behind its handshake waits in the inbox.
        self.queue_again(key);
    }

    /// Takes messages from what came.
    pub(super) fn advance_websocket(&mut self, now: Now, key: Key<Conn>) {
        loop {
            let binary = self.live.get().settings.ws.binary;
            let Some(conn) = self.conns.get_mut(key) else { return };
            if conn.closing != Closing::No || conn.pending() > OUTBOX_MARK {
                return;
            }
            let (before, unread) = (conn.pending(), conn.inbox.len());
            let (Role::WebSocket(websocket), inbox, out) = conn.parts() else { return };
            if websocket.paused {
                return;
            }
            let message = match websocket.session.decode(inbox, &Limits::default(), out) {
                Ok(None) => {
                    let stirred = inbox.len() < unread;
                    inbox.rest(&mut self.spares);
                    if conn.pending() > before {
                        self.touch(key);
                    }
                    if stirred {
                        self.engine.stirred(now, self.live.get(), key.cast());
                    }
                    return;
                }
                Ok(Some(Event::Text(text))) => Message::Text(Bytes::copy_from_slice(text.as_bytes())),
                Ok(Some(Event::Binary(bytes))) => match binary {
                    Binary::Base64 => Message::Binary(Bytes::copy_from_slice(&bytes)),
                    Binary::Close => {
                        drop(bytes);
                        websocket.session.close(close::UNSUPPORTED, "binary is not supported", out);
                        self.engine.closed(now, key.cast(), close::UNSUPPORTED, "");
                        return self.await_close(now, key);
                    }
                },
                Ok(Some(Event::Close(close))) => {
                    conn.closing = Closing::AfterOutput;
                    self.touch(key);
                    return self.engine.closed(now, key.cast(), close.code, &close.reason);
                }
                Err(error) => {
                    conn.closing = Closing::AfterOutput;
                    self.touch(key);
                    return self.engine.closed(now, key.cast(), error.close_code(), error.reason());
                }
            };
            let live = self.live.get();
            match self.engine.message(now, live, key.cast(), message) {
                Flow::On => {}
                Flow::Pause => self.pause(key, true),
            }
            self.settle_effects(now);
        }
    }

    /// Writes a message.
    pub(super) fn send(&mut self, to: Key<Client>, text: &[u8]) {
        let key: Key<Conn> = to.cast();
        let Some(conn) = self.conns.get_mut(key) else { return };
        let (Role::WebSocket(websocket), _, out) = conn.parts() else { return };
        // What back ends push need not be text; AWS replaces what is not.
        if websocket.session.text(&String::from_utf8_lossy(text), &Limits::default(), out) {
            self.touch(key);
        }
    }

    /// Writes what a back end pushes, unless the client lets too much wait already.
    pub(super) fn push(&mut self, now: Now, to: Key<Client>, text: &[u8], then: Key<Exchange>) {
        let full = self.conns.get(to.cast()).is_some_and(|conn| conn.pending() > OUTBOX_MARK);
        if !full {
            self.send(to, text);
        }
        self.engine.answer(now, then, Answer::Pushed(if full { Err(Full) } else { Ok(()) }));
    }

    /// Begins the closing handshake.
    pub(super) fn close(&mut self, now: Now, to: Key<Client>, code: u16, reason: &str) {
        let key: Key<Conn> = to.cast();
        let Some(conn) = self.conns.get_mut(key) else { return };
        let (Role::WebSocket(websocket), _, out) = conn.parts() else { return };
        if websocket.session.close(code, reason, out) {
            self.await_close(now, key);
        }
    }

    /// The client has so long to answer our close.
    fn await_close(&mut self, now: Now, key: Key<Conn>) {
        self.pause(key, false);
        self.deadlines.set(key, now.instant + CLOSE_WITHIN);
        self.touch(key);
    }

    /// Reading stops, or goes on.
    pub(super) fn pause(&mut self, key: Key<Conn>, paused: bool) {
        if let Some(Conn { role: Role::WebSocket(websocket), .. }) = self.conns.get_mut(key)
            && std::mem::replace(&mut websocket.paused, paused)
            && !paused
        {
            self.queue_again(key);
        }
    }

    /// The pong that waited for the outbox to drain.
    pub(super) fn websocket_drained(&mut self, key: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        let held_back = conn.owes_read || !conn.inbox.is_empty();
        let (Role::WebSocket(websocket), _, out) = conn.parts() else { return };
        if websocket.session.drained(out) {
            self.touch(key);
        }
        if held_back {
            self.queue_again(key);
        }
    }

    /// The connection has ended, with or without a goodbye.
    pub(super) fn websocket_gone(&mut self, now: Now, key: Key<Conn>, mut websocket: WebSocket) {
        if let Some(close) = websocket.session.hung_up() {
            self.engine.closed(now, key.cast(), close.code, &close.reason);
        }
    }

    /// Everything stops: clients are told, functions too.
    pub(super) fn say_goodbye(&mut self, now: Now, key: Key<Conn>) {
        self.close(now, key.cast(), close::GOING_AWAY, "Going away");
        self.engine.closed(now, key.cast(), close::GOING_AWAY, "Going away");
    }

    /// A message or an end has been dealt with.
    pub(super) fn dealt_with(&mut self, now: Now, summary: &Summary) {
        self.log_websocket(now, ("WS", "-"), if summary.error.is_some() { 500 } else { 200 }, summary);
    }

    fn log_websocket(&mut self, now: Now, (method, path): (&str, &str), status: u16, summary: &Summary) {
        let took = super::edge::since(summary.began);
        self.metrics.request(Kind::WebSocketApi, status, took);
        self.logger.request(
            now,
            &RequestLine {
                method,
                path,
                served: Served::Api {
                    api: summary.api.as_ref().map(|api| api.as_str()),
                    stage: summary.stage.as_deref(),
                    route: summary.route.as_deref(),
                },
                status,
                duration_us: took.as_micros() as u64,
                bytes: 0,
                error: summary.error.as_deref(),
            },
        );
    }
}
