//! Percent-encoding: what is decoded is what the plainest decoder makes of it, and comes back when encoded.

use gatelet::proto::query::{
    decode_component, decode_path, decode_path_strict, encode_path, encode_query_component, pairs,
};

/// A path, and a query.
pub fn query(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let plain = decode_plainly(text, false);
    assert_eq!(decode_path(text), String::from_utf8_lossy(&plain));
    assert_eq!(decode_path_strict(text).as_deref(), std::str::from_utf8(&plain).ok());
    assert_eq!(decode_component(text), String::from_utf8_lossy(&decode_plainly(text, true)));

    let (mut path, mut component) = (String::new(), String::new());
    encode_path(&mut path, text);
    encode_query_component(&mut component, text);
    assert_eq!(decode_path(&path), text);
    assert_eq!(decode_component(&component), text);

    let mut rebuilt = String::new();
    let decoded: Vec<_> = pairs(text).collect();
    for (name, value) in &decoded {
        rebuilt.push('&');
        encode_query_component(&mut rebuilt, name);
        rebuilt.push('=');
        encode_query_component(&mut rebuilt, value);
    }
    assert_eq!(pairs(&rebuilt).collect::<Vec<_>>(), decoded);
}

fn decode_plainly(text: &str, plus_is_space: bool) -> Vec<u8> {
    let (bytes, mut at, mut decoded) = (text.as_bytes(), 0, Vec::new());
    while at < bytes.len() {
        let digits =
            text.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match (bytes[at], digits) {
            (b'%', Some(digits)) => {
                decoded.push(u8::from_str_radix(digits, 16).expect("these are hexadecimal digits"));
                at += 2;
            }
            (b'+', _) if plus_is_space => decoded.push(b' '),
            (byte, _) => decoded.push(byte),
        }
        at += 1;
    }
    decoded
}
