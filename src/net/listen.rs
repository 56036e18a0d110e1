//! Listening and accepting.
//!
//! Two things can stop accepting, and then the listener's edge is spent: the table is full (the kernel's backlog
//! waits until a slot frees), or the process is out of descriptors. For the latter one descriptor is kept in
//! reserve: with it the client is accepted and told 503, instead of left hanging.

use std::fs::File;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use socket2::{Domain, Protocol, Socket, Type};

use super::Reactor;
use super::conn::{Conn, Stream};
use super::role::{Http, Role, Service, Wait};
use crate::base::{Key, Now};
use crate::log::Level;
use crate::proto::http1;

/// How many clients one turn accepts before others are served.
const ACCEPTS_PER_TURN: usize = 64;

/// Clients that the kernel keeps for us while we don't accept; it cuts this to `somaxconn`.
const BACKLOG: i32 = 4096;

/// How soon a listener that could not accept tries again, if nothing frees earlier.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

const OUT_OF_DESCRIPTORS: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n\
    Content-Length: 63\r\nConnection: close\r\n\r\n\
    {\"message\":\"Too many open files: raise the limit (ulimit -n).\"}";

/// Binds a listener.
///
/// # Errors
/// The one line that the user sees.
pub fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    let listener = || -> io::Result<TcpListener> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if address.is_ipv6() {
            // `[::]` takes IPv4 too, whatever the system's default is.
            socket.set_only_v6(!address.ip().is_unspecified())?;
        }
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(TcpListener::from_std(socket.into()))
    };
    listener().map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "cannot listen on {address}: another program does; stop it, or choose another address with \
             --listen or GATEWAY_LISTEN"
        ),
        io::ErrorKind::PermissionDenied => {
            format!("cannot listen on {address}: not permitted; ports below 1024 belong to root")
        }
        _ => format!("cannot listen on {address}: {error}"),
    })
}

impl Reactor {
    /// Adds a listener for `service`. `None`: the table is full.
    pub(super) fn listen(&mut self, listener: TcpListener, service: Service) -> Option<Key<Conn>> {
        self.adopt(Stream::Listener(listener), Role::Listener(service))
    }

    /// Accepts who is waiting.
    pub(super) fn accept(&mut self, now: Now, key: Key<Conn>) {
        for _ in 0..ACCEPTS_PER_TURN {
            if self.conns.is_full() {
                return self.stall(now, key);
            }
            let Some(conn) = self.conns.get_mut(key) else { return };
            let (Stream::Listener(listener), Role::Listener(service)) = (&conn.stream, &conn.role) else {
                return;
            };
            let service = service.clone();
            match listener.accept() {
                Ok((socket, peer)) => self.welcome(now, socket, peer, service),
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => return,
                    io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted => {}
                    _ if out_of_descriptors(&error) => {
                        if !self.turn_away(key) {
                            return self.stall(now, key);
                        }
                    }
                    _ => {
                        self.logger.event(now, Level::Warn, "net", &format!("cannot accept: {error}"));
                        return self.stall(now, key);
                    }
                },
            }
        }
        self.queue_again(key);
    }

    fn stall(&mut self, now: Now, key: Key<Conn>) {
        self.stalled.push(key);
        self.accept_again = Some(now.instant + ACCEPT_AGAIN);
    }

    /// Listeners whose edge was spent get another chance: a slot or a descriptor may be free now.
    pub(super) fn resume_accepting(&mut self) {
        self.accept_again = None;
        for key in std::mem::take(&mut self.stalled) {
            self.queue_again(key);
        }
    }

    fn welcome(&mut self, now: Now, socket: TcpStream, peer: SocketAddr, service: Service) {
        // Answers are written whole, so there is nothing that waiting for more could gather.
        let _ = socket.set_nodelay(true);
        let worker = match &service {
            Service::RuntimeApi(worker) => Some(*worker),
            Service::Edge | Service::Port(_) => None,
        };
        let http = Http {
            service,
            peer: peer.ip().to_canonical(),
            decoder: http1::Decoder::default(),
            uploading: None,
            flight: None,
            sending: None,
            wait: Wait::Us,
        };
        let Some(key) = self.adopt(Stream::Tcp(socket), Role::Http(Box::new(http))) else { return };
        match worker {
            Some(worker) => self.runtime_client(worker, key),
            None => {
                if let Some(conn) = self.conns.get_mut(key) {
                    conn.unheard = true;
                }
                self.metrics.connection();
                self.clients += 1;
                self.wait_for(now, key, Wait::Request);
            }
        }
    }

    /// Listens on the ports of WebSocket APIs that are there now, and no more on others.
    pub(super) fn adopt_ports(&mut self, now: Now) {
        let live = Arc::clone(self.live.get());
        for (port, api) in live.ports() {
            if let Some(listener) = self.ports.take(port) {
                self.forget_port(now, port);
                if let Some(key) = self.listen(listener, Service::Port(api.id.as_str().into())) {
                    self.port_listeners.insert(port, key);
                }
            }
        }
        let gone = |port: &u16| !live.ports().any(|(open, _)| open == *port);
        for port in self.port_listeners.keys().copied().filter(gone).collect::<Vec<_>>() {
            self.forget_port(now, port);
        }
    }

    fn forget_port(&mut self, now: Now, port: u16) {
        if let Some(key) = self.port_listeners.remove(&port) {
            self.drop_conn(now, key);
        }
    }

    /// Accepts one client on the reserved descriptor and tells it why it is turned away.
    fn turn_away(&mut self, key: Key<Conn>) -> bool {
        self.reserve = None;
        let Some(Conn { stream: Stream::Listener(listener), .. }) = self.conns.get_mut(key) else {
            return false;
        };
        let accepted = match listener.accept() {
            Ok((mut socket, _)) => {
                // A fresh socket's buffer takes this whole, or the client is gone.
                let _ = socket.write(OUT_OF_DESCRIPTORS);
                let _ = socket.shutdown(std::net::Shutdown::Write);
                true
            }
            Err(_) => false,
        };
        self.reserve = File::open("/dev/null").ok();
        accepted
    }
}

fn out_of_descriptors(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(code) if code == rustix::io::Errno::MFILE.raw_os_error()
        || code == rustix::io::Errno::NFILE.raw_os_error())
}
