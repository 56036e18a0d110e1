//! [`Signals`]: SIGTERM, SIGINT and SIGCHLD as something to poll.
//!
//! A handler may do next to nothing: it sets a flag and writes a byte to a socket, whose other end the reactor
//! polls. The first SIGTERM or SIGINT asks for an orderly end; the second one ends the process there and then,
//! even if the reactor is stuck.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mio::event::Source;
use mio::{Interest, Registry, Token};
use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};

/// What came since the last [`Signals::take`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caught {
    /// SIGTERM or SIGINT: to end in order.
    pub end: bool,
    /// SIGCHLD: some child ended.
    pub child: bool,
}

/// A source that is readable when a signal has come.
pub struct Signals {
    bell: mio::net::UnixStream,
    end: Arc<AtomicBool>,
    child: Arc<AtomicBool>,
    ending: bool,
}

impl Signals {
    /// Takes the three signals over, for the whole process; to be called once.
    ///
    /// # Errors
    /// When the system is out of descriptors.
    pub fn new() -> io::Result<Self> {
        let (bell, rope) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        let (end, child) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        // Handlers run in this order, so the bell rings after the flag is set.
        for (signal, flag) in [(SIGTERM, &end), (SIGINT, &end), (SIGCHLD, &child)] {
            if signal != SIGCHLD {
                // What shells report of a process that a signal ended.
                signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(flag))?;
            }
            signal_hook::flag::register(signal, Arc::clone(flag))?;
            signal_hook::low_level::pipe::register(signal, rope.try_clone()?)?;
        }
        Ok(Self { bell: mio::net::UnixStream::from_std(bell), end, child, ending: false })
    }

    /// What came. Call when the source is readable.
    pub fn take(&mut self) -> Caught {
        let mut rung = [0; 64];
        while matches!(self.bell.read(&mut rung), Ok(1..)) {}
        // The flag of the end stays set: it is what makes the second signal end the process.
        let end = self.end.load(Ordering::SeqCst) && !self.ending;
        self.ending |= end;
        Caught { end, child: self.child.swap(false, Ordering::SeqCst) }
    }
}

impl Source for Signals {
    fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        self.bell.register(registry, token, interests)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        self.bell.reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.bell.deregister(registry)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mio::{Events, Poll};
    use signal_hook::low_level::raise;

    use super::*;

    #[test]
    fn signals_are_told_apart() {
        let mut poll = Poll::new().unwrap();
        let mut signals = Signals::new().unwrap();
        poll.registry().register(&mut signals, Token(7), Interest::READABLE).unwrap();
        assert_eq!(signals.take(), Caught::default());
        // SIGTERM only once: the second one would end the tests. Children of other tests may ring too.
        for (signal, end) in [(SIGCHLD, false), (SIGTERM, true), (SIGCHLD, false)] {
            raise(signal).unwrap();
            let mut events = Events::with_capacity(8);
            poll.poll(&mut events, Some(Duration::from_secs(10))).unwrap();
            assert!(events.iter().any(|event| event.token() == Token(7) && event.is_readable()));
            let caught = signals.take();
            assert_eq!((caught.end, caught.child || end), (end, true));
        }
    }
}
