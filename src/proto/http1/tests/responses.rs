//! What we answer.

use crate::proto::http1::fields::{connection_names, is_hop_by_hop, push_canonical};
use crate::proto::http1::response::reason;
use crate::proto::http1::{BadHeader, Framing, Response};

const KEPT: Framing<'_> = Framing { head_only: false, http10: false, keep_alive: true, date: "now" };

fn check(response: &Response, framing: Framing<'_>, expected: &str) {
    let mut out = b"before ".to_vec();
    response.write(&mut out, framing);
    assert_eq!(String::from_utf8_lossy(&out), format!("before {expected}"));
}

#[test]
fn responses_are_written() {
    check(
        &Response::json(200, "{}"),
        KEPT,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: now\r\nContent-Length: 2\r\n\
         Connection: keep-alive\r\n\r\n{}",
    );
    check(
        &Response::new(599),
        Framing { keep_alive: false, ..KEPT },
        "HTTP/1.1 599 \r\nDate: now\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    check(
        &Response::new(404),
        Framing { http10: true, ..KEPT },
        "HTTP/1.1 404 Not Found\r\nDate: now\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
    );
}

#[test]
fn a_head_is_that_of_a_get() {
    let mut response = Response::with_body(200, "text/plain", "hello");
    let head = Framing { head_only: true, ..KEPT };
    let lines = |length| {
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: now\r\nContent-Length: {length}\r\n\
             Connection: keep-alive\r\n\r\n"
        )
    };
    check(&response, head, &lines(5));
    response.declare_length(u64::MAX);
    check(&response, head, &lines(u64::MAX));
    check(&response, KEPT, &(lines(5) + "hello"));
}

#[test]
fn some_statuses_have_no_body() {
    for (status, reason) in [(204, "No Content"), (304, "Not Modified")] {
        let mut response = Response::new(status);
        response.body = "ignored".into();
        let expected = format!("HTTP/1.1 {status} {reason}\r\nDate: now\r\nConnection: keep-alive\r\n\r\n");
        check(&response, KEPT, &expected);
    }
    let mut response = Response::new(101);
    response.header("Upgrade", "websocket");
    response.header("Connection", "Upgrade");
    let expected = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    check(&response, KEPT, expected);
}

#[test]
fn a_date_that_was_set_is_the_only_one() {
    let mut response = Response::new(204);
    response.foreign_header("date", b"then").expect("this is a good header");
    let expected = "HTTP/1.1 204 No Content\r\ndate: then\r\nConnection: keep-alive\r\n\r\n";
    check(&response, KEPT, expected);
}

#[test]
fn headers_of_others_are_checked() {
    let mut response = Response::new(204);
    for (name, value) in [
        ("", "x"),
        ("a b", "x"),
        ("a:", "x"),
        ("a\r\nb", "x"),
        ("\u{e9}", "x"),
        ("a", "x\r\ny: z"),
        ("a", "x\n"),
        ("a", "\0"),
        ("a", "\u{7f}"),
        ("Content-Length", "1"),
        ("connection", "close"),
        ("Transfer-Encoding", "chunked"),
        ("Keep-Alive", "x"),
        ("proxy-authenticate", "x"),
        ("Upgrade", "x"),
        ("TE", "x"),
        ("Trailer", "x"),
    ] {
        assert_eq!(response.foreign_header(name, value.as_bytes()), Err(BadHeader), "{name}: {value:?}");
        assert_eq!(response.foreign_header_canonical(name, value.as_bytes()), Err(BadHeader));
    }
    response.foreign_header("aB-c", "\t\u{e9} ".as_bytes()).expect("this is a good header");
    response.foreign_header_canonical("aB-c", b"").expect("this is a good header");
    check(
        &response,
        KEPT,
        "HTTP/1.1 204 No Content\r\naB-c: \t\u{e9} \r\nAb-C: \r\nDate: now\r\nConnection: keep-alive\r\n\r\n",
    );
}

#[test]
fn headers_are_found() {
    let mut response = Response::new(200);
    assert!(!response.has_header("a"));
    response.header("Set-Cookie", "a: b");
    for (name, found) in [
        ("set-cookie", true),
        ("Set-Cookie", true),
        ("set-cooki", false),
        ("set-cookie:", false),
        ("a", false),
        ("", false),
    ] {
        assert_eq!(response.has_header(name), found, "{name}");
    }
}

#[test]
fn names_are_spelled_as_api_gateway_does() {
    for (name, spelled) in [
        ("myheader", "Myheader"),
        ("x-amzn-trace-id", "X-Amzn-Trace-Id"),
        ("X-AMZN-RequestId", "X-Amzn-Requestid"),
        ("apigw-requestid", "Apigw-Requestid"),
        ("-a--b-", "-A--B-"),
        ("x_y.z", "X_y.z"),
        ("", ""),
    ] {
        let mut out = Vec::new();
        push_canonical(&mut out, name);
        assert_eq!(String::from_utf8_lossy(&out), spelled);
    }
}

#[test]
fn hop_by_hop_headers() {
    for name in
        ["connection", "Keep-Alive", "TE", "trailer", "Trailers", "transfer-encoding", "UPGRADE", "Proxy-X"]
    {
        assert!(is_hop_by_hop(name), "{name}");
    }
    for name in
        ["", "host", "proxy", "proxy-", "te-x", "content-length", "prox\u{e9}-x", "\u{e9}\u{e9}\u{e9}\u{e9}"]
    {
        assert!(!is_hop_by_hop(name), "{name}");
    }
    assert!(connection_names(b"close, X-Private", "x-private"));
    assert!(!connection_names(b"close, X-Private", "x-priv"));
}

#[test]
fn every_status_of_ours_has_a_reason() {
    for status in
        [101, 200, 201, 204, 301, 302, 304, 400, 401, 403, 404, 405, 408, 409, 410, 413, 414, 417, 429, 431]
    {
        assert!(!reason(status).is_empty(), "{status}");
    }
    for status in 500..=505 {
        assert!(!reason(status).is_empty(), "{status}");
    }
}
