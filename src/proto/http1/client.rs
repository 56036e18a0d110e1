//! The asking side: requests to back ends, and what they reply.
//!
//! Lenient only where RFC 9112 lets a client be: a bare LF ends a line, a folded line is unfolded, equal
//! `Content-Length`s are one.

use std::mem::MaybeUninit;
use std::ops::ControlFlow;

use bytes::Bytes;
use httparse::{ParserConfig, Status};

use super::body::{self, Chunked};
use super::fields::push_decimal;
use super::grammar::{is_target, is_token, is_value, members, number, trim};
use super::{BadHeader, Inbox};
use crate::base::Span;

/// Of a reply, in bytes, all interim ones included: ours, as large as browsers and proxies commonly allow.
pub const MOST_HEAD: usize = 64 * 1024;

/// Of a reply: ours.
const MOST_HEADERS: usize = 256;

/// A reply up to this long is copied out of the buffer that it came in, which serves the next one then: a copy of
/// this size costs less than a new buffer, which has to be zeroed.
const SMALL: usize = 4 * 1024;

/// Appends a request head and its body, with the body's `Content-Length`. The headers must not contain that,
/// nor `Transfer-Encoding`.
///
/// # Errors
/// When one of the parts would break the head; then nothing was appended.
pub fn write_request<'a>(
    out: &mut Vec<u8>,
    method: &str,
    target: &str,
    headers: impl Iterator<Item = (&'a str, &'a [u8])>,
    body: &[u8],
) -> Result<(), BadHeader> {
    if !is_token(method.as_bytes()) || !is_target(target.as_bytes()) {
        return Err(BadHeader);
    }
    let before = out.len();
    for part in [method, " ", target, " HTTP/1.1\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
    for (name, value) in headers {
        let framing =
            ["content-length", "transfer-encoding"].iter().any(|own| own.eq_ignore_ascii_case(name));
        if framing || !is_token(name.as_bytes()) || !is_value(value) {
            out.truncate(before);
            return Err(BadHeader);
        }
        for part in [name.as_bytes(), b": ", value, b"\r\n"] {
            out.extend_from_slice(part);
        }
    }
    out.extend_from_slice(b"Content-Length: ");
    push_decimal(out, body.len() as u64);
    out.extend_from_slice(b"\r\n\r\n");
    out.extend_from_slice(body);
    Ok(())
}

/// A whole response of a back end; it owns its bytes.
#[derive(Debug)]
pub struct Reply {
    bytes: Bytes,
    /// Where in `bytes` it begins: the spans count from here.
    base: usize,
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
        self.headers.iter().map(|(name, value)| {
            let name = std::str::from_utf8(name.of(self.raw())).expect("names were found to be tokens");
            (name, value.of(self.raw()))
        })
    }

    /// The first header of this name (any case), without surrounding white space.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers().find(|(sent, _)| sent.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The whole body, decoded of chunks.
    pub fn body(&self) -> &[u8] {
        self.body.of(self.raw())
    }

    /// The same, to be kept: it is shared, not copied.
    pub fn shared_body(&self) -> Bytes {
        self.bytes.slice_ref(self.body())
    }

    fn raw(&self) -> &[u8] {
        &self.bytes[self.base..]
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

/// Takes one reply from what one connection received. For the next request there is a new decoder.
#[derive(Debug)]
pub struct Decoder {
    /// The request was HEAD.
    head_only: bool,
    body_limit: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The inbox begins with a head: how much of it is searched for its end, and how long the interim replies
    /// before it were.
    Head { searched: usize, interim: usize },
    /// The inbox begins with a whole head.
    Body { head: Head, end: usize, body: Body },
}

#[derive(Debug)]
enum Body {
    /// Head and body together end there.
    Known,
    /// Head and data so far end there; chunks follow.
    Chunked(Chunked),
    /// All that comes belongs to it.
    UntilEof,
}

#[derive(Debug)]
struct Head {
    status: u16,
    headers: Vec<(Span, Span)>,
    length: usize,
    keep_alive: bool,
}

impl Decoder {
    /// For the reply to a request of this method (HEAD has no body).
    pub fn new(method: &str, body_limit: usize) -> Self {
        // Positions in a buffer have 32 bits.
        let body_limit = body_limit.min(u32::MAX as usize - MOST_HEAD);
        Self { head_only: method == "HEAD", body_limit, state: State::Head { searched: 0, interim: 0 } }
    }

    /// `Ok(None)`: more must come. `eof`: nothing more will (that ends a body without length).
    /// The flag says whether the connection may be used again.
    pub fn decode(&mut self, input: &mut Inbox, eof: bool) -> Result<Option<(Reply, bool)>, Error> {
        loop {
            let step = match &mut self.state {
                State::Head { searched, interim } => {
                    let (searched, interim) = (*searched, *interim);
                    self.head(input, searched, interim)?
                }
                State::Body { .. } => return self.body(input, eof),
            };
            if step.is_break() {
                return if eof { Err(Error::Truncated) } else { Ok(None) };
            }
        }
    }

    /// Goes on from a head, or stops since there is none yet.
    fn head(&mut self, input: &mut Inbox, searched: usize, interim: usize) -> Result<ControlFlow<()>, Error> {
        let window = &input.bytes()[..input.len().min(MOST_HEAD - interim)];
        let Some(length) = head_end(window, searched) else {
            if window.len() == MOST_HEAD - interim {
                return Err(Error::TooLarge);
            }
            self.state = State::Head { searched: window.len(), interim };
            return Ok(ControlFlow::Break(()));
        };
        let bytes = &mut input.bytes_mut()[..length];
        unfold(bytes);
        let (head, version) = Head::read(bytes)?;
        match head.status {
            101 => return Err(Error::Malformed("switched to a protocol that nobody asked for")),
            100..200 => {
                input.take(length);
                self.state = State::Head { searched: 0, interim: interim + length };
            }
            _ => {
                let body = if self.head_only || matches!(head.status, 204 | 304) {
                    // RFC 9112 section 6.3: no body, whatever the headers say.
                    Framing::Known(0)
                } else {
                    Framing::of(&head, bytes, version)?
                };
                let (end, body) = match body {
                    Framing::Known(body) => match usize::try_from(body) {
                        Ok(body) if body <= self.body_limit => (length + body, Body::Known),
                        Ok(_) | Err(_) => return Err(Error::TooLarge),
                    },
                    Framing::Chunked => (length, Body::Chunked(Chunked::new(self.body_limit))),
                    Framing::UntilEof => (length, Body::UntilEof),
                };
                self.state = State::Body { head, end, body };
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn body(&mut self, input: &mut Inbox, eof: bool) -> Result<Option<(Reply, bool)>, Error> {
        let State::Body { head, end, body } = &mut self.state else {
            unreachable!("a body is read once there is a head")
        };
        let (whole, read) = match body {
            Body::Known => (input.len() >= *end, *end),
            Body::Chunked(chunked) => {
                let progress = chunked.decode(&mut input.bytes_mut()[*end..])?;
                let read = *end + progress.read;
                *end += progress.data;
                if !progress.done {
                    input.truncate(*end);
                }
                (progress.done, read)
            }
            Body::UntilEof => {
                *end = input.len();
                if *end - head.length > self.body_limit {
                    return Err(Error::TooLarge);
                }
                (eof, *end)
            }
        };
        if !whole {
            return if eof { Err(Error::Truncated) } else { Ok(None) };
        }
        // Bytes behind a reply belong to none that we asked for.
        let alone = read == input.len();
        let reusable = head.keep_alive && alone && !eof && !matches!(body, Body::UntilEof);
        let (status, headers) = (head.status, std::mem::take(&mut head.headers));
        let body = Span::new(head.length, *end);
        let (bytes, base) = if read <= SMALL {
            let bytes = Bytes::copy_from_slice(&input.bytes()[..*end]);
            input.take(input.len());
            (bytes, 0)
        } else {
            let (bytes, base) = input.give();
            (bytes.into(), base)
        };
        self.state = State::Head { searched: 0, interim: 0 };
        Ok(Some((Reply { bytes, base, status, headers, body }, reusable)))
    }
}

/// Where the body ends.
enum Framing {
    Known(u64),
    Chunked,
    UntilEof,
}

impl Framing {
    /// RFC 9112 section 6.3
    fn of(head: &Head, bytes: &[u8], minor_version: u8) -> Result<Self, Error> {
        let (mut length, mut codings) = (None, None);
        for (name, value) in &head.headers {
            let (name, value) = (name.of(bytes), value.of(bytes));
            if name.eq_ignore_ascii_case(b"content-length") {
                for member in members(value) {
                    let number = number(member).ok_or(Error::Malformed("Content-Length is no number"))?;
                    if length.replace(number).is_some_and(|other| other != number) {
                        return Err(Error::Malformed("more than one Content-Length"));
                    }
                }
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") && codings.replace(value).is_some() {
                return Err(Error::Malformed("more than one Transfer-Encoding"));
            }
        }
        match (length, codings) {
            (Some(_), Some(_)) => Err(Error::Malformed("both Content-Length and Transfer-Encoding")),
            (None, Some(_)) if minor_version == 0 => Err(Error::Malformed("Transfer-Encoding in HTTP/1.0")),
            (None, Some(coding)) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Self::Chunked),
            (None, Some(_)) => Err(Error::Malformed("a transfer coding that nobody asked for")),
            (Some(length), None) => Ok(Self::Known(length)),
            (None, None) => Ok(Self::UntilEof),
        }
    }
}

impl Head {
    /// Reads a whole head; with it comes the minor version.
    fn read(bytes: &[u8]) -> Result<(Self, u8), Error> {
        let mut parsed = [const { MaybeUninit::uninit() }; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut []);
        let mut config = ParserConfig::default();
        // RFC 9112 section 5.1: "A proxy MUST remove any such whitespace from a response message".
        config.allow_spaces_after_header_name_in_responses(true);
        match config.parse_response_with_uninit_headers(&mut response, bytes, &mut parsed) {
            Ok(Status::Complete(length)) if length == bytes.len() => {}
            Ok(Status::Complete(_) | Status::Partial) => {
                return Err(Error::Malformed("the head is malformed"));
            }
            Err(httparse::Error::TooManyHeaders) => return Err(Error::TooLarge),
            Err(_) => return Err(Error::Malformed("the head is malformed")),
        }
        let (Some(status @ 100..600), Some(version)) = (response.code, response.version) else {
            return Err(Error::Malformed("the status is none"));
        };
        let (mut close, mut keep_alive) = (false, false);
        let mut headers = Vec::with_capacity(response.headers.len());
        for header in response.headers {
            let value = trim(header.value);
            if header.name.eq_ignore_ascii_case("connection") {
                for option in members(value) {
                    close |= option.eq_ignore_ascii_case(b"close");
                    keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
                }
            }
            // An empty value need not be a part of the bytes.
            let value = if value.is_empty() { Span::default() } else { Span::within(bytes, value) };
            headers.push((Span::within(bytes, header.name.as_bytes()), value));
        }
        let keep_alive = !close && (keep_alive || version == 1);
        Ok((Self { status, headers, length: bytes.len(), keep_alive }, version))
    }
}

impl From<body::Error> for Error {
    fn from(error: body::Error) -> Self {
        match error {
            body::Error::Malformed(why) => Self::Malformed(why),
            body::Error::TooLarge | body::Error::TrailersTooLarge => Self::TooLarge,
        }
    }
}

/// Where the blank line ends, if it is there. All before `searched` was searched.
fn head_end(bytes: &[u8], searched: usize) -> Option<usize> {
    // The line end before the blank line may lie in what was searched.
    let from = searched.saturating_sub(2);
    memchr::memchr_iter(b'\n', &bytes[from..]).map(|at| from + at).find_map(|at| match bytes[at + 1..] {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

/// RFC 9112 section 5.2: a client replaces each obs-fold with spaces.
fn unfold(head: &mut [u8]) {
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'\n', &head[from..]).map(|at| from + at) {
        if matches!(head.get(at + 1), Some(b' ' | b'\t')) {
            head[at] = b' ';
            if at >= 1 && head[at - 1] == b'\r' {
                head[at - 1] = b' ';
            }
        }
        from = at + 1;
    }
}
