//! The ports of WebSocket APIs' own: the control plane opens and closes them, from whatever thread it runs on; the
//! reactor comes for the listeners after each change ([`Ports::take`]) and drops those whose api is gone.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mio::net::TcpListener;

use super::listen;
use crate::control::ports;

/// A range of ports, some of which are open.
#[derive(Debug)]
pub struct Ports {
    ip: IpAddr,
    range: Range<u16>,
    /// The open ones, each with its listener until the reactor has it. From the listening on, the kernel lets
    /// clients queue: nobody who reads an endpoint is refused.
    open: Mutex<BTreeMap<u16, Option<TcpListener>>>,
}

impl Ports {
    /// Ports of `range` at `ip`, none of them open.
    pub fn new(ip: IpAddr, range: Range<u16>) -> Self {
        Self { ip, range, open: Mutex::default() }
    }

    /// The listener of a port that was opened; `None`: it was taken before, or closed since.
    pub fn take(&self, port: u16) -> Option<TcpListener> {
        self.open().get_mut(&port)?.take()
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<u16, Option<TcpListener>>> {
        // Nothing that holds it can be left half done.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ports::Ports for Ports {
    fn open(&self) -> Option<u16> {
        let mut open = self.open();
        // What others listen on is passed over: binding says which those are.
        let bind = |port| Some((port, listen::bind(SocketAddr::new(self.ip, port)).ok()?));
        let (port, listener) = self.range.clone().filter(|port| !open.contains_key(port)).find_map(bind)?;
        open.insert(port, Some(listener));
        Some(port)
    }

    fn close(&self, port: u16) {
        self.open().remove(&port);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpStream};

    use super::ports::Ports as _;
    use super::*;

    #[test]
    fn a_port_is_open_until_it_is_closed() {
        let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
        // A port that was free a moment ago, so that this test needs none in particular.
        let first = listen::bind(SocketAddr::new(ip, 0)).unwrap().local_addr().unwrap().port();
        let ports = Ports::new(ip, first..first.saturating_add(50));
        let one = ports::Ports::open(&ports).unwrap();
        let two = ports::Ports::open(&ports).unwrap();
        assert!(one < two);
        TcpStream::connect((ip, one)).expect("clients may come before the reactor");
        let listener = ports.take(two).expect("it was opened");
        assert!(ports.take(two).is_none(), "and taken");
        drop(listener);
        ports.close(one);
        TcpStream::connect((ip, one)).expect_err("nobody listens any more");
        ports.close(two);
        assert!(ports.take(one).is_none() && ports.take(two).is_none());
        assert_eq!(ports::Ports::open(&ports), Some(one), "the lowest that is free");
    }

    #[test]
    fn an_empty_range_has_no_port() {
        let ports = Ports::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0..0);
        assert_eq!(ports::Ports::open(&ports), None);
    }
}
