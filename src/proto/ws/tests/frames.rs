//! Headers, masks, and the checks that need no session.

use super::{Opcode, last, ours, part};
use crate::proto::ws::close::{self, Close};
use crate::proto::ws::frame::{self, Header};
use crate::proto::ws::utf8::Text;
use crate::proto::ws::{Error, Frame, mask};

#[test]
fn examples_of_the_rfc() {
    // RFC 6455 section 5.7.
    assert_eq!(ours(Opcode::Text, "Hello"), b"\x81\x05Hello");
    assert_eq!(last(Opcode::Text, "Hello"), b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    assert_eq!(part(Opcode::Text, "Hel")[..2], *b"\x01\x83");
    assert_eq!(last(Opcode::Continuation, "lo")[..2], *b"\x80\x82");
    assert_eq!(ours(Opcode::Ping, "Hello"), b"\x89\x05Hello");
    assert_eq!(last(Opcode::Pong, "Hello"), b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    assert_eq!(ours(Opcode::Binary, [7; 256])[..4], *b"\x82\x7e\x01\x00");
    assert_eq!(ours(Opcode::Binary, [7; 65536])[..10], *b"\x82\x7f\0\0\0\0\0\x01\0\0");
}

#[test]
fn lengths_take_as_little_as_they_can() {
    for (length, size) in [(0, 2), (125, 2), (126, 4), (65535, 4), (65536, 10), (1 << 20, 10)] {
        let payload = vec![b'x'; length];
        assert_eq!(ours(Opcode::Text, &payload).len(), size + length);
        let header = Header::parse(&last(Opcode::Text, &payload)).expect("it is good").expect("it is whole");
        assert_eq!((header.length, header.size), (length as u64, size + 4));
    }
}

#[test]
fn headers() {
    let good = |fin, opcode, length, size| Ok(Some((fin, opcode, length, size)));
    let bad = Err("protocol");
    for (bytes, expected) in [
        (&b"\x81\x80\x01\x02\x03\x04"[..], good(true, Opcode::Text, 0, 6)),
        (b"\x02\x85\x01\x02\x03\x04", good(false, Opcode::Binary, 5, 6)),
        (b"\x80\xfe\x00\x7e\x01\x02\x03\x04", good(true, Opcode::Continuation, 126, 8)),
        (b"\x82\xff\0\0\0\0\0\x01\0\0\x01\x02\x03\x04", good(true, Opcode::Binary, 65536, 14)),
        (
            b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04xyz",
            good(true, Opcode::Binary, i64::MAX as u64, 14),
        ),
        (b"\x89\xfd\x01\x02\x03\x04", good(true, Opcode::Ping, 125, 6)),
        (b"\x88\x80\x01\x02\x03\x04", good(true, Opcode::Close, 0, 6)),
        (b"\x8a\x80\x01\x02\x03\x04", good(true, Opcode::Pong, 0, 6)),
        // More must come.
        (b"", Ok(None)),
        (b"\x81", Ok(None)),
        (b"\x81\x80\x01\x02\x03", Ok(None)),
        (b"\x81\xfe\x01", Ok(None)),
        (b"\x81\xff\0\0\0\0\0\x01\0", Ok(None)),
        // Not masked.
        (b"\x81\x05Hello", bad),
        // Reserved bits.
        (b"\xc1\x80", bad),
        (b"\xa1\x80", bad),
        (b"\x91\x80", bad),
        // Reserved opcodes.
        (b"\x83\x80", bad),
        (b"\x84\x80", bad),
        (b"\x85\x80", bad),
        (b"\x86\x80", bad),
        (b"\x87\x80", bad),
        (b"\x8b\x80", bad),
        (b"\x8c\x80", bad),
        (b"\x8d\x80", bad),
        (b"\x8e\x80", bad),
        (b"\x8f\x80", bad),
        // Control frames in parts.
        (b"\x08\x80", bad),
        (b"\x09\x80", bad),
        (b"\x0a\x80", bad),
        // Too long for control frames.
        (b"\x88\xfe", bad),
        (b"\x89\xfe", bad),
        (b"\x8a\xff", bad),
        // Lengths in more bytes than they need, and in more bits than there are.
        (b"\x81\xfe\x00\x7d", bad),
        (b"\x81\xff\0\0\0\0\0\0\xff\xff", bad),
        (b"\x81\xff\x80\0\0\0\0\0\0\0", bad),
    ] {
        let seen = Header::parse(bytes).map(|header| header.map(|h| (h.fin, h.opcode, h.length, h.size)));
        let seen = seen.map_err(|error| match error {
            Error::Protocol(_) => "protocol",
            Error::NotUtf8 | Error::FrameTooLarge | Error::MessageTooLarge => "else",
        });
        assert_eq!(seen, expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn messages_are_split() {
    for (payload, most, expected) in [
        (&b"abcd"[..], 4, &b"\x81\x04abcd"[..]),
        (b"abcde", 4, b"\x01\x04abcd\x80\x01e"),
        (b"abcdefgh", 4, b"\x01\x04abcd\x80\x04efgh"),
        (b"abc", 1, b"\x01\x01a\x00\x01b\x80\x01c"),
        (b"", 1, b"\x81\x00"),
    ] {
        let mut out = Vec::new();
        frame::push_split(&mut out, Opcode::Text, payload, most);
        assert_eq!(out.escape_ascii().to_string(), expected.escape_ascii().to_string());
    }
}

#[test]
fn masks_of_any_length_and_place() {
    let key = [1, 20, 77, 255];
    for length in 0..70 {
        let plain: Vec<u8> = (0..length).map(|i| (i * 7) as u8).collect();
        let expected: Vec<u8> = plain.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]).collect();
        for at in 0..=length {
            let mut masked = plain.clone();
            mask::apply(&mut masked[..at], key);
            mask::apply(&mut masked[at..], mask::after(key, at));
            assert_eq!(masked, expected);
        }
    }
}

#[test]
fn a_masked_frame_is_written_behind_others() {
    let mut out = b"before".to_vec();
    Frame { fin: true, opcode: Opcode::Ping, mask: Some([1, 2, 3, 4]), payload: b"abc" }.write(&mut out);
    assert_eq!(out, b"before\x89\x83\x01\x02\x03\x04\x60\x60\x60");
}

#[test]
fn closes() {
    let close = |code, reason: &str| Ok(Close { code, reason: reason.into() });
    for (payload, expected) in [
        (&b""[..], close(1005, "")),
        (b"\x03\xe8", close(1000, "")),
        (b"\x03\xe9bye \xc3\xa9", close(1001, "bye \u{e9}")),
        (b"\x13\x87", close(4999, "")),
        (b"\x03\xe8\xff", Err(1007)),
        (b"\x03\xe8\xc3", Err(1007)),
        (b"\x03", Err(1002)),
        (b"\x00\x00", Err(1002)),
        (b"\x03\xed", Err(1002)),
        (b"\xff\xff", Err(1002)),
    ] {
        assert_eq!(Close::parse(payload).map_err(Error::close_code), expected, "{}", payload.escape_ascii());
    }
}

#[test]
fn codes_that_may_be_sent() {
    let may: Vec<u16> = (0..=u16::MAX).filter(|&code| close::may_be_sent(code)).collect();
    let expected = (1000..=1003).chain(1007..=1014).chain(3000..=4999);
    assert_eq!(may, expected.collect::<Vec<_>>());
}

#[test]
fn a_long_reason_is_cut_between_characters() {
    for (reason, kept) in [("x".repeat(200), 123), ("\u{e9}".repeat(100), 122), ("x".repeat(123), 123)] {
        let mut out = Vec::new();
        close::push(&mut out, close::NORMAL, &reason);
        assert_eq!(out[..4], [0x88, 2 + kept as u8, 3, 0xe8]);
        assert_eq!(out[4..], reason.as_bytes()[..kept]);
    }
}

#[test]
fn text_is_checked_as_it_comes() {
    // How many bytes of it are good; all of them and no more: it is the whole text.
    for (bytes, good) in [
        (&b""[..], 0),
        (b"plain", 5),
        (b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", 11),
        (b"\xf4\x8f\xbf\xbf", 4),
        (b"a\xf0\x9f\x98\x80b", 6),
        // Beyond the last character, a surrogate, and longer than needed: the second byte shows it.
        (b"\xf4\x90\x80\x80", 1),
        (b"\xed\xa0\x80", 1),
        (b"\xc0\xaf", 0),
        (b"\xe0\x80\xaf", 1),
        (b"\xf0\x80\x80\xaf", 1),
        (b"ab\xff", 2),
        (b"\x80", 0),
        (b"\xc3(", 1),
        (b"\xe2\x82(", 2),
        (b"\xf0\x9f\x98(", 3),
    ] {
        for cut in 0..=bytes.len() {
            let mut text = Text::default();
            let (head, tail) = bytes.split_at(cut);
            let seen = text.push(head).and_then(|()| text.push(tail));
            assert_eq!(seen.is_ok(), good == bytes.len(), "{}", bytes.escape_ascii());
            let seen = Text::default().push(&bytes[..cut]);
            assert_eq!(seen.is_ok(), cut <= good, "{} until {cut}", bytes.escape_ascii());
        }
        let mut text = Text::default();
        let first_bad = bytes.iter().position(|&byte| text.push(&[byte]).is_err());
        assert_eq!(first_bad.unwrap_or(bytes.len()), good, "{}", bytes.escape_ascii());
    }
}

#[test]
fn text_ends_with_a_whole_character() {
    for (bytes, whole) in [(&b"\xc3\xa9"[..], true), (b"\xc3", false), (b"a\xe2\x82", false), (b"", true)] {
        let mut text = Text::default();
        text.push(bytes).expect("nothing is wrong so far");
        assert_eq!((text.len(), text.is_empty()), (bytes.len(), bytes.is_empty()));
        assert_eq!(text.finish().is_ok(), whole);
    }
}
