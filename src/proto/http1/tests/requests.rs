//! How requests come out of what a connection received.

use super::{BODY_LIMIT, LIMITS, accept, check_all, chunked, get, line, refuse};
use crate::proto::http1::{Decoded, Decoder, Error, Inbox, Phase, Request, Spares};

#[test]
fn expectations() {
    for (bytes, expected) in [
        (get("Expect: 100-continue\r\nContent-Length: 3") + "abc", "GET / 1.1 a keep abc"),
        (get("expect: 100-CONTINUE"), "GET / 1.1 a keep "),
        ("GET / HTTP/1.0\r\nExpect: x\r\nContent-Length: 1\r\n\r\na".into(), "GET / 1.0  close a"),
    ] {
        accept(bytes, expected);
    }
    refuse(get("Expect: x"), 417);
    refuse(get("Expect:"), 417);
    refuse(get("Expect: 100-continue, x"), 417);
    refuse(get("Expect: 100-continue\r\nContent-Length: 21"), 413);
}

#[test]
fn continue_is_said_once_and_only_to_those_who_wait() {
    let said = |parts: &[&str]| {
        let (mut decoder, mut input, mut spares) = (Decoder::default(), Inbox::new(), Spares::new());
        let mut said = Vec::new();
        for part in parts {
            input.extend(part.as_bytes(), &mut spares);
            let decoded = decoder.decode(&mut input, &LIMITS, |_| BODY_LIMIT, &mut spares);
            said.push(match decoded.expect("these are well-formed") {
                Decoded::Incomplete => "incomplete",
                Decoded::Continue => "continue",
                Decoded::Request(_) => "request",
                Decoded::Begun { .. } | Decoded::Piece { .. } => "pieces",
            });
        }
        said
    };
    let head = get("Expect: 100-continue\r\nContent-Length: 3");
    assert_eq!(said(&[&head, "", "a", "bc"]), ["continue", "incomplete", "incomplete", "request"]);
    assert_eq!(said(&[&(head + "a"), "bc"]), ["incomplete", "request"]);
    let head = get("Expect: 100-continue\r\nTransfer-Encoding: chunked");
    assert_eq!(said(&[&head[..9], &head[9..], "0\r\n\r\n"]), ["incomplete", "continue", "request"]);
    assert_eq!(said(&[&get("Expect: 100-continue\r\nContent-Length: 0")]), ["request"]);
    let old = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    assert_eq!(said(&[old, "abc"]), ["incomplete", "request"]);
}

#[test]
fn pipelined_requests_are_taken_in_order() {
    let bytes = [
        &get("X: y"),
        "\r\n",
        "POST /b HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\nbb",
        &chunked("1\r\nc\r\n1\r\nC\r\n0\r\nT: u\r\n\r\n"),
        "GET http://d?d HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /e HTTP/1.0\r\n\r\n",
        "GET /f HTTP/7.1\r\n\r\nignored",
    ]
    .concat();
    let expected = [
        Ok("GET / 1.1 a keep "),
        Ok("POST /b 1.1 b keep bb"),
        Ok("POST / 1.1 a keep cC"),
        Ok("GET /?d 1.1 d keep "),
        Ok("GET /e 1.0  close "),
        Err(505),
    ];
    check_all(bytes.as_bytes(), &expected);
}

#[test]
fn phases() {
    let (mut decoder, mut input, mut spares) = (Decoder::default(), Inbox::new(), Spares::new());
    assert_eq!(decoder.phase(), Phase::Idle);
    for (part, phase) in [
        ("\r", Phase::Idle),
        ("\n", Phase::Idle),
        ("G", Phase::Head),
        ("ET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r", Phase::Head),
        ("\n", Phase::Body),
        ("a", Phase::Body),
        ("b", Phase::Idle),
    ] {
        input.extend(part.as_bytes(), &mut spares);
        let decoded = decoder.decode(&mut input, &LIMITS, |_| BODY_LIMIT, &mut spares);
        decoded.expect("this is well-formed");
        assert_eq!(decoder.phase(), phase, "after {part:?}");
    }
}

#[test]
fn a_body_limit_is_asked_of_the_request() {
    let (mut decoder, mut input, mut spares) = (Decoder::default(), Inbox::new(), Spares::new());
    input.extend(
        b"GET /a HTTP/1.1\r\nHost: a\r\n\r\nPUT /upload HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\n\r\n",
        &mut spares,
    );
    let mut asked = 0;
    for _ in 0..3 {
        let limit = |request: &Request| {
            asked += 1;
            assert_eq!((request.method(), request.path(), request.host()), ("PUT", "/upload", "b"));
            assert!(request.body().is_empty());
            1
        };
        decoder.decode(&mut input, &LIMITS, limit, &mut spares).expect("within the limit");
    }
    assert_eq!(asked, 1);
}

#[test]
fn parts_of_a_request() {
    let request = Request::of(b"PUT /a%20b?x=1&y=?#".split_last().expect("not empty").1);
    assert_eq!(request.unwrap_err(), Error::Malformed("the request is incomplete"));
    let bytes = b"PUT /a%20b?x=1&y=? HTTP/1.1\r\nHost: h:1\r\nX-A: 1\r\nx-a:  2 \r\nEmpty:\r\nContent-Length: 2\r\n\r\nok";
    let request = Request::of(bytes).expect("this is well-formed");
    assert_eq!((request.method(), request.path(), request.query()), ("PUT", "/a%20b", Some("x=1&y=?")));
    assert_eq!((request.header("x-A"), request.header("empty")), (Some(&b"1"[..]), Some(&b""[..])));
    assert_eq!(request.header("x"), None);
    let headers: Vec<_> = request.headers().collect();
    let expected: [(&str, &[u8]); 5] =
        [("Host", b"h:1"), ("X-A", b"1"), ("x-a", b"2"), ("Empty", b""), ("Content-Length", b"2")];
    assert_eq!(headers, expected);
    assert_eq!(request.body(), b"ok");
    for (target, path, query) in [("/", "/", None), ("/?", "/", Some("")), ("/a?b?c", "/a", Some("b?c"))] {
        let request = Request::of(line(&format!("GET {target} HTTP/1.1")).as_bytes()).expect("well-formed");
        assert_eq!((request.target(), request.path(), request.query()), (target, path, query));
    }
    assert_eq!(Request::of((get("X: y") + "more").as_bytes()).unwrap_err().status(), 400);
}

#[test]
fn errors_are_told_as_json() {
    let response = Error::Malformed("no Host").response();
    assert_eq!((response.status, &response.body[..]), (400, &b"{\"message\":\"no Host\"}"[..]));
    assert!(response.has_header("content-type"));
    for (error, status) in [
        (Error::TargetTooLong, 414),
        (Error::HeadTooLarge, 431),
        (Error::TooManyHeaders, 431),
        (Error::BodyTooLarge, 413),
        (Error::Expectation, 417),
        (Error::Unimplemented("x"), 501),
        (Error::Version, 505),
    ] {
        assert_eq!((error.status(), error.response().status), (status, status));
        serde_json::from_slice::<serde_json::Value>(&error.response().body).expect("the body is JSON");
    }
}
