//! Serving one connection: write what waits, read what came, take what is whole, end what is over.

use super::Reactor;
use super::conn::{Closing, Conn, Filled, Flushed, OUTBOX_MARK};
use super::role::{Role, Wait};
use crate::base::{Key, Now};

/// How often one connection is read before others have their turn.
const READS_PER_TURN: usize = 8;

/// How much it may be owed before others have theirs: some hundred small requests, which may have come in one read.
const ANSWERS_PER_TURN: usize = 64 * 1024;

impl Reactor {
    /// Something may have happened to a connection: write what waits, take what came.
    pub(super) fn serve(&mut self, now: Now, key: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        match &conn.role {
            Role::Listener(_) => return self.accept(now, key),
            Role::Upstream(upstream) if upstream.is_connecting() => {
                if !self.connected(now, key) {
                    return;
                }
            }
            Role::Upstream(_)
            | Role::Http(_)
            | Role::WebSocket(_)
            | Role::WorkerIn
            | Role::WorkerOut(_)
            | Role::WorkerLog(_) => {}
        }
        if !self.flush(now, key) {
            return;
        }
        self.advance(now, key);
        for _ in 0..READS_PER_TURN {
            let Some(conn) = self.conns.get_mut(key) else { return };
            if !conn.owes_read || conn.eof || conn.refuses_input() {
                if self.is_stopping() {
                    self.close_if_idle(key);
                }
                self.flush(now, key);
                return;
            }
            match conn.fill(&mut self.spares) {
                Filled::Bytes { drained } => {
                    if drained && !conn.peer_closed {
                        conn.owes_read = false;
                    }
                    if conn.unheard {
                        self.first_bytes(now, key);
                    }
                    self.advance(now, key);
                }
                Filled::Greeted => self.greeted(now, key),
                Filled::Nothing => conn.owes_read = false,
                Filled::Eof => {
                    conn.eof = true;
                    self.ended(now, key);
                }
                Filled::Violated => self.violated(now, key),
                Filled::Broken => return self.lost(now, key),
            }
            // After a read: who doesn't read is not asked again and again.
            if self.conns.get(key).is_none_or(|conn| conn.pending() > ANSWERS_PER_TURN) {
                break;
            }
        }
        self.flush(now, key);
        self.queue_again(key);
    }

    /// Takes from a connection's inbox what is whole.
    fn advance(&mut self, now: Now, key: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        if conn.closing != Closing::No {
            conn.inbox.take(conn.inbox.len());
            return conn.inbox.rest(&mut self.spares);
        }
        match &conn.role {
            Role::Http(_) => self.advance_http(now, key),
            Role::WebSocket(_) => self.advance_websocket(now, key),
            Role::Upstream(_) => self.advance_upstream(now, key),
            Role::WorkerOut(_) => self.advance_worker(now, key),
            Role::WorkerLog(worker) => {
                let worker = *worker;
                self.pool.output(now, worker, conn.inbox.bytes());
                conn.inbox.take(conn.inbox.len());
                conn.inbox.rest(&mut self.spares);
            }
            Role::Listener(_) | Role::WorkerIn => {}
        }
    }

    /// The peer has said all it will say. What it asked is still answered.
    fn ended(&mut self, now: Now, key: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        if conn.closing == Closing::Lingering {
            return self.drop_conn(now, key);
        }
        match conn.role {
            Role::Http(_) => self.advance_http(now, key),
            Role::Upstream(_) => self.advance_upstream(now, key),
            Role::WorkerOut(_) => self.worker_silent(now, key),
            Role::WebSocket(_) | Role::WorkerLog(_) | Role::WorkerIn | Role::Listener(_) => {
                self.drop_conn(now, key);
            }
        }
    }

    /// The connection broke.
    pub(super) fn lost(&mut self, now: Now, key: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        match conn.role {
            Role::Upstream(_) => self.upstream_lost(now, key, "the back end reset the connection"),
            Role::WorkerOut(_) => self.worker_silent(now, key),
            Role::Http(_) | Role::WebSocket(_) | Role::WorkerIn | Role::WorkerLog(_) | Role::Listener(_) => {
                self.drop_conn(now, key);
            }
        }
    }

    /// Writes what waits to be written. `false`: the connection is gone.
    pub(super) fn flush(&mut self, now: Now, key: Key<Conn>) -> bool {
        let Some(conn) = self.conns.get_mut(key) else { return false };
        conn.dirty = false;
        if conn.pending() == 0 && conn.closing != Closing::AfterOutput && !conn.stream.holds_output() {
            return true;
        }
        match conn.flush() {
            Flushed::All => {
                if conn.closing == Closing::AfterOutput {
                    conn.stream.shut_output();
                    conn.closing = Closing::Lingering;
                    if conn.eof || conn.stream.is_pipe() {
                        self.drop_conn(now, key);
                        return false;
                    }
                    conn.owes_read = true;
                    self.wait_for(now, key, Wait::Close);
                    self.queue_again(key);
                } else {
                    self.outbox_empty(now, key);
                }
                true
            }
            Flushed::Some { progress } => {
                self.reader_slow(now, key, progress);
                true
            }
            Flushed::Broken => {
                self.lost(now, key);
                false
            }
        }
    }
}

impl Conn {
    /// Whether reading must wait: until a request is answered, or until the peer reads.
    fn refuses_input(&self) -> bool {
        let busy = match &self.role {
            Role::Http(http) => http.flight.is_some(),
            Role::WebSocket(websocket) => websocket.is_paused(),
            Role::Listener(_)
            | Role::Upstream(_)
            | Role::WorkerIn
            | Role::WorkerOut(_)
            | Role::WorkerLog(_) => false,
        };
        self.closing == Closing::No && (busy || self.pending() > OUTBOX_MARK)
    }
}
