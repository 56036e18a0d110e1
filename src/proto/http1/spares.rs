//! [`Spares`]: buffers of what is over, for what comes.

use crate::base::Span;

/// How many buffers are kept: as many as requests are usually under way at once.
const MOST: usize = 64;

/// A larger buffer is not kept: it was for one large body, and would hold its memory for small ones.
const LARGEST: usize = 64 * 1024;

/// Buffers of requests that are over, to be used for those that come. One list serves a whole reactor.
#[derive(Debug, Default)]
pub struct Spares {
    bytes: Vec<Vec<u8>>,
    headers: Vec<Vec<(Span, Span)>>,
}

impl Spares {
    /// No buffers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A buffer of any length, and any content.
    pub(super) fn bytes(&mut self) -> Vec<u8> {
        self.bytes.pop().unwrap_or_default()
    }

    /// An empty list of headers.
    pub(super) fn headers(&mut self) -> Vec<(Span, Span)> {
        self.headers.pop().unwrap_or_default()
    }

    /// Keeps a buffer. Its content stays, since what is initialized need not be zeroed again.
    pub(super) fn put_bytes(&mut self, bytes: Vec<u8>) {
        if self.bytes.len() < MOST && (1..=LARGEST).contains(&bytes.capacity()) {
            self.bytes.push(bytes);
        }
    }

    /// Keeps a list of headers.
    pub(super) fn put_headers(&mut self, mut headers: Vec<(Span, Span)>) {
        if self.headers.len() < MOST && headers.capacity() > 0 {
            headers.clear();
            self.headers.push(headers);
        }
    }
}
