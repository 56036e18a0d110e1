//! A request: its head and body in one buffer, and the decoder that takes it from what a connection received.

use super::{Inbox, Spares};
use crate::base::Span;

/// The protocol version of a request: any other is refused with 505.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0: one request a connection unless asked otherwise.
    Http10,
    /// HTTP/1.1
    Http11,
}

/// A whole request. It owns its bytes; everything else is a span into them.
#[derive(Debug)]
pub struct Request {
    bytes: Vec<u8>,
    method: Span,
    /// The request target in origin form (or `*`), with the query.
    target: Span,
    /// The authority that the request is for: of an absolute target, else of `Host`; empty on HTTP/1.0 without.
    host: Span,
    headers: Vec<(Span, Span)>,
    body: Span,
    version: Version,
    keep_alive: bool,
}

/// How large a head may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Request line and headers, in bytes.
    pub head: usize,
    /// How many headers.
    pub headers: usize,
}

/// What the bytes so far amount to.
#[derive(Debug)]
pub enum Decoded {
    /// More must come. Not an error.
    Incomplete,
    /// More must come, and the client waits for `100 Continue` before it sends it (said once a request).
    Continue,
    /// A whole request; its bytes are taken from the input.
    Request(Request),
}

/// Why a request cannot be read; the connection closes after the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// 400
    Malformed(&'static str),
}

/// Takes requests from what one connection received, never reading a byte twice.
#[derive(Debug, Default)]
pub struct Decoder {}

impl Request {
    /// The method: a token, so ASCII; case matters.
    pub fn method(&self) -> &str {
        unimplemented!()
    }
    /// The target as sent, from the path on: `/pets?x=1`, or `*`.
    pub fn target(&self) -> &str {
        unimplemented!()
    }
    /// The target up to `?`, still percent-encoded.
    pub fn path(&self) -> &str {
        unimplemented!()
    }
    /// What follows `?`, as sent; `None`: no `?`.
    pub fn query(&self) -> Option<&str> {
        unimplemented!()
    }
    /// Host and perhaps port, as sent.
    pub fn host(&self) -> &str {
        unimplemented!()
    }
    /// The first header of this name (any case), without surrounding white space.
    pub fn header(&self, _name: &str) -> Option<&[u8]> {
        unimplemented!()
    }
    /// All headers as sent, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        std::iter::empty()
    }
    /// The whole body, decoded of chunks.
    pub fn body(&self) -> &[u8] {
        unimplemented!()
    }
    /// HTTP/1.0 or 1.1.
    pub fn version(&self) -> Version {
        self.version
    }
    /// Whether the client lets the connection stay open after the answer.
    pub fn keep_alive(&self) -> bool {
        self.keep_alive
    }
    /// A request of these very bytes: for tests and fuzz targets.
    pub fn of(_bytes: &[u8]) -> Result<Self, Error> {
        unimplemented!()
    }
    /// Gives the buffers back.
    pub fn recycle(self, _spares: &mut Spares) {
        unimplemented!()
    }
}

impl Decoder {
    /// Takes the next request from the front of `input`. `body_limit` is asked once the head is known: it is
    /// what tells a 10 MB API call from a 70 MB upload.
    pub fn decode(
        &mut self,
        _input: &mut Inbox,
        _limits: &Limits,
        _body_limit: impl FnOnce(&Request) -> usize,
        _spares: &mut Spares,
    ) -> Result<Decoded, Error> {
        unimplemented!()
    }
    /// What part of a request the connection is in: each has its own deadline.
    pub fn phase(&self) -> Phase {
        unimplemented!()
    }
}

/// See [`Decoder::phase`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing of a request has come.
    Idle,
    /// Some of a head has come.
    Head,
    /// The head is whole, some of the body is missing.
    Body,
}

impl Error {
    /// What the client is told.
    pub fn status(self) -> u16 {
        unimplemented!()
    }
}
