//! A response of ours, and how it is written.

use bytes::Bytes;

use super::fields::{is_hop_by_hop, push_canonical, push_decimal};
use super::grammar::{is_token, is_value};

/// What a client that sent `Expect: 100-continue` waits for (RFC 9110 section 10.1.1).
pub const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// As much as the header lines of most responses take.
const USUAL_LINES: usize = 128;

/// What a client gets: a status, headers in order, a body. `Content-Length` and `Connection` are written by
/// [`Response::write`] and cannot be set; `Date` is written unless it was set.
#[derive(Clone, Debug)]
pub struct Response {
    /// 200 to 599, or 101.
    pub status: u16,
    /// Header lines as they go out: `Name: value\r\n`, each checked when it was added.
    lines: Vec<u8>,
    /// Somebody knows the date better.
    dated: bool,
    /// How long the body is, when that is not the body here.
    length: Length,
    /// The whole body.
    pub body: Bytes,
}

/// How long a response's body is.
#[derive(Clone, Copy, Debug)]
enum Length {
    /// As long as the body here.
    Body,
    /// As long in the answer to a HEAD request: what a GET would have had. Else as the body here.
    OfGet(u64),
    /// As long in any case: whoever writes the head sends it.
    Follows(u64),
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

/// A header that must not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadHeader;

impl Response {
    /// An empty response.
    pub fn new(status: u16) -> Self {
        Self { status, lines: Vec::new(), dated: false, length: Length::Body, body: Bytes::new() }
    }

    /// A response of this content type.
    pub fn with_body(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut response = Self::new(status);
        response.lines.reserve(USUAL_LINES);
        response.header("Content-Type", content_type);
        response.body = body.into();
        response
    }

    /// `application/json`
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::with_body(status, "application/json", body)
    }

    /// Adds a header line of ours.
    ///
    /// # Panics
    /// In debug builds, when name or value would break the head: both are ours, so that is our mistake.
    pub fn header(&mut self, name: &str, value: &str) {
        debug_assert!(is_token(name.as_bytes()) && is_value(value.as_bytes()), "{name}: {value:?}");
        debug_assert!(!name.eq_ignore_ascii_case("content-length"), "the body says how long it is");
        self.push(|lines| lines.extend_from_slice(name.as_bytes()), name, value.as_bytes());
    }

    /// Adds a header line of somebody else's (a function's, a back end's). `Err`: the name is no token or one
    /// that concerns the connection or the length, or the value has control bytes; nothing was added.
    pub fn foreign_header(&mut self, name: &str, value: &[u8]) -> Result<(), BadHeader> {
        check_foreign(name, value)?;
        self.push(|lines| lines.extend_from_slice(name.as_bytes()), name, value);
        Ok(())
    }

    /// The same, with the name spelled as API Gateway does on HTTP/1.1: `myheader` becomes `Myheader`.
    pub fn foreign_header_canonical(&mut self, name: &str, value: &[u8]) -> Result<(), BadHeader> {
        check_foreign(name, value)?;
        self.push(|lines| push_canonical(lines, name), name, value);
        Ok(())
    }

    /// What to declare as `Content-Length` in the answer to a HEAD request, where the body is not at hand: that
    /// of a back end.
    pub fn declare_length(&mut self, length: u64) {
        self.length = Length::OfGet(length);
    }

    /// A body of this length follows the head, and comes from elsewhere: nothing is in [`Response::body`].
    pub fn body_follows(&mut self, length: u64) {
        self.length = Length::Follows(length);
    }

    /// Whether a header of this name was added.
    pub fn has_header(&self, name: &str) -> bool {
        let name = name.as_bytes();
        self.lines.split(|&byte| byte == b'\n').any(|line| match line.get(name.len()) {
            Some(b':') => line[..name.len()].eq_ignore_ascii_case(name),
            Some(_) | None => false,
        })
    }

    /// Writes head and body. 1xx, 204 and 304 carry no body and no `Content-Length`.
    pub fn write(&self, out: &mut Vec<u8>, framing: Framing<'_>) {
        let bodiless = matches!(self.status, 100..200 | 204 | 304);
        let body = if framing.head_only || bodiless { &[][..] } else { &self.body[..] };
        out.reserve(USUAL_LINES + self.lines.len() + body.len());

        out.extend_from_slice(b"HTTP/1.1 ");
        push_decimal(out, u64::from(self.status));
        out.push(b' ');
        out.extend_from_slice(reason(self.status).as_bytes());
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.lines);
        if !matches!(self.status, 100..200) {
            if !self.dated {
                out.extend_from_slice(b"Date: ");
                out.extend_from_slice(framing.date.as_bytes());
                out.extend_from_slice(b"\r\n");
            }
            if !bodiless {
                out.extend_from_slice(b"Content-Length: ");
                push_decimal(
                    out,
                    match self.length {
                        Length::Follows(length) => length,
                        Length::OfGet(length) if framing.head_only => length,
                        Length::OfGet(_) | Length::Body => self.body.len() as u64,
                    },
                );
                out.extend_from_slice(b"\r\n");
            }
            // HTTP/1.1 need not be told that the connection stays open, but API Gateway does it.
            out.extend_from_slice(match framing.keep_alive {
                true => b"Connection: keep-alive\r\n",
                false => b"Connection: close\r\n",
            });
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(body);
    }

    fn push(&mut self, push_name: impl FnOnce(&mut Vec<u8>), name: &str, value: &[u8]) {
        self.dated |= name.eq_ignore_ascii_case("date");
        if self.lines.capacity() == 0 {
            self.lines.reserve(USUAL_LINES);
        }
        push_name(&mut self.lines);
        self.lines.extend_from_slice(b": ");
        self.lines.extend_from_slice(value);
        self.lines.extend_from_slice(b"\r\n");
    }
}

fn check_foreign(name: &str, value: &[u8]) -> Result<(), BadHeader> {
    let framing = is_hop_by_hop(name) || name.eq_ignore_ascii_case("content-length");
    if framing || !is_token(name.as_bytes()) || !is_value(value) { Err(BadHeader) } else { Ok(()) }
}

/// The reason phrase of a status; empty for one that has none (RFC 9110 section 15, and its registry).
pub fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        102 => "Processing",
        103 => "Early Hints",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        207 => "Multi-Status",
        208 => "Already Reported",
        226 => "IM Used",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        418 => "I'm a teapot",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        423 => "Locked",
        424 => "Failed Dependency",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        506 => "Variant Also Negotiates",
        507 => "Insufficient Storage",
        508 => "Loop Detected",
        510 => "Not Extended",
        511 => "Network Authentication Required",
        _ => "",
    }
}
