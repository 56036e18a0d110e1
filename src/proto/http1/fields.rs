//! Header names: which concern one connection only, and how they are spelled; and numbers as text.

use super::grammar::members;

/// Whether a header concerns one connection only and is never passed on (RFC 9110 section 7.6.1), whatever
/// `Connection` says.
pub fn is_hop_by_hop(name: &str) -> bool {
    const NAMES: [&str; 7] =
        ["connection", "keep-alive", "te", "trailer", "trailers", "transfer-encoding", "upgrade"];
    // Most names have none of their lengths.
    let may_be = matches!(name.len(), 2 | 7 | 8 | 10 | 17);
    let is_proxys =
        || name.len() > 6 && name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("proxy-"));
    may_be && NAMES.iter().any(|hop_by_hop| name.eq_ignore_ascii_case(hop_by_hop)) || is_proxys()
}

/// Whether the value of a `Connection` header names this header, which is then not passed on either.
pub fn connection_names(connection: &[u8], name: &str) -> bool {
    members(connection).any(|option| option.eq_ignore_ascii_case(name.as_bytes()))
}

/// Appends a name with each of its words capitalized: `x-amzn-trace-id` as `X-Amzn-Trace-Id`.
pub fn push_canonical(out: &mut Vec<u8>, name: &str) {
    let mut begins = true;
    out.extend(name.bytes().map(|byte| {
        let spelled = if begins { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
        begins = byte == b'-';
        spelled
    }));
}

/// Appends a number.
pub(super) fn push_decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}
