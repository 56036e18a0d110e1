//! Bodies that are taken piece by piece.

use super::*;
use crate::proto::http1::{Phase, Reception};

/// What comes of `bytes` in parts of `size`: each request and its body, put together.
fn pieces(bytes: &[u8], size: usize) -> Vec<Result<String, u16>> {
    let (mut decoder, mut input, mut spares) = (Decoder::default(), Inbox::new(), Spares::new());
    let (mut seen, mut under_way) = (Vec::new(), None);
    for part in bytes.chunks(size) {
        input.extend(part, &mut spares);
        loop {
            match decoder.decode(&mut input, &LIMITS, |_| Reception::Pieces, &mut spares) {
                Ok(Decoded::Request(request)) => seen.push(Ok(show(&request))),
                Ok(Decoded::Begun { request, .. }) => {
                    assert!(request.body().is_empty() && decoder.phase() == Phase::Body);
                    under_way = Some(show(&request));
                }
                Ok(Decoded::Piece { data, read, last }) => {
                    let shown = under_way.as_mut().expect("a request has begun");
                    shown.push_str(std::str::from_utf8(&input.bytes()[..data]).expect("it is text"));
                    input.take(read);
                    if last {
                        assert_eq!(decoder.phase(), Phase::Idle);
                        seen.push(Ok(under_way.take().expect("a request has begun")));
                    }
                }
                Ok(Decoded::Incomplete) => break,
                Ok(Decoded::Continue) => panic!("who takes pieces says it"),
                Err(error) => {
                    seen.push(Err(error.status()));
                    return seen;
                }
            }
        }
        assert!(input.len() < LIMITS.head + size, "no body is held");
    }
    seen
}

#[test]
fn pieces_are_the_whole() {
    let next = get("X: y");
    for body in [
        "Content-Length: 0\r\n\r\n".to_owned(),
        "Content-Length: 5\r\n\r\nhello".to_owned(),
        "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nT: u\r\n\r\n".to_owned(),
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
        "Transfer-Encoding: chunked\r\n\r\n3\r\nhello".to_owned(),
    ] {
        let bytes = format!("PUT /b/k HTTP/1.1\r\nHost: a\r\n{body}{next}");
        let whole = decode(&[bytes.as_bytes()]);
        for size in 1..=bytes.len() {
            assert_eq!(pieces(bytes.as_bytes(), size), whole, "{bytes:?} in parts of {size}");
        }
    }
}

#[test]
fn a_large_body_is_never_held() {
    let head = "PUT /b/k HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000000\r\n\r\n";
    let (mut decoder, mut input, mut spares) = (Decoder::default(), Inbox::new(), Spares::new());
    input.extend(head.as_bytes(), &mut spares);
    let begun = decoder.decode(&mut input, &LIMITS, |_| Reception::Pieces, &mut spares);
    assert!(matches!(begun, Ok(Decoded::Begun { waits: false, .. })), "{begun:?}");
    for _ in 0..100 {
        input.extend(&[b'x'; 1000], &mut spares);
        let piece = decoder.decode(&mut input, &LIMITS, |_| Reception::Pieces, &mut spares);
        assert!(matches!(piece, Ok(Decoded::Piece { data: 1000, read: 1000, last: false })), "{piece:?}");
        input.take(1000);
        assert!(input.held() < 10_000);
    }
}

#[test]
fn who_waits_is_told_of() {
    for (rest, waits) in [("", true), ("a", false)] {
        let bytes = get("Expect: 100-continue\r\nContent-Length: 3") + rest;
        let (mut decoder, mut input, mut spares) = (Decoder::default(), Inbox::new(), Spares::new());
        input.extend(bytes.as_bytes(), &mut spares);
        match decoder.decode(&mut input, &LIMITS, |_| Reception::Pieces, &mut spares) {
            Ok(Decoded::Begun { waits: found, .. }) => assert_eq!(found, waits),
            other => panic!("{other:?}"),
        }
    }
}
