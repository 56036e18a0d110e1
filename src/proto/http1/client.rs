//! The asking side: requests to back ends, and what they reply.

use super::Inbox;
use crate::base::Span;

/// Appends a request head and its body.
pub fn write_request<'a>(
    _out: &mut Vec<u8>,
    _method: &str,
    _target: &str,
    _headers: impl Iterator<Item = (&'a str, &'a [u8])>,
    _body: &[u8],
) {
    unimplemented!()
}

/// A whole response of a back end; it owns its bytes.
#[derive(Debug)]
pub struct Reply {
    bytes: Vec<u8>,
    status: u16,
    headers: Vec<(Span, Span)>,
    body: Span,
}

impl Reply {
    /// 200 to 599.
    pub fn status(&self) -> u16 {
        self.status
    }
    /// All headers as sent, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        std::iter::empty()
    }
    /// The whole body, decoded of chunks.
    pub fn body(&self) -> &[u8] {
        self.body.of(&self.bytes)
    }
}

/// Why a reply cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// It is no HTTP/1 response.
    Malformed(&'static str),
    /// Head or body exceed the limit.
    TooLarge,
    /// The connection ended within it.
    Truncated,
}

/// Takes one reply from what one connection received.
#[derive(Debug)]
pub struct Decoder {}

impl Decoder {
    /// For the reply to a request of this method (HEAD has no body).
    pub fn new(_method: &str, _body_limit: usize) -> Self {
        unimplemented!()
    }
    /// `Ok(None)`: more must come. `eof`: nothing more will (that ends a body without length).
    /// The flag says whether the connection may be used again.
    pub fn decode(&mut self, _input: &mut Inbox, _eof: bool) -> Result<Option<(Reply, bool)>, Error> {
        unimplemented!()
    }
}
