//! The opening handshake.

use crate::proto::http1::{BadHeader, Framing, Request};
use crate::proto::ws::handshake::{check, is_upgrade, offered};

/// The lines of a good handshake.
const GOOD: [&str; 5] = [
    "Host: a",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
];

fn request(line: &str, headers: &[&str]) -> Request {
    Request::of(format!("{line}\r\n{}\r\n\r\n", headers.join("\r\n")).as_bytes()).expect("it is HTTP")
}

/// The good one, with these lines in the place of those with the same names, and behind.
fn with(lines: &[&str]) -> Request {
    let name = |line: &str| line.split(':').next().expect("it has a name").to_ascii_lowercase();
    let kept = GOOD.iter().filter(|kept| !lines.iter().any(|line| name(line) == name(kept))).copied();
    request("GET /dev HTTP/1.1", &kept.chain(lines.iter().copied()).collect::<Vec<_>>())
}

fn without(name: &str) -> Request {
    let kept: Vec<_> = GOOD.into_iter().filter(|line| !line.starts_with(name)).collect();
    request("GET /dev HTTP/1.1", &kept)
}

fn status(request: &Request) -> u16 {
    check(request).map_or_else(|refusal| refusal.status(), |_| 101)
}

#[test]
fn the_example_of_the_rfc() {
    let accept = check(&with(&["Sec-WebSocket-Protocol: chat, superchat"])).expect("it is good");
    let mut out = Vec::new();
    accept.write_101(&mut out, Some("chat"), "today").expect("it can be written");
    let expected = "HTTP/1.1 101 Switching Protocols\r\nDate: today\r\nConnection: upgrade\r\n\
        upgrade: websocket\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
        sec-websocket-protocol: chat\r\n\r\n";
    assert_eq!(String::from_utf8_lossy(&out), expected);
    out.clear();
    accept.write_101(&mut out, None, "today").expect("it can be written");
    assert_eq!(String::from_utf8_lossy(&out), expected.replace("sec-websocket-protocol: chat\r\n", ""));
    out.clear();
    assert_eq!(accept.write_101(&mut out, Some("a\r\nSet-Cookie: b"), "today"), Err(BadHeader));
    assert!(out.is_empty());
}

#[test]
fn handshakes() {
    for (lines, expected) in [
        (&[][..], 101),
        (&["UPGRADE: WebSocket", "CONNECTION: keep-alive, UPGRADE"], 101),
        (&["Upgrade: h2c, websocket"], 101),
        (&["Upgrade: h2c", "Upgrade: websocket"], 101),
        (&["Connection: keep-alive", "Connection: Upgrade"], 101),
        (&["Origin: http://elsewhere.example"], 101),
        (&["Upgrade: websocket/13"], 400),
        (&["Upgrade: websockets"], 400),
        (&["Upgrade:"], 400),
        (&["Connection: keep-alive"], 400),
        (&["Connection: Upgraded"], 400),
        // Versions.
        (&["Sec-WebSocket-Version: 8"], 426),
        (&["Sec-WebSocket-Version: 14"], 426),
        (&["Sec-WebSocket-Version: 013"], 426),
        (&["Sec-WebSocket-Version: 13, 8"], 426),
        (&["Sec-WebSocket-Version:"], 426),
        (&["Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13"], 400),
        (&["Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"], 400),
        // Keys.
        (&["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="], 101),
        (&["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR=="], 101),
        (&["Sec-WebSocket-Key:"], 400),
        (&["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ"], 400),
        (&["Sec-WebSocket-Key: SGVsbG8sIHdvcmxkIQ=="], 400),
        (&["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA="], 400),
        (&["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAAA"], 400),
        (&["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ!=="], 400),
        (&["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j_Q=="], 400),
        (&[GOOD[3], GOOD[3]], 400),
        // Subprotocols.
        (&["Sec-WebSocket-Protocol: chat"], 101),
        (&["Sec-WebSocket-Protocol: chat,superchat", "Sec-WebSocket-Protocol: graphql-ws"], 101),
        (&["Sec-WebSocket-Protocol: chat,, CHAT ,"], 101),
        (&["Sec-WebSocket-Protocol:"], 400),
        (&["Sec-WebSocket-Protocol: ,"], 400),
        (&["Sec-WebSocket-Protocol: a b"], 400),
        (&["Sec-WebSocket-Protocol: a/b"], 400),
        (&["Sec-WebSocket-Protocol: \u{e9}"], 400),
        (&["Sec-WebSocket-Protocol: chat, a, chat"], 400),
        (&["Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: chat"], 400),
        // Extensions.
        (&["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"], 101),
        (&["Sec-WebSocket-Extensions: a;b=1;c=\"x\\yz\" , b ; d = 2,", "Sec-WebSocket-Extensions: ,a"], 101),
        (&["Sec-WebSocket-Extensions:"], 400),
        (&["Sec-WebSocket-Extensions: ,"], 400),
        (&["Sec-WebSocket-Extensions: a b"], 400),
        (&["Sec-WebSocket-Extensions: a;"], 400),
        (&["Sec-WebSocket-Extensions: a;b="], 400),
        (&["Sec-WebSocket-Extensions: a;=b"], 400),
        (&["Sec-WebSocket-Extensions: a;b=\"\""], 400),
        (&["Sec-WebSocket-Extensions: a;b=\"x y\""], 400),
        (&["Sec-WebSocket-Extensions: a;b=\"x"], 400),
        (&["Sec-WebSocket-Extensions: a;b=\"x\\"], 400),
        (&["Sec-WebSocket-Extensions: a;b=\"x\"y"], 400),
        (&["Sec-WebSocket-Extensions: good", "Sec-WebSocket-Extensions: b@d"], 400),
    ] {
        let request = with(lines);
        assert_eq!(status(&request), expected, "{lines:?}");
        assert!(is_upgrade(&request));
    }
}

#[test]
fn nothing_may_be_missing() {
    for name in ["Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"] {
        let request = without(name);
        assert_eq!(status(&request), 400, "{name}");
        assert!(is_upgrade(&request), "{name}");
    }
}

#[test]
fn methods_and_versions() {
    assert_eq!(status(&request("POST /dev HTTP/1.1", &[&GOOD[..], &["Content-Length: 0"]].concat())), 400);
    assert_eq!(status(&request("HEAD /dev HTTP/1.1", &GOOD)), 400);
    assert_eq!(status(&request("GET /dev HTTP/1.0", &GOOD)), 400);
    assert_eq!(status(&request("GET http://a/dev HTTP/1.1", &GOOD)), 101);
}

#[test]
fn what_is_no_handshake() {
    for lines in [&["Host: a"][..], &["Host: a", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"]] {
        assert!(!is_upgrade(&request("GET / HTTP/1.1", lines)), "{lines:?}");
    }
}

#[test]
fn a_wrong_version_is_told_the_right_one() {
    let write = |request: &Request| {
        let mut out = Vec::new();
        let framing = Framing { head_only: false, http10: false, keep_alive: true, date: "today" };
        check(request).expect_err("it is refused").response().write(&mut out, framing);
        String::from_utf8(out).expect("it is ASCII")
    };
    let told = write(&with(&["Sec-WebSocket-Version: 8"]));
    assert!(told.starts_with("HTTP/1.1 426 "), "{told}");
    assert!(
        told.contains("\r\nSec-WebSocket-Version: 13\r\n") && told.contains("\r\nUpgrade: websocket\r\n")
    );
    let told = write(&without("Sec-WebSocket-Key"));
    assert!(
        told.starts_with("HTTP/1.1 400 ") && told.ends_with("{\"message\":\"Sec-WebSocket-Key is missing\"}")
    );
}

#[test]
fn offers() {
    let request = with(&["Sec-WebSocket-Protocol: b, a", "Sec-WebSocket-Protocol: ,c"]);
    assert_eq!(offered(&request).collect::<Vec<_>>(), ["b", "a", "c"]);
    assert_eq!(offered(&with(&[])).count(), 0);
}
