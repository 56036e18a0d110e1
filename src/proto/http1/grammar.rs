//! The smallest parts of HTTP's grammar, which both sides share: tokens, field values, lists, numbers, authorities.

/// Which bytes make up a token (RFC 9110 section 5.6.2).
const TOKEN: [bool; 256] = alphanumeric_and(b"!#$%&'*+-.^_`|~");

/// Which bytes make up a host's name, besides escapes (RFC 3986 section 3.2.2): all but the comma, since a name
/// with one is two `Host` lines that somebody joined.
const NAME: [bool; 256] = alphanumeric_and(b"-._~!$&'()*+;=");

const fn alphanumeric_and(others: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut i = 0;
    while i < others.len() {
        table[others[i] as usize] = true;
        i += 1;
    }
    table
}

/// Whether this may be part of a token.
pub fn is_token_byte(byte: u8) -> bool {
    TOKEN[byte as usize]
}

/// Whether this is a token: what methods and header names are.
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&byte| is_token_byte(byte))
}

/// Whether this may be part of a field value: visible, space, tab, or beyond ASCII (RFC 9110 section 5.5).
pub fn is_value_byte(byte: u8) -> bool {
    (byte >= b' ' && byte != 0x7f) || byte == b'\t'
}

/// Whether this can be written as a field value.
pub fn is_value(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |good, &byte| good & is_value_byte(byte))
}

/// Whether this can be written as a request target: visible ASCII without a fragment.
pub fn is_target(bytes: &[u8]) -> bool {
    !bytes.is_empty()
        && bytes.iter().fold(true, |good, &byte| good & byte.is_ascii_graphic() & (byte != b'#'))
}

/// Without the white space around it.
pub fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// The members of a comma list, the empty ones too.
pub fn members(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(trim)
}

/// Digits and nothing else; `None` also when they are too many.
pub fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |number, &digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Whether this is a host and perhaps a port (RFC 3986 section 3.2), without user information.
pub fn is_authority(bytes: &[u8]) -> bool {
    let port = match bytes {
        [b'[', rest @ ..] => {
            let Some(end) = memchr::memchr(b']', rest) else { return false };
            if !is_ip_literal(&rest[..end]) {
                return false;
            }
            &rest[end + 1..]
        }
        _ => {
            let end = memchr::memchr(b':', bytes).unwrap_or(bytes.len());
            if end == 0 || !is_reg_name(&bytes[..end]) {
                return false;
            }
            &bytes[end..]
        }
    };
    match port {
        [] => true,
        [b':', digits @ ..] => digits.is_empty() || number(digits).is_some_and(|port| port <= 65535),
        _ => false,
    }
}

fn is_ip_literal(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.parse::<std::net::Ipv6Addr>().is_ok())
}

fn is_reg_name(mut bytes: &[u8]) -> bool {
    while let Some(other) = bytes.iter().position(|&byte| !NAME[byte as usize]) {
        bytes = match &bytes[other..] {
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => rest,
            _ => return false,
        };
    }
    true
}
