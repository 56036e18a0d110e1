//! A request: its head and body in one buffer.

use super::decoder::{Decoded, Decoder, Limits};
use super::head::Head;
use super::{Error, Inbox, Spares};
use crate::base::Span;

/// The protocol version of a request: any other is refused with 505.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0: one request a connection unless asked otherwise.
    Http10,
    /// HTTP/1.1, and what calls itself a later HTTP/1.
    Http11,
}

/// A whole request. It owns its bytes; everything else is a span into them.
#[derive(Debug)]
pub struct Request {
    bytes: Vec<u8>,
    /// Where in `bytes` it begins: the spans count from here.
    base: usize,
    method: Span,
    /// The request target in origin form (or `*`), with the query.
    target: Span,
    path: Span,
    /// The authority that the request is for: of an absolute target, else of `Host`; empty on HTTP/1.0 without.
    host: Span,
    headers: Vec<(Span, Span)>,
    body: Span,
    version: Version,
    keep_alive: bool,
}

impl Request {
    /// The method: a token, so ASCII; case matters.
    pub fn method(&self) -> &str {
        self.text(self.method)
    }

    /// Whether the method is HEAD, whose answer has no body.
    pub fn is_head(&self) -> bool {
        self.method.of(self.raw()) == b"HEAD"
    }

    /// The target as sent, from the path on: `/pets?x=1`, or `*`.
    pub fn target(&self) -> &str {
        self.text(self.target)
    }

    /// The target up to `?`, still percent-encoded.
    pub fn path(&self) -> &str {
        self.text(self.path)
    }

    /// What follows `?`, as sent; `None`: no `?`.
    pub fn query(&self) -> Option<&str> {
        self.target().get(self.path.len() + 1..)
    }

    /// Host and perhaps port, as sent.
    pub fn host(&self) -> &str {
        self.text(self.host)
    }

    /// The first header of this name (any case), without surrounding white space.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let raw = self.raw();
        let found = self.headers.iter().find(|(sent, _)| sent.of(raw).eq_ignore_ascii_case(name.as_bytes()));
        found.map(|(_, value)| value.of(raw))
    }

    /// All headers as sent, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|&(name, value)| (self.text(name), value.of(self.raw())))
    }

    /// The whole body, decoded of chunks.
    pub fn body(&self) -> &[u8] {
        self.body.of(self.raw())
    }

    /// HTTP/1.0 or 1.1.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Whether the client lets the connection stay open after the answer.
    pub fn keep_alive(&self) -> bool {
        self.keep_alive
    }

    /// A request of these very bytes: for tests, fuzz targets, and one control plane that asks another. The limits
    /// are the usual ones, the body's is what there is.
    pub fn of(bytes: &[u8]) -> Result<Self, Error> {
        let (mut input, mut spares) = (Inbox::new(), Spares::new());
        input.extend(bytes, &mut spares);
        match Decoder::default().decode(&mut input, &Limits::default(), |_| bytes.len(), &mut spares)? {
            Decoded::Request(request) if input.is_empty() => Ok(request),
            Decoded::Request(_) => Err(Error::Malformed("there is more than one request")),
            Decoded::Incomplete | Decoded::Continue | Decoded::Begun { .. } | Decoded::Piece { .. } => {
                Err(Error::Malformed("the request is incomplete"))
            }
        }
    }

    /// Gives the buffers back.
    pub fn recycle(self, spares: &mut Spares) {
        spares.put_bytes(self.bytes);
        spares.put_headers(self.headers);
    }

    /// A request of this head, which is so long; its bytes are still in the inbox.
    pub(super) fn new(head: Head, length: usize) -> Self {
        Self {
            bytes: Vec::new(),
            base: 0,
            method: head.method,
            target: head.target,
            path: head.path,
            host: head.host,
            headers: head.headers,
            body: Span::new(length, length),
            version: head.version,
            keep_alive: head.keep_alive,
        }
    }

    /// Lets `look` see the request while its bytes are still in the inbox.
    pub(super) fn look<T>(&mut self, input: &mut Inbox, look: impl FnOnce(&Self) -> T) -> T {
        self.base = input.lend(&mut self.bytes);
        let seen = look(self);
        self.base = input.lend(&mut self.bytes);
        seen
    }

    /// Takes head and body, which end at `end`, out of the inbox, where they were sent in `read` bytes: by taking
    /// the whole buffer if nothing else is in it, else by copying them.
    pub(super) fn take_bytes(&mut self, input: &mut Inbox, end: usize, read: usize, spares: &mut Spares) {
        self.body = Span::new(self.body.start(), end);
        if read == input.len() {
            (self.bytes, self.base) = input.give();
            return;
        }
        let (mut bytes, sent) = (spares.bytes(), &input.bytes()[..end]);
        match bytes.get_mut(..end) {
            Some(place) => place.copy_from_slice(sent),
            None => {
                bytes.clear();
                bytes.extend_from_slice(sent);
            }
        }
        (self.bytes, self.base) = (bytes, 0);
        input.take(read);
    }

    fn raw(&self) -> &[u8] {
        &self.bytes[self.base..]
    }

    fn text(&self, span: Span) -> &str {
        std::str::from_utf8(span.of(self.raw())).expect("methods, targets and names were found to be ASCII")
    }
}
