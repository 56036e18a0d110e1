//! Which requests are read, and how the others are refused.

use super::segmentations;
use crate::proto::http1::{Decoded, Decoder, Error, Inbox, Limits, Phase, Request, Spares, Version};

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
fn decode<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Vec<Result<String, u16>> {
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
                Err(error) => {
                    seen.push(Err(error.status()));
                    return seen;
                }
            }
        }
    }
    seen
}

fn check_all(bytes: &[u8], expected: &[Result<&str, u16>]) {
    for ranges in segmentations(bytes.len()) {
        let seen = decode(ranges.iter().map(|range| &bytes[range.clone()]));
        let seen: Vec<_> = seen.iter().map(|seen| seen.as_deref().map_err(|&status| status)).collect();
        assert_eq!(seen, expected, "{} in parts {ranges:?}", bytes.escape_ascii());
    }
}

fn accept(bytes: impl AsRef<[u8]>, expected: &str) {
    check_all(bytes.as_ref(), &[Ok(expected)]);
}

fn refuse(bytes: impl AsRef<[u8]>, status: u16) {
    check_all(bytes.as_ref(), &[Err(status)]);
}

#[test]
fn plain_requests_are_read() {
    accept("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 a keep ");
    accept("GET /p?q=%20 HTTP/1.1\r\nhost:a:80\r\n\r\n", "GET /p?q=%20 1.1 a:80 keep ");
    accept("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 a keep ");
    accept("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "POST / 1.1 a keep abc");
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    accept(format!("{chunked}0\r\n\r\n"), "POST / 1.1 a keep ");
    accept(
        format!("{chunked}3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: v\r\n\r\n"),
        "POST / 1.1 a keep abc0123456789",
    );
}
