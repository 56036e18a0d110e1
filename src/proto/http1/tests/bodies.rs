//! Which bodies are read, and how the others are refused.

use super::{LIMITS, accept, chunked, decode, get, refuse};
use crate::proto::http1::{Decoder, Error, Inbox, Spares};

#[test]
fn bodies_of_known_length() {
    for (lines, body) in [
        ("Content-Length: 0", ""),
        ("Content-Length: 3", "abc"),
        ("content-length:3", "\0\r\n"),
        ("Content-Length: \t 20 \t", "01234567890123456789"),
        ("Content-Length: 0000000003", "abc"),
    ] {
        let expected = format!("GET / 1.1 a keep {}", body.as_bytes().escape_ascii());
        accept(get(lines) + body, &expected);
    }
    for length in [
        "",
        "x",
        "3x",
        "x3",
        "+3",
        "-3",
        "-0",
        "3 3",
        "0x3",
        "3.0",
        "3,",
        ",3",
        "3, 3",
        "3, 4",
        "3;x",
        "\"3\"",
        "3\0",
        "٣",
        "18446744073709551616",
        "99999999999999999999999",
        "1e1",
        "3\u{b}",
    ] {
        refuse(get(&format!("Content-Length: {length}")) + "abc", 400);
    }
    refuse(get("Content-Length: 3\r\nContent-Length: 3") + "abc", 400);
    refuse(get("Content-Length: 3\r\ncontent-length: 4") + "abcd", 400);
    refuse(get("Content-Length: 0\r\nContent-Length: 0"), 400);
    for length in ["21", "4294967296", "18446744073709551615"] {
        refuse(get(&format!("Content-Length: {length}")), 413);
    }
}

#[test]
fn transfer_codings() {
    for value in ["chunked", "Chunked", "CHUNKED", " \tchunked\t "] {
        accept(get(&format!("Transfer-Encoding:{value}")) + "3\r\nabc\r\n0\r\n\r\n", "GET / 1.1 a keep abc");
    }
    for (lines, status) in [
        ("Transfer-Encoding: gzip, chunked", 501),
        ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", 501),
        ("Transfer-Encoding: identity, chunked", 501),
        ("Transfer-Encoding: x;y=z,chunked", 501),
        ("Transfer-Encoding: gzip", 400),
        ("Transfer-Encoding: identity", 400),
        ("Transfer-Encoding: xchunked", 400),
        ("Transfer-Encoding: chunkedx", 400),
        ("Transfer-Encoding: \"chunked\"", 400),
        ("Transfer-Encoding: chunked;q=1", 400),
        ("Transfer-Encoding: chunked gzip", 400),
        ("Transfer-Encoding: chunked, gzip", 400),
        ("Transfer-Encoding: chunked, identity", 400),
        ("Transfer-Encoding: chunked, chunked", 400),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400),
        ("Transfer-Encoding: gzip, chunked, chunked", 400),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", 400),
        ("Transfer-Encoding:", 400),
        ("Transfer-Encoding: ,", 400),
        ("Transfer-Encoding: , chunked", 400),
        ("Transfer-Encoding: chunked,", 400),
        ("Transfer-Encoding:\u{b}chunked", 400),
        ("Transfer-Encoding : chunked", 400),
        ("Transfer-Encoding\r\n: chunked", 400),
        ("Transfer-Encoding: chunked\r\nContent-Length: 3", 400),
        ("Content-Length: 3\r\nTransfer-Encoding: chunked", 400),
        ("Content-Length: 0\r\nTransfer-Encoding: gzip", 400),
    ] {
        refuse(get(lines) + "3\r\nabc\r\n0\r\n\r\n", status);
    }
    refuse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
    refuse("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400);
}

#[test]
fn chunked_bodies() {
    for (bytes, body) in [
        ("0\r\n\r\n", ""),
        ("000\r\n\r\n", ""),
        ("3\r\nabc\r\n0\r\n\r\n", "abc"),
        ("3\r\nabc\r\n2\r\nde\r\n00\r\n\r\n", "abcde"),
        ("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"),
        ("0000000000000003\r\nabc\r\n0\r\n\r\n", "abc"),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
        ("5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n"),
        // Extensions.
        ("3;x\r\nabc\r\n0;y\r\n\r\n", "abc"),
        ("3;x=y;z=\"a\\\"b;\";w\r\nabc\r\n0\r\n\r\n", "abc"),
        ("3 ; x = y ; z = \"\" ; w\r\nabc\r\n0\r\n\r\n", "abc"),
        ("3\t;\tx\r\nabc\r\n0\r\n\r\n", "abc"),
        ("3;x=\"é\t \"\r\nabc\r\n0\r\n\r\n", "abc"),
        // Trailers.
        ("0\r\nX: y\r\n\r\n", ""),
        ("3\r\nabc\r\n0\r\nX:\r\nContent-Length: 7\r\nHost: b\r\n\r\n", "abc"),
    ] {
        accept(chunked(bytes), &format!("POST / 1.1 a keep {}", body.as_bytes().escape_ascii()));
    }
    for bytes in [
        // Sizes.
        "\r\n",
        "x\r\n",
        "+3\r\nabc\r\n0\r\n\r\n",
        "-3\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        " 3\r\nabc\r\n0\r\n\r\n",
        "3 \r\nabc\r\n0\r\n\r\n",
        "3\t\r\nabc\r\n0\r\n\r\n",
        "3 3\r\n",
        "3h\r\n",
        "3,\r\n",
        "3.0\r\n",
        "\0",
        "３\r\n",
        "3_\r\n",
        "00000000000000003\r\nabc\r\n0\r\n\r\n",
        "10000000000000000\r\n",
        "\t3\r\n",
        "3\u{b}\r\n",
        // Line ends.
        "3\nabc\r\n0\r\n\r\n",
        "3\rabc\r\n0\r\n\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "3\r\nabc\r0\r\n\r\n",
        "3\r\nabc0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3\r\nab\r\n0\r\n\r\n",
        "3\r\nabc\r\r\n",
        "0\n\r\n",
        "0\r\n\n",
        "0\r\n\rX",
        "0\r\n0\r\n\r\n\n",
        "3\r\r\nabc\r\n0\r\n\r\n",
        "\r\n3\r\nabc\r\n",
        "3\r\nabc\r\n\r\n0\r\n\r\n",
        // Extensions.
        "3;\r\nabc\r\n0\r\n\r\n",
        "3;;x\r\n",
        "3;x;\r\n",
        "3;=y\r\n",
        "3;x=\r\n",
        "3;x=y z\r\n",
        "3;x y\r\n",
        "3;x=\"\r\n",
        "3;x=\"y\"z\r\n",
        "3;x=\"\\\r\n",
        "3;x=\"\0\"\r\n",
        "3;x\n",
        "3;x\nabc\r\n0\r\n\r\n",
        "3;x=y\rz",
        "3;(\r\n",
        "3; \r\n",
        "3;x \r\n",
        "3;x=y \r\n",
        "3;x=\"\n\"\r\n",
        // Trailers.
        "0\r\nX\r\n\r\n",
        "0\r\n: y\r\n\r\n",
        "0\r\nX : y\r\n\r\n",
        "0\r\n X: y\r\n\r\n",
        "0\r\nX: y\r\n z\r\n\r\n",
        "0\r\nX: y\n\r\n",
        "0\r\nX: y\rz\r\n\r\n",
        "0\r\nX: \0\r\n\r\n",
        "0\r\nX: y\n\n",
        "0\r\nGET / HTTP/1.1\r\n\r\n",
    ] {
        refuse(chunked(bytes), 400);
    }
    for bytes in ["15\r\n", "ffffffffffffffff\r\n", "14\r\n01234567890123456789\r\n1;", "100000000;x\r\n"] {
        refuse(chunked(bytes), 413);
    }
}

#[test]
fn chunk_framing_is_bounded() {
    let extension = "x".repeat(9000);
    let two = format!("1;{extension}\r\na\r\n1;{extension}\r\nb\r\n0\r\n\r\n");
    let once = |bytes: &[u8]| decode(&[bytes]);
    assert_eq!(once(chunked(&two).as_bytes()), [Err(400)]);
    assert!(once(chunked(&two[..two.len() / 2]).as_bytes()).is_empty());
    let trailers = format!("0\r\nX: {extension}\r\n");
    assert_eq!(once(chunked(&(trailers.clone() + "\r\n")).as_bytes()), [Ok("POST / 1.1 a keep ".into())]);
    assert_eq!(once(chunked(&(trailers + "Y: " + &extension)).as_bytes()), [Err(431)]);
}

#[test]
fn endless_small_chunks_hold_no_more_than_their_data() {
    let (mut decoder, mut input, mut spares) = (Decoder::default(), Inbox::new(), Spares::new());
    input.extend(chunked("").as_bytes(), &mut spares);
    let mut decode = |input: &mut Inbox| decoder.decode(input, &LIMITS, |_| 10_000, &mut Spares::new());
    decode(&mut input).expect("the head is good");
    let head = input.len();
    for sent in 1..=10_000 {
        input.extend(b"1\r\na\r\n", &mut spares);
        decode(&mut input).expect("within the limit");
        assert_eq!(input.len(), head + sent);
    }
    input.extend(b"1\r\n", &mut spares);
    assert_eq!(decode(&mut input).unwrap_err(), Error::BodyTooLarge);
}
