//! HTTP/1.1, both sides: the outcome must not depend on how the bytes arrive, and what was read can be written
//! and read again.

use gatelet::proto::http1::body::{self, Chunked};
use gatelet::proto::http1::client::{self, Reply, write_request};
use gatelet::proto::http1::grammar::{is_target, is_token, is_value};
use gatelet::proto::http1::{Decoded, Decoder, Error, Inbox, Limits, Request, Spares, Version};

use super::cut;

const BODY_LIMIT: usize = 100;

/// Requests, pipelined.
pub fn request(data: &[u8]) {
    let (requests, error) = requests(&[data]);
    for parts in [cut(data), data.chunks(1).collect()] {
        let (again, same_error) = self::requests(&parts);
        assert_eq!(again.iter().map(show).collect::<Vec<_>>(), requests.iter().map(show).collect::<Vec<_>>());
        assert_eq!(same_error, error);
    }
    if let Some(error) = error {
        assert!((400..600).contains(&error.status()));
    }
    requests.iter().for_each(check_request);
}

/// A chunked body, with the next request behind it perhaps.
pub fn chunked(data: &[u8]) {
    let whole = unchunk(&[data]);
    assert_eq!(unchunk(&cut(data)), whole);
    assert_eq!(unchunk(&data.chunks(1).collect::<Vec<_>>()), whole);
    // A plain body is also what the plainest decoder makes of it.
    if let Some((body, length)) = unchunk_plainly(data) {
        assert_eq!(whole, Ok(Some((body, length))));
    }
}

/// What a back end replies; the first byte is the method.
pub fn reply(data: &[u8]) {
    let Some((first, data)) = data.split_first() else { return };
    let method = if first % 8 == 0 { "HEAD" } else { "GET" };
    let whole = self::replied(method, &[data]);
    for parts in [cut(data), data.chunks(1).collect()] {
        assert_eq!(self::replied(method, &parts), whole);
    }
}

fn requests(parts: &[&[u8]]) -> (Vec<Request>, Option<Error>) {
    let (mut decoder, mut input, mut spares) = (Decoder::default(), Inbox::new(), Spares::new());
    let limits = Limits { head: 400, headers: 12 };
    let mut requests = Vec::new();
    for part in parts {
        input.extend(part, &mut spares);
        loop {
            match decoder.decode(&mut input, &limits, |_| BODY_LIMIT, &mut spares) {
                Ok(Decoded::Request(request)) => requests.push(request),
                Ok(Decoded::Continue) => {}
                Ok(Decoded::Incomplete) => break,
                Ok(Decoded::Begun { .. } | Decoded::Piece { .. }) => panic!("no body comes in pieces"),
                Err(error) => return (requests, Some(error)),
            }
        }
        assert!(input.len() <= limits.head + BODY_LIMIT + part.len(), "no more is held than may be");
    }
    (requests, None)
}

fn show(request: &Request) -> String {
    format!(
        "{:?}",
        (
            (request.method(), request.target(), request.path(), request.query(), request.host()),
            (request.version(), request.keep_alive(), request.headers().collect::<Vec<_>>(), request.body()),
        )
    )
}

fn check_request(request: &Request) {
    assert!(is_token(request.method().as_bytes()));
    assert!(request.path() == "*" || request.path().starts_with('/'));
    assert!(is_target(request.target().as_bytes()));
    assert!(request.headers().all(|(name, value)| is_token(name.as_bytes()) && is_value(value)));
    assert!(request.body().len() <= BODY_LIMIT);
    if request.version() == Version::Http10 || request.header("host") == Some(b"") {
        return;
    }
    let framing = ["content-length", "transfer-encoding"];
    let passed_on = |name: &str| !framing.iter().any(|other| other.eq_ignore_ascii_case(name));
    let headers: Vec<_> = request.headers().filter(|(name, _)| passed_on(name)).collect();
    let mut out = Vec::new();
    write_request(&mut out, request.method(), request.target(), headers.iter().copied(), request.body())
        .expect("what was read can be written");
    let again = Request::of(&out).expect("what was written can be read");
    assert_eq!(
        (again.method(), again.target(), again.body()),
        (request.method(), request.target(), request.body())
    );
    assert_eq!(again.headers().filter(|(name, _)| passed_on(name)).collect::<Vec<_>>(), headers);
}

/// The body, and how many bytes it was sent in; `None`: there is more to come.
fn unchunk(parts: &[&[u8]]) -> Result<Option<(Vec<u8>, usize)>, body::Error> {
    let mut chunked = Chunked::new(BODY_LIMIT);
    let (mut decoded, mut length) = (Vec::new(), 0);
    for part in parts {
        let mut part = part.to_vec();
        let progress = chunked.decode(&mut part)?;
        assert!(progress.data <= progress.read && progress.read <= part.len());
        assert!(progress.done || progress.read == part.len());
        decoded.extend_from_slice(&part[..progress.data]);
        length += progress.read;
        assert!(decoded.len() <= BODY_LIMIT);
        if progress.done {
            return Ok(Some((decoded, length)));
        }
    }
    Ok(None)
}

/// For bodies without extensions and trailers, whole and within the limit; `None`: it is none of these.
fn unchunk_plainly(data: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut rest, data_length) = (Vec::new(), data, data.len());
    loop {
        let digits = rest.iter().position(|byte| !byte.is_ascii_hexdigit())?;
        let size = std::str::from_utf8(&rest[..digits]).ok().filter(|digits| digits.len() <= 16)?;
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = rest[digits..].strip_prefix(b"\r\n")?;
        let data = rest.get(..size)?;
        rest = rest[size..].strip_prefix(b"\r\n")?;
        body.extend_from_slice(data);
        if body.len() > BODY_LIMIT {
            return None;
        }
        if size == 0 {
            return Some((body, data_length - rest.len()));
        }
    }
}

/// Status, headers and body.
type Parts = (u16, Vec<(String, Vec<u8>)>, Vec<u8>);

fn replied(method: &str, parts: &[&[u8]]) -> Result<Parts, client::Error> {
    let (mut decoder, mut input, mut spares) =
        (client::Decoder::new(method, BODY_LIMIT), Inbox::new(), Spares::new());
    for part in parts {
        input.extend(part, &mut spares);
        if let Some((reply, _)) = decoder.decode(&mut input, false)? {
            return Ok(parts_of(&reply));
        }
    }
    decoder.decode(&mut input, true).map(|reply| parts_of(&reply.expect("nothing more comes").0))
}

fn parts_of(reply: &Reply) -> Parts {
    assert!((200..600).contains(&reply.status()) && reply.body().len() <= BODY_LIMIT);
    let headers =
        reply.headers().inspect(|(name, value)| assert!(is_token(name.as_bytes()) && is_value(value)));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_vec())).collect();
    (reply.status(), headers, reply.body().to_vec())
}
