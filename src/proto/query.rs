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
