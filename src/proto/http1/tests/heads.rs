//! Which heads are read, and how the others are refused.

use super::{LIMITS, accept, get, line, refuse};
use crate::proto::http1::{Error, Request};

#[test]
fn request_lines_that_are_read() {
    for (bytes, expected) in [
        (line("GET / HTTP/1.1"), "GET / 1.1 a keep "),
        (line("get / HTTP/1.1"), "get / 1.1 a keep "),
        (line("M-SEARCH! /x HTTP/1.1"), "M-SEARCH! /x 1.1 a keep "),
        (line("GET /p?q=%20&r=+ HTTP/1.1"), "GET /p?q=%20&r=+ 1.1 a keep "),
        (line("GET /? HTTP/1.1"), "GET /? 1.1 a keep "),
        (line("GET //a//../b?? HTTP/1.1"), "GET //a//../b?? 1.1 a keep "),
        (line("GET /{a}|\"<>^`\\%zz HTTP/1.1"), "GET /{a}|\"<>^`\\%zz 1.1 a keep "),
        (line("GET / HTTP/1.0"), "GET / 1.0 a close "),
        (line("GET / HTTP/1.2"), "GET / 1.1 a keep "),
        (line("GET / HTTP/1.9"), "GET / 1.1 a keep "),
        (line("OPTIONS * HTTP/1.1"), "OPTIONS * 1.1 a keep "),
        (line("GET http://b/p?q HTTP/1.1"), "GET /p?q 1.1 b keep "),
        (line("GET HTTPS://b:8443/ HTTP/1.1"), "GET / 1.1 b:8443 keep "),
        (line("GET http://b HTTP/1.1"), "GET / 1.1 b keep "),
        (line("GET http://bee.example:80?x=/ HTTP/1.1"), "GET /?x=/ 1.1 bee.example:80 keep "),
        (line("GET http://[::1]?x HTTP/1.1"), "GET /?x 1.1 [::1] keep "),
        (line("GET http://b/http://c HTTP/1.0"), "GET /http://c 1.0 b close "),
        ("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".into(), "GET / 1.1 a keep "),
        ("GET / HTTP/1.0\r\n\r\n".into(), "GET / 1.0  close "),
        ("GET / HTTP/1.0\r\nHost:\r\n\r\n".into(), "GET / 1.0  close "),
        ("OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n".into(), "OPTIONS * 1.1  keep "),
        ("GET http://b/ HTTP/1.1\r\nHost:\r\n\r\n".into(), "GET / 1.1 b keep "),
    ] {
        accept(bytes, expected);
    }
}

#[test]
fn request_lines_that_are_refused() {
    for (bytes, status) in [
        // HTTP/0.9, other versions, no versions.
        (line("GET /"), 400),
        (line("GET"), 400),
        (line("GET  /"), 400),
        (line("GET / "), 400),
        (line("GET / HTTP/2.0"), 505),
        (line("GET / HTTP/3.0"), 505),
        (line("GET / HTTP/0.9"), 505),
        (line("GET / HTTP/9.9"), 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), 505),
        (line("GET / HTTP/2"), 400),
        (line("GET / HTTP/1"), 400),
        (line("GET / HTTP/1."), 400),
        (line("GET / HTTP/1.10"), 400),
        (line("GET / HTTP/11.1"), 400),
        (line("GET / HTTP/1.x"), 400),
        (line("GET / HTTP/1,1"), 400),
        (line("GET / http/1.1"), 400),
        (line("GET / HTTPS/1.1"), 400),
        (line("GET / HTTP /1.1"), 400),
        (line("GET / XHTTP/1.1"), 400),
        (line("GET / HTTP/+1.1"), 400),
        // White space.
        (line("GET  / HTTP/1.1"), 400),
        (line("GET /  HTTP/1.1"), 400),
        (line("GET / HTTP/1.1 "), 400),
        (line("GET\t/ HTTP/1.1"), 400),
        (line("GET /\tHTTP/1.1"), 400),
        (line("GET /a b HTTP/1.1"), 400),
        (line(" GET / HTTP/1.1"), 400),
        (line("\tGET / HTTP/1.1"), 400),
        (line("GET\u{b}/ HTTP/1.1"), 400),
        (line("GET \r/ HTTP/1.1"), 400),
        // Methods.
        (line("G{T / HTTP/1.1"), 400),
        (line("G\0T / HTTP/1.1"), 400),
        (line("G:T / HTTP/1.1"), 400),
        (line("GÉT / HTTP/1.1"), 400),
        (line("\"GET\" / HTTP/1.1"), 400),
        // Targets.
        (line("GET /\0 HTTP/1.1"), 400),
        (line("GET /\u{1f} HTTP/1.1"), 400),
        (line("GET /\u{7f} HTTP/1.1"), 400),
        (line("GET /é HTTP/1.1"), 400),
        (line("GET /a#b HTTP/1.1"), 400),
        (line("GET # HTTP/1.1"), 400),
        (line("GET a HTTP/1.1"), 400),
        (line("GET ?a HTTP/1.1"), 400),
        (line("GET a:80 HTTP/1.1"), 400),
        (line("GET * HTTP/1.1"), 400),
        (line("OPTIONS ** HTTP/1.1"), 400),
        (line("OPTIONS *? HTTP/1.1"), 400),
        (line("GET ftp://a/ HTTP/1.1"), 400),
        (line("GET http:/a/ HTTP/1.1"), 400),
        (line("GET http:a HTTP/1.1"), 400),
        (line("GET ://a/ HTTP/1.1"), 400),
        (line("GET http:// HTTP/1.1"), 400),
        (line("GET http:///p HTTP/1.1"), 400),
        (line("GET http://?p HTTP/1.1"), 400),
        (line("GET http://:80/ HTTP/1.1"), 400),
        (line("GET http://u@a/ HTTP/1.1"), 400),
        (line("GET http://u:p@a/ HTTP/1.1"), 400),
        (line("GET http://a:b/ HTTP/1.1"), 400),
        (line("GET http://a\\b/ HTTP/1.1"), 400),
        (line("GET xhttp://a/ HTTP/1.1"), 400),
        // Methods that we do not have.
        (line("CONNECT a:80 HTTP/1.1"), 501),
        (line("CONNECT [::1]:80 HTTP/1.1"), 501),
        (line("CONNECT a HTTP/1.1"), 400),
        (line("CONNECT a: HTTP/1.1"), 400),
        (line("CONNECT :80 HTTP/1.1"), 400),
        (line("CONNECT [::1] HTTP/1.1"), 400),
        (line("CONNECT a:99999 HTTP/1.1"), 400),
        (line("CONNECT / HTTP/1.1"), 400),
        (line("CONNECT http://a:80 HTTP/1.1"), 400),
        (line("TRACE / HTTP/1.1"), 501),
        (line("TRACE a HTTP/1.1"), 400),
        // Other protocols altogether.
        ("\x16\x03\x01\x02\0\x01".into(), 400),
        ("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("{\"a\":1}\r\n\r\n".into(), 400),
        ("SSH-2.0-x\r\n\r\n".into(), 400),
    ] {
        refuse(bytes, status);
    }
}

#[test]
fn line_ends_are_crlf_and_nothing_else() {
    for bytes in [
        "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\nContent-Length: 3\r\n\r\nabc",
        "GET / HTTP/1.1\rHost: a\r\r",
        "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\rX",
    ] {
        refuse(bytes, 400);
    }
}

#[test]
fn header_lines() {
    accept(get("X: y"), "GET / 1.1 a keep ");
    accept(get("X:"), "GET / 1.1 a keep ");
    accept(get("X: \t  "), "GET / 1.1 a keep ");
    accept(get("!#$%&'*+-.^_`|~09: \t\"y\" \t z; é"), "GET / 1.1 a keep ");
    for lines in [
        "X : y",
        "X\t: y",
        " X: y",
        "X",
        "X y",
        ": y",
        ":",
        "X\0: y",
        "X(: y",
        "X@y: z",
        "é: y",
        "X: a\0b",
        "X: a\u{b}b",
        "X: a\u{1}",
        "X: a\u{7f}",
        "X: \u{c}",
        "X: a\r\n b",
        "X: a\r\n\tb",
        "X: a\r\n ",
        "Content-Length : 3",
        "[X]: y",
        "X: \u{1b}[2J",
    ] {
        refuse(get(lines), 400);
    }
    refuse("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400);
    refuse("GET / HTTP/1.1\r\n\tX: y\r\nHost: a\r\n\r\n", 400);
}

#[test]
fn hosts() {
    for good in [
        "a",
        "A.example",
        "a-b_c~d.e",
        "127.0.0.1",
        "127.0.0.1:4566",
        "[::1]",
        "[::1]:80",
        "[2001:db8::1.2.3.4]",
        "a:",
        "a:0",
        "a:65535",
        "a:00080",
        "%41",
        "a!$&'()*+;=b",
        "xn--bcher-kva.example",
        "a.",
        "a%2e%2Eb%C3%A9",
    ] {
        accept(host(good), &format!("GET / 1.1 {good} keep "));
    }
    for bad in [
        "",
        "a b",
        "a,b",
        "a, a",
        "u@a",
        "u:p@a",
        "a/b",
        "/",
        "a?b",
        "a#b",
        "a\\b",
        "a:b",
        "a:-1",
        "a:65536",
        "a:1:2",
        "a:80x",
        ":80",
        ":",
        "[::1",
        "::1",
        "[::1]x",
        "[::1]:x",
        "[]",
        "[a]",
        "[v1.x]",
        "[::1%25eth0]",
        "%4",
        "%zz",
        "a%",
        "é",
        "\"a\"",
        "<a>",
        "http://a",
        "a|b",
        "a\t",
    ] {
        if bad.trim_ascii() == bad {
            refuse(host(bad), 400);
        }
    }
    refuse("GET / HTTP/1.1\r\n\r\n", 400);
    refuse("GET / HTTP/1.1\r\nX-Host: a\r\n\r\n", 400);
    refuse("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400);
    refuse("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", 400);
    refuse("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400);
    refuse("GET / HTTP/1.0\r\nHost: a b\r\n\r\n", 400);
    refuse("GET http://b/ HTTP/1.1\r\n\r\n", 400);
    refuse("GET http://b/ HTTP/1.1\r\nHost: a b\r\n\r\n", 400);
    refuse("OPTIONS * HTTP/1.1\r\n\r\n", 400);
}

#[test]
fn connections() {
    for (version, connection, expected) in [
        ("1.1", "", "keep"),
        ("1.1", "Connection: close", "close"),
        ("1.1", "connection: CLOSE", "close"),
        ("1.1", "Connection: keep-alive, Close", "close"),
        ("1.1", "Connection: keep-alive\r\nConnection: close", "close"),
        ("1.1", "Connection: close\r\nConnection: keep-alive", "close"),
        ("1.1", "Connection: ,, close ,", "close"),
        ("1.1", "Connection: x-close", "keep"),
        ("1.1", "Connection: close-x", "keep"),
        ("1.1", "Connection: close x", "keep"),
        ("1.1", "Connection: Upgrade\r\nUpgrade: websocket", "keep"),
        ("1.0", "", "close"),
        ("1.0", "Connection: keep-alive", "keep"),
        ("1.0", "Connection: Keep-Alive, TE", "keep"),
        ("1.0", "Connection: keep-alive, close", "close"),
        ("1.0", "Keep-Alive: timeout=5", "close"),
    ] {
        let lines = if connection.is_empty() { String::new() } else { format!("{connection}\r\n") };
        let bytes = format!("GET / HTTP/{version}\r\nHost: a\r\n{lines}\r\n");
        accept(bytes, &format!("GET / {version} a {expected} "));
    }
}

#[test]
fn heads_are_bounded() {
    let fill = |prefix: &str, suffix: &str, length: usize| {
        format!("{prefix}{}{suffix}", "x".repeat(length - prefix.len() - suffix.len()))
    };
    let (prefix, suffix) = ("GET /", " HTTP/1.1\r\nHost: a\r\n\r\n");
    let target = "x".repeat(LIMITS.head - prefix.len() - suffix.len());
    accept(fill(prefix, suffix, LIMITS.head), &format!("GET /{target} 1.1 a keep "));
    refuse(fill(prefix, suffix, LIMITS.head + 1), 431);
    refuse(fill(prefix, "", LIMITS.head), 414);
    refuse(fill(prefix, " HTTP/1.1\r\n", LIMITS.head + 1), 414);
    refuse(fill("GET / HTTP/1.1\r\nHost: a\r\nX: ", "", LIMITS.head), 431);
    refuse(fill("GET / HTTP/1.1\r\nHost: a\r\nX: ", "\n", LIMITS.head + 1), 431);

    accept(get(&["X: y"; 7].join("\r\n")), "GET / 1.1 a keep ");
    refuse(get(&["X: y"; 8].join("\r\n")), 431);
}

#[test]
fn many_headers_are_read_up_to_the_usual_limit() {
    let lines = |count| "X: y\r\n".repeat(count);
    let of = |count| Request::of(format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", lines(count)).as_bytes());
    for count in [0, 30, 31, 32, 33, 99] {
        assert_eq!(of(count).expect("within the limit").headers().count(), 1 + count);
    }
    assert_eq!(of(100).unwrap_err(), Error::TooManyHeaders);
    assert_eq!(of(10_000).unwrap_err(), Error::TooManyHeaders);
}

/// A GET with this `Host`.
fn host(host: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")
}
