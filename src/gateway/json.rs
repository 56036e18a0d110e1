//! JSON as it is written: straight into the buffer that goes out, without a tree in between.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Appends a string, quoted and escaped (RFC 8259 section 7).
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

/// Appends the inside of a string: for those that are made of parts.
pub fn escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    loop {
        let (plain, after) = rest.split_at(plain_length(rest));
        out.extend_from_slice(plain);
        let Some((&byte, after)) = after.split_first() else { return };
        match ESCAPES[usize::from(byte)] {
            b'u' => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&digits);
            }
            letter => out.extend_from_slice(&[b'\\', letter]),
        }
        rest = after;
    }
}

/// How many bytes at the front need no escape: eight at a time while that goes, as most text is plain.
fn plain_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    for word in bytes.chunks_exact(8) {
        let word = u64::from_le_bytes(word.try_into().expect("chunks of eight"));
        // A byte's high bit is set in `below(x)` where the byte is less than x, in `is(x)` where it is x; a carry
        // may set one more above such a byte, and never one where there is none.
        let below = |x: u8| word.wrapping_sub(ONES * u64::from(x)) & !word & HIGHS;
        let is = |x: u8| {
            let zeroed = word ^ (ONES * u64::from(x));
            zeroed.wrapping_sub(ONES) & !zeroed & HIGHS
        };
        if below(0x20) | is(b'"') | is(b'\\') != 0 {
            break;
        }
        length += 8;
    }
    let tail = &bytes[length..];
    length + tail.iter().position(|byte| ESCAPES[usize::from(*byte)] != 0).unwrap_or(tail.len())
}

/// Appends the inside of a string of a header's value: UTF-8 where it is that, else Latin-1, as HTTP once had it.
pub fn escaped_header(out: &mut Vec<u8>, value: &[u8]) {
    match std::str::from_utf8(value) {
        Ok(text) => escaped(out, text),
        Err(_) => escaped(out, &value.iter().map(|&byte| char::from(byte)).collect::<String>()),
    }
}

/// Appends a string of these bytes in base64.
pub fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    STANDARD
        .encode_slice(bytes, &mut out[start..])
        .expect("room for four characters per three bytes was made");
    out.push(b'"');
}

/// Appends a number.
pub fn number(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a list.
pub fn list<T>(out: &mut Vec<u8>, items: impl Iterator<Item = T>, write: impl Fn(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (n, item) in items.enumerate() {
        if n > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

/// The members of an object, one by one.
pub struct Members {
    first: bool,
}

impl Members {
    /// Opens an object.
    pub fn open(out: &mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { first: true }
    }

    /// Appends what comes before the next member's value, by its name.
    pub fn name(&mut self, out: &mut Vec<u8>, name: &str) {
        self.name_with(out, |out| escaped(out, name));
    }

    /// The same, for a name that is made of parts.
    pub fn name_with(&mut self, out: &mut Vec<u8>, name: impl FnOnce(&mut Vec<u8>)) {
        out.extend_from_slice(if self.first { b"\"" } else { b",\"" });
        self.first = false;
        name(out);
        out.extend_from_slice(b"\":");
    }

    /// Closes the object.
    pub fn close(self, out: &mut Vec<u8>) {
        out.push(b'}');
    }
}

/// 1 in each of eight bytes.
const ONES: u64 = u64::from_le_bytes([1; 8]);

/// The high bit of each of eight bytes.
const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);

/// What follows the backslash, by byte: 0 where none is needed, `u` for the long form.
const ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut control = 0;
    while control < 0x20 {
        table[control] = b'u';
        control += 1;
    }
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table[b'\n' as usize] = b'n';
    table[b'\r' as usize] = b'r';
    table[b'\t' as usize] = b't';
    table[0x08] = b'b';
    table[0x0c] = b'f';
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn spellings() {
        assert_eq!(
            written(|out| string(out, "a\"\\\n\r\t\u{8}\u{c}\u{1}\u{7f}λ")),
            "\"a\\\"\\\\\\n\\r\\t\\b\\f\\u0001\u{7f}λ\""
        );
        assert_eq!(written(|out| escaped_header(out, b"caf\xe9")), "café");
        assert_eq!(written(|out| base64(out, b"")), "\"\"");
        assert_eq!(written(|out| base64(out, &[1, 2, 3, 4, 5])), "\"AQIDBAU=\"");
        assert_eq!(written(|out| number(out, 0)), "0");
        assert_eq!(written(|out| number(out, u64::MAX)), u64::MAX.to_string());
    }

    proptest::proptest! {
        #[test]
        fn strings_are_read_back(text in proptest::collection::vec(proptest::prop_oneof![proptest::char::any(), proptest::char::range('\0', '~')], 0..80)) {
            let text: String = text.into_iter().collect();
            let json = written(|out| string(out, &text));
            proptest::prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
