//! One thing that can be waited for: a socket or a pipe with what came and what must go, and the part it plays.
//!
//! A connection is registered once, edge-triggered, for reading and writing. It is written at once; what the
//! kernel doesn't take stays in the outbox until the next writable edge.

use std::io::{self, Read, Write};
use std::net::Shutdown;

use mio::event::Source;
use mio::net::{TcpListener, TcpStream};
use mio::unix::pipe;
use mio::{Interest, Registry, Token};

use super::role::Role;
use super::tls::Tls;
use crate::gateway::Channel;
use crate::proto::http1::{Inbox, Spares};

/// How much one read asks for. Most requests and answers fit many times.
const READ: usize = 16 * 1024;

/// Reading stops while this much waits to be written: who doesn't read is not answered further.
pub const OUTBOX_MARK: usize = 256 * 1024;

/// A buffer that grew beyond this is given back to the allocator once it is empty; a WebSocket's is in any case, since
/// most of them are silent most of the time.
const KEPT_CAPACITY: usize = 4 * 1024;

/// A socket or pipe, its buffers, its part.
pub struct Conn {
    /// Where bytes come from and go to.
    pub stream: Stream,
    /// What the bytes mean.
    pub role: Role,
    /// What came and was not taken yet.
    pub inbox: Inbox,
    outbox: Vec<u8>,
    written: usize,
    /// The peer has closed its side: read on to the end whatever the hints say.
    pub peer_closed: bool,
    /// The end of what the peer sends was read.
    pub eof: bool,
    /// There may be something to read that no edge will announce again.
    pub owes_read: bool,
    /// Nothing has come yet: what the first byte is decides what is spoken.
    pub unheard: bool,
    /// It is in the reactor's list of those to be served again.
    pub queued: bool,
    /// It is in the reactor's list of those to be flushed.
    pub dirty: bool,
    /// How far it is with closing.
    pub closing: Closing,
}

/// The stages of an orderly close (RFC 9112 section 9.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// It stays open.
    No,
    /// Nothing more is taken from the peer; once the outbox is empty, our side is closed.
    AfterOutput,
    /// Our side is closed; what still comes is read and forgotten, so that no reset destroys our last answer.
    Lingering,
}

/// Where bytes come from and go to.
pub enum Stream {
    /// Accepts, neither reads nor writes.
    Listener(TcpListener),
    /// A socket.
    Tcp(TcpStream),
    /// A socket with TLS over it.
    Tls(Box<Tls>),
    /// To a worker.
    PipeOut(pipe::Sender),
    /// From a worker.
    PipeIn(pipe::Receiver),
    /// None, while it becomes another: nobody sees it.
    Between,
}

/// What one read brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled {
    /// Bytes, in the inbox. `drained`: fewer than asked for, so the next edge will tell when there are more.
    Bytes { drained: bool },
    /// Nothing now.
    Nothing,
    /// A TLS client has said whom it wants.
    Greeted,
    /// The peer has said all it will say.
    Eof,
    /// The peer broke the rules of TLS, and was told so.
    Violated,
    /// The connection is no more.
    Broken,
}

/// What one flush left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flushed {
    /// Everything is written.
    All,
    /// The rest waits for the next writable edge; `progress`: some was written.
    Some { progress: bool },
    /// The connection is no more.
    Broken,
}

impl Conn {
    /// A connection in this part, with nothing in or out.
    pub fn new(stream: Stream, role: Role) -> Self {
        Self {
            stream,
            role,
            inbox: Inbox::new(),
            outbox: Vec::new(),
            written: 0,
            peer_closed: false,
            eof: false,
            owes_read: false,
            unheard: false,
            queued: false,
            dirty: false,
            closing: Closing::No,
        }
    }

    /// Reads once.
    pub fn fill(&mut self, spares: &mut Spares) -> Filled {
        let Self { stream, inbox, .. } = self;
        let room = inbox.room(READ, spares);
        loop {
            return match stream.read(room) {
                Ok(0) => Filled::Eof,
                Ok(count) => {
                    let drained = count < room.len() && !matches!(stream, Stream::Tls(_));
                    inbox.filled(count);
                    Filled::Bytes { drained }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => match stream {
                    Stream::Tls(tls) if tls.greeted().is_some() => Filled::Greeted,
                    _ => Filled::Nothing,
                },
                Err(error) if error.kind() == io::ErrorKind::InvalidData => Filled::Violated,
                Err(_) => Filled::Broken,
            };
        }
    }

    /// What came on its socket, and what will come, is TLS.
    pub fn secure(&mut self, early: Vec<u8>) {
        self.stream = match std::mem::replace(&mut self.stream, Stream::Between) {
            Stream::Tcp(socket) => Stream::Tls(Box::new(Tls::server(socket, early))),
            other => other,
        };
    }

    /// Where to write; flush afterwards.
    pub fn out(&mut self) -> &mut Vec<u8> {
        &mut self.outbox
    }

    /// What it plays, what came, where to write: all at once.
    pub fn parts(&mut self) -> (&mut Role, &mut Inbox, &mut Vec<u8>) {
        (&mut self.role, &mut self.inbox, &mut self.outbox)
    }

    /// How many bytes wait to be written.
    pub fn pending(&self) -> usize {
        self.outbox.len() - self.written
    }

    /// Writes what can be written.
    pub fn flush(&mut self) -> Flushed {
        let mut progress = false;
        loop {
            if self.pending() == 0 && !self.stream.holds_output() {
                self.outbox.clear();
                self.written = 0;
                if self.outbox.capacity() > KEPT_CAPACITY || matches!(self.role, Role::WebSocket(_)) {
                    self.outbox = Vec::new();
                }
                return Flushed::All;
            }
            match self.stream.write(&self.outbox[self.written..]) {
                Ok(0) if self.pending() > 0 => return Flushed::Broken,
                Ok(n) => {
                    self.written += n;
                    progress = true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // What is written goes once it is worth the move: a slow reader costs what it is owed.
                    if self.written > OUTBOX_MARK {
                        self.outbox.drain(..self.written);
                        self.written = 0;
                    }
                    return Flushed::Some { progress };
                }
                Err(_) => return Flushed::Broken,
            }
        }
    }
}

impl Stream {
    /// Registers it for everything, once and for all.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        match self {
            Self::Listener(listener) => registry.register(listener, token, Interest::READABLE),
            Self::Tcp(tcp) => registry.register(tcp, token, Interest::READABLE | Interest::WRITABLE),
            Self::Tls(tls) => {
                registry.register(&mut tls.socket, token, Interest::READABLE | Interest::WRITABLE)
            }
            Self::PipeOut(pipe) => registry.register(pipe, token, Interest::WRITABLE),
            Self::PipeIn(pipe) => registry.register(pipe, token, Interest::READABLE),
            Self::Between => Ok(()),
        }
    }

    /// The reverse, before it is dropped.
    pub fn deregister(&mut self, registry: &Registry) {
        let source: &mut dyn Source = match self {
            Self::Listener(listener) => listener,
            Self::Tcp(tcp) => tcp,
            Self::Tls(tls) => &mut tls.socket,
            Self::PipeOut(pipe) => pipe,
            Self::PipeIn(pipe) => pipe,
            Self::Between => return,
        };
        // Closing the descriptor, which follows, takes it out of the poll in any case.
        let _ = registry.deregister(source);
    }

    /// Closes our side: the peer sees the end, and may still speak.
    pub fn shut_output(&mut self) {
        let socket = match self {
            Self::Tcp(tcp) => tcp,
            Self::Tls(tls) => {
                tls.close();
                &tls.socket
            }
            Self::Listener(_) | Self::PipeOut(_) | Self::PipeIn(_) | Self::Between => return,
        };
        // It fails only when the connection is gone already.
        let _ = socket.shutdown(Shutdown::Write);
    }

    /// Whether a connect that was begun has succeeded; `None`: not decided yet.
    pub fn connected(&self) -> Option<io::Result<()>> {
        let socket = match self {
            Self::Tcp(tcp) => tcp,
            Self::Tls(tls) => &tls.socket,
            Self::Listener(_) | Self::PipeOut(_) | Self::PipeIn(_) | Self::Between => return Some(Ok(())),
        };
        match socket.take_error() {
            Ok(None) => {}
            Ok(Some(error)) | Err(error) => return Some(Err(error)),
        }
        match socket.peer_addr() {
            Ok(_) => Some(Ok(())),
            Err(error) if error.kind() == io::ErrorKind::NotConnected => None,
            Err(error) => Some(Err(error)),
        }
    }

    /// Whether a pipe: its hang-up says that the other end closed, not that nothing is left to read.
    pub fn is_pipe(&self) -> bool {
        matches!(self, Self::PipeOut(_) | Self::PipeIn(_))
    }

    /// Whether something that was written is still held back below: records that TLS has sealed.
    pub fn holds_output(&self) -> bool {
        match self {
            Self::Tls(tls) => tls.holds_output(),
            Self::Listener(_) | Self::Tcp(_) | Self::PipeOut(_) | Self::PipeIn(_) | Self::Between => false,
        }
    }

    /// Whether TLS's hands are not shaken yet.
    pub fn is_handshaking(&self) -> bool {
        match self {
            Self::Tls(tls) => tls.is_handshaking(),
            Self::Listener(_) | Self::Tcp(_) | Self::PipeOut(_) | Self::PipeIn(_) | Self::Between => false,
        }
    }

    /// What a client of ours speaks.
    pub fn channel(&mut self) -> Channel {
        match self {
            Self::Tls(tls) => tls.channel(),
            Self::Listener(_) | Self::Tcp(_) | Self::PipeOut(_) | Self::PipeIn(_) | Self::Between => {
                Channel::Plain
            }
        }
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(tcp) => tcp.read(into),
            Self::Tls(tls) => tls.read(into),
            Self::PipeIn(pipe) => pipe.read(into),
            Self::Listener(_) | Self::PipeOut(_) | Self::Between => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(tcp) => tcp.write(from),
            Self::Tls(tls) => tls.write(from),
            Self::PipeOut(pipe) => pipe.write(from),
            Self::Listener(_) | Self::PipeIn(_) | Self::Between => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_connection_is_small() {
        // Of the kilobyte that an idle WebSocket may cost in all, the engine's part and the system's included.
        assert!(size_of::<Conn>() <= 160, "{}", size_of::<Conn>());
    }
}
