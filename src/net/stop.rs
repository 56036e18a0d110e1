//! Stopping: no new clients, but nobody who has asked goes without an answer.

use std::time::{Duration, Instant};

use super::conn::{Closing, Conn};
use super::role::Role;
use super::{Reactor, hooks};
use crate::base::{Key, Now};
use crate::log::Level;

/// How long what is in flight may take once we are told to stop: `docker stop` kills after as much.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// How far the end has come, once we are told of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    /// The scripts of `shutdown.d` run, and we serve them and everybody.
    Hooks {
        /// How long they may.
        until: Instant,
        /// When all is over, at the latest.
        by: Instant,
    },
    /// No new clients; what is in flight is finished.
    Stopping {
        /// When all is over, at the latest.
        by: Instant,
    },
}

impl Ending {
    /// When something is to be done about it.
    pub(super) fn due(self) -> Instant {
        match self {
            Self::Hooks { until, .. } => until,
            Self::Stopping { by } => by,
        }
    }
}

impl Reactor {
    /// A signal came: a child ended, or we are to end.
    pub(super) fn signalled(&mut self, now: Now) {
        let caught = self.signals.take();
        if caught.child {
            self.reap(now);
        }
        if caught.end {
            self.told_to_end(now);
        }
    }

    /// The end begins, unless it has: first with the scripts that belong to it.
    pub(super) fn told_to_end(&mut self, now: Now) {
        if self.ending.is_some() {
            return;
        }
        let by = now.instant + STOP_WITHIN;
        if self.hooks.shut_down(&self.control, &self.mailbox) {
            self.ending = Some(Ending::Hooks { until: now.instant + hooks::SHUTDOWN_WITHIN, by });
        } else {
            self.stop(now, by);
        }
    }

    /// The scripts of the end have run: the end itself comes.
    pub(super) fn hooks_over(&mut self, now: Now) {
        if let Some(Ending::Hooks { by, .. }) = self.ending {
            self.stop(now, by);
        }
    }

    /// The scripts of the end have taken too long, if so.
    pub(super) fn hooks_late(&mut self, now: Now) {
        if let Some(Ending::Hooks { until, .. }) = self.ending
            && until <= now.instant
        {
            self.logger.event(now, Level::Error, "init", "the scripts of shutdown.d took too long");
            self.hooks_over(now);
        }
    }

    /// Whether no new clients are taken any more.
    pub(super) fn is_stopping(&self) -> bool {
        matches!(self.ending, Some(Ending::Stopping { .. }))
    }

    /// Stops accepting; what was asked until now is answered.
    fn stop(&mut self, now: Now, by: Instant) {
        self.logger.event(now, Level::Info, "net", "stopping: finishing what is in flight");
        for key in self.conns.keys() {
            if let Some(Conn { role: Role::Listener(service), .. }) = self.conns.get(key)
                && service.is_public()
            {
                // Who has connected by now is in the kernel's backlog, perhaps with a request.
                self.accept(now, key);
                self.drop_conn(now, key);
            }
        }
        self.ending = Some(Ending::Stopping { by });
        for key in self.conns.keys() {
            match self.conns.get_mut(key) {
                Some(Conn { role: Role::Http(http), owes_read, .. }) if http.service.is_public() => {
                    // One last look at what has come; idle connections are closed after it.
                    *owes_read = true;
                    self.queue_again(key);
                }
                Some(Conn { role: Role::WebSocket(_), .. }) => self.say_goodbye(now, key),
                Some(_) | None => {}
            }
        }
    }

    /// Closes a client's connection if nothing of a request has come.
    pub(super) fn close_if_idle(&mut self, key: Key<Conn>) {
        let Some(Conn { role: Role::Http(http), inbox, closing, .. }) = self.conns.get_mut(key) else {
            return;
        };
        let asks = http.flight.is_some() || http.uploading.is_some() || !inbox.is_empty();
        if http.service.is_public() && !asks && *closing == Closing::No {
            *closing = Closing::AfterOutput;
        }
    }

    /// Whether stopping is over: everything answered, or no time left.
    pub(super) fn stopped(&self, now: Now) -> bool {
        let Some(Ending::Stopping { by }) = self.ending else { return false };
        let busy = |conn: &Conn| match &conn.role {
            Role::Http(http) => {
                let asks = http.flight.is_some() || http.uploading.is_some();
                let asked = asks || !conn.inbox.is_empty() || conn.queued;
                http.service.is_public()
                    && conn.closing != Closing::Lingering
                    && (asked || conn.pending() > 0)
            }
            Role::WebSocket(_) => conn.pending() > 0,
            Role::Listener(_)
            | Role::Upstream(_)
            | Role::WorkerIn
            | Role::WorkerOut(_)
            | Role::WorkerLog(_) => false,
        };
        let idle = self.jobs_under_way == 0 && self.engine.in_flight() == 0;
        now.instant >= by || idle && !self.conns.iter().any(|(_, conn)| busy(conn))
    }
}
