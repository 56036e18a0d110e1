//! What the engine asks of the world, and what the world answers.

use std::sync::Arc;

use bytes::Bytes;

use super::Exchange;
use super::fault::Fault;
use crate::base::Key;
use crate::live::access_log::AccessLog;
use crate::live::uri::Backend;
use crate::model::function::Version;
use crate::model::invocation::{Invoked, Refused};
use crate::proto::{http1, ws};

/// A client's connection, as the gateway knows it: only by key.
pub enum Client {}

/// What the engine wants done.
pub enum Effect {
    /// Answer the client. With it comes what log and metrics say, and the request, whose buffer is free now.
    Reply {
        /// Whom.
        to: Key<Client>,
        /// With what.
        response: http1::Response,
        /// What it answers.
        request: http1::Request,
        /// For log and metrics.
        summary: Summary,
    },
    /// Invoke a function.
    Invoke {
        /// What runs.
        function: Arc<Version>,
        /// As the integration spelled it, with its qualifier.
        arn: Arc<str>,
        /// At most [`super::MAX_EVENT`].
        event: Bytes,
        /// `X-Amzn-Trace-Id`
        trace_id: Arc<str>,
        /// Whose the answer is.
        then: Key<Exchange>,
    },
    /// Ask an HTTP back end.
    Fetch {
        /// What to send, and where.
        fetch: Fetch,
        /// Whose the answer is.
        then: Key<Exchange>,
    },
    /// Answer the client's handshake with 101: from now on it speaks WebSocket.
    Upgrade {
        /// Whom.
        to: Key<Client>,
        /// What the 101 says.
        accept: ws::Accept,
        /// The subprotocol, which can be a header's value.
        protocol: Option<Box<str>>,
        /// What it answers.
        request: http1::Request,
        /// For log and metrics.
        summary: Summary,
    },
    /// Send a message to a client that speaks WebSocket. One that is gone gets nothing.
    Send {
        /// Whom.
        to: Key<Client>,
        /// UTF-8.
        text: Bytes,
    },
    /// The same, and say whether there was room for it.
    Push {
        /// Whom.
        to: Key<Client>,
        /// UTF-8.
        text: Bytes,
        /// Whose the answer is.
        then: Key<Exchange>,
    },
    /// Close a client's WebSocket. The engine knows it no longer.
    Close {
        /// Whose.
        to: Key<Client>,
        /// The close frame's code.
        code: u16,
        /// The close frame's reason.
        reason: &'static str,
    },
    /// Read on, after [`Flow::Pause`].
    Resume {
        /// From whom.
        to: Key<Client>,
    },
    /// Add a line to a stage's access log.
    Log {
        /// Which.
        log: Arc<AccessLog>,
        /// Without an end.
        line: String,
    },
    /// A message, or the end of a connection, has been dealt with.
    Done {
        /// For log and metrics.
        summary: Summary,
    },
}

/// A whole message of a WebSocket client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// UTF-8.
    Text(Bytes),
    /// Anything else.
    Binary(Bytes),
}

/// Whether more messages of a connection may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// They may.
    On,
    /// As many are under way as may be: none until [`Effect::Resume`].
    Pause,
}

/// A request to a back end, ready to be written.
pub struct Fetch {
    /// Where to connect.
    pub origin: Origin,
    /// For the reply's framing, and for what may be sent again on a fresh connection.
    pub method: Box<str>,
    /// Head and body, as they go out.
    pub bytes: Vec<u8>,
}

/// Where a back end is reached.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// `https`, with this server name to verify (usually `host`).
    pub tls: Option<Box<str>>,
    /// A name or an address, without brackets.
    pub host: Arc<str>,
    /// 80 or 443 where the URL has none.
    pub port: u16,
}

impl Origin {
    /// Where `backend` is reached, and which name its certificate must have: its host's, unless another is given.
    pub fn of(backend: &Backend, server_name: Option<&str>) -> Self {
        Self {
            tls: backend.https.then(|| server_name.unwrap_or(&backend.host).into()),
            host: backend.host.clone(),
            port: backend.port,
        }
    }
}

/// What became of an [`Effect`].
pub enum Answer {
    /// A worker took it, or none could.
    Invoked(Result<Invoked, Refused>),
    /// The back end replied, or could not be asked.
    Fetched(Result<http1::client::Reply, Unreachable>),
    /// The client's connection took it, or too much waits there to be read.
    Pushed(Result<(), Full>),
}

/// A client reads slower than it is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Why a back end gave no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// No such name, refused, nobody there: with what the log says of it.
    Unconnected(String),
    /// Connected, and then reset, silent, closed early: the same.
    Network(String),
    /// What came is no HTTP.
    Malformed,
    /// Larger than [`super::MAX_BODY`].
    TooLarge,
    /// As many connections to this origin as may be, and the queue is full.
    Busy,
}

impl From<Unreachable> for Fault {
    fn from(unreachable: Unreachable) -> Self {
        match unreachable {
            Unreachable::Unconnected(why) => {
                Self::Unconnected(format!("the back end could not be reached: {why}"))
            }
            Unreachable::Network(why) => {
                Self::Unreachable(format!("the back end could not be reached: {why}"))
            }
            Unreachable::Malformed => Self::Answer("the back end's reply is no HTTP".to_owned()),
            Unreachable::TooLarge => Self::Answer("the back end's reply is larger than 10 MB".to_owned()),
            Unreachable::Busy => Self::Unreachable("too many requests wait for the back end".to_owned()),
        }
    }
}

/// What log and metrics say of an exchange.
#[derive(Debug)]
pub struct Summary {
    /// What it was about.
    pub kind: Kind,
    /// The api's id; `None`: no api was found.
    pub api: Option<crate::model::ApiId>,
    /// The route key; `None`: no route was found.
    pub route: Option<Arc<str>>,
    /// The stage.
    pub stage: Option<Arc<str>>,
    /// When the request was whole.
    pub began: std::time::Instant,
    /// What the answer does not say: why it is a 500.
    pub error: Option<String>,
}

/// What an exchange is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A request to an HTTP API, or to no api at all.
    Http,
    /// A request to a REST API.
    Rest,
    /// A WebSocket's handshake.
    Connect,
    /// A message of a WebSocket's client.
    Message,
    /// The end of a WebSocket.
    Disconnect,
    /// A call of the Management API of a WebSocket API.
    Management,
}
