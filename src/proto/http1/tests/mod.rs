//! Both sides of HTTP/1.1 against tables of bytes, each run whole, split everywhere and byte by byte.

mod bodies;
mod buffers;
mod heads;
mod pieces;
mod properties;
mod replies;
mod requests;
mod responses;

use super::{Decoded, Decoder, Inbox, Limits, Request, Spares, Version};

/// The ways in which the same bytes may arrive: whole, in two parts, byte by byte.
fn segmentations(bytes: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    let halves = (1..bytes.len()).map(|at| vec![&bytes[..at], &bytes[at..]]);
    std::iter::once(vec![bytes]).chain(halves).chain(std::iter::once(bytes.chunks(1).collect()))
}

/// Of a body, in these tests.
const BODY_LIMIT: usize = 20;

const LIMITS: Limits = Limits { head: 300, headers: 8 };

/// What is compared of a request.
fn show(request: &Request) -> String {
    let version = match request.version() {
        Version::Http10 => "1.0",
        Version::Http11 => "1.1",
    };
    let stays = if request.keep_alive() { "keep" } else { "close" };
    let body = request.body().escape_ascii();
    format!("{} {} {version} {} {stays} {body}", request.method(), request.target(), request.host())
}

/// Decodes all requests of what arrives in these parts.
fn decode(parts: &[&[u8]]) -> Vec<Result<String, u16>> {
    let (mut decoder, mut input, mut spares) = (Decoder::default(), Inbox::new(), Spares::new());
    let mut seen = Vec::new();
    for part in parts {
        input.extend(part, &mut spares);
        loop {
            match decoder.decode(&mut input, &LIMITS, |_| BODY_LIMIT, &mut spares) {
                Ok(Decoded::Request(request)) => {
                    seen.push(Ok(show(&request)));
                    request.recycle(&mut spares);
                }
                Ok(Decoded::Continue) => {}
                Ok(Decoded::Incomplete) => break,
                Ok(Decoded::Begun { .. } | Decoded::Piece { .. }) => panic!("no body comes in pieces"),
                Err(error) => {
                    let body = error.response().body;
                    serde_json::from_slice::<serde_json::Value>(&body).expect("the body is JSON");
                    seen.push(Err(error.status()));
                    return seen;
                }
            }
        }
    }
    seen
}

fn check_all(bytes: &[u8], expected: &[Result<&str, u16>]) {
    for parts in segmentations(bytes) {
        let seen = decode(&parts);
        let seen: Vec<_> = seen.iter().map(|seen| seen.as_deref().map_err(|&status| status)).collect();
        let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(seen, expected, "{} in parts of {lengths:?}", bytes.escape_ascii());
    }
}

fn accept(bytes: impl AsRef<[u8]>, expected: &str) {
    check_all(bytes.as_ref(), &[Ok(expected)]);
}

fn refuse(bytes: impl AsRef<[u8]>, status: u16) {
    check_all(bytes.as_ref(), &[Err(status)]);
}

/// A request with this line, well-formed otherwise.
fn line(line: &str) -> String {
    format!("{line}\r\nHost: a\r\n\r\n")
}

/// A GET with these header lines besides `Host`.
fn get(lines: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n")
}

/// A chunked body.
fn chunked(body: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{body}")
}
