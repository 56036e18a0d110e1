//! Percent-encoding of paths and query strings (RFC 3986 section 2.1), both ways.
//!
//! What is no escape (`%`, `%4`, `%zz`) stands for itself. `+` is a space in queries only, as forms write it.

use std::borrow::Cow;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// A path, or one segment of it, without its escapes. What is not UTF-8 then becomes U+FFFD.
pub fn decode_path(encoded: &str) -> Cow<'_, str> {
    decode(encoded, false).map_or(Cow::Borrowed(encoded), |bytes| Cow::Owned(lossy(bytes)))
}

/// The same; `None`: it is not UTF-8 then.
pub fn decode_path_strict(encoded: &str) -> Option<Cow<'_, str>> {
    match decode(encoded, false) {
        None => Some(Cow::Borrowed(encoded)),
        Some(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}

/// A name or value of a query without its escapes. What is not UTF-8 then becomes U+FFFD.
pub fn decode_component(encoded: &str) -> Cow<'_, str> {
    decode(encoded, true).map_or(Cow::Borrowed(encoded), |bytes| Cow::Owned(lossy(bytes)))
}

/// The names and values of a query (what follows `?`), in order. A name without `=` has an empty value; where
/// nothing stands between two `&`, there is no pair.
pub fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode_component(name), decode_component(value))
    })
}

/// Appends a path with all escaped that cannot stand in one (RFC 3986 section 3.3); slashes stay.
pub fn encode_path(out: &mut String, path: &str) {
    encode(out, path, |byte| byte == b'/' || is_unreserved(byte) || b"!$&'()*+,;=:@".contains(&byte));
}

/// Appends a name or value of a query with all escaped but unreserved characters: a space as `%20`.
pub fn encode_query_component(out: &mut String, component: &str) {
    encode(out, component, is_unreserved);
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn encode(out: &mut String, text: &str, stays: impl Fn(u8) -> bool) {
    for byte in text.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// `None`: there is nothing to decode.
fn decode(encoded: &str, plus_is_space: bool) -> Option<Vec<u8>> {
    let bytes = encoded.as_bytes();
    let special = |&byte: &u8| byte == b'%' || (plus_is_space && byte == b'+');
    let mut rest = &bytes[bytes.iter().position(special)?..];
    let mut decoded = Vec::with_capacity(bytes.len());
    decoded.extend_from_slice(&bytes[..bytes.len() - rest.len()]);
    loop {
        let (byte, length) = match rest {
            [] => return Some(decoded),
            [b'%', high, low, ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, 3),
                _ => (b'%', 1),
            },
            [b'+', ..] if plus_is_space => (b' ', 1),
            [byte, ..] => (*byte, 1),
        };
        decoded.push(byte);
        rest = &rest[length..];
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|digit| digit as u8)
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_are_decoded() {
        for (encoded, decoded, is_utf8) in [
            ("", "", true),
            ("/a/b", "/a/b", true),
            ("a%20b", "a b", true),
            ("a+b", "a+b", true),
            ("%2F%2f", "//", true),
            ("%41%5A%7a", "AZz", true),
            ("caf%C3%A9", "café", true),
            ("%F0%9F%98%80", "😀", true),
            ("%2541", "%41", true),
            ("%", "%", true),
            ("%4", "%4", true),
            ("%zz%4g", "%zz%4g", true),
            ("%%41", "%A", true),
            ("%+1", "%+1", true),
            ("é%41", "éA", true),
            ("%é", "%é", true),
            ("%00", "\0", true),
            ("%ff", "\u{fffd}", false),
            ("a%C3b", "a\u{fffd}b", false),
            ("%C0%80", "\u{fffd}\u{fffd}", false),
            ("%ED%A0%80", "\u{fffd}\u{fffd}\u{fffd}", false),
        ] {
            assert_eq!(decode_path(encoded), decoded, "{encoded}");
            assert_eq!(decode_path_strict(encoded).is_some(), is_utf8, "{encoded}");
        }
        assert!(matches!(decode_path("/nothing-to-do+"), Cow::Borrowed(_)));
    }

    #[test]
    fn queries_are_decoded() {
        for (query, expected) in [
            ("", &[][..]),
            ("&", &[]),
            ("a", &[("a", "")]),
            ("a=", &[("a", "")]),
            ("=b", &[("", "b")]),
            ("=", &[("", "")]),
            ("a=b&a=c", &[("a", "b"), ("a", "c")]),
            ("a=b=c", &[("a", "b=c")]),
            ("a+b=c+d%2B", &[("a b", "c d+")]),
            ("a%26b=%3D", &[("a&b", "=")]),
            ("&&a=1&&b=2&", &[("a", "1"), ("b", "2")]),
            ("a;b=c", &[("a;b", "c")]),
            ("a=%zz%&b=?", &[("a", "%zz%"), ("b", "?")]),
            ("a=%ff", &[("a", "\u{fffd}")]),
        ] {
            let seen: Vec<_> = pairs(query).collect();
            let seen: Vec<_> = seen.iter().map(|(name, value)| (&**name, &**value)).collect();
            assert_eq!(seen, expected, "{query}");
        }
    }

    #[test]
    fn text_is_encoded() {
        for (text, path, component) in [
            ("", "", ""),
            ("/a b/é", "/a%20b/%C3%A9", "%2Fa%20b%2F%C3%A9"),
            ("a?b#c%", "a%3Fb%23c%25", "a%3Fb%23c%25"),
            ("-._~:@!$&'()*+,;=", "-._~:@!$&'()*+,;=", "-._~%3A%40%21%24%26%27%28%29%2A%2B%2C%3B%3D"),
            ("\0\r\n\u{7f}", "%00%0D%0A%7F", "%00%0D%0A%7F"),
        ] {
            let (mut seen_path, mut seen_component) = (String::new(), String::new());
            encode_path(&mut seen_path, text);
            encode_query_component(&mut seen_component, text);
            assert_eq!((&seen_path[..], &seen_component[..]), (path, component));
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(text in "\\PC*|.*") {
            let (mut path, mut component) = (String::new(), String::new());
            encode_path(&mut path, &text);
            encode_query_component(&mut component, &text);
            prop_assert_eq!(decode_path(&path), &text[..]);
            prop_assert_eq!(decode_path_strict(&path), Some(Cow::Borrowed(&text[..])));
            prop_assert_eq!(decode_component(&component), &text[..]);
            if !component.is_empty() {
                prop_assert_eq!(pairs(&component).collect::<Vec<_>>(), [(text.into(), "".into())]);
            }
        }

        #[test]
        fn decoding_never_grows(text in "[%+&=0-9a-fA-F]{0,40}") {
            // A byte that is not UTF-8 becomes three, as many as its escape had.
            prop_assert!(decode_path(&text).len() <= text.len());
            prop_assert!(pairs(&text).count() <= text.len());
        }
    }
}
