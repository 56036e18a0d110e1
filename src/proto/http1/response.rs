//! A response of ours, and how it is written.

use bytes::Bytes;

/// What a client gets: a status, headers in order, a body. `Date`, `Content-Length` and `Connection` are
/// written by [`Response::write`] and cannot be set.
#[derive(Debug)]
pub struct Response {
    /// 200 to 599.
    pub status: u16,
    /// Header lines as they go out: `Name: value\r\n`, each checked when it was added.
    lines: Vec<u8>,
    /// The whole body.
    pub body: Bytes,
}

/// What a response's framing depends on.
#[derive(Clone, Copy, Debug)]
pub struct Framing<'a> {
    /// The request's method was HEAD: the head says what a GET would have had, no body follows.
    pub head_only: bool,
    /// The request was HTTP/1.0: a kept connection must be announced.
    pub http10: bool,
    /// The connection stays open after this.
    pub keep_alive: bool,
    /// The `Date` value, 29 bytes.
    pub date: &'a str,
}

impl Response {
    /// An empty response.
    pub fn new(_status: u16) -> Self {
        unimplemented!()
    }
    /// A response of this content type.
    pub fn with_body(_status: u16, _content_type: &str, _body: impl Into<Bytes>) -> Self {
        unimplemented!()
    }
    /// `application/json`
    pub fn json(_status: u16, _body: impl Into<Bytes>) -> Self {
        unimplemented!()
    }
    /// Adds a header line of ours.
    ///
    /// # Panics
    /// In debug builds, when name or value would break the head: both are ours, so that is our mistake.
    pub fn header(&mut self, _name: &str, _value: &str) {
        unimplemented!()
    }
    /// Adds a header line of somebody else's (a function's, a back end's). `Err`: the name is no token, or the
    /// value has control bytes; nothing was added.
    pub fn foreign_header(&mut self, _name: &str, _value: &[u8]) -> Result<(), BadHeader> {
        unimplemented!()
    }
    /// Whether a header of this name was added.
    pub fn has_header(&self, _name: &str) -> bool {
        unimplemented!()
    }
    /// Writes head and body. 1xx, 204 and 304 carry no body and no `Content-Length`.
    pub fn write(&self, _out: &mut Vec<u8>, _framing: Framing<'_>) {
        unimplemented!()
    }
}

/// A header that must not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadHeader;
