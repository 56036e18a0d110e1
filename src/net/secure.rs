//! Clients that speak TLS: the first byte says so, the name that they ask for decides what they are shown.

use std::net::{IpAddr, Ipv4Addr};

use super::Reactor;
use super::conn::{Closing, Conn, Stream};
use super::role::{Role, Wait};
use super::tls::FIRST_BYTE;
use crate::base::{Key, Now};

impl Reactor {
    /// The first bytes of a client have come.
    pub(super) fn first_bytes(&mut self, now: Now, key: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        conn.unheard = false;
        if conn.inbox.bytes().first() != Some(&FIRST_BYTE) || !matches!(conn.stream, Stream::Tcp(_)) {
            return;
        }
        let early = conn.inbox.take(conn.inbox.len()).to_vec();
        conn.inbox.rest(&mut self.spares);
        conn.secure(early);
        // No edge announces what has come already.
        conn.owes_read = true;
        self.wait_for(now, key, Wait::Handshake);
    }

    /// A client has said whom it wants.
    pub(super) fn greeted(&mut self, now: Now, key: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        let Stream::Tls(tls) = &mut conn.stream else { return };
        let Some(name) = tls.greeted() else { return };
        let ip = tls.socket.local_addr().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip());
        let domain = name.as_deref().and_then(|name| self.live.get().domain(name));
        let truststore = domain.and_then(|domain| domain.truststore.clone());
        let config = match &truststore {
            Some(truststore) => self.names.mutual(now, name.as_deref(), ip, truststore),
            None => self.names.config(now, name.as_deref(), ip),
        };
        if !tls.open(config, truststore) {
            self.violated(now, key);
        }
    }

    /// A peer broke the rules of TLS. A client stays until it has seen why.
    pub(super) fn violated(&mut self, now: Now, key: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(key) else { return };
        match &conn.role {
            Role::Http(http) if http.flight.is_none() && conn.closing == Closing::No => {
                conn.closing = Closing::AfterOutput;
                self.touch(key);
            }
            Role::Http(_)
            | Role::WebSocket(_)
            | Role::Upstream(_)
            | Role::Listener(_)
            | Role::WorkerIn
            | Role::WorkerOut(_)
            | Role::WorkerLog(_) => self.lost(now, key),
        }
    }
}
