//! What back ends reply, and what they are asked.

use super::segmentations;
use crate::proto::http1::client::{Decoder, Error, Reply, write_request};
use crate::proto::http1::{BadHeader, Inbox, Spares};

const BODY_LIMIT: usize = 20;

fn show((reply, reusable): (Reply, bool)) -> String {
    let headers: Vec<_> =
        reply.headers().map(|(name, value)| format!("{name}={}", value.escape_ascii())).collect();
    let then = if reusable { "keep" } else { "close" };
    format!("{} [{}] {} {then}", reply.status(), headers.join(","), reply.body().escape_ascii())
}

/// Decodes the reply to a request of this method from what arrives in these parts, then ends.
fn decode(method: &str, parts: &[&[u8]]) -> Result<String, Error> {
    let (mut decoder, mut input, mut spares) =
        (Decoder::new(method, BODY_LIMIT), Inbox::new(), Spares::new());
    for part in parts {
        input.extend(part, &mut spares);
        if let Some(reply) = decoder.decode(&mut input, false)? {
            return Ok(show(reply));
        }
    }
    decoder.decode(&mut input, true).map(|reply| show(reply.expect("nothing more comes")))
}

fn check(method: &str, bytes: impl AsRef<[u8]>, expected: Result<&str, Error>) {
    let bytes = bytes.as_ref();
    for parts in segmentations(bytes) {
        let seen = decode(method, &parts);
        let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
        match (&seen, expected) {
            // Which rule it breaks is said for people.
            (Err(Error::Malformed(_)), Err(Error::Malformed(_))) => {}
            _ => assert_eq!(
                seen.as_deref().map_err(|&error| error),
                expected,
                "{} in parts of {lengths:?}",
                bytes.escape_ascii()
            ),
        }
    }
}

fn accept(bytes: impl AsRef<[u8]>, expected: &str) {
    check("GET", bytes, Ok(expected));
}

fn malformed(bytes: impl AsRef<[u8]>) {
    check("GET", bytes, Err(Error::Malformed("")));
}

/// A 200 with these header lines, and this body.
fn ok(lines: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n{body}")
}

#[test]
fn replies_of_known_length() {
    accept(ok("Content-Length: 2", "ab"), "200 [Content-Length=2] ab keep");
    accept(ok("Content-Length: 0", ""), "200 [Content-Length=0]  keep");
    accept(ok("A: b\r\nContent-Length: 1", "x"), "200 [A=b,Content-Length=1] x keep");
    accept(ok("content-length: 2, 2", "ab"), "200 [content-length=2, 2] ab keep");
    accept(
        ok("L: \r\nContent-Length: 2\r\nContent-Length: 2", "ab"),
        "200 [L=,Content-Length=2,Content-Length=2] ab keep",
    );
    accept(
        ok("Content-Length: 1\r\nConnection: close", "x"),
        "200 [Content-Length=1,Connection=close] x close",
    );
    accept("HTTP/1.1 404\r\nContent-Length: 1\r\n\r\nx", "404 [Content-Length=1] x keep");
    accept("HTTP/1.1 599 \r\nContent-Length: 1\r\n\r\nx", "599 [Content-Length=1] x keep");
    accept("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "200 [Content-Length=1] x close");
    let old = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx";
    accept(old, "200 [Connection=keep-alive,Content-Length=1] x keep");
    for length in ["x", "", "-1", "+1", "1 1", "1, 2", "1,", "18446744073709551616"] {
        malformed(ok(&format!("Content-Length: {length}"), "x"));
    }
    malformed(ok("Content-Length: 1\r\nContent-Length: 2", "ab"));
}

#[test]
fn chunked_replies() {
    let coding = "Transfer-Encoding: chunked";
    accept(
        ok(coding, "2;x\r\nab\r\n1\r\nc\r\n0\r\nT: v\r\n\r\n"),
        "200 [Transfer-Encoding=chunked] abc keep",
    );
    accept(ok("transfer-encoding: CHUNKED", "0\r\n\r\n"), "200 [transfer-encoding=CHUNKED]  keep");
    for body in ["x\r\n", "2\r\nabc\r\n0\r\n\r\n", "2\nab", "-1\r\n"] {
        malformed(ok(coding, body));
    }
    for lines in [
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
    ] {
        malformed(ok(lines, "0\r\n\r\n"));
    }
    malformed("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

#[test]
fn replies_until_the_end() {
    accept(ok("A: b", "all\r\n"), "200 [A=b] all\\r\\n close");
    accept("HTTP/1.1 200 OK\r\n\r\n", "200 []  close");
    accept("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nx", "200 [Connection=keep-alive] x close");
}

#[test]
fn replies_without_a_body() {
    let lines = "Content-Length: 7";
    check("HEAD", ok(lines, ""), Ok("200 [Content-Length=7]  keep"));
    check("HEAD", ok("Transfer-Encoding: chunked", ""), Ok("200 [Transfer-Encoding=chunked]  keep"));
    accept("HTTP/1.1 204 No Content\r\n\r\n", "204 []  keep");
    accept("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", "304 [Content-Length=7]  keep");
}

#[test]
fn interim_replies_are_skipped() {
    accept(
        format!("HTTP/1.1 100 Continue\r\n\r\n{}", ok("Content-Length: 1", "x")),
        "200 [Content-Length=1] x keep",
    );
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n".repeat(3);
    accept(hints + &ok("Content-Length: 1", "x"), "200 [Content-Length=1] x keep");
    malformed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
    let endless = "HTTP/1.1 102 Processing\r\n\r\n".repeat(4000);
    assert_eq!(decode("GET", &[endless.as_bytes()]), Err(Error::TooLarge));
}

#[test]
fn lenient_where_a_client_may_be() {
    accept("HTTP/1.1 200 OK\nA: b\nContent-Length: 1\n\nx", "200 [A=b,Content-Length=1] x keep");
    accept("HTTP/1.1 200 OK\r\nContent-Length: 1\n\r\nx", "200 [Content-Length=1] x keep");
    accept(ok("A: b\r\n  c\r\nContent-Length: 1", "x"), "200 [A=b    c,Content-Length=1] x keep");
    accept(ok("A: b\n\tc\r\nContent-Length: 1", "x"), "200 [A=b \\tc,Content-Length=1] x keep");
    accept(ok("A : b\r\nContent-Length: 1", "x"), "200 [A=b,Content-Length=1] x keep");
    accept(ok("A: \u{e9}\r\nContent-Length: 1", "x"), "200 [A=\\xc3\\xa9,Content-Length=1] x keep");
}

#[test]
fn what_is_no_reply() {
    for bytes in [
        "\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/1.1 000 OK\r\n\r\n",
        "HTTP/1.1 OK\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "SSH-2.0-x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA(: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        "HTTP/1.1 200 O\0K\r\n\r\n",
    ] {
        malformed(bytes);
    }
}

#[test]
fn cut_short() {
    for bytes in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\nA: b\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r",
    ] {
        check("GET", bytes, Err(Error::Truncated));
    }
}

#[test]
fn replies_are_bounded() {
    for (lines, body) in [
        ("Content-Length: 21", ""),
        ("Content-Length: 18446744073709551615", ""),
        ("Transfer-Encoding: chunked", "15\r\n"),
        ("A: b", "012345678901234567890"),
    ] {
        check("GET", ok(lines, body), Err(Error::TooLarge));
    }
    let head = |length: usize| ok(&format!("A: {}", "x".repeat(length)), "");
    let overhead = head(0).len();
    assert!(decode("GET", &[head(65536 - overhead).as_bytes()]).is_ok());
    assert_eq!(decode("GET", &[head(65536 - overhead + 1).as_bytes()]), Err(Error::TooLarge));
    assert_eq!(decode("GET", &[ok(&"A: b\r\n".repeat(300), "").as_bytes()]), Err(Error::TooLarge));
}

#[test]
fn bytes_behind_a_reply_end_the_connection() {
    let bytes = ok("Content-Length: 1", "xHTTP/1.1");
    assert_eq!(decode("GET", &[bytes.as_bytes()]).as_deref(), Ok("200 [Content-Length=1] x close"));
    let bytes = "HTTP/1.1 204 No Content\r\n\r\nx";
    assert_eq!(decode("GET", &[bytes.as_bytes()]).as_deref(), Ok("204 []  close"));
}

#[test]
fn requests_are_written() {
    let mut out = b"before".to_vec();
    let headers: [(&str, &[u8]); 2] = [("Host", b"a"), ("X", b"")];
    assert_eq!(write_request(&mut out, "GET", "/p?q", headers.into_iter(), b""), Ok(()));
    assert_eq!(out, b"beforeGET /p?q HTTP/1.1\r\nHost: a\r\nX: \r\nContent-Length: 0\r\n\r\n");
    out.clear();
    assert_eq!(write_request(&mut out, "PUT", "/", std::iter::empty(), b"ab"), Ok(()));
    assert_eq!(out, b"PUT / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab");

    for (method, target, name, value) in [
        ("G T", "/", "A", "b"),
        ("", "/", "A", "b"),
        ("GET", "", "A", "b"),
        ("GET", "/ HTTP/1.1\r\nX: y", "A", "b"),
        ("GET", "/\u{e9}", "A", "b"),
        ("GET", "/#", "A", "b"),
        ("GET", "/", "", "b"),
        ("GET", "/", "A:", "b"),
        ("GET", "/", "A", "b\r\nC: d"),
        ("GET", "/", "A", "b\n"),
        ("GET", "/", "A", "\0"),
        ("GET", "/", "content-length", "1"),
        ("GET", "/", "Transfer-Encoding", "chunked"),
    ] {
        let mut out = b"before".to_vec();
        let headers = [("X", &b"y"[..]), (name, value.as_bytes())];
        let written = write_request(&mut out, method, target, headers.into_iter(), b"body");
        assert_eq!(
            (written, &out[..]),
            (Err(BadHeader), &b"before"[..]),
            "{method} {target} {name} {value:?}"
        );
    }
}
