//! The parts that connections play.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use super::transfer::{Sending, Uploading};
use super::upstream::Upstream;
use super::websocket::WebSocket;
use crate::base::{Key, Now};
use crate::lambda::{Worker, frames};
use crate::proto::http1::{self, Request, Version};

/// What a connection's bytes mean. What idle WebSockets don't need is boxed: there may be very many of them.
pub enum Role {
    /// Accepts connections for this service.
    Listener(Service),
    /// A client of ours.
    Http(Box<Http>),
    /// A client of ours that speaks WebSocket.
    WebSocket(WebSocket),
    /// A back end.
    Upstream(Box<Upstream>),
    /// Carries events to a worker: nothing comes from it.
    WorkerIn,
    /// Carries frames from a worker.
    WorkerOut(Box<WorkerOut>),
    /// Carries what a worker prints.
    WorkerLog(Key<Worker>),
}

/// Whom an HTTP client speaks to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Service {
    /// The gateway and its control planes.
    Edge,
    /// The WebSocket API with this id, at a port of its own.
    Port(Arc<str>),
    /// The Lambda Runtime API of this worker, on a port of its own.
    RuntimeApi(Key<Worker>),
}

impl Service {
    /// Whether users' clients come there, which may be slow, many and wrong; workers are ours.
    pub fn is_public(&self) -> bool {
        match self {
            Self::Edge | Self::Port(_) => true,
            Self::RuntimeApi(_) => false,
        }
    }
}

/// One client's side of HTTP: at most one request is under way, the next ones wait in the inbox.
pub struct Http {
    /// Whom it speaks to.
    pub service: Service,
    /// The client's address.
    pub peer: IpAddr,
    /// Takes requests from the inbox.
    pub decoder: http1::Decoder,
    /// The request whose body goes to disk.
    pub uploading: Option<Box<Uploading>>,
    /// The request that is being answered.
    pub flight: Option<Flight>,
    /// The rest of its answer, which is read from disk.
    pub sending: Option<Box<Sending>>,
    /// What the connection's one deadline is for.
    pub wait: Wait,
}

/// What an answer must know of its request.
pub struct Flight {
    /// It was HEAD.
    pub head_only: bool,
    /// It was HTTP/1.0.
    pub http10: bool,
    /// The client lets the connection stay open.
    pub keep_alive: bool,
    /// When it was whole.
    pub began: Instant,
    /// Method and target, for the log, where the request itself is gone by then.
    pub line: Option<Box<(String, String)>>,
}

impl Flight {
    /// Of a request that is whole now.
    pub fn of(request: &Request, now: Now) -> Self {
        Self {
            head_only: request.is_head(),
            http10: request.version() == Version::Http10,
            keep_alive: request.keep_alive(),
            began: now.instant,
            line: None,
        }
    }
}

/// What a client's deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Nothing: we are the ones who work.
    Us,
    /// The client to shake hands, in all.
    Handshake,
    /// The next request, in all.
    Request,
    /// The rest of a head, in all.
    Head,
    /// The next bytes of a body.
    Body,
    /// The client to read on.
    Reader,
    /// The client to close, after our last word.
    Close,
}

/// The frames that a worker writes.
pub struct WorkerOut {
    /// Which worker.
    pub worker: Key<Worker>,
    /// Takes frames from `bytes`.
    pub decoder: frames::Decoder,
    /// What the worker wrote.
    pub bytes: Vec<u8>,
}
