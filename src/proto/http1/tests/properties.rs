//! What holds for any bytes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::decode;
use crate::proto::http1::client::{self, write_request};
use crate::proto::http1::{Decoded, Decoder, Framing, Inbox, Limits, Request, Response, Spares};

/// What heads are made of, so that random bytes come near to one.
fn fragments() -> impl Strategy<Value = Vec<u8>> {
    const WORDS: [&[u8]; 33] = [
        b"GET ",
        b"POST ",
        b"/",
        b"http://a",
        b"*",
        b" HTTP/1.1\r\n",
        b" HTTP/1.0\r\n",
        b"Host: a\r\n",
        b"\r\n",
        b"\r\n\r\n",
        b"Content-Length: ",
        b"Transfer-Encoding: chunked\r\n",
        b"Connection: close\r\n",
        b"Expect: 100-continue\r\n",
        b"0",
        b"1",
        b"3",
        b"a",
        b"abc",
        b";",
        b"=",
        b"\"",
        b":",
        b" ",
        b"\t",
        b"\r",
        b"\n",
        b"\0",
        b"?",
        b"%",
        b",",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 100 \r\n",
    ];
    vec(prop_oneof![8 => prop::sample::select(&WORDS[..]).prop_map(<[u8]>::to_vec), 1 => vec(any::<u8>(), 1..4)], 0..24)
        .prop_map(|words| words.concat())
}

fn cut<'a>(bytes: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let (mut parts, mut rest) = (Vec::new(), bytes);
    for &length in lengths {
        let (part, behind) = rest.split_at(length.min(rest.len()));
        parts.push(part);
        rest = behind;
    }
    parts.push(rest);
    parts
}

fn token() -> impl Strategy<Value = String> {
    "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}"
}

/// Headers that mean nothing to the framing, with values that have no white space around them.
fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let value = vec(prop_oneof![0x21..=0x7eu8, 0x80..=0xffu8], 0..20);
    vec(("x-[a-z]{1,8}", value), 0..20)
}

proptest! {
    #[test]
    fn requests_do_not_depend_on_how_they_arrive(bytes in fragments(), lengths in vec(0..9usize, 0..40)) {
        prop_assert_eq!(decode(&[&bytes]), decode(&cut(&bytes, &lengths)));
    }

    #[test]
    fn a_written_request_is_read_as_it_was(
        method in token(), path in "/[!-\"$->@-~]{0,30}", query in "(\\?[!-\"$-~]{0,30})?",
        headers in headers(), body in vec(any::<u8>(), 0..40),
    ) {
        prop_assume!(method != "CONNECT" && method != "TRACE");
        let target = path.clone() + &query;
        let mut out = Vec::new();
        let host = ("Host".to_string(), b"example.com:80".to_vec());
        let sent: Vec<_> = std::iter::once(&host).chain(&headers).map(|(name, value)| (&name[..], &value[..])).collect();
        prop_assert_eq!(write_request(&mut out, &method, &target, sent.iter().copied(), &body), Ok(()));
        let request = Request::of(&out).expect("what we write we read");
        prop_assert_eq!((request.method(), request.target(), request.path()), (&method[..], &target[..], &path[..]));
        prop_assert_eq!(request.query(), query.strip_prefix('?'));
        prop_assert_eq!(request.body(), &body[..]);
        let seen: Vec<_> = request.headers().collect();
        prop_assert_eq!(&seen[..sent.len()], &sent[..]);
        prop_assert_eq!(seen.len(), sent.len() + 1);
    }

    #[test]
    fn a_written_response_is_read_as_it_was(
        status in 200..600u16, headers in headers(), body in vec(any::<u8>(), 0..40), keep_alive: bool,
        head_only: bool, lengths in vec(0..9usize, 0..40),
    ) {
        let mut response = Response::with_body(status, "text/plain", body.clone());
        for (name, value) in &headers {
            response.foreign_header(name, value).expect("these are good");
        }
        let mut out = Vec::new();
        response.write(&mut out, Framing { head_only, http10: false, keep_alive, date: "now" });
        let method = if head_only { "HEAD" } else { "GET" };
        let (mut decoder, mut input, mut spares) = (client::Decoder::new(method, 100), Inbox::new(), Spares::new());
        let mut reply = None;
        for part in cut(&out, &lengths) {
            prop_assert!(reply.is_none() || part.is_empty(), "the reply was whole too early");
            input.extend(part, &mut spares);
            if reply.is_none() {
                reply = decoder.decode(&mut input, false).expect("what we write we read");
            }
        }
        let (reply, reusable) = reply.expect("it is whole");
        prop_assert_eq!((reply.status(), reusable), (status, keep_alive));
        let bodiless = head_only || status == 204 || status == 304;
        prop_assert_eq!(reply.body(), if bodiless { &[][..] } else { &body[..] });
        let seen: Vec<_> = reply.headers().skip(1).take(headers.len()).collect();
        let sent: Vec<_> = headers.iter().map(|(name, value)| (&name[..], &value[..])).collect();
        prop_assert_eq!(seen, sent);
    }

    #[test]
    fn replies_do_not_depend_on_how_they_arrive(bytes in fragments(), lengths in vec(0..9usize, 0..40)) {
        let decode = |parts: &[&[u8]]| {
            let (mut decoder, mut input, mut spares) = (client::Decoder::new("GET", 20), Inbox::new(), Spares::new());
            for part in parts {
                input.extend(part, &mut spares);
                match decoder.decode(&mut input, false) {
                    Ok(None) => {}
                    seen => return seen.map(|seen| seen.map(|(reply, _)| (reply.status(), reply.body().to_vec()))),
                }
            }
            decoder.decode(&mut input, true).map(|seen| seen.map(|(reply, _)| (reply.status(), reply.body().to_vec())))
        };
        prop_assert_eq!(decode(&[&bytes]), decode(&cut(&bytes, &lengths)));
    }

    #[test]
    fn chunks_of_any_size_make_the_same_body(chunks in vec(vec(any::<u8>(), 1..30), 0..10), behind in 0..3usize) {
        let mut bytes = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for chunk in &chunks {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        let next = b"GET / HTTP/1.1\r\nHost: b\r\n\r\n".repeat(behind);
        let (mut input, mut spares) = (Inbox::new(), Spares::new());
        input.extend(&bytes, &mut spares);
        input.extend(&next, &mut spares);
        let decoded = Decoder::default().decode(&mut input, &Limits::default(), |_| 300, &mut spares);
        let Ok(Decoded::Request(request)) = decoded else { panic!("{decoded:?}") };
        prop_assert_eq!(request.body(), &chunks.concat()[..]);
        prop_assert_eq!(input.bytes(), &next[..]);
    }

    #[test]
    fn the_outcome_of_any_bytes_is_a_request_or_a_named_status(bytes in vec(any::<u8>(), 0..400)) {
        for seen in decode(&[&bytes]) {
            prop_assert!(matches!(seen, Ok(_) | Err(400 | 413 | 414 | 417 | 431 | 501 | 505)));
        }
    }
}
