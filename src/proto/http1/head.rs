//! Request heads: where one ends, and what it says (RFC 9112 sections 2 to 6).
//!
//! [`Scan`] finds the end without looking at a byte twice; [`Head::read`] then reads the whole once. `httparse`
//! knows the grammar of header lines; what it tolerates and we do not is refused here.

use httparse::{EMPTY_HEADER, Header, Status};

use super::grammar::{is_authority, is_target, is_token, is_token_byte, members, number, trim};
use super::{Error, Limits, Version};
use crate::base::Span;

/// How many headers there can be at most, whatever [`Limits`] says: they are parsed on the stack.
const MOST_HEADERS: usize = 128;

/// As many headers as most requests have: a small array is faster to clear than a large one.
const USUAL_HEADERS: usize = 32;

/// How far the search for a head's end has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scan {
    /// All before is searched.
    at: usize,
    /// Where the line that `at` is in begins.
    line: usize,
    /// How many lines are whole.
    lines: usize,
}

impl Scan {
    /// Whether nothing was seen yet.
    pub(super) fn is_new(self) -> bool {
        self.at == 0
    }

    /// Searches on; `bytes` begins with the head. `Some`: the head's length, the blank line included.
    ///
    /// Nothing beyond the limit is looked at, so that the outcome does not depend on how the bytes arrive.
    pub(super) fn advance(&mut self, bytes: &[u8], limits: &Limits) -> Result<Option<usize>, Error> {
        let window = &bytes[..bytes.len().min(limits.head)];
        if self.is_new()
            && window.first().is_some_and(|&byte| !is_token_byte(byte) && !b"\r\n".contains(&byte))
        {
            return Err(Error::Malformed("this is no HTTP request"));
        }
        loop {
            if self.at == self.line && matches!(window.get(self.at), Some(b' ' | b'\t')) {
                return Err(Error::Malformed("a header line begins with white space"));
            }
            let Some(found) = memchr::memchr2(b'\r', b'\n', &window[self.at..]) else {
                self.at = window.len();
                break;
            };
            let end = self.at + found;
            match (window[end], window.get(end + 1)) {
                (b'\r', Some(b'\n')) => {}
                (b'\r', None) => {
                    self.at = end;
                    break;
                }
                (b'\r', Some(_)) => return Err(Error::Malformed("a bare CR in the head")),
                (_, _) => return Err(Error::Malformed("a bare LF in the head")),
            }
            if end == self.line {
                return Ok(Some(end + 2));
            }
            self.lines += 1;
            (self.at, self.line) = (end + 2, end + 2);
            if self.lines > 1 + limits.headers.min(MOST_HEADERS) {
                return Err(Error::TooManyHeaders);
            }
        }
        match (bytes.len() >= limits.head, self.lines) {
            (false, _) => Ok(None),
            (true, 0) => Err(Error::TargetTooLong),
            (true, _) => Err(Error::HeadTooLarge),
        }
    }
}

/// What a head says. The spans are into the bytes that it was read from.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) method: Span,
    pub(super) target: Span,
    pub(super) path: Span,
    pub(super) host: Span,
    pub(super) headers: Vec<(Span, Span)>,
    pub(super) version: Version,
    pub(super) keep_alive: bool,
    pub(super) length: Length,
    pub(super) expects_continue: bool,
}

/// How long the body says it is (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// In bytes; zero: there is none.
    Known(u64),
    /// Until the last chunk.
    Chunked,
}

impl Head {
    /// Reads a whole head of as many lines as `scan` found. An absolute target without a path is given one, in
    /// place. `headers` is an empty list to use.
    pub(super) fn read(bytes: &mut [u8], scan: Scan, headers: Vec<(Span, Span)>) -> Result<Self, Error> {
        let line = RequestLine::read(bytes)?;
        let mut head = Self {
            method: line.method,
            target: line.target,
            path: line.target,
            host: Span::default(),
            headers,
            version: line.version,
            keep_alive: line.version == Version::Http11,
            length: Length::Known(0),
            expects_continue: false,
        };
        if scan.lines <= USUAL_HEADERS {
            fields::<USUAL_HEADERS>(bytes, line.end, &mut head.headers)?;
        } else {
            fields::<MOST_HEADERS>(bytes, line.end, &mut head.headers)?;
        }
        head.heed_headers(bytes)?;
        head.resolve_target(bytes)?;
        let target = head.target.of(bytes);
        let path = memchr::memchr(b'?', target).unwrap_or(target.len());
        head.path = Span::new(head.target.start(), head.target.start() + path);
        Ok(head)
    }

    /// What headers say about framing, connection and host.
    fn heed_headers(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let (mut host, mut length, mut codings) = (None, None, None::<Codings>);
        let (mut close, mut keep_alive) = (false, false);
        for &(name, value) in &self.headers {
            let (name, field) = (name.of(bytes), value.of(bytes));
            match name.len() {
                4 if name.eq_ignore_ascii_case(b"host") => {
                    let earlier = host.replace(value);
                    if earlier.is_some() {
                        return Err(Error::Malformed("more than one Host"));
                    }
                }
                // RFC 9110 section 10.1.1: an expectation in an HTTP/1.0 request is ignored.
                6 if name.eq_ignore_ascii_case(b"expect") && self.version == Version::Http11 => {
                    self.expects_continue = field.eq_ignore_ascii_case(b"100-continue");
                    if !self.expects_continue {
                        return Err(Error::Expectation);
                    }
                }
                10 if name.eq_ignore_ascii_case(b"connection") => {
                    for option in members(field) {
                        close |= option.eq_ignore_ascii_case(b"close");
                        keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                14 if name.eq_ignore_ascii_case(b"content-length") => {
                    let number = number(field).ok_or(Error::Malformed("Content-Length is no number"))?;
                    if length.replace(number).is_some() {
                        return Err(Error::Malformed("more than one Content-Length"));
                    }
                }
                17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                    members(field).for_each(|coding| codings.get_or_insert_default().push(coding));
                }
                _ => {}
            }
        }
        self.length = match (length, codings) {
            (None, None) => Length::Known(0),
            (Some(length), None) => Length::Known(length),
            (Some(_), Some(_)) => {
                return Err(Error::Malformed("both Content-Length and Transfer-Encoding"));
            }
            (None, Some(_)) if self.version == Version::Http10 => {
                return Err(Error::Malformed("Transfer-Encoding in an HTTP/1.0 request"));
            }
            (None, Some(codings)) => codings.length()?,
        };
        self.keep_alive = !close && (keep_alive || self.version == Version::Http11);
        match host {
            Some(host) => self.host = host,
            None if self.version == Version::Http11 => return Err(Error::Malformed("no Host")),
            None => {}
        }
        Ok(())
    }

    /// RFC 9112 section 3.2: the four forms of a target, and the host that each is for.
    fn resolve_target(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        let (method, target, host) = (self.method.of(bytes), self.target.of(bytes), self.host.of(bytes));
        if !host.is_empty() && !is_authority(host) {
            return Err(Error::Malformed("Host is no host"));
        }
        match target {
            _ if method == b"CONNECT" => {
                return Err(match target.last() {
                    Some(last) if last.is_ascii_digit() && target.contains(&b':') && is_authority(target) => {
                        Error::Unimplemented("CONNECT is for proxies, and this is none")
                    }
                    Some(_) | None => Error::Malformed("the target of CONNECT is no host and port"),
                });
            }
            // RFC 9110 section 4.2.1: an http URI with an empty host is invalid.
            [b'/', ..] if host.is_empty() && self.version == Version::Http11 => {
                return Err(Error::Malformed("Host is empty"));
            }
            [b'/', ..] => {}
            b"*" if method == b"OPTIONS" => {}
            b"*" => return Err(Error::Malformed("only OPTIONS has the target *")),
            _ => self.resolve_absolute(bytes)?,
        }
        if self.method.of(bytes) == b"TRACE" {
            // RFC 9110 section 9.3.8: optional, and it would echo credentials.
            return Err(Error::Unimplemented("TRACE is not supported"));
        }
        Ok(())
    }

    /// RFC 9112 section 3.2.2: an absolute target's authority replaces `Host`.
    fn resolve_absolute(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        let target = self.target.of(bytes);
        let scheme = memchr::memmem::find(target, b"://").map(|end| &target[..end]);
        let scheme = scheme
            .filter(|scheme| scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https"))
            .ok_or(Error::Malformed("the target is neither a path nor an http URL"))?;
        let start = scheme.len() + 3;
        let rest = &target[start..];
        let length = memchr::memchr2(b'/', b'?', rest).unwrap_or(rest.len());
        if !is_authority(&rest[..length]) {
            return Err(Error::Malformed("the target's host is no host"));
        }
        let has_path = rest.get(length) == Some(&b'/');
        let (start, end) = (self.target.start() + start, self.target.end());
        self.host = Span::new(start, start + length);
        self.target = Span::new(start + length, end);
        if !has_path {
            // `http://host?x` means `http://host/?x`: the host moves one to the left, over a slash of its
            // scheme, and leaves its place to the path.
            bytes.copy_within(start..start + length, start - 1);
            bytes[start + length - 1] = b'/';
            self.host = Span::new(start - 1, start + length - 1);
            self.target = Span::new(start + length - 1, end);
        }
        Ok(())
    }
}

/// A request line, before its target is understood.
struct RequestLine {
    method: Span,
    target: Span,
    version: Version,
    /// Where the header lines begin.
    end: usize,
}

impl RequestLine {
    fn read(bytes: &[u8]) -> Result<Self, Error> {
        let end = memchr::memchr(b'\r', bytes).expect("a scanned head has whole lines");
        let line = &bytes[..end];
        let malformed = Error::Malformed("the request line is not method, target and version");
        let method = memchr::memchr(b' ', line).ok_or(malformed)?;
        let target = memchr::memrchr(b' ', line).filter(|&space| space > method).ok_or(malformed)?;
        let version = match line[target + 1..] {
            // RFC 9110 section 2.5: a higher minor version is read as the highest that is known.
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0'] => Some(Version::Http10),
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1'..=b'9'] => Some(Version::Http11),
            [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => None,
            _ => return Err(malformed),
        };
        if !is_token(&line[..method]) {
            return Err(Error::Malformed("the method is no token"));
        }
        if !is_target(&line[method + 1..target]) {
            return Err(Error::Malformed("the target has a byte that must be percent-encoded"));
        }
        Ok(Self {
            method: Span::new(0, method),
            target: Span::new(method + 1, target),
            version: version.ok_or(Error::Version)?,
            end: end + 2,
        })
    }
}

/// Reads the header lines from `start` on, up to the blank line that ends `bytes`.
fn fields<const MOST: usize>(bytes: &[u8], start: usize, into: &mut Vec<(Span, Span)>) -> Result<(), Error> {
    let mut parsed: [Header<'_>; MOST] = [EMPTY_HEADER; MOST];
    let parsed = match httparse::parse_headers(&bytes[start..], &mut parsed) {
        Ok(Status::Complete((length, parsed))) if start + length == bytes.len() => parsed,
        Ok(Status::Complete(_) | Status::Partial) => {
            return Err(Error::Malformed("a header line is malformed"));
        }
        Err(httparse::Error::HeaderName) => return Err(Error::Malformed("a header name is no token")),
        Err(httparse::Error::HeaderValue) => {
            return Err(Error::Malformed("a header value has a control byte"));
        }
        Err(httparse::Error::TooManyHeaders) => return Err(Error::TooManyHeaders),
        Err(_) => return Err(Error::Malformed("a header line is malformed")),
    };
    into.extend(parsed.iter().map(|header| {
        let value = trim(header.value);
        // An empty value need not be a part of the bytes.
        let value = if value.is_empty() { Span::default() } else { Span::within(bytes, value) };
        (Span::within(bytes, header.name.as_bytes()), value)
    }));
    Ok(())
}

/// The members of `Transfer-Encoding`, as far as they matter.
#[derive(Default)]
struct Codings {
    count: usize,
    chunked: usize,
    last_is_chunked: bool,
    nameless: bool,
}

impl Codings {
    fn push(&mut self, coding: &[u8]) {
        self.count += 1;
        self.last_is_chunked = coding.eq_ignore_ascii_case(b"chunked");
        self.chunked += usize::from(self.last_is_chunked);
        self.nameless |= coding.is_empty();
    }

    fn length(self) -> Result<Length, Error> {
        match self {
            // RFC 9112 section 6.3: a request whose final coding is not chunked has no known length.
            Self { nameless: true, .. } | Self { last_is_chunked: false, .. } => {
                Err(Error::Malformed("the last transfer coding is not chunked"))
            }
            Self { count: 1, .. } => Ok(Length::Chunked),
            Self { chunked: 1, .. } => {
                Err(Error::Unimplemented("the only transfer coding we know is chunked"))
            }
            Self { .. } => Err(Error::Malformed("chunked more than once")),
        }
    }
}
